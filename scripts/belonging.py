"""Which groups somebody belongs to, told in words: by which file or directory, and through which other groups."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ingest.drive_records import Explanation

if TYPE_CHECKING:
    from server.groups import ListedGroups, Membership


class Belonging:
    """What the sources of groups, each under its name, say of somebody, who is given by their principals."""

    def __init__(self, sources: "Mapping[str, ListedGroups]", person: frozenset[str]) -> None:
        from server.clearance import in_small_letters
        from server.groups import memberships

        self._sources = sources
        self._person = in_small_letters(person)
        self.found = memberships(sources, self._person)
        self._by_group = {each.group: each for each in self.found}

    def way_to(self, one: "Membership") -> str:
        """By what and through which others somebody belongs to a group."""
        between, at = [], one.through
        while at in self._by_group:
            between.append(at)
            at = self._by_group[at].through
        words = f"by {one.source}" + (f", through {', '.join(between)}" if between else "")
        words += f", as one of {at}" if at.startswith("domain:") else ""
        return f"{words}; suspended, so for walls alone" if one.suspended else words

    def told_of(self, user: str, told: Explanation) -> Iterator[str]:
        """What groups have to do with why somebody may see a document or may not, in sentences."""
        readers = [reader for reader in told.readers if reader.startswith("group:")]
        for group in readers:
            if group in self._by_group:
                yield f"{user} is in {group} {self.way_to(self._by_group[group])}"
        if told.may:
            return
        listed = frozenset[str]().union(*(source.groups for source in self._sources.values()))
        others = [group for group in readers if group not in self._by_group and group not in self._person]
        if without := [group for group in others if group in listed]:
            names = " and ".join(name for name, source in self._sources.items() if source.groups)
            yield f"members of these groups may, and {user} is in none of them by {names}: {', '.join(without)}"
        if unlisted := [group for group in others if group not in listed]:
            yield f"members of these groups may; say with --group which {user} belongs to: {', '.join(unlisted)}"


def as_records(found: "list[Membership]") -> list[dict[str, object]]:
    """Memberships as JSON has them."""
    return [{"group": each.group, "through": each.through, "source": each.source, "suspended": each.suspended} for each in found]
