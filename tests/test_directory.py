"""What Google's directory tells of groups is known whole or not at all, through every fault, in the shapes that it has."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from directory_emulator import ADMIN, CUSTOMER, SCOPES, Directory, Member
from drive_emulator import Fault, random_faults

from index.errors import DirectoryUnusable
from index.memberships import Directory as Known
from index.memberships import Group, read_directory, write_directory
from ingest.directory import MembersRefused, Told, ask_directory, check_removals, examined
from ingest.google_apis import DIRECTORY
from ingest.google_client import Access, Clock, GoogleClient
from ingest.google_faults import Barred, Interrupted
from ingest.source import SourceFailed

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ASSOCIATES, TRAINEES = "associates@firm.example", "trainees@firm.example"


@pytest.fixture
def directory() -> Iterator[Directory]:
    with Directory() as directory:
        yield directory


def client_of(directory: Directory, subject: str = ADMIN, endpoint: str = "") -> GoogleClient:
    access = Access(directory.account, subject, endpoint or directory.url)
    return GoogleClient(access, Clock(sleep=lambda _: None), DIRECTORY)


def ask(directory: Directory, subject: str = ADMIN, endpoint: str = "", customer: str = "my_customer") -> Told:
    client = client_of(directory, subject, endpoint)
    try:
        return ask_directory(client, customer, frozenset({"firm.example"}), NOW)
    finally:
        client.close()


def known(directory: Directory) -> dict[str, Group]:
    return {group.address: group for group in ask(directory).directory.groups}


def test_groups_are_told_with_their_direct_members_in_small_letters(directory: Directory) -> None:
    directory.group(TRAINEES, "Carl@Firm.Example")
    directory.group(ASSOCIATES, "anna@firm.example", Member(TRAINEES, "GROUP"), Member("guest@other.example", status=""))
    told = ask(directory)
    assert told.directory.as_of == NOW
    assert told.directory.groups == (
        Group(ASSOCIATES, (f"group:{TRAINEES}", "user:anna@firm.example", "user:guest@other.example")),
        Group(TRAINEES, ("user:carl@firm.example",)),
    )


@pytest.mark.parametrize("path", ["/", "/admin/directory/v1", "/admin/directory/v1/"])
def test_the_address_may_be_given_with_its_path_or_without(directory: Directory, path: str) -> None:
    directory.group(ASSOCIATES, "anna@firm.example")
    assert len(ask(directory, endpoint=directory.url + path).directory.groups) == 1


def test_pages_are_followed_to_the_end(directory: Directory) -> None:
    directory.page_cap = 3
    for number in range(10):
        directory.group(f"g{number}@firm.example", *(f"u{each}@firm.example" for each in range(number)))
    assert {name: len(group.members) for name, group in known(directory).items()} == {
        f"g{number}@firm.example": number for number in range(10)
    }


def test_the_whole_organization_as_a_member_is_everybody_of_its_domains(directory: Directory) -> None:
    directory.group("everybody@firm.example", CUSTOMER)
    directory.group("leeds@north.example", "anna@firm.example")
    assert known(directory)["everybody@firm.example"].members == ("domain:firm.example", "domain:north.example")


@pytest.mark.parametrize(("status", "counts"), [("ACTIVE", True), ("", True), ("UNKNOWN", True), ("SUSPENDED", False)])
def test_a_suspended_member_is_told_from_the_others(directory: Directory, status: str, counts: bool) -> None:
    directory.group(ASSOCIATES, Member("anna@firm.example", status=status))
    group = known(directory)[ASSOCIATES]
    assert (group.members, group.suspended) == (
        (("user:anna@firm.example",), ()) if counts else ((), ("user:anna@firm.example",))
    )


def test_other_addresses_of_a_group_are_known(directory: Directory) -> None:
    directory.group(ASSOCIATES, aliases=("Juniors@firm.example",), outer=("associates@firm.example.test-google-a.com",))
    assert known(directory)[ASSOCIATES].aliases == ("associates@firm.example.test-google-a.com", "juniors@firm.example")


def test_what_can_not_be_known_is_counted(directory: Directory) -> None:
    directory.group(ASSOCIATES, Member("", "USER"), Member("board@other.example", "GROUP"), Member("no address", "USER"))
    told = ask(directory)
    assert (told.nameless, told.outside) == (2, ("group:board@other.example",))
    assert told.directory.groups[0].members == ("group:board@other.example",)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", 429, "rateLimitExceeded", retry_after="2", times=3),
        Fault("status", 403, "quotaExceeded", times=3),
        Fault("status", 503, "backendError", times=3),
        Fault("status", 500, "internalError", times=3),
        Fault("html", 502, times=2),
        Fault("html", 200, on="members.list", times=1),
        Fault("reset", times=2),
        Fault("truncate", times=2),
        Fault("expired", times=2),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status}-{fault.reason}",
)
def test_a_fault_that_passes_changes_nothing_of_the_answer(directory: Directory, fault: Fault) -> None:
    directory.page_cap = 2
    for number in range(5):
        directory.group(f"g{number}@firm.example", "anna@firm.example", "bert@firm.example", "carl@firm.example")
    undisturbed = ask(directory)
    directory.faults.add(fault)
    assert ask(directory) == undisturbed


def test_faults_of_every_kind_at_once_change_nothing_of_the_answer(directory: Directory) -> None:
    for number in range(20):
        directory.group(f"g{number:02}@firm.example", f"u{number}@firm.example")
    undisturbed = ask(directory)
    directory.faults.add(*random_faults(0.1, seed=7))
    assert ask(directory) == undisturbed


@pytest.mark.parametrize("on", ["groups.list", "members.list"])
@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault("status", 403, "forbidden"), "MUNIMENT_DIRECTORY__SUBJECT be an administrator"),
        (Fault("status", 404, "notFound"), "MUNIMENT_DIRECTORY__CUSTOMER"),
        (Fault("status", 500, "internalError"), "could not be asked"),
        (Fault("status", 429, "rateLimitExceeded"), "could not be asked"),
        (Fault("status", 403, "accessNotConfigured"), "Admin SDK API is not enabled"),
        (Fault("truncate"), "could not be asked"),
    ],
    ids=lambda it: f"{it.kind}-{it.status}-{it.reason}" if isinstance(it, Fault) else "",
)
def test_a_listing_that_is_cut_off_in_the_middle_tells_nothing(directory: Directory, on: str, fault: Fault, says: str) -> None:
    directory.page_cap = 2
    for number in range(5):
        directory.group(f"g{number}@firm.example", "anna@firm.example", "bert@firm.example", "carl@firm.example")
    directory.faults.add(Fault(fault.kind, fault.status, fault.reason, on=on, after=1))
    with pytest.raises(SourceFailed, match=says):
        ask(directory)


def test_an_empty_answer_of_something_between_is_not_taken_for_no_groups(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory.group(ASSOCIATES, "anna@firm.example")
    monkeypatch.setattr(directory, "answer", lambda _: {})
    with pytest.raises(Interrupted, match="not the directory's"):
        ask(directory)


def test_a_group_that_is_deleted_while_it_is_asked_for_ends_it(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    directory.group(ASSOCIATES, "anna@firm.example")
    directory.group(TRAINEES, "anna@firm.example")
    answer = directory.answer

    def deleting(call: object) -> dict[str, object]:
        told = answer(call)  # type: ignore[arg-type]
        directory.groups.pop(TRAINEES, None)
        return told

    monkeypatch.setattr(directory, "answer", deleting)
    with pytest.raises(SourceFailed, match=r"trainees@firm\.example.*was just deleted"):
        ask(directory)
    assert list(known(directory)) == [ASSOCIATES]


@pytest.mark.parametrize(
    ("bound", "most", "pages"),
    [("_MOST_GROUPS", 2, 0), ("_MOST_MEMBERS", 5, 2 + 3), ("_MOST_MEMBERS", 21, 2 + 10)],
    ids=["groups", "members of one", "members of all"],
)
def test_what_is_more_than_is_read_is_not_read_to_its_end(
    directory: Directory, monkeypatch: pytest.MonkeyPatch, bound: str, most: int, pages: int
) -> None:
    directory.page_cap = 2
    for number, size in enumerate((1, 1, 20)):
        directory.group(f"g{number}@firm.example", *(f"u{each}@firm.example" for each in range(size)))
    monkeypatch.setattr(f"ingest.directory.{bound}", most)
    with pytest.raises(SourceFailed, match=f"more than {most} "):
        ask(directory)
    assert len([request for request in directory.requests if request.route == "members.list"]) == pages


def test_who_may_not_read_groups_is_told_what_to_do(directory: Directory) -> None:
    directory.tokens.delegated.add("anna@firm.example")
    with pytest.raises(SourceFailed, match="Admin API privilege Groups > Read"):
        ask(directory, "anna@firm.example")
    with pytest.raises(SourceFailed, match="MUNIMENT_DIRECTORY__CUSTOMER"):
        ask(directory, customer="C012345")


def test_without_delegation_for_both_scopes_it_says_which_are_needed(directory: Directory) -> None:
    directory.tokens.allowed.discard(SCOPES[1])
    with pytest.raises(Barred, match=r"SUBJECT .*group\.readonly and admin\.directory\.group\.member\.readonly"):
        ask(directory)


def test_the_check_says_what_can_be_seen(directory: Directory) -> None:
    client = client_of(directory)
    try:
        assert [(it.grade, it.words) for it in examined(client, "my_customer")] == [
            ("note", "it has no groups, as far as the subject may see")
        ]
        directory.group(ASSOCIATES, "anna@firm.example")
        assert [(it.grade, it.words) for it in examined(client, "my_customer")] == [
            ("ok", f"the members of {ASSOCIATES} can be seen; 1 groups on the first page")
        ]
        directory.admins.clear()
        (finding,) = examined(client, "my_customer")
    finally:
        client.close()
    assert finding.grade == "wrong"
    assert "MUNIMENT_DIRECTORY__SUBJECT" in finding.words


def of_sizes(*sizes: int) -> Known:
    groups = (Group(f"g{at}@x.y", tuple(f"user:u{each}@x.y" for each in range(size))) for at, size in enumerate(sizes))
    return Known(NOW, tuple(groups))


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        ((10, 5), (10,), False),  # a few are gone on an ordinary day
        ((10, 5), (), True),  # all of them are not
        ((10, 5), (0, 0), True),
        ((900, 100), (900,), False),
        ((900, 101), (900,), True),
        ((), (5,), False),
        ((), (), False),
    ],
)
def test_so_much_that_is_gone_at_once_is_not_believed(before: tuple[int, ...], after: tuple[int, ...], refused: bool) -> None:
    if refused:
        with pytest.raises(MembersRefused, match="--allow-removals"):
            check_removals(of_sizes(*before), of_sizes(*after), 0.1)
    else:
        check_removals(of_sizes(*before), of_sizes(*after), 0.1)


def test_a_member_who_is_suspended_is_not_gone() -> None:
    members = tuple(f"user:u{each}@x.y" for each in range(100))
    check_removals(Known(NOW, (Group("g@x.y", members),)), Known(NOW, (Group("g@x.y", (), members),)), 0.1)


def test_what_is_kept_is_what_was_told_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    told = Known(NOW, (Group("a@x.y", ("user:u@x.y",), ("user:s@x.y",), ("b@x.y",)), Group("empty@x.y")))
    write_directory(tmp_path / "directory.json", told)
    assert read_directory((tmp_path / "directory.json").read_text()) == told
    assert (tmp_path / "directory.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["directory.json"]


def test_more_than_a_server_reads_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_directory(tmp_path / "directory.json", of_sizes(1))
    before = (tmp_path / "directory.json").read_text()
    monkeypatch.setattr("index.memberships.LONGEST", 1000)
    with pytest.raises(DirectoryUnusable, match="no server reads"):
        write_directory(tmp_path / "directory.json", of_sizes(200))
    assert (tmp_path / "directory.json").read_text() == before
