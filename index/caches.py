"""The caches of words and vectors: which files hold them, bringing them up to date with the truth, filling them anew."""

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter, ValidationError

from index import words
from index.catalog import stored_vectors
from index.connections import DISK_FULL, numbers
from index.errors import IndexCorrupt, StoreError
from index.store import Keys, Vectors
from index.vectors import Nearest, Part, brought_up_to_date, mask_of
from index.words import Entry, Words

CHUNK_FIELDS = {"words": 1.0}
DOCUMENT_FIELDS = {"title": 2.0, "parties": 3.0, "kind": 1.0, "place": 1.0}
_FORMAT = 2
_ROWS_AT_ONCE = 8192
_TRIES = 4
_ROOM = 100_000_000


@dataclass(frozen=True, slots=True)
class Marker:
    """Which files are the caches, of which index, and up to which chunk and document they go."""

    format: int
    index: str
    chunk: int
    key: int
    words: str
    vectors: tuple[Part, ...]


_MARKER = TypeAdapter(Marker)


class Caches:
    """The caches as one marker names them, open for questions."""

    def __init__(self, place: Path, marker: Marker) -> None:
        folder = folder_of(place)
        self.marker = marker
        self.chunks = Words(folder / marker.words / "chunks", CHUNK_FIELDS)
        self.documents = Words(folder / marker.words / "documents", DOCUMENT_FIELDS)
        self.nearest = Nearest(folder, marker.vectors)


def folder_of(place: Path) -> Path:
    """Where the caches of an index lie."""
    return place / "caches"


def read_marker(place: Path, index: str) -> Marker:
    """The marker of this index; raises IndexCorrupt where there is none that can be used."""
    try:
        marker = _MARKER.validate_json((folder_of(place) / "caches.json").read_bytes())
    except (OSError, ValidationError) as error:
        raise IndexCorrupt(f"caches.json: {type(error).__name__}") from error
    if marker.format != _FORMAT or marker.index != index:
        raise IndexCorrupt(f"caches.json is of index {marker.index}, format {marker.format}")
    return marker


def open_caches(place: Path, index: str) -> Caches:
    """The caches as they are now; raises IndexCorrupt."""
    # Whoever writes may put others in their place between our reading of their names and of them.
    for _ in range(_TRIES):
        with suppress(IndexCorrupt, FileNotFoundError):
            return Caches(place, read_marker(place, index))
    try:
        return Caches(place, read_marker(place, index))
    except FileNotFoundError as error:
        raise IndexCorrupt(f"caches: {error.filename} is missing") from error


def update(connection: sqlite3.Connection, place: Path, marker: Marker | None, oldest: int) -> Marker:
    """Bring the caches up to all that is written, without what no generation from `oldest` on needs; durable at return.

    Without a marker they are filled anew, beside what is there. Until the new marker stands the old one holds.
    """
    folder = folder_of(place)
    folder.mkdir(exist_ok=True)
    with _told(folder):
        return _updated(connection, folder, marker, oldest)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except (IndexCorrupt, OSError, RuntimeError) as error:
        # tantivy doesn't say why it could not write.
        if shutil.disk_usage(folder).free < _ROOM or "No space left" in str(error):
            raise StoreError(DISK_FULL) from error
        raise


def _updated(connection: sqlite3.Connection, folder: Path, marker: Marker | None, oldest: int) -> Marker:
    truth = _Truth(connection, oldest)
    start = marker or _empty(connection, folder)
    contents = [row[0] for row in connection.execute(DEAD_CONTENTS, (oldest, oldest))]
    keys = [row[0] for row in connection.execute("SELECT key FROM documents WHERE live_to <= ?", (oldest,))]
    last = _last(connection, "documents")
    if truth.upto > start.chunk or contents:
        words.update(folder / start.words / "chunks", start.chunk, _chunk_entries(connection, start.chunk), contents)
    if last > start.key or keys:
        words.update(folder / start.words / "documents", start.key, _document_entries(connection, start.key), keys)
    parts = start.vectors
    if truth.upto > start.chunk or contents or not parts:
        parts = brought_up_to_date(folder, parts, truth)
    made = Marker(_FORMAT, start.index, truth.upto, last, start.words, parts)
    _write(folder, made)
    return made


