"""Publication: what is written becomes the next generation, and what no generation needs any more goes."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index import caches
from index.caches import DEAD_CONTENTS, Marker
from index.connections import batches, marks, told, transaction
from index.errors import IndexCorrupt
from index.locks import Leases
from index.store import Manifest
from index.writing import generation_of

_log = logging.getLogger(__name__)

# Vectors that were computed and not used yet: 75 MB at 384 dimensions.
_MOST_LOOSE = 50_000
_CONTENTS_AT_ONCE = 100
_PAGES_AT_ONCE = 10_000


def publish(connection: sqlite3.Connection, place: Path, leases: Leases, manifest: Manifest, marker: Marker) -> Marker:
    """Publish what is pending, if anything is.

    The catalogue is made durable first, then the caches, then the number that readers look at. A stop in between leaves the
    published generation as it was, beside caches that hold more than it needs.
    """
    generation = generation_of(connection)
    oldest = leases.oldest(generation)
    pending = _pending(connection, generation, manifest)
    ended = connection.execute("SELECT EXISTS (SELECT 1 FROM documents WHERE live_to <= ?)", (oldest,)).fetchone()[0]
    if not pending and not ended:
        return marker
    with durably(connection):
        marker = _cached(connection, place, marker, oldest)
        if pending:
            leases.offer(generation + 1)
            with transaction(connection):
                connection.execute("UPDATE state SET generation = ?, recipe = ?", (generation + 1, manifest.recipe))
    caches.tidy(place, marker)
    with told():
        _purge(connection, oldest)
    return marker


def _cached(connection: sqlite3.Connection, place: Path, marker: Marker, oldest: int) -> Marker:
    try:
        return caches.update(connection, place, marker, oldest)
    except IndexCorrupt as error:
        _log.warning("filling the caches anew: %s", error)
        return caches.update(connection, place, None, oldest)


@contextmanager
def durably(connection: sqlite3.Connection) -> Iterator[None]:
    """What was committed is on the disk when the block begins, and what the block commits when it ends."""
    connection.execute("PRAGMA synchronous = FULL")
    try:
        with transaction(connection):
            connection.execute("UPDATE state SET generation = generation")
        yield
    finally:
        connection.execute("PRAGMA synchronous = NORMAL")


def _pending(connection: sqlite3.Connection, generation: int, manifest: Manifest) -> bool:
    query = (
        "SELECT recipe != ? OR EXISTS (SELECT 1 FROM documents WHERE live_from > ?)"
        " OR EXISTS (SELECT 1 FROM documents WHERE live_to > ?) FROM state"
    )
    return bool(connection.execute(query, (manifest.recipe, generation, generation)).fetchone()[0])


def _purge(connection: sqlite3.Connection, oldest: int) -> None:
    """Delete the revisions that ended, a hundred at a time, so that a stop loses little and readers never wait."""
    contents = [row[0] for row in connection.execute(DEAD_CONTENTS, (oldest, oldest))]
    for batch in batches(contents, _CONTENTS_AT_ONCE):
        with transaction(connection):
            _delete_contents(connection, list(batch))
    with transaction(connection):
        connection.execute("DELETE FROM documents WHERE live_to <= ?", (oldest,))
        connection.execute(
            "DELETE FROM vectors WHERE number IN (SELECT vector FROM loose ORDER BY since DESC, vector DESC LIMIT -1 OFFSET ?)",
            (_MOST_LOOSE,),
        )
        if contents:
            connection.execute("DELETE FROM names WHERE NOT EXISTS (SELECT 1 FROM parties WHERE parties.name = names.number)")
    free, pages = (int(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("freelist_count", "page_count"))
    if free * 4 > pages:
        connection.execute(f"PRAGMA incremental_vacuum({_PAGES_AT_ONCE})").fetchall()
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def _delete_contents(connection: sqlite3.Connection, contents: list[int]) -> None:
    among = f"content IN ({marks(len(contents))})"
    vectors = [row[0] for row in connection.execute(f"SELECT DISTINCT vector FROM chunks WHERE {among}", contents)]  # noqa: S608  # only question marks
    connection.execute(f"DELETE FROM documents WHERE {among}", contents)  # noqa: S608  # only question marks
    connection.execute(f"DELETE FROM contents WHERE {among}", contents)  # noqa: S608  # only question marks
    connection.executemany(
        "DELETE FROM vectors WHERE number = ? AND NOT EXISTS (SELECT 1 FROM chunks WHERE chunks.vector = vectors.number)",
        [(number,) for number in vectors],
    )
