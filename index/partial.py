"""What is reckoned anew for those who may not see everything, as if what they may not see were not there."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from index.bm25 import Corpus, corpus_of, counted, rescored
from index.kept import Kept
from index.known_names import Book
from index.roll import Roll
from index.store import Keys
from index.words import Ranked, Words

# A book of names can be large, and few people ask at a time.
_MOST_BOOKS, _MOST_CORPORA, _MOST_TERMS, _MOST_COUNTED = 8, 64, 20_000, 2_000


class Partial:
    """Knows, by the documents that somebody sees, how rare words are among them and which names there are."""

    def __init__(self, roll: Roll, words: Words) -> None:
        self._roll, self._words = roll, words
        self._books, self._corpora, self._terms = Kept(_MOST_BOOKS), Kept(_MOST_CORPORA), Kept(_MOST_TERMS)
        # A question is asked in several wordings, which find much the same chunks.
        self._counts = Kept(_MOST_COUNTED)

    def rescored(self, question: str, texts: Mapping[int, str], seen: Keys) -> Ranked:
        """Chunks by number with their scores among the chunks of the documents that are seen, best first."""
        counts = {number: self._counts.of(number, lambda: counted(texts[number])) for number in texts}  # noqa: B023  # called at once
        return rescored(question, counts, self._corpus(seen))

    def names_like(self, connection: sqlite3.Connection, typed: str, seen: Keys) -> list[int]:
        """Which names of the documents that are seen somebody may mean, by number."""
        return self._books.of(digest_of(seen), lambda: self._book(connection, seen)).like(typed)

    def _corpus(self, seen: Keys) -> Corpus:
        name = digest_of(seen)
        whole = self._corpora.of(name, lambda: corpus_of(self._words, self._contents(seen)))
        return replace(whole, having=lambda term: self._terms.of((name, term), lambda: whole.having(term)))

    def _book(self, connection: sqlite3.Connection, seen: Keys) -> Book:
        among = "SELECT name FROM parties WHERE content IN (SELECT value FROM json_each(?))"
        rows = connection.execute(
            f"SELECT number, normal FROM names WHERE number IN ({among}) ORDER BY number",  # noqa: S608  # our own words
            (json.dumps(self._contents(seen)),),
        )
        return Book.of(rows.fetchall())

    def _contents(self, seen: Keys) -> list[int]:
        contents: list[int] = self._roll.contents[self._roll.places(seen)].tolist()
        return contents


def digest_of(keys: Keys) -> bytes:
    """What tells one set of documents from another."""
    return sha256(keys.tobytes()).digest()
