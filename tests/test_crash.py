"""A store that is killed, cut, filled up or read while it is written loses nothing and doubles nothing."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing, nullcontext, suppress
from pathlib import Path

import pytest
from crashing import IDS, text_of
from papers import EVERYONE, MANIFEST, TODAY, bundle_of, encode

from index.connections import connect
from index.errors import IndexBusy, IndexCorrupt, IndexMissing, StoreError
from index.local import LocalWriter, open_for_writing, open_index
from index.records import Filter
from index.schema import MIGRATIONS, database_at
from index.store import View

TESTS = Path(__file__).parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{TESTS.parent}{os.pathsep}{TESTS}"}
_ROUNDS = 12


def documents(view: View) -> dict[str, str]:
    """Id → text of all that is seen, after checking that words and vectors find each line of each document once."""
    within = view.select(Filter(EVERYONE), TODAY)
    found = {summary.document_id: view.text(summary.key) for summary in view.summaries(within.keys.tolist())}
    assert len(found) == len(within)
    lines = sum(text.count("\n") for text in found.values())
    for hits in (view.matching("says", within, 100), view.nearest(encode(["says this"])[0], within, 100)):
        assert len({hit.chunk for hit in hits}) == len(hits) == lines
        passages = view.passages([hit.chunk for hit in hits])
        assert all(p.span.of(view.text(p.document)).split() == p.words.split() for p in passages)
        assert set(Counter(p.document for p in passages).values()) <= {2}
    assert len(view.matching_documents("agreement", within, 100)) == len(found)
    return found


def expected(notes: list[str]) -> dict[str, str]:
    """What the notes say that is stored, published or not."""
    known: dict[str, str] = {}
    for name, what in (note.split() for note in notes if not note.startswith("published")):
        if what in ("gone", "failed"):
            known.pop(name)
        else:
            known[name] = text_of(name, int(what))
    return known


def published(notes: list[str]) -> list[str]:
    """The notes up to the last publication."""
    last = max((at for at, note in enumerate(notes) if note.startswith("published")), default=-1)
    return notes[: last + 1]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("killed")
    subprocess.run([sys.executable, str(TESTS / "crashing.py"), str(root), str(_ROUNDS)], check=True, env=ENVIRONMENT)
    return root


@pytest.mark.parametrize("number", range(1, _ROUNDS + 1))
def test_a_writer_killed_at_any_step_leaves_whole_documents_and_the_published_generation(killed: Path, number: int) -> None:
    place = killed / f"killed-{number:03}"
    notes = place.with_suffix(".done").read_text().splitlines()
    whole = (killed / "whole.done").read_text().splitlines()
    # What was going on when it was killed is there as a whole or not at all. A drop works at once, the rest when published.
    after = whole[: len(notes) + 1]
    gone = {"delta"} if "delta gone" in after else set()
    with open_index(place) as reader:
        seen = documents(reader.view())
    assert without(gone, seen) in [without(gone, expected(published(done))) for done in (notes, after)]
    with open_for_writing(place, MANIFEST) as index:
        index.publish()
        assert documents(index.view()) in [expected(notes), expected(after)]
        for name in IDS:
            index.put(bundle_of(name, text_of(name, 9)))
        index.publish()
        assert documents(index.view()) == {name: text_of(name, 9) for name in IDS}


def without(names: set[str], texts: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if name not in names}


READING = """
import sys
from pathlib import Path
from test_crash import documents
from index.local import open_index
seen = set()
with open_index(Path(sys.argv[1])) as index:
    while (version := max(documents(index.view()).values(), default="none")) != sys.argv[2]:
        texts = set(documents(index.view()).values())
        seen.add(len({text.split("version")[1][0] for text in texts}))
        print("looked", flush=True)
print(max(seen, default=0))
"""


def test_a_reader_in_another_process_sees_one_generation_after_the_other_and_never_a_mixture(tmp_path: Path) -> None:
    with (
        open_for_writing(tmp_path, MANIFEST) as index,
        started(READING, str(tmp_path), text_of("delta", 9)) as reading,
    ):
        assert reading.stdout
        for version in range(1, 10):
            for name in IDS:
                index.put(bundle_of(name, text_of(name, version)))
            index.publish()
            if version == 1:
                assert reading.stdout.readline() == "looked\n"
        assert reading.stdout.read().splitlines()[-1] == "1"


def started(code: str, *arguments: str, stdin: int | None = None) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)


LOOKING = """
import os, sys
from pathlib import Path
from test_crash import documents
from index.local import open_index
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
with open_index(Path(sys.argv[1])) as index:
    print(len(documents(index.view())), flush=True)
    sys.stdin.readline()
    print(len(documents(index.view())))
