"""Which documents of a generation somebody may read, as of now."""

import sqlite3
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from index.connections import numbers
from index.kept import Kept
from index.roll import Roll
from index.store import Keys
from index.walls import Wall

Mask = npt.NDArray[np.bool_]

# A byte a document each: 25 MB for 50,000 documents.
_MOST_KEPT = 500


class Permits:
    """Answers from memory until somebody's rights change: every change counts up in the catalogue, and every question looks.

    `behind` finds what lies behind a wall, which is the same for as long as the generation lives.
    """

    def __init__(self, roll: Roll, behind: Callable[[sqlite3.Connection, Wall], Mask]) -> None:
        self._roll, self._behind = roll, behind
        self._kept = Kept(_MOST_KEPT)

    def keys(self, connection: sqlite3.Connection, principals: frozenset[str], walls: frozenset[Wall] = frozenset()) -> Keys:
        """Keys, sorted, of all documents with one of the principals among their readers and no wall before them."""
        access = int(connection.execute("SELECT access FROM state").fetchone()[0])
        may = np.zeros(len(self._roll), np.bool_)
        for principal in principals:
            may |= self._kept.of((principal, access), lambda name=principal: self._of(connection, name))  # type: ignore[misc]  # bound now
        for wall in walls:
            may &= ~self._kept.of(wall, lambda it=wall: self._behind(connection, it))  # type: ignore[misc]  # bound now
        # All of them is most callers' answer, and one array for it saves every question a comparison.
        keys = self._roll.keys if may.all() else self._roll.keys[may]
        keys.flags.writeable = False
        return keys

    def _of(self, connection: sqlite3.Connection, principal: str) -> Mask:
        files = numbers(connection, ["file"], "FROM readers WHERE principal = ?", (principal,))[0]
        return np.isin(self._roll.files, files)
