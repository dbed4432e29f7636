"""An index is kept in step with a Drive from end to end: the real client, the real command, faults, and kill -9."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from drive_emulator import ROBOT, Drive, Fault, random_faults
from drive_firm import ANNA, BERT, CLARA, Firm, firm_in, words
from small_sync import Desk

from index.local import open_index
from ingest.google_client import Clock


@pytest.fixture
def firm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Firm]:
    for name in [name for name in os.environ if name.startswith("MUNIMENT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    with Drive() as drive:
        yield firm_in(drive)


@pytest.fixture
def muniment(firm: Firm, tmp_path: Path) -> Desk:
    return Desk(tmp_path / "data", firm.settings())


def undisturbed(firm: Firm, tmp_path: Path) -> dict[str, tuple[object, ...]]:
    """What an index holds that sees this Drive for the first time, without a fault."""
    firm.drive.faults.clear()
    desk = Desk(tmp_path / "undisturbed" / "data", firm.settings())
    desk.data.parent.mkdir()
    assert desk("sync").code == 0
    return desk.contents()


def test_the_first_sync_brings_everything_with_its_place_and_its_readers(muniment: Desk, firm: Firm) -> None:
    told = muniment("sync")
    assert told.code == 0, told
    assert (told.summary["documents"], told.summary["skipped"], told.summary["failed"]) == (22, 1, 0)
    seen = muniment.askable(ANNA)
    assert seen["Clients/Acme/Deep/d0.txt"] == words("d0").decode()
    assert seen["Legal/Lease"] == words("lease").decode()
    assert "Legal/Closed/secret.txt" not in seen
    assert list(muniment.askable(BERT)) == ["Legal/Closed/secret.txt"]
    assert muniment.askable("user:nobody@firm.example") == {}


def test_a_sync_without_a_change_downloads_nothing_and_asks_little(muniment: Desk, firm: Firm) -> None:
    muniment("sync")
    firm.drive.forget_requests()
    told = muniment("sync").summary
    assert (told["unchanged"], told["bytes"], told["generation"]) == (23, 0, 1)
    assert firm.drive.count("media", "export", "export_link") == 0
    assert firm.drive.count() <= 10


def test_a_day_of_changes_changes_exactly_those_documents(muniment: Desk, firm: Firm, tmp_path: Path) -> None:
    muniment("sync")
    before = muniment.contents()
    firm.drive.forget_requests()
    fresh = firm.a_day()
    told = muniment("sync")
    assert told.code == 0, told
    assert (told.summary["added"], told.summary["changed"], told.summary["removed"]) == (2, 3, 2)
    fetched = {request.path.split("/")[4] for request in firm.drive.requests if request.route in {"media", "export"}}
    assert fetched == fresh
    after = muniment.contents()
    assert after == undisturbed(firm, tmp_path)
    assert before.keys() - after.keys() == {firm.ids["c3"], firm.ids["l3"]}
    told_again = muniment("sync").summary
    assert (told_again["described"], told_again["changed"], told_again["generation"]) == (0, 0, told.summary["generation"])


def test_who_may_read_follows_drive_at_the_next_sync_and_no_file_is_read_for_it(muniment: Desk, firm: Firm) -> None:
    muniment("sync")
    firm.drive.forget_requests()
    firm.drive.unshare(firm.ids["Clients"], ANNA)
    firm.drive.unshare(firm.ids["Legal"], ANNA)
    firm.drive.share(firm.ids["Legal"], CLARA)
    firm.drive.limit(firm.ids["Closed"], limited=False)
    assert muniment("sync").summary["bytes"] == 0
    assert muniment.askable(ANNA) == {}
    seen = muniment.askable(CLARA)
    assert "Legal/Closed/secret.txt" in seen
    assert not any(path.startswith("Clients") for path in seen)


def test_why_names_the_grant_and_where_it_stands(muniment: Desk, firm: Firm) -> None:
    muniment("sync")
    told = muniment("why", "anna@firm.example", "Clients/Acme/Deep/d0.txt").out
    assert "anna@firm.example may see" in told
    assert "Clients" in told.splitlines()[1]
    assert "may not see" in muniment("why", "anna@firm.example", firm.ids["secret"]).out
    ambiguous = muniment("why", "anna@firm.example", "twin.txt")
    assert ambiguous.code == 2
    assert firm.ids["twin"] in ambiguous.err


def test_coverage_accounts_for_every_file_of_the_listing(muniment: Desk, firm: Firm) -> None:
    firm.drive.edit(firm.ids["c0"], b"locked")
    firm.drive.set(firm.ids["c1"], can_download=False)
    firm.drive.faults.add(Fault("status", 404, "notFound", on="media", path=firm.ids["c2"]))
    told = muniment("sync")
    assert told.code == 1, told
    covered = json.loads(muniment("coverage", "--json").out)
    states = {state: covered[state] for state in ("indexed", "skipped", "unreadable", "failed", "shortcut") if state in covered}
    assert covered["listed"] == sum(states.values()) == 24
    reasons = {each["file_id"]: (each["state"], each["reason"]) for each in covered["files"]}
    assert reasons[firm.ids["c0"]] == ("unreadable", "is protected by a password")
    assert reasons[firm.ids["c2"]][0] == "failed"
    assert reasons[firm.ids["sheet"]][0] == "skipped"
    assert reasons[firm.ids["c1"]][0] in {"skipped", "unreadable"}
    assert all(reason for _, reason in reasons.values())
    firm.drive.faults.clear()
    assert muniment("sync", "--full").summary["failed"] == 0


def test_a_dry_run_says_what_a_day_would_change_and_the_sync_after_it_still_does_it(muniment: Desk, firm: Firm) -> None:
    muniment("sync")
    before = muniment.contents()
    firm.a_day()
    planned = muniment("sync", "--dry-run").summary
    assert (planned["add"], planned["read again"], planned["remove"]) == (2, 3, 2)
    assert muniment.contents() == before
    done = muniment("sync").summary
    assert (done["added"], done["changed"], done["described"], done["removed"]) == (2, 3, planned["describe"], 2)


def test_ingest_with_drive_as_its_source_is_one_sync(muniment: Desk, firm: Firm, tmp_path: Path) -> None:
    told = muniment("ingest", "--json")
    assert json.loads(told.out)["indexed"] == 22
    assert muniment.contents() == undisturbed(firm, tmp_path)


def test_an_account_that_is_not_accepted_is_told_and_removes_nothing(muniment: Desk, firm: Firm) -> None:
    muniment("sync")
    firm.drive.tokens.allowed.clear()
    firm.drive.tokens.expire()
    told = muniment("sync")
    assert (told.code, told.summary["outcome"]) == (2, "incomplete")
    assert told.err.splitlines()[-1].startswith("muniment: ")
    assert len(muniment.contents()) == 23
    assert muniment("drive", "check").code == 1


def test_drive_check_says_who_we_are_and_what_we_see(muniment: Desk, firm: Firm) -> None:
    told = muniment("drive", "check")
    assert told.code == 0, told
    assert ROBOT in told.out
    assert "Legal" in told.out
    assert "drive.readonly" in told.out


@pytest.mark.parametrize("path", ["", "/", "/drive/v3", "/drive/v3/"])
def test_the_address_of_drive_may_be_given_with_its_path_or_without(muniment: Desk, firm: Firm, path: str) -> None:
    there = Desk(muniment.data, {**muniment.environment, "MUNIMENT_DRIVE__API_ENDPOINT": firm.drive.url + path})
    assert there("drive", "check").code == 0
    assert {request.status for request in firm.drive.requests} == {200}


def test_the_doctor_looks_for_the_key(muniment: Desk, firm: Firm) -> None:
    assert str(firm.drive.account) in muniment("doctor").out
    lost = Desk(muniment.data, {**muniment.environment, "MUNIMENT_DRIVE__SERVICE_ACCOUNT_FILE": "nowhere.json"})
    assert "wrong drive" in lost("doctor").out


@pytest.mark.parametrize(("silent", "after"), [("files.list", 1), ("media", 3)])
def test_time_that_is_up_while_drive_is_silent_leaves_cleanly(muniment: Desk, firm: Firm, silent: str, after: int) -> None:
    # The first wait for Drive lasts until the alarm rings.
    alarms = [signal.SIGALRM]
    waiting = replace(muniment, clock=Clock(sleep=lambda _: signal.raise_signal(alarms.pop()) if alarms else None))
    firm.drive.faults.add(Fault("status", 429, "rateLimitExceeded", on=silent, after=after))
    told = waiting("sync", "--for", "2h")
    assert (told.code, told.summary["outcome"]) == (0, "time is up")
    firm.drive.faults.clear()
    done = muniment("sync")
    assert (done.code, done.summary["documents"]) == (0, 22)


@pytest.mark.parametrize("seed", [1, 2])
def test_requests_that_fail_at_random_lead_to_the_same_index(muniment: Desk, firm: Firm, tmp_path: Path, seed: int) -> None:
    firm.drive.faults.add(*random_faults(0.05, seed))
    muniment("sync")
    firm.a_day()
    for _ in range(3):
        told = muniment("sync")
    assert told.code == 0, told
    assert muniment.contents() == undisturbed(firm, tmp_path)


def test_a_change_feed_that_is_lost_is_compared_in_full(muniment: Desk, firm: Firm, tmp_path: Path) -> None:
    muniment("sync")
    firm.a_day()
    firm.drive.api.expire_tokens(410)
    firm.drive.forget_requests()
    assert muniment("sync").code == 0
    assert muniment.contents() == undisturbed(firm, tmp_path)


def test_a_listing_that_drive_calls_incomplete_removes_nothing(muniment: Desk, firm: Firm) -> None:
    muniment("sync")
    firm.drive.trash(firm.ids["c0"])
    firm.drive.faults.add(Fault("incomplete", on="files.list"))
    told = muniment("sync", "--full")
    assert told.code != 0
    assert told.summary["removed"] in {0, 1}
    assert len(muniment.contents()) >= 22


def test_a_shared_drive_that_is_gone_takes_its_documents_with_it_when_that_is_allowed(muniment: Desk, firm: Firm) -> None:
    muniment("sync")
    firm.drive.delete_drive(firm.ids["Legal"])
    refused = muniment("sync")
    assert (refused.code, refused.summary["outcome"]) == (2, "removals refused")
    assert muniment("sync", "--allow-removals").code == 0
    assert not any(path.startswith("Legal") for path in muniment.askable(ANNA))


def test_a_sync_that_is_killed_at_twenty_moments_loses_nothing_and_questions_are_answered_meanwhile(
    muniment: Desk, firm: Firm, tmp_path: Path
) -> None:
    assert muniment("sync").code == 0
    firm.a_day()
    over, failures, asked = Event(), [], []
    busy = [
        Thread(target=ask, args=(muniment.data / "index", over, failures, asked)),
        Thread(target=keep_editing, args=(firm, over)),
    ]
    for each in busy:
        each.start()
    try:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MUNIMENT_")}
        program = Path(__file__).with_name("killed_syncs.py")
        killed = subprocess.run(
            [sys.executable, str(program), str(muniment.data), "20"],
            env={**clean, **muniment.environment, "PYTHONPATH": str(program.parents[1])},
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
        )
    finally:
        over.set()
        for each in busy:
            each.join()
    assert killed.returncode == 0, killed.stderr
    assert killed.stdout.split() == [str(-signal.SIGKILL)] * 20
    assert failures == []
    assert len(asked) > 20
    assert muniment("sync").code == 0
    assert muniment.contents() == undisturbed(firm, tmp_path)


def ask(place: Path, over: Event, failures: list[str], asked: list[int]) -> None:
    """Ask until it is over, as a server does."""
    from datetime import date

    from index.records import Filter

    with open_index(place) as index:
        while not over.wait(0.01):
            try:
                view = index.view()
                keys = view.select(Filter(frozenset({BERT, ANNA})), date(2026, 11, 22)).keys.tolist()
                asked.append(len([view.text(key) for key in keys]))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what is asked for here
                failures.append(repr(error))


def keep_editing(firm: Firm, over: Event) -> None:
    """Edit one contract after the other until it is over, so that every sync has something to do."""
    version = 3
    while not over.wait(0.1):
        name = ("c4", "d1", "l4", "l5", "d2")[version % 5]
        firm.drive.edit(firm.ids[name], words(name, version))
        firm.drive.rename(firm.ids["c5"], f"renamed {version}.txt")
        version += 1
