"""Asks Google's directory who belongs to which groups: every group of an organization with its direct members."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from index.capitals import lowered
from index.memberships import Directory, Group
from ingest.drive_check import Finding
from ingest.google_apis import DIRECTORY
from ingest.google_client import GoogleClient, pages
from ingest.google_faults import Interrupted, Refused
from ingest.source import SourceFailed

Answer = Mapping[str, Any]
_MOST_GROUPS = 50_000
_MOST_MEMBERS = 1_000_000
_AT_ONCE = 200
_ADDRESS = re.compile(r"(?=.{3,254}$)[^\s@\ud800-\udfff]+@[^\s@\ud800-\udfff]+")
# External members come without a status or with this one.
_COUNTING = {"", "ACTIVE", "UNKNOWN"}
# Of so few memberships a tenth is soon gone on an ordinary day.
_FEW = 25


class MembersRefused(SourceFailed):
    """So many memberships are gone that the answer is likelier to be wrong than right; what was known before goes on to hold."""

    def __init__(self, gone: int, known: int) -> None:
        super().__init__(
            f"{gone} of {known} memberships are gone from the directory: look at the groups, and at what the subject may see, in "
            "the Admin console; if it is right, run `muniment groups sync --allow-removals`"
        )


@dataclass(frozen=True, slots=True)
class Told:
    """What the directory told. `nameless` counts members without an address, `outside` names groups of other organizations.

    Who belongs to a group of another organization, its own directory alone tells.
    """

    directory: Directory
    nameless: int
    outside: tuple[str, ...]


def ask_directory(client: GoogleClient, customer: str, domains: frozenset[str], as_of: datetime) -> Told:
    """All groups and their direct members. `domains` are the organization's, beside those in which it has groups.

    Raises SourceFailed wherever any part of it could not be had.
    """
    listed = _groups(client, customer)
    # A member may be the whole organization, which is known here by the domains of its addresses.
    everybody = {f"domain:{domain}" for domain in domains | {_address(told).partition("@")[2] for told in listed}}
    groups, nameless, members = [], 0, 0
    for told, theirs in zip(listed, client.side_by_side(lambda told: _members(client, told), listed), strict=True):
        group, without = _group(told, theirs, frozenset(everybody))
        groups.append(group)
        nameless, members = nameless + without, members + len(theirs)
        _bound(members)
    own = {f"group:{address}" for group in groups for address in (group.address, *group.aliases)}
    outside = {member for group in groups for member in group.members if member.startswith("group:")} - own
    return Told(Directory(as_of, tuple(groups)), nameless, tuple(sorted(outside)))


def check_removals(before: Directory, after: Directory, most_removed: float) -> None:
    """Raise MembersRefused where more than a share of the memberships, or all of them, are gone."""
    known, still = _pairs(before), _pairs(after)
    gone = len(known - still)
    if gone > max(_FEW, most_removed * len(known)) or (known and not still):
        raise MembersRefused(gone, len(known))


def examined(client: GoogleClient, customer: str) -> Iterator[Finding]:
    """Whether the directory tells its groups and their members, in words for an administrator."""
    try:
        page = next(pages(lambda token: _groups_page(client, customer, token)))
        told = page.get("groups") or []
        for group in told[:1]:
            _members(client, group)
    except SourceFailed as error:
        yield Finding("directory", "wrong", str(error))
        return
    if not told:
        yield Finding("directory", "note", "it has no groups, as far as the subject may see")
        return
    yield Finding("directory", "ok", f"the members of {_address(told[0])} can be seen; {len(told)} groups on the first page")


def _groups(client: GoogleClient, customer: str) -> list[Answer]:
    listed: dict[str, Answer] = {}
    for page in pages(lambda token: _groups_page(client, customer, token)):
        for told in page.get("groups") or ():
            if not _ADDRESS.fullmatch(_address(told)):
                raise SourceFailed("the directory told of a group without an address; nothing is concluded from that, run again")
            listed[_address(told)] = told
        if len(listed) > _MOST_GROUPS:
            raise SourceFailed(f"the directory has more than {_MOST_GROUPS} groups, which is more than is read")
    return list(listed.values())


def _groups_page(client: GoogleClient, customer: str, token: str | None) -> dict[str, Any]:
    try:
        page = client.ask(
            lambda directory: directory.groups().list(
                customer=customer,
                maxResults=_AT_ONCE,
                pageToken=token,
                fields="kind,nextPageToken,groups(id,email,aliases,nonEditableAliases)",
            )
        )
    except Refused as error:
        raise SourceFailed(f"{error}; {_remedy(error.status)}") from error
    return _of_kind(page, "admin#directory#groups")


def _members(client: GoogleClient, group: Answer) -> list[Answer]:
    def ask(token: str | None) -> dict[str, Any]:
        page = client.ask(
            lambda directory: directory.members().list(
                groupKey=group.get("id") or group["email"],
                maxResults=_AT_ONCE,
                pageToken=token,
                fields="kind,nextPageToken,members(id,email,type,status)",
            )
        )
        return _of_kind(page, "admin#directory#members")

    members: list[Answer] = []
    try:
        for page in pages(ask):
            members += page.get("members") or ()
            _bound(len(members))
    except Refused as error:
        # Gone since it was listed, perhaps: half of an answer is none, and the next run asks for all of it.
        raise SourceFailed(f"the members of {_address(group)}: {error}; {_remedy(error.status)}") from error
    return members


def _bound(members: int) -> None:
    if members > _MOST_MEMBERS:
        raise SourceFailed(f"the directory has more than {_MOST_MEMBERS} memberships, which is more than is read")


def _of_kind(page: dict[str, Any], kind: str) -> dict[str, Any]:
    """A page that is what was asked for: an empty answer of something between must not empty the groups."""
    if page.get("kind") != kind:
        raise Interrupted(f"an answer that is not the directory's (it lacks kind {kind}); the next run tries again")
    return page


def _remedy(status: int) -> str:
    if status == 403:
        return f"let {DIRECTORY.settings}SUBJECT be an administrator whose role has the Admin API privilege Groups > Read"
    if status in {400, 404}:
        return f"check {DIRECTORY.settings}CUSTOMER, or run again if the group was just deleted"
    return "run again"


def _group(told: Answer, members: list[Answer], everybody: frozenset[str]) -> tuple[Group, int]:
    """A group, and how many of its members have no address."""
    counting: set[str] = set()
    suspended: set[str] = set()
    nameless = 0
    for member in members:
        named = _principals(member, everybody)
        nameless += not named
        (counting if str(member.get("status") or "") in _COUNTING else suspended).update(named)
    aliases = {lowered(str(alias).strip()) for name in ("aliases", "nonEditableAliases") for alias in told.get(name) or ()}
    good = {alias for alias in aliases if _ADDRESS.fullmatch(alias)} - {_address(told)}
    return Group(_address(told), tuple(sorted(counting)), tuple(sorted(suspended - counting)), tuple(sorted(good))), nameless


def _principals(member: Answer, everybody: frozenset[str]) -> frozenset[str]:
    if member.get("type") == "CUSTOMER":
        return everybody
    address = _address(member)
    if not _ADDRESS.fullmatch(address):
        return frozenset()
    return frozenset({f"{'group' if member.get('type') == 'GROUP' else 'user'}:{address}"})


def _address(told: Answer) -> str:
    return lowered(str(told.get("email") or "").strip())


def _pairs(directory: Directory) -> set[tuple[str, str]]:
    return {(group.address, member) for group in directory.groups for member in (*group.members, *group.suspended)}
