"""Turns a contract into what the clause scorer reads: sentences, their words, and how they stand in the document."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from index.records import Clause, Span
from index.sentences import split_sentences
from index.spans import without

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

# How many numbers `_shape` gives for a sentence.
SHAPE = 21
# No contract is this long (a thousand dense pages have some 40,000); what follows is left unread.
_MOST_UNITS = 60_000
_HIDDEN = "\x1f"
_WORD = re.compile(r"[a-z]+|\d+|[$%€£]")
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


def read(text: str, clauses: Sequence[Clause], furniture: Sequence[Span], vocabulary: Mapping[str, int]) -> Reading:
    """Read a contract with a vocabulary of n-grams. Linear in the text; training and scoring both start here."""
    holes = tuple(furniture)
    pairs = [(unit, number) for number, clause in enumerate(clauses) for unit in split_sentences(text, clause.span, holes)]
    pairs = pairs[:_MOST_UNITS]
    shown = _without_furniture(text, holes)
    return Reading(
        units=tuple(unit for unit, _ in pairs),
        clause_of=np.array([number for _, number in pairs], dtype=np.int64),
        words=_bags((grams(words_of(shown[unit.start : unit.end])) for unit, _ in pairs), vocabulary),
        headings=_bags((heading_grams(clause) for clause in clauses), vocabulary),
        shape=_shapes(shown, pairs, clauses),
    )


def words_of(text: str) -> list[str]:
    """The words of a text in lower case; every number is one word, "#", and so is each sign of money."""
    return ["#" if word[0].isdigit() else word for word in _WORD.findall(text.lower())]


def grams(words: Sequence[str]) -> list[str]:
    """Words and pairs of neighbours, as the vocabulary names them."""
    return [*words, *(f"{first} {second}" for first, second in pairwise(words))]


def bare_heading(heading: str) -> str:
    """A heading without its number: "12.2 Term." → "term"."""
    return " ".join(words_of(_NUMBERING.sub("", heading, count=1)))


def heading_grams(clause: Clause) -> list[str]:
    """The n-grams of all headings above a clause, without their numbers."""
    return [gram for heading in clause.path for gram in grams(bare_heading(heading).split())]


def _without_furniture(text: str, furniture: tuple[Span, ...]) -> str:
    parts: list[str] = []
    at = 0
    for part in without(Span(0, len(text)), furniture):
        parts += [_HIDDEN * (part.start - at), part.of(text)]
        at = part.end
    return "".join([*parts, _HIDDEN * (len(text) - at)])


def _bags(rows: Iterable[Sequence[str]], vocabulary: Mapping[str, int]) -> Bags:
    ids: list[int] = []
    starts = [0]
    for row in rows:
        ids += sorted({number for gram in row if (number := vocabulary.get(gram)) is not None})
        starts.append(len(ids))
    return Bags(np.array(ids, dtype=np.int64), np.array(starts, dtype=np.int64))


def _shapes(shown: str, pairs: Sequence[tuple[Span, int]], clauses: Sequence[Clause]) -> Floats:
    shapes = np.zeros((len(pairs), SHAPE), dtype=np.float32)
    for row, (unit, number) in enumerate(pairs):
        shapes[row] = _shape(shown, unit, clauses[number], row, len(pairs))
    return shapes


def _shape(shown: str, unit: Span, clause: Clause, row: int, rows: int) -> tuple[float, ...]:
    words = unit.of(shown)
    capitals = sum(map(str.isupper, words)) / max(1, sum(map(str.isalpha, words)))
    return (
        math.log1p(len(unit)) / 6,
        unit.start / max(1, len(shown)),
        len(unit) < 40,
        len(unit) > 400,
        capitals,
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
