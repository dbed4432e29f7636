"""One generation of an index, answering from the catalogue and its caches."""

import json
import sqlite3
import weakref
from collections import Counter
from collections.abc import Sequence
from copy import copy
from datetime import date
from itertools import compress
from typing import Literal, Self, cast

import numpy as np

from index import catalog
from index.asking import Found, best_vectors, best_words
from index.caches import Caches
from index.connections import Pool, numbers, whole_numbers
from index.errors import StoreError, UnknownDocument
from index.kept import Kept
from index.known_names import KnownNames
from index.locks import Lock
from index.partial import Partial, digest_of
from index.permits import Permits
from index.records import Clause, Filter, Finding, Hit, Page, Passage, Span, Summary
from index.roll import LIVE, Roll, inside
from index.screens import behind
from index.selecting import STATUS, Condition, Known, conditions_of
from index.store import Card, Failure, Keys, Manifest, Selection, Vectors
from index.walls import Wall

# Findings in so few documents are looked up by document, and the chunks of few documents compared as they are stored.
_FEW_DOCUMENTS = 1_000
_FEW_CHUNKS = 2_000
_MOST_KEPT = 64
# Who may not see everything is shown another order than the words' own: so many more, one for each few, are looked at.
_SPARE = 4

_ORDERS = {
    "modified": "modified DESC, document_id",
    "expiration_date": "expiration_date IS NULL, expiration_date, document_id",
    "effective_date": "effective_date IS NULL, effective_date, document_id",
    "notice_deadline": "notice_deadline IS NULL, notice_deadline, document_id",
}


