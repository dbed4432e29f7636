"""The index on one machine's disk: a catalogue in SQLite, with words in tantivy and vectors in FAISS beside it."""

import logging
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock as ThreadLock
from threading import RLock
from types import TracebackType
from typing import Self

import numpy as np

from index import caches, catalog, opening, publishing, stocktaking, writing
from index.connections import Pool, connect, told, transaction
from index.errors import IndexCorrupt, IndexMissing, StoreError
from index.forms import counts_json, moment
from index.known_names import KnownNames
from index.locks import Leases, Lock, write_lock
from index.records import File
from index.schema import database_at, version_of
from index.store import Bundle, Failure, Inventory, Manifest, Run, Vectors
from index.view import LocalView

_log = logging.getLogger(__name__)

_MOST_RUNS = 1_000


def utc_now() -> datetime:
    """The time of day."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """The catalogue that lies at a place, and what is known of its names; another one may come to lie there."""

    pool: Pool
    names: KnownNames


class LocalIndex:
    """See `index.store.Index`. Where the whole index was put in another's place, it moves to that one too."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._leases = Leases(place)
        self._opening = ThreadLock()
        self._known: _Catalogue | None = None
        self._current: LocalView | None = None
        self._told = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def view(self) -> LocalView:
        """See `Index.view`; raises IndexCorrupt only where no generation is open yet, else it stays with that one."""
        catalogue = self._catalogue()
        generation = _generation(catalogue.pool)
        current = self._current
        if current and current.is_of(catalogue.pool, generation):
            return current
        with self._opening:
            current = self._current
            if current and current.is_of(catalogue.pool, generation):
                return current
            try:
                opened = self._opened(catalogue)
            except IndexCorrupt as error:
                if current is None:
                    raise
                self._tell(generation, error)
                return current
            self._current = opened
            return opened

    def runs(self, limit: int) -> list[Run]:
        """See `Index.runs`."""
        with self._catalogue().pool.borrow() as connection:
            return catalog.runs(connection, limit)

    def inventory(self) -> Inventory:
        """See `Index.inventory`."""
        with self._catalogue().pool.borrow() as connection:
            return stocktaking.inventory(connection)

    def files(self) -> list[File]:
        """See `Index.files`."""
        with self._catalogue().pool.borrow() as connection:
            return stocktaking.files(connection)

    def close(self) -> None:
        """See `Index.close`."""
        self._current = None
        if self._known:
            self._known.pool.close()

    def _tell(self, generation: int, error: IndexCorrupt) -> None:
        # Every question tries again, since a writer may have mended it; the log needs it once.
        if self._told != generation:
            self._told = generation
            _log.error("generation %d can't be opened, the one before answers: %s", generation, error)

    def _catalogue(self) -> _Catalogue:
        """The catalogue that lies at the place now, the last one while there is none."""
        known = self._known
        if known and known.pool.is_current():
            return known
        with self._opening:
            if self._known is known or self._known is None:
                self._known = _Catalogue(Pool(database_at(self._place)), KnownNames())
            return self._known

    def _opened(self, catalogue: _Catalogue) -> LocalView:
        pool, names = catalogue.pool, catalogue.names
        lease = self._hold_newest(pool)
        try:
            with pool.borrow() as connection:
                row = connection.execute("SELECT generation, uuid, encoder, dimensions, recipe FROM state").fetchone()
            manifest = Manifest(row["encoder"], row["dimensions"], row["recipe"])
            return LocalView(pool, row["generation"], manifest, caches.open_caches(self._place, row["uuid"]), names, lease)
        except BaseException:
            if lease:
                lease.free()
            raise

    def _hold_newest(self, pool: Pool) -> Lock | None:
        """A lease of the newest generation; none where the place offers none, and the one before the newest is kept anyway."""
        last = -1
        while True:
            generation = _generation(pool)
            lease = self._leases.take(generation)
            if lease or generation == last:
                return lease
            last = generation


def _generation(pool: Pool) -> int:
    with pool.borrow() as connection:
        return writing.generation_of(connection)


