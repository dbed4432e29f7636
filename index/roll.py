"""The documents of one generation as arrays: from keys to chunks and back without asking the catalogue."""

import sqlite3
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from index.connections import numbers
from index.store import Keys, Selection
from index.vectors import mask_of

# What a reader of generation ? sees.
LIVE = "content IS NOT NULL AND live_from <= ? AND (live_to IS NULL OR live_to > ?)"


class Roll:
    """Keys, sorted, of all documents of a generation, and for each its file's number, its content's and its chunks' run."""

    def __init__(self, connection: sqlite3.Connection, generation: int) -> None:
        columns = ("key", "coalesce(file, 0)", "content", "first_chunk", "chunk_count")
        table = numbers(connection, columns, f"FROM documents WHERE {LIVE}", (generation, generation))
        by_key = np.argsort(table[0])
        self.keys, self.files, self.contents, self.firsts, self.counts = (column[by_key] for column in table)
        self.keys.flags.writeable = False
        with_chunks = np.flatnonzero(self.counts)
        self._by_chunk = with_chunks[np.argsort(self.firsts[with_chunks])]
        self._last = int((self.firsts + self.counts).max(initial=1)) - 1
        self._starts = self.firsts[self._by_chunk]
        self._by_content = np.argsort(self.contents)

    def __len__(self) -> int:
        return len(self.keys)

    def places(self, keys: Sequence[int] | Keys) -> Keys:
        """Where documents stand in the arrays, unknown ones left out."""
        wanted = np.asarray(keys, np.int64)
        if not len(self):
            return np.empty(0, np.int64)
        at = np.searchsorted(self.keys, wanted).clip(max=len(self) - 1)
        return np.asarray(at[self.keys[at] == wanted])

    def place(self, key: int) -> int | None:
        """Where one document stands."""
        found = self.places([key])
        return int(found[0]) if len(found) else None

    def keys_of_chunks(self, chunks: Iterable[int] | Keys) -> Keys:
        """The document of each chunk, 0 for a chunk that is in no document of this generation."""
        numbers = np.asarray(chunks, np.int64)
        if not len(self._starts):
            return np.zeros(len(numbers), np.int64)
        at = self._by_chunk[(np.searchsorted(self._starts, numbers, "right") - 1).clip(min=0)]
        inside = (numbers >= self.firsts[at]) & (numbers < self.firsts[at] + self.counts[at])
        return np.where(inside, self.keys[at], 0)

    def keys_of_contents(self, contents: Sequence[int] | Keys) -> Keys:
        """The document of each content, 0 for one that is in no document of this generation."""
        wanted = np.asarray(contents, np.int64)
        if not len(self):
            return np.zeros(len(wanted), np.int64)
        at = self._by_content[np.searchsorted(self.contents, wanted, sorter=self._by_content).clip(max=len(self) - 1)]
        return np.where(self.contents[at] == wanted, self.keys[at], 0)

    def chunks_in(self, within: Selection) -> int:
        """How many chunks the documents have."""
        return int(self.counts[self.places(within.keys)].sum())

    def chunks_of(self, keys: Sequence[int] | Keys) -> Keys:
        """The numbers of the documents' chunks, one document after the other."""
        at = self.places(keys)
        counts = self.counts[at]
        ends = np.cumsum(counts)
        return np.asarray(np.repeat(self.firsts[at] - (ends - counts), counts) + np.arange(counts.sum()), np.int64)

    def mask(self, keys: Sequence[int] | Keys) -> npt.NDArray[np.bool_]:
        """Which chunks are the documents', by number."""
        at = self.places(keys)
        return mask_of(self.firsts[at], self.counts[at], self._last)


def inside(keys: Keys, within: Selection) -> npt.NDArray[np.bool_]:
    """Which keys are in a selection."""
    if not len(within):
        return np.zeros(len(keys), np.bool_)
    at = np.searchsorted(within.keys, keys).clip(max=len(within) - 1)
    return np.asarray(within.keys[at] == keys)
