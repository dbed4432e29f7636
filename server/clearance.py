"""What a caller may see: their principals with all groups they belong to, and the walls before them."""

from dataclasses import dataclass

from index.walls import Wall
from server.callers import EVERYBODY, Caller
from server.groups import Groups, ListedGroups, read_groups
from server.options import ServerOptions
from server.walls import WallRules, read_walls
from server.watched import Watched


@dataclass(frozen=True, slots=True)
class Sight:
    """What the index is asked with for one caller."""

    principals: frozenset[str]
    walls: frozenset[Wall]


class Clearance:
    """Decides it anew for each question from the files of groups and walls as they are then.

    Raises RulesUnusable where a file is broken from the beginning.
    """

    def __init__(self, options: ServerOptions) -> None:
        self._groups = Watched[Groups](options.groups, read_groups, ListedGroups()) if options.groups else None
        self._walls = Watched(options.walls, read_walls, WallRules(walls=())) if options.walls else None

    def of(self, caller: Caller) -> Sight:
        """What a caller may see now."""
        small = frozenset(name.casefold() for name in caller.principals) | {EVERYBODY}
        small |= {f"domain:{name.partition('@')[2]}" for name in small if name.startswith("user:") and "@" in name}
        if self._groups:
            small |= self._groups.now().of(small)
        walls = self._walls.now().before(small) if self._walls else frozenset[Wall]()
        # A source may spell an address with capitals: a grant to it is a grant to whoever is spelt so.
        return Sight(small | caller.principals, walls)