def tidy(place: Path, marker: Marker) -> None:
    """Remove the files that the marker does not name; readers that have them open keep them."""
    kept = {"caches.json", marker.words, *(part.file for part in marker.vectors)}
    for path in folder_of(place).iterdir():
        if path.name not in kept:
            # What resists is tried again with the next publication.
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()


# Contents whose every revision has ended.
DEAD_CONTENTS = """
SELECT DISTINCT content FROM documents AS ended WHERE live_to <= ? AND content IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM documents AS other WHERE other.content = ended.content AND (other.live_to IS NULL OR other.live_to > ?))
"""


def _empty(connection: sqlite3.Connection, folder: Path) -> Marker:
    index = connection.execute("SELECT uuid FROM state").fetchone()[0]
    made = Marker(_FORMAT, index, 0, 0, f"words-{uuid4().hex}", ())
    words.create(folder / made.words / "chunks", CHUNK_FIELDS)
    words.create(folder / made.words / "documents", DOCUMENT_FIELDS)
    return made


def _write(folder: Path, marker: Marker) -> None:
    path, draft = folder / "caches.json", folder / "caches.json.new"
    with draft.open("wb") as file:
        file.write(_MARKER.dump_json(marker))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _last(connection: sqlite3.Connection, table: str) -> int:
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    return int(row[0]) if row else 0


def _chunk_entries(connection: sqlite3.Connection, above: int) -> Iterator[Entry]:
    for chunk, content, text in connection.execute("SELECT chunk, content, words FROM chunks WHERE chunk > ?", (above,)):
        yield chunk, content, {"words": text}


def _document_entries(connection: sqlite3.Connection, above: int) -> Iterator[Entry]:
    rows = connection.execute(
        "SELECT key, title, parties, contract_type, name, folder FROM documents WHERE key > ? AND content IS NOT NULL", (above,)
    )
    for key, title, parties, kind, name, folder in rows:
        names = [name for party in json.loads(parties) for name in (party["name"], *party["former_names"])]
        yield key, key, {"title": title or "", "parties": "\n".join(names), "kind": kind or "", "place": f"{name}\n{folder}"}


class _Truth:
    """The vectors of the catalogue."""

    def __init__(self, connection: sqlite3.Connection, oldest: int) -> None:
        self._connection = connection
        self._oldest = oldest
        self.dimensions = int(connection.execute("SELECT dimensions FROM state").fetchone()[0])
        self.upto = _last(connection, "chunks")

    def alive(self) -> npt.NDArray[np.bool_]:
        rest = "FROM documents WHERE content IS NOT NULL AND (live_to IS NULL OR live_to > ?)"
        firsts, counts = numbers(self._connection, ("first_chunk", "chunk_count"), rest, (self._oldest,))
        return mask_of(firsts, counts, self.upto)

    def batches(self, above: int) -> Iterator[tuple[Keys, Vectors]]:
        rows = self._connection.execute(
            "SELECT chunk, vector.vector FROM chunks JOIN vectors AS vector ON vector.number = chunks.vector"
            " WHERE chunk > ? ORDER BY chunk",
            (above,),
        )
        while batch := rows.fetchmany(_ROWS_AT_ONCE):
            yield np.array([number for number, _ in batch], np.int64), self._matrix([vector for _, vector in batch])

    def sample(self, numbers: Keys) -> Vectors:
        return self._matrix(list(stored_vectors(self._connection, numbers.tolist()).values()))

    def _matrix(self, vectors: list[bytes]) -> Vectors:
        return np.frombuffer(b"".join(vectors), np.float32).reshape(-1, self.dimensions)
