"""What a caller may see: their principals with all groups they belong to, and the walls before them."""

from dataclasses import dataclass
from datetime import datetime

from index.capitals import lowered
from index.memberships import LONGEST
from index.walls import Wall
from server.callers import EVERYBODY, Caller
from server.groups import ListedGroups, belonging, read_groups, read_told_groups
from server.options import ServerOptions
from server.walls import WallRules, read_walls
from server.watched import Watched

# What the directory is called where a group's source is told.
DIRECTORY = "the directory"


@dataclass(frozen=True, slots=True)
class Sight:
    """What the index is asked with for one caller."""

    principals: frozenset[str]
    walls: frozenset[Wall]


class Clearance:
    """Decides it anew for each question from the files of groups, of a directory and of walls as they are then.

    Raises RulesUnusable where a file is broken from the beginning.
    """

    def __init__(self, options: ServerOptions) -> None:
        self._files: dict[str, Watched[ListedGroups]] = {}
        if options.groups:
            self._files[options.groups.name] = Watched(options.groups, read_groups, ListedGroups())
        if options.directory:
            self._files[DIRECTORY] = Watched(options.directory, read_told_groups, ListedGroups(), LONGEST)
        self._walls = Watched(options.walls, read_walls, WallRules(walls=())) if options.walls else None

    def of(self, caller: Caller) -> Sight:
        """What a caller may see now."""
        sources = self.sources().values()
        named = in_small_letters(caller.principals)
        small = belonging(sources, named)
        walls = frozenset[Wall]()
        if self._walls:
            # Whom a directory calls suspended is still kept out of what their groups are kept out of.
            walls = self._walls.now().before(small, belonging(sources, named, even_suspended=True))
        # A source may spell an address with capitals: a grant to it is a grant to whoever is spelt so.
        return Sight(small | caller.principals, walls)

    def sources(self) -> dict[str, ListedGroups]:
        """What the files say now of who belongs to which groups, each under what it is called."""
        return {name: file.now() for name, file in self._files.items()}

    def directory_as_of(self) -> datetime | None:
        """When the directory told what holds now; None where it never did."""
        return self._files[DIRECTORY].now().as_of if DIRECTORY in self._files else None


def in_small_letters(principals: frozenset[str]) -> frozenset[str]:
    """Somebody's principals as the files of rules spell them, with everybody's and with the domain of an address."""
    small = frozenset(map(lowered, principals)) | {EVERYBODY}
    return small | {f"domain:{name.partition('@')[2]}" for name in small if name.startswith("user:") and "@" in name}