"""


@pytest.mark.parametrize("still_writing", [True, False])
def test_a_server_that_may_not_write_reads_and_follows(still_writing: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "index")
        with open_for_writing(place, MANIFEST) as index:
            index.put(bundle_of("alpha", text_of("alpha", 1)))
            index.publish()
            if not still_writing:
                index.close()
            forbid_writing(place)
            with started(LOOKING, str(place), stdin=subprocess.PIPE) as looking:
                assert looking.stdout
                assert looking.stdout.readline() == "1\n"
                allow_writing(place)
                with nullcontext(index) if still_writing else open_for_writing(place, MANIFEST) as writer:
                    writer.put(bundle_of("bravo", text_of("bravo", 1)))
                    writer.publish()
                    forbid_writing(place)
                    assert looking.communicate("\n")[0] == "2\n"
            allow_writing(place)


def forbid_writing(place: Path) -> None:
    place.parent.chmod(0o755)
    for path in (place, *place.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)


def allow_writing(place: Path) -> None:
    for path in (place, *place.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


FORKING = """
import os, sys
from pathlib import Path
from papers import MANIFEST
from index.local import open_for_writing
index = open_for_writing(Path(sys.argv[1]), MANIFEST)
read, write = os.pipe()
if os.fork() == 0:
    os.close(write)
    os.read(read, 1)
    os._exit(0)
