"""A folder lists every document once, knows what changed, and never lists less than there is without saying so."""

import os
from pathlib import Path

import pytest

from ingest.folder import Folder
from ingest.source import FetchFailed, SourceFailed, UnreadableDocument

READERS = frozenset({"anyone"})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "Clients" / "Acme").mkdir(parents=True)
    (tmp_path / "top.txt").write_text("top")
    (tmp_path / "Clients" / "Acme" / "nda.txt").write_text("nda")
    return tmp_path


def test_every_file_is_listed_with_its_folder_to_any_depth(root: Path) -> None:
    found = {(file.folder, file.name) for file in Folder(root, READERS).files()}
    assert found == {("", "top.txt"), ("Clients/Acme", "nda.txt")}


def test_what_desktops_leave_behind_is_no_document(root: Path) -> None:
    for name in (".DS_Store", "~$nda.docx", "Thumbs.db", "._nda.txt"):
        (root / name).write_text("x")
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text("x")
    assert len(list(Folder(root, READERS).files())) == 2


def test_a_changed_file_keeps_its_id_and_gets_another_version(root: Path) -> None:
    before = {file.id: file.version for file in Folder(root, READERS).files()}
    (root / "top.txt").write_text("changed")
    after = {file.id: file.version for file in Folder(root, READERS).files()}
    assert before.keys() == after.keys()
    assert sum(before[key] != after[key] for key in before) == 1


def test_two_files_of_one_name_in_different_folders_are_two_documents(root: Path) -> None:
    (root / "nda.txt").write_text("another")
    assert len({file.id for file in Folder(root, READERS).files() if file.name == "nda.txt"}) == 2


def test_a_link_out_of_the_folder_is_listed_and_not_followed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.txt"
    secret.write_text("secret")
    (root / "link.txt").symlink_to(secret)
    folder = Folder(root, READERS)
    link = next(file for file in folder.files() if file.name == "link.txt")
    with pytest.raises(UnreadableDocument, match="leads out of the folder"):
        folder.fetch(link)


def test_a_link_to_nothing_is_listed_and_fails_for_now(root: Path) -> None:
    (root / "link.txt").symlink_to(root / "gone.txt")
    folder = Folder(root, READERS)
    link = next(file for file in folder.files() if file.name == "link.txt")
    with pytest.raises(FetchFailed):
        folder.fetch(link)


def test_a_name_that_is_not_utf_8_is_listed_and_read(root: Path) -> None:
    Path(os.fsdecode(os.fsencode(root) + b"/stra\xdfe.txt")).write_text("street")
    folder = Folder(root, READERS)
    odd = next(file for file in folder.files() if file.name.startswith("stra"))
    odd.name.encode("utf-8")
    assert folder.fetch(odd) == b"street"


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match="is not a folder"):
        list(Folder(tmp_path / "nowhere", READERS).files())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list every folder")
def test_a_folder_that_may_not_be_listed_fails_the_listing_after_everything_else(root: Path) -> None:
    (root / "Clients").chmod(0)
    found = []
    try:
        with pytest.raises(SourceFailed, match="could not be listed"):
            found.extend(Folder(root, READERS).files())
    finally:
        (root / "Clients").chmod(0o755)
