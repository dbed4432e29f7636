"""Brings the index up to date with a source: what to read, what to embed, what to forget."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Literal

import numpy as np

from index.records import Chunk, File, Prepared
from index.store import Bundle, Encoder, Failure, FailureKind, Vectors, WritableIndex, words_hash
from ingest.isolation import Reader
from ingest.source import FetchFailed, IngestError, NotNow, RemovalsRefused, Skipped, Source, SourceFailed, UnreadableDocument

OutcomeKind = Literal["unchanged", "indexed", "unreadable", "skipped", "failed", "removed"]

# A run publishes as it goes, and spends at most about a twentieth of its time on that.
_PUBLISH_AFTER = 30.0
_PUBLISH_SHARE = 20.0
# Texts are embedded and kept in this many at once, so that little is lost to a stop in a long document.
_EMBED_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a file becomes searchable. `fingerprint` names every step and changes with any of them.

    `reader` makes one reading process; `readers` of them work side by side. Files over `max_bytes` are listed as skipped.
    """

    fingerprint: str
    reader: Callable[[], Reader]
    readers: int
    max_bytes: int
    encoder: Encoder

    def stamp(self, file: File) -> str:
        """What a stored document must bear for its file to count as unchanged."""
        return f"{self.fingerprint}:{file.version}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file. `done` of `total` files are through, this one included.

    `described`: its content is unchanged, but its name, place, date or readers were not.
    """

    file_id: str
    name: str
    kind: OutcomeKind
    reason: str | None
    done: int
    total: int
    described: bool = False


def ingest(source: Source, recipe: Recipe, index: WritableIndex, *, most_removed: float = 1.0) -> Generator[Outcome]:
    """Bring the index up to date with the source. One bad file never stops the rest.

    Nothing is removed unless the source was listed to its end, nor where more than the share `most_removed` of the index
    (and more than one document) would go; SourceFailed and RemovalsRefused are raised only after all that was listed is
    done. Whatever stops the iteration, what was done so far stays and is published.
    """
    files, broken = _listed(source)
    known = index.stamps()
    gone = known.keys() - {file.id for file in files}
    if not broken and len(gone) > max(1, most_removed * len(known)):
        broken = RemovalsRefused(len(gone), len(known))
    changed = []
    total = len(files) + (0 if broken else len(gone))
    done = 0
    publisher = _Publisher(index)
    try:
        for file in files:
            if known.get(file.id) == recipe.stamp(file):
                described = index.describe(file)
                done += 1
                yield Outcome(file.id, file.name, "unchanged", None, done, total, described)
            else:
                changed.append(file)
                if file.id in known:  # whoever lost it must not see it while it waits to be read
                    index.set_readers(file.id, file.readers)
        if not broken:
            for file_id in sorted(gone):
                index.drop(file_id)
                done += 1
                yield Outcome(file_id, file_id, "removed", None, done, total)
        for file, prepared in _read_side_by_side(source, recipe, changed):
            kind, reason = _store(file, prepared, recipe, index, known)
            publisher.tick()
            done += 1
            yield Outcome(file.id, file.name, kind, reason, done, total)
    finally:
        publisher.finish()
    if broken:
        raise broken


def _listed(source: Source) -> tuple[list[File], IngestError | None]:
    files: dict[str, File] = {}
    try:
        for file in source.files():
            files[file.id] = file
    except SourceFailed as error:
        return list(files.values()), error
    return list(files.values()), None


class _Publisher:
    """Publishes now and then, since readers see nothing before."""

    def __init__(self, index: WritableIndex) -> None:
        self._index = index
        self._next = time.monotonic() + _PUBLISH_AFTER

    def tick(self) -> None:
        if time.monotonic() >= self._next:
            started = time.monotonic()
            self._index.publish()
            took = time.monotonic() - started
            self._next = time.monotonic() + max(_PUBLISH_AFTER, took * _PUBLISH_SHARE)

    def finish(self) -> None:
        self._index.publish()


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A file that could not be had before and is not tried now, with the reason of last time."""

    reason: str


