"""Who belongs to which groups, where the token or key does not say it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Protocol

from pydantic import BeforeValidator, Field

from server.rules import Rules, read_rules


class Groups(Protocol):
    """A source of memberships: a file, or a directory."""

    def of(self, principals: frozenset[str]) -> frozenset[str]:
        """The groups that have any of these principals as a member, directly or through other groups; in small letters."""


@dataclass(frozen=True, slots=True)
class ListedGroups:
    """Memberships as a file lists them: member → the groups that name it."""

    holding: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def of(self, principals: frozenset[str]) -> frozenset[str]:
        """See `Groups.of`."""
        found: set[str] = set()
        fresh = set(principals)
        while fresh:
            fresh = {group for one in fresh for group in self.holding.get(one, ())} - found
            found |= fresh
        return frozenset(found)


def _group(given: object) -> object:
    return f"group:{given.strip().casefold().removeprefix('group:')}" if isinstance(given, str) else given


def _member(given: object) -> object:
    if not isinstance(given, str):
        return given
    named = given.strip().casefold()
    return named if named.startswith(("user:", "group:", "domain:")) else f"user:{named}"


_Group = Annotated[str, BeforeValidator(_group), Field(pattern=r"^group:\S{1,254}$")]
_Member = Annotated[str, BeforeValidator(_member), Field(pattern=r"^(user|group|domain):\S{1,254}$")]


class _GroupRules(Rules):
    """Group → its members; a bare e-mail address is a person. That there are none must be said."""

    groups: dict[_Group, Annotated[tuple[_Member, ...], Field(max_length=100_000)]]


def read_groups(text: str) -> ListedGroups:
    """The memberships that a file lists. Raises RulesUnusable."""
    holding: defaultdict[str, set[str]] = defaultdict(set)
    for group, members in read_rules(_GroupRules, text).groups.items():
        for member in members:
            holding[member].add(group)
    return ListedGroups({member: frozenset(groups) for member, groups in holding.items()})
