"""Turns a contract into what the clause scorer reads: sentences, their words, and how they stand in the document."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.records import Clause, Span
from index.sentences import split_sentences
from index.spans import without
from models.clause_words import Bags, Floats, Ints, Lexicon, Vocabulary, bare_heading, laid_out, no_bags, split_all, words_of

# How many numbers `_shapes` gives for a sentence; those that say where in the contract it stands, and whether it begins it.
SHAPE = 21
PLACES, NEAR_BEGINNING = [1, 20], 19
# No contract is this long (a thousand dense pages have some 40,000); what follows is left unread.
_MOST_UNITS = 60_000
# Pieces of a sentence have so many words and begin so many apart; one that is hardly longer than a piece has none.
_PIECE, _STEP = 20, 10
_HIDDEN = "\x1f"
_CAPITAL = re.compile("[A-Z]")
_LETTER = re.compile("[A-Za-z]")
_KINDS = ("front", "contents", "definition", "exhibit", "signature")


@dataclass(frozen=True, slots=True)
class Reading:
    """A contract as the scorer reads it; n sentences in m clauses, t types.

    `units` are the sentences, `clause_of` (n) the number of each one's clause. `words` has a row a sentence, `headings` a row
    a clause; `cues` (n, t) counts the cues of each type, `headed` (m, t) says which clause has a type's heading over it;
    `shape` (n, SHAPE) says how a sentence looks and where it stands.
    """

    units: tuple[Span, ...]
    clause_of: Ints
    words: Bags
    headings: Bags
    cues: Floats
    headed: Floats
    shape: Floats

    def without_headings(self) -> "Reading":
        """The same contract as if nothing stood over its clauses."""
        return replace(self, headings=no_bags(len(self.headings)), headed=np.zeros_like(self.headed))


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces of long sentences: `of` (p) is the row of each one's sentence, `words` has a row a piece."""

    of: Ints
    words: Bags


def read(text: str, clauses: Sequence[Clause], furniture: Sequence[Span], vocabulary: Vocabulary, lexicon: Lexicon) -> Reading:
    """Read a contract. Linear in the text; training and scoring both start here."""
    holes = tuple(furniture)
    pairs = [(unit, number) for number, clause in enumerate(clauses) for unit in split_sentences(text, clause.span, holes)]
    pairs = pairs[:_MOST_UNITS]
    shown = _without_furniture(text, holes)
    words = split_all([unit.of(shown) for unit, _ in pairs])
    return Reading(
        units=tuple(unit for unit, _ in pairs),
        clause_of=np.array([number for _, number in pairs], dtype=np.int64),
        words=vocabulary.bags(words),
        headings=vocabulary.bags(split_all([" / ".join(bare_heading(each) for each in clause.path) for clause in clauses])),
        cues=lexicon.cued(words),
        headed=lexicon.headed([clause.path for clause in clauses]),
        shape=_shapes(shown, pairs, clauses),
    )


def pieces(text: str, reading: Reading, furniture: Sequence[Span], rows: Ints, vocabulary: Vocabulary) -> Pieces:
    """The pieces of these sentences (r), which overlap by half, in order: a long sentence may say in one of them what matters."""
    shown = _without_furniture(text, tuple(furniture))
    of, found = [], []
    for row in rows.tolist():
        words = words_of(reading.units[row].of(shown))
        starts = range(0, len(words) - _STEP, _STEP) if len(words) > _PIECE + _STEP // 2 else ()
        of += [row] * len(starts)
        found += [words[start : start + _PIECE] for start in starts]
    return Pieces(np.array(of, dtype=np.int64), vocabulary.bags(laid_out(found)))


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