_KINDS: Mapping[type[IngestError], FailureKind] = {
    FetchFailed: "failed",
    Skipped: "skipped",
    UnreadableDocument: "unreadable",
}
Read = Prepared | Failure | _Waiting


def _read_side_by_side(source: Source, recipe: Recipe, files: Sequence[File]) -> Iterator[tuple[File, Read]]:
    """Each file with what its reader made of it, in the order in which they are done, a few ahead of who asks."""
    with ExitStack() as stack:
        idle: SimpleQueue[Reader] = SimpleQueue()
        # Left in reverse: what waits is cancelled, the processes end in the middle of what they read, the threads notice.
        pool = stack.enter_context(ThreadPoolExecutor(recipe.readers, thread_name_prefix="read"))
        readers = [stack.enter_context(recipe.reader()) for _ in range(recipe.readers)]
        stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        for reader in readers:
            idle.put(reader)
        pending: dict[Future[Read], File] = {}
        waiting = iter(files)
        while True:
            while len(pending) < 2 * recipe.readers and (file := next(waiting, None)):
                pending[pool.submit(_read, source, recipe, file, idle)] = file
            if not pending:
                return
            for future in wait(pending, return_when=FIRST_COMPLETED).done:
                yield pending.pop(future), future.result()


def _read(source: Source, recipe: Recipe, file: File, idle: "SimpleQueue[Reader]") -> Read:
    def failure(kind: FailureKind, reason: str) -> Failure:
        # What failed for now bears no stamp, so that the next run tries it again.
        return Failure(file, "" if kind == "failed" else recipe.stamp(file), kind, reason)

    if file.size > recipe.max_bytes:
        return failure(
            "skipped", f"is {file.size >> 20} MB, over the limit of {recipe.max_bytes >> 20} MB: raise MUNIMENT_READING__MAX_MB"
        )
    try:
        data = source.fetch(file)
    except NotNow as error:
        return _Waiting(str(error))
    except (FetchFailed, Skipped, UnreadableDocument) as error:
        return failure(next(kind for each, kind in _KINDS.items() if isinstance(error, each)), str(error))
    reader = idle.get()
    try:
        return reader.prepare(data, file.name)
    except UnreadableDocument as error:
        return failure("unreadable", str(error))
    finally:
        idle.put(reader)


def _store(
    file: File, read: Read, recipe: Recipe, index: WritableIndex, known: Mapping[str, str]
) -> tuple[OutcomeKind, str | None]:
    if isinstance(read, _Waiting):
        if known.get(file.id) == "":  # listed as failed already, which is no news
            index.describe(file)
            return "failed", read.reason
        read = Failure(file, "", "failed", read.reason)
    if isinstance(read, Failure) and read.kind == "failed" and _is_of(known.get(file.id), file):
        index.describe(file)  # only the recipe is another: what was read before is still what the file says
        return "failed", read.reason
    if isinstance(read, Failure):
        index.put_failure(read)
        return read.kind, read.reason
    vectors = embed(read.chunks, recipe.encoder, index)
    index.put(Bundle(file, recipe.stamp(file), read.transcript, read.clauses, read.chunks, read.contract, read.findings, vectors))
    return "indexed", None


def _is_of(stamp: str | None, file: File) -> bool:
    return stamp is not None and stamp.partition(":")[2] == file.version


def embed(chunks: Sequence[Chunk], encoder: Encoder, index: WritableIndex) -> Vectors:
    """One vector a chunk, shape (chunks, dimensions). A text that this encoder has ever seen is not embedded again."""
    hashes = [words_hash(chunk.words) for chunk in chunks]
    words = {key: chunk.words for key, chunk in zip(hashes, chunks, strict=True)}
    vectors = index.known_vectors(list(words))
    missing = [key for key in words if key not in vectors]
    for start in range(0, len(missing), _EMBED_AT_ONCE):
        batch = missing[start : start + _EMBED_AT_ONCE]
        made = encoder.encode([words[key] for key in batch])
        index.keep_vectors(batch, made)
        vectors.update(zip(batch, made, strict=True))
    if not hashes:
        return np.empty((0, encoder.dimensions), np.float32)
    return np.stack([vectors[key] for key in hashes])
