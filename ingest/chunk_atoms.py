"""The smallest pieces a clause may be cut into: sentences, each knowing what kind of seam stands before it."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from index.records import Clause, Span
from index.sentences import split_sentences
from index.spans import legible

_ITEM = re.compile(
    r"(?:\([a-zA-Z0-9]{1,4}\)|[a-zA-Z0-9]{1,3}\)|\d{1,2}(?:\.\d{1,2}){0,4}\.?|[A-Za-z]\.|[ivxIVX]{1,5}\.|[•▪●◦■])\s"
)
_CUTS = tuple(map(re.compile, (r"[;:]\s+", r",\s+", r"\s+")))


class Seam(IntEnum):
    """How good a place to cut stands before a piece; a lower one is better."""

    ITEM = 1
    PARAGRAPH = 2
    SENTENCE = 3
    WORD = 4


@dataclass(frozen=True, slots=True)
class Atom:
    """A piece of a clause that is only cut where it alone is too long; `tokens` is its length without special tokens."""

    span: Span
    words: str
    seam: Seam
    tokens: int = 0


def atoms_of(text: str, clause: Clause, furniture: tuple[Span, ...]) -> Iterator[Atom]:
    """The sentences of a clause, in order, without white space and furniture between them."""
    before = -1
    for sentence in split_sentences(text, clause.span, furniture):
        if words := legible(text, sentence, near(furniture, sentence)):
            yield Atom(sentence, words, Seam.ITEM if before < 0 else _seam(text, before, sentence))
            before = sentence.end


def near(furniture: tuple[Span, ...], span: Span) -> tuple[Span, ...]:
    """The furniture (sorted, without overlaps) that touches a span."""
    first = bisect_right(furniture, span.start, key=lambda hole: hole.end)
    return furniture[first : bisect_left(furniture, span.end, key=lambda hole: hole.start)]


def _seam(text: str, before: int, sentence: Span) -> Seam:
    breaks = text.count("\n", before, sentence.start)
    if _ITEM.match(text, sentence.start, sentence.end):
        return Seam.ITEM
    return Seam.PARAGRAPH if breaks else Seam.SENTENCE


def halves(text: str, atom: Atom, furniture: tuple[Span, ...]) -> tuple[Atom, ...]:
    """An overlong piece in two, at the semicolon, comma or space nearest its middle; in a word only where it is but one."""
    cut = _cut(text, atom.span)
    parts = []
    for start, end, seam in ((atom.span.start, cut, atom.seam), (cut, atom.span.end, Seam.WORD)):
        if (span := _trimmed(text, start, end)) and (words := legible(text, span, near(furniture, span))):
            parts.append(Atom(span, words, seam))
    return tuple(parts)


def _cut(text: str, span: Span) -> int:
    """Where to cut a piece: a good place near the middle, else any space, else the middle itself."""
    middle, reach = (span.start + span.end) // 2, len(span) // 4
    windows = [(pattern, middle - reach, middle + reach) for pattern in _CUTS] + [(_CUTS[-1], span.start + 1, span.end - 1)]
    for pattern, start, end in windows:
        if spots := [match.end() for match in pattern.finditer(text, start, end)]:
            return min(spots, key=lambda spot: abs(spot - middle))
    return middle


def _trimmed(text: str, start: int, end: int) -> Span | None:
    words = text[start:end]
    bare = words.strip()
    lead = len(words) - len(words.lstrip())
    return Span(start + lead, start + lead + len(bare)) if bare else None
