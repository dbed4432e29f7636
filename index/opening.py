"""What a writer does first: make or check the catalogue, and see that the caches belong to it."""

import logging
import sqlite3
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from index import caches, names
from index.caches import Marker
from index.connections import transaction
from index.errors import IndexCorrupt, IndexMismatch
from index.locks import Leases
from index.publishing import durably
from index.schema import migrate
from index.store import Manifest
from index.writing import generation_of, insert

_log = logging.getLogger(__name__)


def prepare(connection: sqlite3.Connection, manifest: Manifest) -> None:
    """Make the tables, or see that they are of the same encoder; raises IndexMismatch."""
    migrate(connection)
    with transaction(connection):
        row = connection.execute("SELECT encoder, dimensions, names FROM state").fetchone()
        rules = _name_rules()
        if row is None:
            first = {"encoder": manifest.encoder, "dimensions": manifest.dimensions, "recipe": manifest.recipe, "names": rules}
            insert(connection, "state", {"id": 1, "uuid": uuid4().hex, "generation": 0, "access": 0, **first})
            return
        if (row["encoder"], row["dimensions"]) != (manifest.encoder, manifest.dimensions):
            raise IndexMismatch(row["encoder"], manifest.encoder)
        if row["names"] != rules:
            _renew_names(connection, rules)


def sound_caches(connection: sqlite3.Connection, place: Path, leases: Leases) -> Marker:
    """The marker of caches that belong to the catalogue; they are filled anew where they don't."""
    index = connection.execute("SELECT uuid FROM state").fetchone()[0]
    leases.offer(generation_of(connection))
    try:
        marker = caches.open_caches(place, index).marker
        last = connection.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'chunks'").fetchone()[0]
        if marker.chunk <= last:
            return marker
        reason = f"they go up to chunk {marker.chunk}, the catalogue up to {last}"
    except IndexCorrupt as error:
        reason = str(error)
    # Caches of which nothing was ever published were cut off while they were made, which is no damage.
    if caches.folder_of(place).exists() and generation_of(connection):
        _log.warning("filling the caches anew: %s", reason)
    return filled_anew(connection, place, leases)


def filled_anew(connection: sqlite3.Connection, place: Path, leases: Leases) -> Marker:
    """New caches from the catalogue."""
    with durably(connection):
        marker = caches.update(connection, place, None, leases.oldest(generation_of(connection)))
    caches.tidy(place, marker)
    return marker


def _name_rules() -> str:
    """A fingerprint of how names are made alike: names that were stored under other rules would not be found."""
    source = Path(names.__file__)
    return sha256(source.read_bytes() + source.with_suffix(".toml").read_bytes()).hexdigest()[:16]


def _renew_names(connection: sqlite3.Connection, rules: str) -> None:
    stored = connection.execute("SELECT number, name FROM names").fetchall()
    connection.executemany("UPDATE names SET normal = ? WHERE number = ?", [(names.name_key(name), at) for at, name in stored])
    connection.execute("UPDATE state SET names = ?", (rules,))