index.close()
open_for_writing(Path(sys.argv[1]), MANIFEST).close()
"""


def test_a_worker_that_was_forked_from_the_writer_does_not_go_on_holding_its_lock(tmp_path: Path) -> None:
    with started(FORKING, str(tmp_path)) as forking:
        assert forking.wait() == 0


HOLDING = """
import sys
from pathlib import Path
from papers import MANIFEST
from index.local import open_for_writing
index = open_for_writing(Path(sys.argv[1]), MANIFEST)
print("holding", flush=True)
sys.stdin.read()
"""


def test_the_lock_of_a_killed_writer_is_free_at_once(tmp_path: Path) -> None:
    with started(HOLDING, str(tmp_path), stdin=subprocess.PIPE) as holding:
        assert holding.stdout
        assert holding.stdout.readline() == "holding\n"
        with pytest.raises(IndexBusy, match=f"process {holding.pid} "):
            open_for_writing(tmp_path, MANIFEST)
        holding.kill()
        holding.wait()
        open_for_writing(tmp_path, MANIFEST).close()


# ---- damage


def written(place: Path, version: int) -> None:
    with open_for_writing(place, MANIFEST) as index:
        for name in IDS:
            index.put(bundle_of(name, text_of(name, version)))
        index.publish()


def all_of(version: int) -> dict[str, str]:
    return {name: text_of(name, version) for name in IDS}


def cut(pattern: str) -> Callable[[Path], None]:
    def damage(place: Path) -> None:
        for path in (place / "caches").rglob(pattern):
            # Not in place: who has a file mapped into memory and loses its end is killed by the system.
            path.with_suffix(".cut").write_bytes(path.read_bytes()[:-30])
            path.with_suffix(".cut").replace(path)

    return damage


def other_marker(place: Path) -> None:
    path = place / "caches" / "caches.json"
    path.write_text(path.read_text().replace('"chunk":8', '"chunk":80').replace('"index":"', '"index":"0'))


DAMAGES: dict[str, Callable[[Path], None]] = {
    "all deleted": lambda place: shutil.rmtree(place / "caches", ignore_errors=True),
    "marker deleted": lambda place: (place / "caches" / "caches.json").unlink(),
    "marker emptied": cut("caches.json"),
    "marker of another index": other_marker,
    "vectors cut": cut("*.faiss"),
    "words cut": cut("*.term"),
    "words' list cut": cut("meta.json"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_caches_are_told_by_readers_and_filled_anew_by_the_next_writer(
    tmp_path: Path, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    written(tmp_path, 1)
    with open_index(tmp_path) as reader, open_index(tmp_path) as late:
        view = reader.view()
        damage(tmp_path)
        with pytest.raises(IndexCorrupt, match="muniment rebuild"):
            late.view()
        assert documents(view) == all_of(1)
        open_for_writing(tmp_path, MANIFEST).close()
        assert documents(late.view()) == documents(reader.view()) == all_of(1)
    written(tmp_path, 2)
    with open_index(tmp_path) as reader:
        assert documents(reader.view()) == all_of(2)


@pytest.mark.parametrize("damage", [cut("*.faiss"), cut("*.term"), DAMAGES["all deleted"]])
def test_caches_that_are_damaged_under_a_writer_are_filled_anew_with_the_next_publication(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    written(tmp_path, 1)
    with open_for_writing(tmp_path, MANIFEST) as index:
        damage(tmp_path)
        for name in IDS:
            index.put(bundle_of(name, text_of(name, 2)))
        index.publish()
        assert documents(index.view()) == all_of(2)


def test_a_reader_keeps_its_generation_while_the_next_one_is_damaged_and_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    written(tmp_path, 1)
    with open_index(tmp_path) as reader:
        assert documents(reader.view()) == all_of(1)
        written(tmp_path, 2)
        cut("*.faiss")(tmp_path)
        assert documents(reader.view()) == documents(reader.view()) == all_of(1)
        assert [record.levelname for record in caplog.records if "can't be opened" in record.message] == ["ERROR"]
        written(tmp_path, 3)
        assert documents(reader.view()) == all_of(3)


def test_caches_that_know_more_than_a_catalogue_from_a_backup_are_filled_anew(tmp_path: Path) -> None:
    written(tmp_path, 1)
    backup = database_at(tmp_path).read_bytes()
    written(tmp_path, 2)
    database_at(tmp_path).write_bytes(backup)
    with open_for_writing(tmp_path, MANIFEST) as index:
        assert documents(index.view()) == all_of(1)
    written(tmp_path, 3)
    with open_index(tmp_path) as reader:
        assert documents(reader.view()) == all_of(3)


def test_a_damaged_catalogue_is_told(tmp_path: Path) -> None:
    written(tmp_path, 1)
    database_at(tmp_path).write_bytes(b"SQLite format 3\0" + b"damaged" * 10_000)
    with pytest.raises(IndexCorrupt):
        open_index(tmp_path)
    with pytest.raises(IndexCorrupt):
        open_for_writing(tmp_path, MANIFEST)


def test_a_full_disk_is_told_and_the_index_stays_usable(tmp_path: Path) -> None:
    written(tmp_path, 1)
    with open_for_writing(tmp_path, MANIFEST) as index:
        limit_pages(index, 4)
        with pytest.raises(StoreError, match="disk is full"):
            put_many(index, 1_000)
        limit_pages(index, 1_000_000)
        index.publish()
        there = documents(index.view())
        assert all_of(1).items() <= there.items()
        assert index.stamps().keys() == there.keys()


def test_a_full_disk_while_publishing_is_told_and_the_published_generation_stays(tmp_path: Path) -> None:
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", tmp_path], check=False).returncode:
        pytest.skip("only root may make a small disk")
    try:
        written(tmp_path, 1)
        with open_for_writing(tmp_path, MANIFEST) as index:
            put_many(index, 20)
            ballast = tmp_path / "ballast"
            with suppress(OSError), ballast.open("wb", buffering=0) as file:
                while True:
                    file.write(b"x" * 4096)
            with pytest.raises(StoreError, match="disk is full"):
                index.publish()
            assert documents(index.view()) == all_of(1)
            ballast.unlink()
            index.publish()
            assert len(documents(index.view())) == len(IDS) + 20
    finally:
        subprocess.run(["umount", "--lazy", tmp_path], check=True)


def put_many(index: LocalWriter, count: int) -> None:
    for number in range(count):
        index.put(bundle_of(f"more-{number}", f"Paper {number} says this.\nPaper {number} says that.\n"))


def limit_pages(index: LocalWriter, more: int) -> None:
    connection = index._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + more}").fetchone()


# ---- what else may lie there


def test_an_index_of_a_later_muniment_is_refused_by_all(tmp_path: Path) -> None:
    written(tmp_path, 1)
    with closing(connect(database_at(tmp_path), writing=True)) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(StoreError, match="update Muniment"):
        open_index(tmp_path)
    with pytest.raises(StoreError, match="update Muniment"):
        open_for_writing(tmp_path, MANIFEST)


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(database_at(tmp_path))) as connection:
        connection.executescript("CREATE TABLE precious (x); ")
    before = database_at(tmp_path).read_bytes()
    with pytest.raises(StoreError, match="another program"):
        open_index(tmp_path)
    with pytest.raises(StoreError, match="another program"):
        open_for_writing(tmp_path, MANIFEST)
    assert database_at(tmp_path).read_bytes() == before


def test_a_catalogue_that_was_never_finished_is_no_index_and_the_next_writer_finishes_it(tmp_path: Path) -> None:
    connect(database_at(tmp_path), writing=True).close()
    with pytest.raises(IndexMissing):
        open_index(tmp_path)
    written(tmp_path, 1)
    with open_index(tmp_path) as reader:
        assert documents(reader.view()) == all_of(1)


def test_a_reader_moves_to_an_index_that_was_put_in_the_place_of_its_own(tmp_path: Path) -> None:
    place, new = tmp_path / "index", tmp_path / "new"
    for version in (1, 2):
        written(place, version)
    written(new, 7)
    with open_index(place) as reader:
        view = reader.view()
        place.rename(tmp_path / "old")
        assert reader.view() is view
        new.rename(place)
        shutil.rmtree(tmp_path / "old")
        assert documents(reader.view()) == all_of(7)
        assert view.matching("says", view.select(Filter(EVERYONE), TODAY), 5)
