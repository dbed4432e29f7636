"""Connections to the catalogue: how they are opened, shared among threads, and how their errors are told."""

import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import numpy as np

from index.errors import IndexCorrupt, IndexMissing, StoreError
from index.store import Keys

T = TypeVar("T")

DISK_FULL = "the disk is full: make room and run again; what is published stays as it is"
_MOST_IDLE = 8
_WAIT_SECONDS = 30.0


def connect(database: Path, *, writing: bool) -> sqlite3.Connection:
    """A connection in autocommit mode; one for reading can't write and does not create the file."""
    mode = "rwc" if writing else "ro"
    connection = sqlite3.connect(
        f"{database.absolute().as_uri()}?mode={mode}", _WAIT_SECONDS, isolation_level=None, check_same_thread=False, uri=True
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(f"PRAGMA cache_size = -{65_536 if writing else 16_384}")
    if writing:
        connection.execute("PRAGMA page_size = 8192")
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        # Nothing is lost with the process; what a power cut may take is only what no publication has made durable.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA secure_delete = FAST")
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
    return connection


@contextmanager
def told() -> Iterator[None]:
    """SQLite's errors as this room's."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL:
            raise StoreError(DISK_FULL) from error
        raise StoreError(f"the catalogue can't be used: {error}") from error
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError):
            raise
        raise IndexCorrupt(f"catalogue: {error}") from error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of it or nothing."""
    with told():
        try:
            # Inside, since a signal may raise between any two steps.
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def batches(items: Sequence[T], size: int = 500) -> Iterator[Sequence[T]]:
    """Items in runs of at most `size`: SQLite takes a bounded number of parameters in one statement."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def marks(count: int) -> str:
    """So many question marks."""
    return ",".join("?" * count)


def numbers(connection: sqlite3.Connection, columns: Sequence[str], rest: str, parameters: Sequence[object] = ()) -> list[Keys]:
    """Columns of whole numbers as arrays, in no order, without a Python object a row: a quarter of the time for 50,000 rows.

    `rest` is what stands behind the columns, beginning with FROM; a NULL is left out of its column, so there must be none.
    """
    query = f"SELECT {','.join(f'group_concat({column})' for column in columns)} {rest}"  # this package's own words
    row = connection.execute(query, parameters).fetchone()
    return [whole_numbers(text) for text in row]


def whole_numbers(joined: str | None) -> Keys:
    """What group_concat joined."""
    return np.fromstring(joined, np.int64, sep=",") if joined else np.empty(0, np.int64)


class Pool:
    """Connections for reading one catalogue, each used by one thread at a time."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._idle: deque[sqlite3.Connection] = deque()
        self._closed = False
        self._file = _identity(database)
        self._index = ""
        with self.borrow() as connection:
            row = connection.execute("SELECT uuid FROM state").fetchone()
        if row is None:
            raise IndexMissing(str(database.parent))
        self._index = row[0]

    def __del__(self) -> None:
        self.close()

    def is_current(self) -> bool:
        """Whether the catalogue still lies where it was opened, or none does."""
        return self._closed or _identity(self._database) in (self._file, None)

    @contextmanager
    def borrow(self) -> Iterator[sqlite3.Connection]:
        """A connection of one's own until the block ends."""
        with told():
            if self._closed:
                raise StoreError("the index was closed: open it again")
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = self._connected()
            try:
                yield connection
            finally:
                self._give_back(connection)

    def close(self) -> None:
        """Close what is idle; what is in use is closed when it comes back."""
        self._closed = True
        with suppress(IndexError):
            while True:
                self._idle.pop().close()

    def _connected(self) -> sqlite3.Connection:
        connection = connect(self._database, writing=False)
        if self._index and connection.execute("SELECT uuid FROM state").fetchone()[0] != self._index:
            connection.close()
            # What this generation's numbers mean there, nobody knows.
            raise StoreError("another index was put in this one's place: ask again")
        return connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if self._closed or len(self._idle) >= _MOST_IDLE:
            connection.close()
        else:
            self._idle.append(connection)


def _identity(database: Path) -> tuple[int, int] | None:
    try:
        status = database.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino
