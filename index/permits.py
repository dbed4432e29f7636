"""Which documents of a generation somebody may read, as of now."""

import json
import sqlite3
from collections import OrderedDict
from threading import Lock

import numpy as np

from index.roll import Roll
from index.store import Keys

_MOST_KEPT = 64


class Permits:
    """Answers from memory until somebody's rights change: every change counts up in the catalogue, and every question looks."""

    def __init__(self, roll: Roll) -> None:
        self._roll = roll
        self._kept: OrderedDict[frozenset[str], tuple[int, Keys]] = OrderedDict()
        self._lock = Lock()

    def keys(self, connection: sqlite3.Connection, principals: frozenset[str]) -> Keys:
        """Keys, sorted, of all documents with one of the principals among their readers."""
        access = int(connection.execute("SELECT access FROM state").fetchone()[0])
        with self._lock:
            kept = self._kept.get(principals)
        if kept and kept[0] == access:
            return kept[1]
        keys = self._asked(connection, principals)
        with self._lock:
            self._kept[principals] = (access, keys)
            self._kept.move_to_end(principals)
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return keys

    def _asked(self, connection: sqlite3.Connection, principals: frozenset[str]) -> Keys:
        rows = connection.execute(
            "SELECT DISTINCT file FROM readers WHERE principal IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(principals)),),
        ).fetchall()
        files = np.fromiter((row[0] for row in rows), np.int64, len(rows))
        may = np.isin(self._roll.files, files)
        # All of them is most callers' answer, and one array for it saves every question a comparison.
        keys = self._roll.keys if may.all() else self._roll.keys[may]
        keys.flags.writeable = False
        return keys