class LocalWriter(LocalIndex):
    """See `index.store.WritableIndex`."""

    def __init__(self, place: Path, manifest: Manifest, clock: Callable[[], datetime]) -> None:
        super().__init__(place)
        self._manifest = manifest
        self._clock = clock
        self._writing = RLock()
        with ExitStack() as stack:
            self._lock = write_lock(place, clock())
            stack.callback(self._lock.free)
            with told():
                _check(place)
                self._connection = connect(database_at(place), writing=True)
                stack.callback(self._connection.close)
                opening.prepare(self._connection, manifest)
                self._marker = opening.sound_caches(self._connection, place, self._leases)
            stack.pop_all()

    def stamps(self) -> dict[str, str]:
        """See `WritableIndex.stamps`."""
        with self._writing, told():
            return dict(self._connection.execute("SELECT document_id, stamp FROM documents WHERE live_to IS NULL").fetchall())

    def known_vectors(self, hashes: Sequence[bytes]) -> dict[bytes, Vectors]:
        """See `WritableIndex.known_vectors`."""
        with self._writing, told():
            found = writing.known_vectors(self._connection, hashes)
        return {words: np.frombuffer(vector, np.float32) for words, (_, vector) in found.items()}

    def keep_vectors(self, hashes: Sequence[bytes], vectors: Vectors) -> None:
        """See `WritableIndex.keep_vectors`."""
        rows = np.ascontiguousarray(vectors, np.float32)
        if len(hashes) and rows.shape != (len(hashes), self._manifest.dimensions):
            raise StoreError(f"vectors of shape {rows.shape} for {len(hashes)} texts in {self._manifest.dimensions} dimensions")
        with self._writing, transaction(self._connection):
            writing.keep_vectors(self._connection, hashes, rows)

    def put(self, bundle: Bundle) -> None:
        """See `WritableIndex.put`; StoreError where the bundle contradicts itself."""
        with self._writing, transaction(self._connection):
            writing.put_bundle(self._connection, bundle, self._manifest.dimensions, self._clock())

    def put_failure(self, failure: Failure) -> None:
        """See `WritableIndex.put_failure`."""
        with self._writing, transaction(self._connection):
            writing.put_failure(self._connection, failure, self._clock())

    def describe(self, file: File) -> bool:
        """See `WritableIndex.describe`; raises UnknownDocument."""
        with self._writing, transaction(self._connection):
            return writing.describe(self._connection, file)

    def set_readers(self, document_id: str, readers: frozenset[str]) -> None:
        """See `WritableIndex.set_readers`; raises UnknownDocument."""
        with self._writing, transaction(self._connection):
            writing.set_readers(self._connection, document_id, readers)

    def drop(self, document_id: str) -> None:
        """See `WritableIndex.drop`; harmless where the document is unknown."""
        with self._writing, transaction(self._connection):
            writing.drop(self._connection, document_id)

    def publish(self) -> int:
        """See `WritableIndex.publish`."""
        with self._writing, told():
            self._marker = publishing.publish(self._connection, self._place, self._leases, self._manifest, self._marker)
            return writing.generation_of(self._connection)

    def record_run(self, run: Run) -> None:
        """See `WritableIndex.record_run`; the last thousand are kept."""
        with self._writing, transaction(self._connection):
            row = {
                "started": moment(run.started),
                "seconds": run.seconds,
                "outcome": run.outcome,
                "counts": counts_json(run.counts),
            }
            number = writing.insert(self._connection, "runs", row)
            self._connection.execute("DELETE FROM runs WHERE run <= ?", (number - _MOST_RUNS,))

    def refill(self) -> None:
        """See `WritableIndex.refill`."""
        with self._writing, told():
            self._marker = opening.filled_anew(self._connection, self._place, self._leases)

    def close(self) -> None:
        """See `Index.close`; lets others write."""
        with self._writing, ExitStack() as stack:
            stack.callback(super().close)
            stack.callback(self._lock.free)
            stack.callback(self._connection.close)
            with suppress(StoreError, sqlite3.Error):
                # As long as somebody reads, SQLite leaves its log where it is; without one, none could read on a read-only disk.
                stack.enter_context(self._catalogue().pool.borrow())
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _check(place: Path) -> int:
    """The schema of the catalogue at a place, 0 where there is none; StoreError where it can't be ours."""
    if not database_at(place).is_file():
        return 0
    with told(), closing(connect(database_at(place), writing=False)) as connection:
        return version_of(connection)


def open_index(place: Path) -> LocalIndex:
    """An index open for reading; raises IndexMissing, or StoreError where it is from a later Muniment."""
    if not _check(place):
        raise IndexMissing(str(place))
    index = LocalIndex(place)
    index.runs(limit=0)
    return index


def open_for_writing(place: Path, manifest: Manifest, clock: Callable[[], datetime] = utc_now) -> LocalWriter:
    """The index open for writing, made where there is none; raises IndexBusy, IndexMismatch, StoreError."""
    place.mkdir(parents=True, exist_ok=True)
    return LocalWriter(place, manifest, clock)
