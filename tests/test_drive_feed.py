"""The mirror of a Drive is what a full comparison would say after every kind of edit, whatever Drive leaves unsaid."""

from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from drive_days import Days, readers, seen, source_of, truth
from drive_emulator import Drive, Fault, random_faults

import ingest.drive_questions
import ingest.google_client
from ingest.google_faults import Barred, Interrupted
from ingest.source import SourceFailed

ANNA, CARL, TEAM = "user:anna@firm.example", "user:carl@firm.example", "group:team@firm.example"


@pytest.fixture
def drive() -> Any:
    with Drive() as drive:
        yield drive


@pytest.mark.parametrize("seed", [3, 8])
def test_after_any_day_the_mirror_is_what_a_full_comparison_and_drive_itself_say(drive: Drive, tmp_path: Path, seed: int) -> None:
    days = Days(drive, seed)
    for turn in range(3):
        with source_of(drive, tmp_path / "kept.db") as source:
            followed, kept = seen(source), readers(source)
            assert source.problems == ()
        with source_of(drive, tmp_path / f"fresh{turn}.db") as source:
            assert followed == seen(source)
        assert kept == truth(drive)
        for _ in range(4):
            days.step()


@pytest.mark.parametrize(
    "unsaid", [{"permissionDetails"}, {"hasAugmentedPermissions"}, {"permissionIds", "hasAugmentedPermissions", "capabilities"}]
)
def test_what_drive_leaves_out_costs_requests_and_nothing_else(
    drive: Drive, tmp_path: Path, unsaid: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = ingest.google_client.GoogleClient.ask
    monkeypatch.setattr(ingest.google_client.GoogleClient, "ask", lambda self, *a, **k: _without(ask(self, *a, **k), unsaid))
    days = Days(drive, 11)
    for _ in range(2):
        with source_of(drive, tmp_path / "kept.db") as source:
            assert readers(source) == truth(drive)
        for _ in range(6):
            days.step()


def _without(told: Any, unsaid: set[str]) -> Any:
    if isinstance(told, dict):
        return {name: _without(value, unsaid) for name, value in told.items() if name not in unsaid}
    return [_without(value, unsaid) for value in told] if isinstance(told, list) else told


def test_below_named_folders_the_mirror_follows_moves_in_and_out(drive: Drive, tmp_path: Path) -> None:
    days = Days(drive, 5)
    roots = tuple(days.dice.sample([place for place in days.places() if place not in days.drives], 3))
    for turn in range(3):
        with source_of(drive, tmp_path / "kept.db", folder_ids=roots) as source:
            followed = seen(source)
        with source_of(drive, tmp_path / f"fresh{turn}.db", folder_ids=roots) as source:
            assert followed == seen(source)
            assert all(found <= truth(drive)[file] for file, found in readers(source).items())
        for _ in range(5):
            days.step()


def test_short_and_empty_pages_and_a_tenth_of_failures_change_nothing(drive: Drive, tmp_path: Path) -> None:
    days = Days(drive, 21)
    with source_of(drive, tmp_path / "calm.db") as source:
        calm = seen(source)
    drive.api.page_cap, drive.api.empty_every = 5, 3
    drive.faults.add(*random_faults(0.1, seed=4))
    with source_of(drive, tmp_path / "rough.db") as source:
        assert seen(source) == calm
        assert source.problems == ()
    days.step()
    drive.faults.clear()
    with source_of(drive, tmp_path / "rough.db") as source, source_of(drive, tmp_path / "calm.db") as other:
        assert seen(source) == seen(other)


def test_a_sync_without_changes_asks_a_handful_of_questions(drive: Drive, tmp_path: Path) -> None:
    Days(drive, 1)
    with source_of(drive, tmp_path / "a.db") as source:
        first = seen(source)
    drive.forget_requests()
    with source_of(drive, tmp_path / "a.db") as source:
        assert seen(source) == first
        assert not source.refresh().full
    # twice: who we are, which drives, and for My Drive and two drives their changes and folders, and the drives' members
    assert drive.count() == 2 * (2 + 3 * 2 + 2)


def test_a_moved_folder_moves_all_below_it_without_reading_anything(drive: Drive, tmp_path: Path) -> None:
    clients, vendors = drive.folder("Clients"), drive.folder("Vendors")
    acme = drive.folder("Acme", clients)
    paper = drive.file("NDA.pdf", b"words", drive.folder("2026", acme))
    with source_of(drive, tmp_path / "a.db") as source:
        before = next(iter(source.files()))
    drive.move(acme, vendors)
    with source_of(drive, tmp_path / "a.db") as source:
        after = next(iter(source.files()))
    assert (before.folder, after.folder) == ("Clients/Acme/2026", "Vendors/Acme/2026")
    assert (before.id, before.version) == (after.id, after.version) == (paper, before.version)


def test_the_version_changes_with_the_content_and_with_nothing_else(drive: Drive, tmp_path: Path) -> None:
    legal = drive.shared_drive("Legal")
    paper = drive.file("NDA.pdf", b"words", legal)
    doc = drive.google_doc("Lease", {"application/pdf": b"%PDF"}, legal)

    def versions() -> dict[str, str]:
        with source_of(drive, tmp_path / "a.db") as source:
            return {file.id: file.version for file in source.files()}

    first = versions()
    for item in (paper, doc):
        drive.rename(item, "another name")
        drive.share(item, CARL)
        drive.touch(item)
    assert versions() == first
    drive.edit(paper, b"other words")
    drive.edit(doc, exports={"application/pdf": b"%PDF other"})
    assert all(version != first[item] for item, version in versions().items())


def test_an_invalid_token_leads_to_a_full_comparison_that_misses_nothing(drive: Drive, tmp_path: Path) -> None:
    legal = drive.shared_drive("Legal", {ANNA: "reader"})
    kept, lost = drive.file("kept.pdf", b"1", legal), drive.file("lost.pdf", b"2", legal)
    with source_of(drive, tmp_path / "a.db") as source:
        assert readers(source).keys() == {kept, lost}
    drive.delete(lost)
    drive.share(kept, CARL)
    new = drive.file("new.pdf", b"3", legal)
    drive.api.expire_tokens(400)
    with source_of(drive, tmp_path / "a.db") as source:
        assert source.refresh().full
        assert readers(source) == truth(drive)
        assert readers(source).keys() == {kept, new}


def test_a_listing_that_drive_calls_incomplete_removes_nothing_and_is_not_whole(drive: Drive, tmp_path: Path) -> None:
    Days(drive, 2)
    drive.faults.add(Fault("incomplete", on="files.list", times=1))
    with source_of(drive, tmp_path / "a.db") as source:
        with pytest.raises(SourceFailed, match="could not be listed to the end"):
            list(source.files())
        assert "incompleteSearch" in source.problems[0]
    with source_of(drive, tmp_path / "a.db") as source:
        assert readers(source) == truth(drive)


def test_a_drive_that_can_not_be_asked_stays_as_it_was_and_the_others_go_on(drive: Drive, tmp_path: Path) -> None:
    legal, sales = drive.shared_drive("Legal"), drive.shared_drive("Sales")
    there, gone = drive.file("a.pdf", b"1", legal), drive.file("b.pdf", b"2", sales)
    with source_of(drive, tmp_path / "a.db") as source:
        list(source.files())
    drive.delete(there)
    drive.delete(gone)
    drive.faults.add(Fault("status", 503, on="changes.list", path=legal))
    with source_of(drive, tmp_path / "a.db") as source:
        assert readers(source).keys() == {there}
        assert source.problems[0].startswith("shared drive 'Legal': Drive could not be asked")
    drive.faults.clear()
    with source_of(drive, tmp_path / "a.db") as source:
        assert readers(source) == {}


def test_who_can_not_be_asked_about_is_nobodys_until_the_next_sync_asks_again(drive: Drive, tmp_path: Path) -> None:
    legal = drive.shared_drive("Legal", {ANNA: "reader"})
    own, others = drive.file("own.pdf", b"1", legal), drive.file("other.pdf", b"2", legal)
    drive.share(own, CARL)
    drive.faults.add(Fault("status", 500, "internalError", on="permissions.list", path=own))
    with source_of(drive, tmp_path / "a.db") as source:
        found = readers(source)
        assert found[own] == frozenset()
        assert ANNA in found[others]
        assert "nobody may until the next sync" in source.problems[0]
    drive.faults.clear()
    with source_of(drive, tmp_path / "a.db") as source:
        assert readers(source) == truth(drive)
        assert source.problems == ()


def test_hundreds_of_folders_below_a_named_one_are_looked_at_with_few_questions(drive: Drive, tmp_path: Path) -> None:
    legal = drive.shared_drive("Legal", {ANNA: "reader"})
    root = drive.folder("Clients", legal)
    for number in range(150):
        drive.file("NDA.pdf", b"words", drive.folder(f"client {number}", root))
    drive.folder("Elsewhere", legal)
    with source_of(drive, tmp_path / "a.db", folder_ids=(root,)) as source:
        assert readers(source) == truth(drive)
    # longer addresses become forms
    assert max(len(drive.url) + len(request.path) + len(urlencode(request.query)) for request in drive.requests) < 2000
    drive.forget_requests()
    some = next(item.id for item in drive.items.values() if item.name == "client 77")
    drive.share(some, CARL)
    with source_of(drive, tmp_path / "a.db", folder_ids=(root,)) as source:
        assert readers(source) == truth(drive)
    assert drive.count() < 10


def test_a_shared_drive_that_vanished_is_noticed_although_no_feed_tells(drive: Drive, tmp_path: Path) -> None:
    legal, sales = drive.shared_drive("Legal"), drive.shared_drive("Sales")
    drive.file("a.pdf", b"1", legal)
    stays = drive.file("b.pdf", b"2", sales)
    with source_of(drive, tmp_path / "a.db") as source:
        list(source.files())
    drive.delete_drive(legal)
    with source_of(drive, tmp_path / "a.db") as source:
        assert readers(source).keys() == {stays}
        assert "shared drive 'Legal' is gone" in source.problems[0]


def test_a_file_in_a_folder_that_is_out_of_sight_stays_when_it_is_shared_by_itself(drive: Drive, tmp_path: Path) -> None:
    folder = drive.folder("Clients")
    own, other = drive.file("own.pdf", b"1", folder), drive.file("other.pdf", b"2", folder)
    drive.share(own, "user:muniment@project.iam.gserviceaccount.com", "writer")
    with source_of(drive, tmp_path / "a.db") as source:
        assert readers(source).keys() == {own, other}
    drive.unshare(folder, "user:muniment@project.iam.gserviceaccount.com")
    with source_of(drive, tmp_path / "a.db") as source:
        assert readers(source).keys() == {own}


def test_a_refresh_that_is_stopped_anywhere_goes_on_and_ends_the_same(drive: Drive, tmp_path: Path) -> None:
    days = Days(drive, 9)
    drive.api.page_cap = 7
    with source_of(drive, tmp_path / "calm.db") as source:
        list(source.files())
    for _ in range(10):
        days.step()
    with source_of(drive, tmp_path / "calm.db") as source:
        calm = seen(source)
    stopped = 0
    for stop in range(1, 40, 3):
        drive.faults.add(barrier := Fault("status", 401, "authError", after=stop))
        with source_of(drive, tmp_path / "rough.db") as source, suppress(SourceFailed):
            list(source.files())
        stopped += barrier.hits > 0
        drive.faults.clear()
    assert stopped >= 3
    with source_of(drive, tmp_path / "rough.db") as source:
        assert seen(source) == calm


def test_a_source_that_was_opened_before_another_run_ended_knows_what_that_run_learned(drive: Drive, tmp_path: Path) -> None:
    legal = drive.shared_drive("Legal")
    with source_of(drive, tmp_path / "a.db") as waiting:
        paper = drive.file("a.pdf", b"1", legal)
        with source_of(drive, tmp_path / "a.db") as source:
            source.refresh()
        drive.delete(paper)
        waiting.refresh()
    with source_of(drive, tmp_path / "a.db") as source:
        assert list(source.account()) == []


def test_grants_that_drive_hands_down_late_are_taken_back_all_the_same(
    drive: Drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = ingest.google_client.GoogleClient.ask
    late: dict[str, Any] = {}

    def answer(client: Any, *rest: Any, **named: Any) -> Any:
        # As Drive tells it in My Drive: inherited grants look like a file's own, and are handed down some time after.
        told = _without(ask(client, *rest, **named), {"permissionDetails"})
        for item in told.get("files", []):
            if item["id"] in late:
                item["permissions"] = late[item["id"]]
        return told

    monkeypatch.setattr(ingest.google_client.GoogleClient, "ask", answer)
    folder = drive.folder("Clients")
    paper = drive.file("NDA.pdf", b"words", folder)
    drive.share(folder, CARL)
    with source_of(drive, tmp_path / "a.db") as source:
        assert CARL in readers(source)[paper]
    late[paper] = [{"type": "user", "emailAddress": "carl@firm.example", "role": "reader"}]
    drive.unshare(folder, CARL)
    with source_of(drive, tmp_path / "a.db") as source:
        assert CARL in readers(source)[paper]
    late.clear()
    with source_of(drive, tmp_path / "a.db") as source:
        assert CARL not in readers(source)[paper]


def test_another_account_than_was_asked_for_is_refused(drive: Drive, tmp_path: Path) -> None:
    from index.ledger import Ledger
    from ingest.drive import DriveSource
    from ingest.drive_scope import Wanted
    from ingest.google_client import Access, Clock, GoogleClient

    def acting_for(subject: str) -> DriveSource:
        client = GoogleClient(Access(drive.account, subject, drive.url), Clock(sleep=lambda _: None))
        return DriveSource(client, Ledger(tmp_path / "a.db"), Wanted(), Clock(), subject)

    drive.tokens.delegated.add("boss@firm.example")
    with acting_for("boss@firm.example") as source:
        source.refresh()
    drive.tokens.ignore_subject = True
    with acting_for("boss@firm.example") as source, pytest.raises(Barred, match="takes us for muniment@"):
        source.refresh()
    drive.tokens.ignore_subject = False
    with acting_for("nobody@firm.example") as source, pytest.raises(Barred, match="domain-wide delegation"):
        source.refresh()


def test_a_feed_that_leads_back_to_where_it_was_does_not_go_round_for_ever(
    drive: Drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drive.file("a.pdf", b"1")
    with source_of(drive, tmp_path / "a.db") as source:
        source.refresh()
        changes = ingest.drive_questions.changes
        monkeypatch.setattr(
            ingest.drive_questions,
            "changes",
            lambda client, feed, token: {**changes(client, feed, token), "nextPageToken": token},
        )
        assert "leads back" in source.refresh().problems[0]


def test_who_is_not_there_at_all_fails_with_what_to_do(drive: Drive, tmp_path: Path) -> None:
    drive.faults.add(Fault("status", 403, "accessNotConfigured", on="about.get"))
    with source_of(drive, tmp_path / "a.db") as source, pytest.raises(Barred, match="enable it in the Google Cloud console"):
        source.refresh()
    drive.faults.clear()
    drive.faults.add(Fault("reset"))
    with source_of(drive, tmp_path / "a.db") as source, pytest.raises(Interrupted, match="the next run tries again"):
        source.refresh()
