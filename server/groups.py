"""Who belongs to which groups, where the token or key does not say it."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Protocol

from pydantic import BeforeValidator, Field

from index.capitals import lowered
from index.errors import DirectoryUnusable
from index.memberships import read_directory
from server.errors import RulesUnusable
from server.rules import Rules, read_rules

_Holding = Mapping[str, frozenset[str]]


class Groups(Protocol):
    """A source of memberships: a file, or a directory."""

    def of(self, principals: frozenset[str], *, even_suspended: bool = False) -> frozenset[str]:
        """The groups that have any of these principals as a member, directly or through other groups; in small letters.

        With `even_suspended`, members count whose account is suspended, too.
        """


@dataclass(frozen=True, slots=True)
class ListedGroups:
    """Memberships as a file lists them: member → the groups that name it.

    `groups` are all that are listed, also without a member, and by other addresses of theirs (`aliases`), too. `suspended` are
    members by an account that is suspended. `as_of` is when a directory told all this.
    """

    holding: _Holding = field(default_factory=dict)
    suspended: _Holding = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    aliases: frozenset[str] = frozenset()
    as_of: datetime | None = None

    def of(self, principals: frozenset[str], *, even_suspended: bool = False) -> frozenset[str]:
        """See `Groups.of`."""
        found: set[str] = set()
        fresh = set(principals)
        while fresh:
            fresh = {group for one in fresh for group in self.naming(one, even_suspended)} - found
            found |= fresh
        return frozenset(found)

    def naming(self, principal: str, even_suspended: bool = False) -> frozenset[str]:
        """The groups that name a principal as their member."""
        named = self.holding.get(principal, frozenset())
        return named | self.suspended.get(principal, frozenset()) if even_suspended else named


def belonging(sources: Iterable[Groups], principals: frozenset[str], *, even_suspended: bool = False) -> frozenset[str]:
    """Principals with all groups that they belong to by any source, also through groups that another source names."""
    sources, known = tuple(sources), principals
    while True:
        grown = known.union(*(source.of(known, even_suspended=even_suspended) for source in sources))
        if grown == known:
            return known
        known = grown


@dataclass(frozen=True, slots=True)
class Membership:
    """That somebody belongs to a group: `source` says so, since it names `through`, which is them or a group they belong to.

    `suspended`: only as somebody whose account is suspended, which counts for walls alone.
    """

    group: str
    through: str
    source: str
    suspended: bool


def memberships(sources: Mapping[str, ListedGroups], principals: frozenset[str]) -> list[Membership]:
    """Every group that somebody belongs to, each once, by the shortest way; what is certain comes first."""
    known = set(principals)
    found = list(_reached(sources, sorted(known), known, suspended=False))
    return found + list(_reached(sources, sorted(known), known, suspended=True))


def _reached(
    sources: Mapping[str, ListedGroups], start: Iterable[str], known: set[str], *, suspended: bool
) -> Iterator[Membership]:
    ahead = deque(start)
    while ahead:
        one = ahead.popleft()
        for name, source in sources.items():
            for group in sorted(source.naming(one, suspended) - known):
                known.add(group)
                ahead.append(group)
                yield Membership(group, one, name, suspended)


def _group(given: object) -> object:
    return f"group:{lowered(given.strip()).removeprefix('group:')}" if isinstance(given, str) else given


def _member(given: object) -> object:
    if not isinstance(given, str):
        return given
    named = lowered(given.strip())
    return named if named.startswith(("user:", "group:", "domain:")) else f"user:{named}"


_Group = Annotated[str, BeforeValidator(_group), Field(pattern=r"^group:\S{1,254}$")]
_Member = Annotated[str, BeforeValidator(_member), Field(pattern=r"^(user|group|domain):\S{1,254}$")]


class _GroupRules(Rules):
    """Group → its members; a bare e-mail address is a person. That there are none must be said."""

    groups: dict[_Group, Annotated[tuple[_Member, ...], Field(max_length=100_000)]]


def read_groups(text: str) -> ListedGroups:
    """The memberships that a file of the administrator's lists. Raises RulesUnusable."""
    rules = read_rules(_GroupRules, text).groups
    holding = _held((member, group) for group, members in rules.items() for member in members)
    return ListedGroups(holding, groups=frozenset(rules))


def read_told_groups(text: str) -> ListedGroups:
    """The memberships that a directory told. Raises RulesUnusable."""
    try:
        told = read_directory(text)
    except DirectoryUnusable as error:
        raise RulesUnusable(str(error)) from None
    # An alias is the group and the group is its alias: grants, walls and other groups may name either.
    same = [(f"group:{group.address}", f"group:{alias}") for group in told.groups for alias in group.aliases]
    members = [(member, f"group:{group.address}") for group in told.groups for member in group.members]
    suspended = [(member, f"group:{group.address}") for group in told.groups for member in group.suspended]
    holding = _held([*members, *same, *((alias, group) for group, alias in same)])
    aliases = frozenset(alias for _, alias in same)
    groups = aliases.union(f"group:{group.address}" for group in told.groups)
    return ListedGroups(holding, _held(suspended), groups, aliases, told.as_of)


def _held(pairs: Iterable[tuple[str, str]]) -> _Holding:
    holding: defaultdict[str, set[str]] = defaultdict(set)
    for member, group in pairs:
        holding[member].add(group)
    return {member: frozenset(groups) for member, groups in holding.items()}
