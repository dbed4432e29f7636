"""A ledger: durable notes that a source keeps between runs, as JSON under a kind and a key, in one SQLite file."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any, Self

from index.connections import DISK_FULL, connect
from index.errors import StoreError

# "MnLg"
_APPLICATION = 0x4D6E4C67
_TABLE = """
CREATE TABLE notes (kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID
"""

Note = Any
"""What JSON can hold."""


class Ledger:
    """Notes by kind and key. Thread-safe; a note that is written outside a `transaction` is durable when the call returns."""

    def __init__(self, path: Path) -> None:
        """Open or create it; raises StoreError where the file is not a ledger or can't be used."""
        self._path = path
        self._lock = RLock()
        self._depth = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._told():
            self._connection = connect(path, writing=True)
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def get(self, kind: str, key: str) -> Note | None:
        """One note, or None."""
        with self._lock, self._told():
            row = self._connection.execute("SELECT value FROM notes WHERE kind = ? AND key = ?", (kind, key)).fetchone()
        return json.loads(row[0]) if row else None

    def items(self, kind: str) -> list[tuple[str, Note]]:
        """All notes of a kind with their keys, in the order of the keys."""
        with self._lock, self._told():
            rows = self._connection.execute("SELECT key, value FROM notes WHERE kind = ? ORDER BY key", (kind,)).fetchall()
        return [(row[0], json.loads(row[1])) for row in rows]

    def put(self, kind: str, key: str, value: Note) -> None:
        """Write a note, in place of what was there."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        with self._lock, self._told():
            self._connection.execute("INSERT OR REPLACE INTO notes (kind, key, value) VALUES (?, ?, ?)", (kind, key, text))

    def drop(self, kind: str, key: str) -> None:
        """Forget a note; harmless where there is none."""
        with self._lock, self._told():
            self._connection.execute("DELETE FROM notes WHERE kind = ? AND key = ?", (kind, key))

    def drop_all(self, kind: str) -> None:
        """Forget every note of a kind."""
        with self._lock, self._told():
            self._connection.execute("DELETE FROM notes WHERE kind = ?", (kind,))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside or nothing; a transaction inside another is part of it."""
        with self._lock, self._told():
            outside = self._depth
            try:
                # Inside, since a signal may raise between any two steps.
                if outside == 0:
                    self._connection.execute("BEGIN IMMEDIATE")
                self._depth = outside + 1
                yield
                if outside == 0:
                    self._connection.execute("COMMIT")
            except BaseException:
                if outside == 0 and self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._depth = outside

    def tide(self) -> int:
        """A number that is another one when somebody else has written to the file since it was last asked for."""
        with self._lock, self._told():
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def _prepare(self) -> None:
        tables = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if not tables:
            self._connection.executescript(f"BEGIN IMMEDIATE; PRAGMA application_id = {_APPLICATION}; {_TABLE}; COMMIT;")
        elif self._connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
            raise StoreError(f"{self._path} is a database of another program: move it away, or set another MUNIMENT_DATA_DIR")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """SQLite's errors as this room's."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL:
                raise StoreError(DISK_FULL) from error
            raise StoreError(f"{self._path} can't be used: {error}") from error
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self._path} is damaged ({error}): delete it; the next run compares everything anew") from error
