"""A firm's groups come from its directory to the server: from the listing to who finds a contract, and who does not."""

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from directory_emulator import CUSTOMER, Directory, Member
from drive_emulator import TEXT, Drive, Fault
from small_firm import NOW
from small_server import calling, listening
from small_sync import Desk

from index.locks import write_lock
from index.memberships import Directory as Known
from index.memberships import Group, read_directory, write_directory
from ingest.google_client import Clock
from scripts.serving import _options as options_of
from scripts.settings import load_settings
from server.keys import add_key
from server.options import ServerOptions

ANNA, BERT, CARL = "anna@firm.example", "bert@firm.example", "carl@firm.example"
ASSOCIATES, TRAINEES, PARTNERS = "associates@firm.example", "trainees@firm.example", "partners@firm.example"
WALL = f'[[walls]]\nname = "Orion"\nkeep_out = ["group:{ASSOCIATES}"]\nfolders = ["Clients"]\n'


@dataclass(frozen=True)
class Firm:
    """A firm with a Drive, a directory, and the command that follows both."""

    drive: Drive
    directory: Directory
    muniment: Desk

    @property
    def kept(self) -> Path:
        """Where the directory's groups are kept."""
        return self.muniment.data / "directory.json"

    def with_settings(self, **settings: str) -> Desk:
        """The command with other settings of the directory."""
        further = {f"MUNIMENT_DIRECTORY__{name}": value for name, value in settings.items()}
        return replace(self.muniment, environment={**self.muniment.environment, **further})


