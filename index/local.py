"""The index on one machine's disk: a catalogue in SQLite, with words in tantivy and vectors in FAISS beside it."""

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock as ThreadLock
from threading import RLock
from types import TracebackType
from typing import Self

import numpy as np

from index import caches, catalog, opening, publishing, writing
from index.connections import Pool, connect, told, transaction
from index.errors import IndexCorrupt, IndexMissing, StoreError
from index.forms import counts_json, moment
from index.locks import Leases, Lock, write_lock
from index.records import File
from index.schema import database_at, version_of
from index.store import Bundle, Failure, Manifest, Run, Vectors
from index.view import LocalView

_log = logging.getLogger(__name__)

_MOST_RUNS = 1_000


def utc_now() -> datetime:
    """The time of day."""
    return datetime.now(UTC)


class LocalIndex:
    """See `index.store.Index`."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._pool = Pool(database_at(place))
        self._leases = Leases(place)
        self._opening = ThreadLock()
        self._current: LocalView | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def view(self) -> LocalView:
        """See `Index.view`; raises IndexCorrupt only where no generation is open yet, else it stays with that one."""
        with self._pool.borrow() as connection:
            generation = writing.generation_of(connection)
        current = self._current
        if current and current.generation == generation:
            return current
        with self._opening:
            current = self._current
            if current and current.generation >= generation:
                return current
            try:
                self._current = self._open_view()
            except IndexCorrupt as error:
                if current is None:
                    raise
                _log.error("generation %d can't be opened (%s): answering from %d", generation, error, current.generation)
            return self._current or self._open_view()

    def runs(self, limit: int) -> list[Run]:
        """See `Index.runs`."""
        with self._pool.borrow() as connection:
            return catalog.runs(connection, limit)

    def close(self) -> None:
        """See `Index.close`."""
        self._current = None
        self._pool.close()

    def _open_view(self) -> LocalView:
        lease = self._hold_newest()
        try:
            with self._pool.borrow() as connection:
                row = connection.execute("SELECT generation, uuid, encoder, dimensions, recipe FROM state").fetchone()
            manifest = Manifest(row["encoder"], row["dimensions"], row["recipe"])
            opened = caches.open_caches(self._place, row["uuid"])
            return LocalView(self._pool, row["generation"], manifest, opened, lease)
        except BaseException:
            if lease:
                lease.free()
            raise

    def _hold_newest(self) -> Lock | None:
        """A lease of the newest generation; none where the place offers none, and the one before the newest is kept anyway."""
        last = -1
        while True:
            with self._pool.borrow() as connection:
                generation = writing.generation_of(connection)
            lease = self._leases.take(generation)
            if lease or generation == last:
                return lease
            last = generation


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

    def describe(self, file: File) -> None:
        """See `WritableIndex.describe`; raises UnknownDocument."""
        with self._writing, transaction(self._connection):
            writing.describe(self._connection, file)

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
        super().close()
        with self._writing:
            self._connection.close()
            self._lock.free()


def open_index(place: Path) -> LocalIndex:
    """An index open for reading; raises IndexMissing, or StoreError where it is from a later Muniment."""
    if not database_at(place).is_file():
        raise IndexMissing(str(place))
    with told(), closing(connect(database_at(place), writing=False)) as connection:
        if not version_of(connection):
            raise IndexMissing(str(place))
    return LocalIndex(place)


def open_for_writing(place: Path, manifest: Manifest, clock: Callable[[], datetime] = utc_now) -> LocalWriter:
    """The index open for writing, made where there is none; raises IndexBusy, IndexMismatch, StoreError."""
    place.mkdir(parents=True, exist_ok=True)
    return LocalWriter(place, manifest, clock)
