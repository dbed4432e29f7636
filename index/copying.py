"""Whole copies of SQLite files, taken while others read and write them, and the proof that one is sound."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from index.connections import connect, told
from index.errors import IndexCorrupt, StoreError

_MARK = b"SQLite format 3\x00"


def is_database(path: Path) -> bool:
    """Whether a file is one of SQLite's."""
    with path.open("rb") as file:
        return file.read(len(_MARK)) == _MARK


def copy_database(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, in one file and on the disk when this returns.

    Readers and the writer go on meanwhile. Raises StoreError, also where there is something at the target already.
    """
    if target.exists():
        raise StoreError(f"{target} exists already: choose another place")
    with told(), closing(connect(source, writing=False)) as old, closing(sqlite3.connect(target)) as new:
        # All in one step: no change that is made meanwhile is in it, and none makes it begin again.
        old.backup(new, pages=-1)
        # Without a log beside it, the copy can be read from where nobody may write.
        new.execute("PRAGMA journal_mode = DELETE").fetchall()
    descriptor = os.open(target, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_database(path: Path) -> None:
    """Read all of a database; raises IndexCorrupt where anything in it is not as it should be."""
    with told(), closing(connect(path, writing=False)) as connection:
        wrong = [row[0] for row in connection.execute("PRAGMA integrity_check(3)") if row[0] != "ok"]
        if wrong:
            raise IndexCorrupt(f"{path.name}: {wrong[0]}")
        if connection.execute("PRAGMA foreign_key_check").fetchone():
            raise IndexCorrupt(f"{path.name}: a row refers to one that is not there")