@pytest.fixture
def firm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Firm]:
    for name in [name for name in os.environ if name.startswith("MUNIMENT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    with Drive() as drive, Directory(drive.tokens) as directory:
        clients = drive.folder("Clients")
        nda = drive.file("nda.txt", b"The parties keep each other's secrets.\n", clients, mime=TEXT)
        drive.share(nda, f"group:{ASSOCIATES}")
        directory.group(TRAINEES, CARL)
        directory.group(ASSOCIATES, ANNA, Member(BERT, status="SUSPENDED"), TRAINEES, aliases=("juniors@firm.example",))
        directory.group("everybody@firm.example", CUSTOMER)
        # The account is the one that reads Drive.
        led = {**directory.environment(), "MUNIMENT_DIRECTORY__SERVICE_ACCOUNT_FILE": ""}
        environment = {**drive.environment(), **led, "MUNIMENT_DRIVE__MIME_TYPES": '["text/plain"]'}
        yield Firm(drive, directory, Desk(tmp_path / "data", environment))


async def total(url: str, key: str) -> int:
    async with calling(url, "2026-07-28", {"X-API-Key": key}) as client:
        answer = await client.call_tool("search_documents_by_metadata", {})
    return int(answer.structured_content["total"])


@pytest.mark.anyio
async def test_a_contract_for_a_group_is_found_by_its_members_and_hidden_by_a_wall_before_it(firm: Firm) -> None:
    assert firm.with_settings(SUBJECT="")("sync").summary["groups"] is None
    data = firm.muniment.data
    keys = {
        name: add_key(data / "keys.json", name.partition("@")[0], frozenset({f"user:{name}"}), NOW) for name in (ANNA, BERT, CARL)
    }
    options = ServerOptions(keys=data / "keys.json", directory=firm.kept, walls=data / "walls.toml")
    with listening(data / "index", options) as url:

        async def seen() -> list[int]:
            return [await total(url, keys[name]) for name in (ANNA, BERT, CARL)]

        assert await seen() == [0, 0, 0]
        told = firm.muniment("groups", "sync")
        assert (told.code, told.out.startswith("3 groups with 5 memberships")) == (0, True), told
        assert await seen() == [1, 0, 1]
        (data / "walls.toml").write_text(WALL)
        assert await seen() == [0, 0, 0]
        firm.directory.groups[TRAINEES].members.clear()
        assert firm.muniment("groups", "sync").code == 0
        (data / "walls.toml").write_text("walls = []\n")
        assert await seen() == [1, 0, 0]


def test_a_sync_asks_the_directory_first(firm: Firm) -> None:
    told = firm.muniment("sync")
    assert (told.code, told.summary["groups"], told.summary["problems"]) == (0, 3, [])
    assert {group.address for group in read_directory(firm.kept.read_text()).groups} == set(firm.directory.groups)
    assert {request.caller for request in firm.directory.requests} == {"admin@firm.example"}
    firm.directory.group(PARTNERS, ANNA)
    lock = write_lock(firm.muniment.data / "index", NOW)
    try:
        assert firm.muniment("sync").code == 3
    finally:
        lock.free()
    assert len(read_directory(firm.kept.read_text()).groups) == 4


def test_a_directory_that_fails_is_a_problem_of_a_sync_and_not_its_end(firm: Firm) -> None:
    firm.directory.faults.add(Fault("status", 403, "forbidden"))
    told = firm.muniment("sync")
    assert (told.code, told.summary["outcome"], told.summary["documents"], told.summary["groups"]) == (1, "complete", 1, None)
    (problem,) = told.summary["problems"]
    assert "MUNIMENT_DIRECTORY__SUBJECT" in problem
    assert problem in told.err
    assert not firm.kept.exists()
    firm.directory.faults.clear()
    assert firm.muniment("sync").code == 0


@pytest.mark.parametrize("on", ["groups.list", "members.list"])
def test_a_listing_that_is_cut_off_keeps_the_old_file_whole(firm: Firm, on: str) -> None:
    assert firm.muniment("groups", "sync").code == 0
    before = firm.kept.read_bytes()
    firm.directory.page_cap = 1
    firm.directory.faults.add(Fault("status", 500, "internalError", on=on, after=1))
    told = firm.muniment("groups", "sync")
    assert told.code == 2
    assert "goes on to hold" in told.err
    assert firm.kept.read_bytes() == before
    assert sorted(path.name for path in firm.muniment.data.iterdir()) == ["directory.json", "directory.lock"]


def test_whoever_asks_for_another_organizations_groups_is_none_of_its_people(firm: Firm) -> None:
    firm.directory.customers.add("C0customer")
    firm.directory.groups.clear()
    firm.directory.group("everybody@customer.example", CUSTOMER)
    assert firm.with_settings(CUSTOMER="C0customer", DOMAINS='["Shop.example"]')("groups", "sync").code == 0
    (group,) = read_directory(firm.kept.read_text()).groups
    assert group.members == ("domain:customer.example", "domain:shop.example")


def test_memberships_that_are_gone_all_at_once_are_asked_about_first(firm: Firm) -> None:
    firm.muniment("groups", "sync")
    firm.directory.groups.clear()
    told = firm.muniment("groups", "sync")
    assert told.code == 2
    assert "--allow-removals" in told.err
    assert len(read_directory(firm.kept.read_text()).groups) == 3
    assert firm.muniment("sync", "--allow-removals").code == 1
    assert firm.muniment("groups", "sync", "--allow-removals").code == 0
    assert read_directory(firm.kept.read_text()).groups == ()


def test_a_broken_file_is_replaced_by_what_the_directory_tells(firm: Firm) -> None:
    firm.muniment.data.mkdir()
    firm.kept.write_text("{")
    assert firm.muniment("groups", "sync").code == 0
    assert len(read_directory(firm.kept.read_text()).groups) == 3


def test_a_lock_that_is_somebody_elses_is_one_clear_line_and_a_problem_of_a_sync(firm: Firm) -> None:
    (firm.muniment.data / "directory.lock").mkdir(parents=True)
    told = firm.muniment("groups", "sync")
    assert (told.code, "directory.lock can't be written" in told.err, "Traceback" in told.err) == (2, True, False)
    assert firm.muniment("sync").summary["documents"] == 1


def test_only_one_asks_at_a_time(firm: Firm) -> None:
    firm.muniment.data.mkdir()
    lock = write_lock(firm.muniment.data, NOW, "directory", "it")
    try:
        busy = firm.muniment("groups", "sync")
        assert (busy.code, f"process {os.getpid()}" in busy.err) == (3, True)
        assert firm.muniment("sync").code == 0
    finally:
        lock.free()
    assert not firm.kept.exists()


def test_time_that_is_up_while_the_directory_is_silent_leaves_the_old_file_and_cleanly(firm: Firm) -> None:
    firm.muniment("groups", "sync")
    before = firm.kept.read_bytes()
    firm.directory.faults.add(Fault("status", 503, on="groups.list"))
    # The first wait for it lasts until the alarm rings.
    alarms = [signal.SIGALRM]
    waiting = replace(firm.muniment, clock=Clock(sleep=lambda _: signal.raise_signal(alarms.pop()) if alarms else None))
    told = waiting("sync", "--for", "2h")
    assert (told.code, told.summary["groups"]) == (1, None)
    assert "before the directory had told all groups" in told.summary["problems"][0]
    assert firm.kept.read_bytes() == before


def test_without_a_subject_nothing_is_asked(firm: Firm) -> None:
    off = firm.with_settings(SUBJECT="")
    assert off("sync").code == 0
    refused = off("groups", "sync")
    assert (refused.code, "MUNIMENT_DIRECTORY__SUBJECT is not set" in refused.err) == (2, True)
    assert not firm.directory.requests


def test_show_says_which_groups_somebody_is_in_and_through_what(firm: Firm) -> None:
    firm.muniment("groups", "sync")
    (firm.muniment.data / "groups.toml").write_text(f'[groups]\n"team" = ["group:{ASSOCIATES}"]\n')
    told = firm.muniment("groups", "show", "Carl@Firm.Example").out.splitlines()
    assert told[0] == f"user:{CARL} is in 5 groups"
    assert set(told[1:]) == {
        f"  group:{TRAINEES}: by the directory",
        f"  group:{ASSOCIATES}: by the directory, through group:{TRAINEES}",
        f"  group:juniors@firm.example: by the directory, through group:{ASSOCIATES}, group:{TRAINEES}",
        f"  group:team: by groups.toml, through group:{ASSOCIATES}, group:{TRAINEES}",
        "  group:everybody@firm.example: by the directory, as one of domain:firm.example",
    }
    assert f"  group:{ASSOCIATES}: by the directory; suspended, so for walls alone" in firm.muniment("groups", "show", BERT).out
    assert (
        f"3 right in it: group:{TRAINEES}, user:{ANNA}, user:{BERT} (suspended)"
        in firm.muniment("groups", "show", ASSOCIATES).out
    )
    as_json = json.loads(firm.muniment("groups", "show", ANNA, "--json").out)
    assert {"group": f"group:{ASSOCIATES}", "through": f"user:{ANNA}", "source": "the directory", "suspended": False} in as_json[
        "groups"
    ]
    everything = firm.muniment("groups", "show").out
    assert "1 groups by groups.toml" in everything
    assert "3 groups by the directory, asked at 20" in everything
    assert json.loads(firm.muniment("groups", "show", "--json").out)["groups.toml"]["groups"] == ["group:team"]


def test_what_the_directory_does_not_say_is_noted(firm: Firm) -> None:
    firm.directory.join(ASSOCIATES, Member("board@other.example", "GROUP"))
    firm.directory.join(ASSOCIATES, Member("", "USER"))
    told = firm.muniment("groups", "sync").out
    assert "note: who belongs to 1 groups of other organizations, it does not say: group:board@other.example" in told
    assert "note: 1 members have no address" in told


def test_why_says_by_which_group_somebody_may_see_a_contract_or_may_not(firm: Firm) -> None:
    firm.muniment("sync")
    told = firm.muniment("why", CARL, "nda.txt").out
    assert f"{CARL} may see" in told
    assert f"{CARL} is in group:{ASSOCIATES} by the directory, through group:{TRAINEES}" in told
    assert f"{BERT} is in group:{ASSOCIATES} by the directory; suspended" in firm.muniment("why", BERT, "nda.txt").out
    dora = firm.muniment("why", "dora@firm.example", "nda.txt").out
    assert f"dora@firm.example is in none of them by the directory: group:{ASSOCIATES}" in dora
    assert "--group" not in dora
    as_json = json.loads(firm.muniment("why", ANNA, "nda.txt", "--json").out)
    assert f"group:{ASSOCIATES}" in {each["group"] for each in as_json["memberships"]}


def test_drive_check_asks_the_directory_too(firm: Firm) -> None:
    assert "the members of associates@firm.example can be seen" in firm.muniment("drive", "check").out
    firm.directory.admins.clear()
    told = firm.muniment("drive", "check")
    assert told.code == 1
    assert "wrong directory" in told.out
    assert "directory" not in firm.with_settings(SUBJECT="")("drive", "check").out


def test_the_doctor_knows_whether_the_directory_is_fresh_and_which_groups_nobody_lists(firm: Firm) -> None:
    off = firm.with_settings(SUBJECT="")
    off("sync")
    assert "note  groups    none are listed; 1 that may read contracts are in none" in off("doctor").out
    assert "is not there: run `muniment groups sync`" in firm.muniment("doctor").out
    firm.muniment("groups", "sync")
    assert "ok    groups    3 by the directory; the directory was asked" in firm.muniment("doctor").out
    assert "is asked no more" in off("doctor").out
    known = read_directory(firm.kept.read_text())
    write_directory(firm.kept, Known(datetime.now(UTC) - timedelta(hours=5), known.groups))
    assert "wrong groups" in firm.muniment("doctor").out
    firm.kept.write_text("{")
    assert "is no directory's file" in firm.muniment("doctor").out


def test_nothing_that_decides_runs_before_a_directory_that_is_set_was_asked(firm: Firm) -> None:
    firm.with_settings(SUBJECT="")("sync")
    for command in (("serve", "--port", "0"), ("search", "nda"), ("why", ANNA, "nda.txt")):
        refused = firm.muniment(*command)
        assert (refused.code, "run `muniment groups sync` first" in refused.err) == (2, True), refused
    firm.muniment("groups", "sync")
    assert f"{ANNA} may see" in firm.muniment("why", ANNA, "nda.txt").out


def test_the_server_is_told_where_the_directorys_word_is(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    firm.muniment("groups", "sync")
    for name, value in firm.muniment.environment.items():
        monkeypatch.setenv(name, value)
    assert options_of(load_settings(data_dir=firm.muniment.data), None).directory == firm.kept


def test_walls_know_the_directorys_groups(firm: Firm) -> None:
    firm.muniment("groups", "sync")
    (firm.muniment.data / "walls.toml").write_text(WALL.replace(f'"group:{ASSOCIATES}"', f'"group:{ASSOCIATES}", "group:x"'))
    assert "group:x is in no file" in firm.muniment("walls").out
    assert f"group:{ASSOCIATES} is in no file" not in firm.muniment("walls").out


def test_the_figures_say_how_old_the_directorys_word_is(tmp_path: Path) -> None:
    place = tmp_path / "directory.json"
    with listening(tmp_path / "index", ServerOptions(directory=place)) as url:
        assert "muniment_directory_age_seconds" not in httpx2.get(f"{url}/metrics").text
        write_directory(place, Known(NOW - timedelta(hours=5), (Group(ASSOCIATES),)))
        assert "muniment_directory_age_seconds 18000.0" in httpx2.get(f"{url}/metrics").text