class LocalView:
    """See `index.store.View`. What it keeps in memory is computed once and never changes, so threads share it freely."""

    def __init__(
        self, pool: Pool, generation: int, manifest: Manifest, caches: Caches, names: KnownNames, lease: Lock | None
    ) -> None:
        self.generation = generation
        self.manifest = manifest
        self._pool = pool
        self._caches = caches
        self._names = names
        self._live = (generation, generation)
        self._kept, self._said = Kept(_MOST_KEPT), Kept(_MOST_KEPT)
        with pool.borrow() as connection:
            self._roll = roll = Roll(connection, generation)
        self._permits = Permits(
            roll, lambda connection, wall: behind(wall, connection, generation, roll, names, caches.documents)
        )
        self._partial = Partial(roll, caches.chunks)
        self._walls: frozenset[Wall] = frozenset()
        # Whoever has the view or a copy of it behind walls has this, and with it the lease.
        self._held = _Held()
        if lease:
            weakref.finalize(self._held, lease.free)

    def behind(self, walls: frozenset[Wall]) -> Self:
        """See `View.behind`."""
        screened = copy(self)
        screened._walls = self._walls | walls
        return screened

    def is_of(self, pool: Pool, generation: int) -> bool:
        """Whether this is a generation of the catalogue that these connections lead to."""
        return self._pool is pool and self.generation == generation

    def select(self, wanted: Filter, today: date) -> Selection:
        """See `View.select`."""
        with self._pool.borrow() as connection:
            keys = self._permits.keys(connection, wanted.principals, self._walls)
            seen = None if len(keys) == len(self._roll) else keys
            known = Known(
                names=lambda typed: self._names_like(connection, typed, seen),
                laws=lambda: self._said_in("governing_law", keys),
                folders=lambda: self._said_in("folder", keys),
            )
            conditions = conditions_of(wanted, today, known)
            if conditions:
                met = self._kept.of(tuple(conditions), lambda: np.sort(self._met(connection, conditions)))
                keys = met[inside(met, Selection(keys))]
        return Selection(keys, len(keys) == len(self._roll), seen)

    def summaries(self, keys: Sequence[int]) -> list[Summary]:
        """See `View.summaries`."""
        here = self._roll.keys[self._roll.places(keys)].tolist()
        with self._pool.borrow() as connection:
            found = catalog.summaries(connection, here)
        return [found[key] for key in here if key in found]

    def ordered(
        self,
        within: Selection,
        by: Literal["modified", "expiration_date", "effective_date", "notice_deadline"],
        offset: int,
        limit: int,
    ) -> list[int]:
        """See `View.ordered`."""
        keys = self._kept.of(("order", by), lambda: self._in_order(_ORDERS[by]))
        return cast(list[int], keys[inside(keys, within)][max(0, offset) :][: max(0, limit)].tolist())

    def key_of(self, document_id: str, principals: frozenset[str]) -> int:
        """See `View.key_of`."""
        with self._pool.borrow() as connection:
            name, key = catalog.nearest_id(connection, document_id, self.generation)
            seen = inside(np.array([key]), Selection(self._permits.keys(connection, principals, self._walls)))
        # Both are looked up in any case: what is hidden takes no longer than what never was.
        if not (seen[0] & (name == document_id)):
            raise UnknownDocument(document_id)
        return key

    def card(self, key: int) -> Card:
        """See `View.card`."""
        self._content(key)
        with self._pool.borrow() as connection:
            return catalog.card(connection, key)

    def text(self, key: int, span: Span | None = None) -> str:
        """See `View.text`."""
        with self._pool.borrow() as connection:
            return catalog.text(connection, self._content(key), span)

    def pages(self, key: int) -> tuple[Page, ...]:
        """See `View.pages`."""
        with self._pool.borrow() as connection:
            return catalog.pages(connection, self._content(key))

    def furniture(self, key: int) -> tuple[Span, ...]:
        """See `View.furniture`."""
        with self._pool.borrow() as connection:
            return catalog.furniture(connection, self._content(key))

    def clauses(self, key: int) -> tuple[Clause, ...]:
        """See `View.clauses`."""
        with self._pool.borrow() as connection:
            return catalog.clauses(connection, self._content(key))

    def passages(self, chunks: Sequence[int]) -> list[Passage]:
        """See `View.passages`."""
        documents = {int(chunk): int(key) for chunk, key in zip(chunks, self._roll.keys_of_chunks(chunks), strict=True) if key}
        with self._pool.borrow() as connection:
            found = catalog.passages(connection, documents)
        return [found[int(chunk)] for chunk in chunks if int(chunk) in found]

    def chunks_at(self, places: Sequence[tuple[int, int]]) -> list[int]:
        """See `View.chunks_at`."""
        known = [(self._content(key), offset) for key, offset in places if self._roll.place(key) is not None]
        with self._pool.borrow() as connection:
            return catalog.chunks_at(connection, known)

    def vectors(self, chunks: Sequence[int]) -> Vectors:
        """See `View.vectors`; StoreError where a chunk is in no document of this generation."""
        keys = self._roll.keys_of_chunks(chunks)
        if not keys.all():
            raise StoreError(f"chunk {chunks[int(np.argmin(keys))]} is not in generation {self.generation}: ask `view()` anew")
        with self._pool.borrow() as connection:
            found = catalog.stored_vectors(connection, chunks)
        rows = b"".join(found[int(chunk)] for chunk in chunks)
        return np.frombuffer(rows, np.float32).reshape(len(chunks), self.manifest.dimensions)

    def nearest(self, vector: Vectors, within: Selection, limit: int) -> list[Hit]:
        """See `View.nearest`."""
        asked = np.ascontiguousarray(vector, np.float32)
        if asked.shape != (self.manifest.dimensions,):
            raise StoreError(f"a question's vector has shape {asked.shape}, not ({self.manifest.dimensions},)")
        here = self._here(within)
        chunks = self._roll.chunks_in(here)
        if limit < 1 or not chunks:
            return []
        if self._caches.nearest.exact:
            return _hits(best_vectors(self._caches.nearest, asked, here, limit, self._roll))
        if chunks <= _FEW_CHUNKS:
            return self._compared(asked, self._roll.chunks_of(here.keys), limit)
        # The lists hold vectors rounded to 8 bits; the best of them are compared again as they are.
        found = best_vectors(self._caches.nearest, asked, here, 2 * limit, self._roll)
        return self._compared(asked, np.array([chunk for chunk, _, _ in found], np.int64), limit)

    def matching(self, words: str, within: Selection, limit: int) -> list[Hit]:
        """See `View.matching`."""
        here = self._here(within)
        if limit < 1 or not len(here):
            return []
        share = self._roll.chunks_in(here) / max(1, len(self._caches.chunks))
        groups = self._roll.contents[self._roll.places(here.keys)]
        wanted = limit if here.seen is None else limit + limit // _SPARE
        found = best_words(self._caches.chunks, words, here, wanted, share, groups, self._roll.keys_of_chunks)
        return _hits(found) if here.seen is None else self._weighed(words, found, here.seen)[:limit]

    def matching_documents(self, words: str, within: Selection, limit: int) -> list[tuple[int, float]]:
        """See `View.matching_documents`."""
        here = self._here(within)
        if limit < 1 or not len(here):
            return []
        share = len(here) / max(1, len(self._caches.documents))
        found = best_words(self._caches.documents, words, here, limit, share, here.keys, lambda keys: keys)
        return [(key, score) for _, key, score in found]

    def findings(self, clause_type: str, within: Selection, limit: int) -> list[tuple[int, Finding]]:
        """See `View.findings`."""
        here = self._here(within)
        if limit < 1 or not len(here):
            return []
        contents = self._roll.contents[self._roll.places(here.keys)]
        with self._pool.borrow() as connection:
            if len(here) <= _FEW_DOCUMENTS:
                found = catalog.findings_in(connection, clause_type, contents.tolist(), limit)
            else:
                found = catalog.findings_among(connection, clause_type, set(contents.tolist()), limit)
        keys = self._roll.keys_of_contents([content for content, _ in found])
        return [(int(key), finding) for key, (_, finding) in zip(keys, found, strict=True)]

    def counts(self, within: Selection, by: Literal["contract_type", "governing_law", "status"], today: date) -> dict[str, int]:
        """See `View.counts`."""
        value: Condition = (STATUS, (today.isoformat(),) * 2) if by == "status" else (by, ())
        keys, values = self._kept.of(("values", value), lambda: self._values(*value))
        counts = Counter(value for value in compress(values, inside(keys, within)) if value is not None)
        return {value: count for value, count in counts.items() if (by, value) != ("status", "unknown")}

    def failures(self, principals: frozenset[str]) -> list[Failure]:
        """See `View.failures`."""
        with self._pool.borrow() as connection:
            found = catalog.failures(connection, self.generation, sorted(principals))
        return [failure for failure in found if not any(wall.hides(failure.file) for wall in self._walls)]

    def _content(self, key: int) -> int:
        place = self._roll.place(key)
        if place is None:
            raise UnknownDocument(str(key))
        return int(self._roll.contents[place])

    def _here(self, within: Selection) -> Selection:
        """A selection may come from another generation."""
        if within.keys is self._roll.keys:
            return within
        seen = None if within.seen is None else self._roll.keys[self._roll.places(within.seen)]
        return Selection(self._roll.keys[self._roll.places(within.keys)], seen=seen)

    def _names_like(self, connection: sqlite3.Connection, typed: str, seen: Keys | None) -> list[int]:
        # A name that fits better, of a contract that is hidden, must not push out one that is seen.
        return self._names.like(connection, typed) if seen is None else self._partial.names_like(connection, typed, seen)

    def _weighed(self, words: str, found: Found, seen: Keys) -> list[Hit]:
        """Matches scored anew, as if there were no other documents than those that are seen."""
        keys = {chunk: key for chunk, key, _ in found}
        texts = {passage.chunk: passage.words for passage in self.passages(list(keys))}
        return [Hit(chunk, keys[chunk], score) for chunk, score in self._partial.rescored(words, texts, seen)]

    def _compared(self, vector: Vectors, chunks: Keys, limit: int) -> list[Hit]:
        scores = self.vectors(chunks.tolist()) @ vector
        best = np.lexsort((chunks, -scores))[:limit]
        keys = self._roll.keys_of_chunks(chunks)
        return _hits([(int(chunks[at]), int(keys[at]), float(scores[at])) for at in best])

    def _met(self, connection: sqlite3.Connection, conditions: Sequence[Condition]) -> Keys:
        where = " AND ".join([LIVE, *(text for text, _ in conditions)])
        parameters = [one for _, some in conditions for one in some]
        return numbers(connection, ["key"], f"FROM documents WHERE {where}", (*self._live, *parameters))[0]

    def _in_order(self, order: str) -> Keys:
        with self._pool.borrow() as connection:
            rows = connection.execute(f"SELECT key FROM documents WHERE {LIVE} ORDER BY {order}", self._live)  # noqa: S608  # one of ours
            return np.array([row[0] for row in rows], np.int64)

    def _values(self, value: str, parameters: tuple[object, ...]) -> tuple[Keys, list[str | None]]:
        query = f"SELECT group_concat(key), json_group_array({value}) FROM documents WHERE {LIVE}"  # noqa: S608  # our own column
        with self._pool.borrow() as connection:
            keys, values = connection.execute(query, (*parameters, *self._live)).fetchone()
        return whole_numbers(keys), json.loads(values)

    def _said_in(self, column: str, seen: Keys) -> list[str]:
        """What the documents that are seen have in a column: what others have is not so much as compared."""

        def among() -> list[str]:
            keys, values = self._values(column, ())
            return sorted({value for value in compress(values, inside(keys, Selection(seen))) if value is not None})

        return self._said.of((column, digest_of(seen)), among)


class _Held:
    """Lives as long as anybody holds a view."""


def _hits(found: Found) -> list[Hit]:
    return [Hit(*one) for one in found]
