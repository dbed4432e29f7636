"""Turns a contract into what the clause scorer reads: sentences, their words, and how they stand in the document."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from index.records import Clause, Span
from index.sentences import split_sentences
from index.spans import without

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

# How many numbers `_shapes` gives for a sentence.
SHAPE = 21
# No contract is this long (a thousand dense pages have some 40,000); what follows is left unread.
_MOST_UNITS = 60_000
_HIDDEN = "\x1f"
# Stands between rows; `_WORD` finds it as a word of its own.
_BREAK = "\x1e"
_WORD = re.compile(r"[a-z]+|[#$%€£\x1e]")
_CAPITAL = re.compile("[A-Z]")
_LETTER = re.compile("[A-Za-z]")
_NUMBER = re.compile(r"\d+")
_NUMBERING = re.compile(
    r"\W*(?:(?:section|article|clause|paragraph)\s+)?(?:\d[\d.]*|\(?[a-z]{1,2}[.)]|\(?[ivx]+[.)]|[ivx]+\b)?[\s.):–-]*", re.I
)
_KINDS = ("front", "contents", "definition", "exhibit", "signature")


@dataclass(frozen=True, slots=True)
class Bags:
    """Rows of n-gram numbers, laid end to end: row i is `ids[starts[i] : starts[i + 1]]`, each number once a row."""

    ids: Ints
    starts: Ints

    def __len__(self) -> int:
        return len(self.starts) - 1


class Vocabulary:
    """N-grams (a word, or two with a space between) and their numbers, made for finding many at once."""

    def __init__(self, grams: Sequence[str]) -> None:
        self.grams = tuple(grams)
        self._words = {word: number for number, word in enumerate(dict.fromkeys(" ".join(self.grams).split()))}
        # One number more is for every word that is in no n-gram.
        self._unknown = len(self._words)
        self._alone = np.full(self._unknown + 1, -1, dtype=np.int64)
        pairs: list[tuple[int, int]] = []
        for number, gram in enumerate(self.grams):
            first, _, second = gram.partition(" ")
            if second:
                pairs.append((self._words[first] * (self._unknown + 1) + self._words[second], number))
            else:
                self._alone[self._words[first]] = number
        self._keys, self._pairs = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2).T

    def __len__(self) -> int:
        return len(self.grams)

    def bags(self, texts: Sequence[str]) -> Bags:
        """The n-grams of each text, a row a text."""
        tokens = _tokens(_BREAK.join(text.replace(_BREAK, " ") for text in texts))
        words = np.array([self._words.get(token, self._unknown) for token in tokens], dtype=np.int64)
        rows = np.cumsum(np.array([token == _BREAK for token in tokens], dtype=bool), dtype=np.int64)
        first, pairs = self._pairs_among(words)
        alone = self._alone[words]
        known = alone >= 0
        # One number holds row and n-gram, so that sorting once orders and thins out all rows.
        size = max(1, len(self))
        found = np.unique(np.concatenate([rows[known] * size + alone[known], rows[first] * size + pairs]))
        return Bags(found % size, np.searchsorted(found, np.arange(len(texts) + 1, dtype=np.int64) * size))

    def _pairs_among(self, words: Ints) -> tuple[Ints, Ints]:
        """Where a known pair begins, and its number. Words on both sides of a break never make one: a break is unknown."""
        keys = words[:-1] * (self._unknown + 1) + words[1:]
        if not len(self._keys):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        nearest = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        known = np.flatnonzero(self._keys[nearest] == keys)
        return known, self._pairs[nearest[known]]


@dataclass(frozen=True, slots=True)
class Reading:
    """A contract as the scorer reads it; n sentences in m clauses.

    `units` are the sentences, `clause_of` (n) the number of each one's clause. `words` has a row a sentence, `headings` a row
    a clause; `shape` (n, SHAPE) says how a sentence looks and where it stands.
    """

    units: tuple[Span, ...]
    clause_of: Ints
    words: Bags
    headings: Bags
    shape: Floats


def read(text: str, clauses: Sequence[Clause], furniture: Sequence[Span], vocabulary: Vocabulary) -> Reading:
    """Read a contract with a vocabulary of n-grams. Linear in the text; training and scoring both start here."""
    holes = tuple(furniture)
    pairs = [(unit, number) for number, clause in enumerate(clauses) for unit in split_sentences(text, clause.span, holes)]
    pairs = pairs[:_MOST_UNITS]
    shown = _without_furniture(text, holes)
    return Reading(
        units=tuple(unit for unit, _ in pairs),
        clause_of=np.array([number for _, number in pairs], dtype=np.int64),
        words=vocabulary.bags([unit.of(shown) for unit, _ in pairs]),
        headings=vocabulary.bags([" / ".join(bare_heading(heading) for heading in clause.path) for clause in clauses]),
        shape=_shapes(shown, pairs, clauses),
    )


def words_of(text: str) -> list[str]:
    """The words of a text in lower case; every number is one word, "#", and so is each sign of money."""
    return [token for token in _tokens(text) if token != _BREAK]


def grams(words: Sequence[str]) -> list[str]:
    """Words and pairs of neighbours, as a vocabulary names them."""
    return [*words, *(f"{first} {second}" for first, second in pairwise(words))]


def bare_heading(heading: str) -> str:
    """A heading without its number: "12.2 Term." → "term"."""
    return " ".join(words_of(_NUMBERING.sub("", heading, count=1)))


def _tokens(text: str) -> list[str]:
    return _WORD.findall(_NUMBER.sub("#", text.lower()))


def _without_furniture(text: str, furniture: tuple[Span, ...]) -> str:
    parts: list[str] = []
    at = 0
    for part in without(Span(0, len(text)), furniture):
        parts += [_HIDDEN * (part.start - at), part.of(text)]
        at = part.end
    return "".join([*parts, _HIDDEN * (len(text) - at)])


def _shapes(shown: str, pairs: Sequence[tuple[Span, int]], clauses: Sequence[Clause]) -> Floats:
    shapes = np.zeros((len(pairs), SHAPE), dtype=np.float32)
    for row, (unit, number) in enumerate(pairs):
        shapes[row] = _shape(shown, unit, clauses[number], row, len(pairs))
    return shapes


def _shape(shown: str, unit: Span, clause: Clause, row: int, rows: int) -> tuple[float, ...]:
    words = unit.of(shown)
    return (
        math.log1p(len(unit)) / 6,
        unit.start / len(shown),
        len(unit) < 40,
        len(unit) > 400,
        len(_CAPITAL.findall(words)) / max(1, len(_LETTER.findall(words))),
        *(clause.kind == kind for kind in _KINDS),
        clause.level == 1,
        clause.level >= 3,
        math.log1p(len(clause.span)) / 8,
        "$" in words,
        "%" in words,
        "“" in words or '"' in words,
        words.endswith(":"),
        words.endswith("."),
        (unit.start - clause.span.start) / max(1, len(clause.span)),
        row < 5,
        row / rows,
    )
