"""From chunks that may answer to excerpts: whole sentences, as few as answer, exactly as they stand in the document."""

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from index.fusion import Candidate
from index.records import Excerpt, Span, Summary
from index.sentences import split_sentences
from index.spans import legible, pages_of
from index.store import View

log = logging.getLogger(__name__)

# A sentence shorter than this is shown with its neighbours of the same clause; what was put together is no longer than the other.
_SHORT, _LONG = 200, 700
# So are stretches that go on where another ends, when they are at least this probable beside it.
_LONGEST_JOINED, _GAP, _GOES_ON = 1200, 300, 0.03
# A neighbour is part of the answer when it is this probable, beside the best sentence.
_ALSO = 0.5

# Two letters or digits side by side; scripts that write no blanks between words are not asked.
_INSIDE_WORD = re.compile(r"[0-9A-Za-z\u00c0-\u024f]{2}")

# Texts are read in pages of so many characters, since many a passage stands beside another.
_PAGE = 16_384

_OPENS_A_CLAUSE = re.compile(r"(?:article|section)\s|\d{1,3}(?:\.\d{1,3})*\.?\s", re.IGNORECASE)

Chance = Callable[[Candidate, str, Span], float]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a document that may answer, with how probable that is (0–1)."""

    document: int
    span: Span
    heading: str | None
    score: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence, how probable it is to be the answer, and whether it begins with the number of a clause."""

    span: Span
    chance: float
    opens: bool


class Leaves:
    """The texts of documents, each read once, and how they read without furniture."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._furniture: dict[int, tuple[Span, ...]] = {}
        self._pages: dict[tuple[int, int], str] = {}

    def sentences(self, document: int, span: Span) -> list[tuple[Span, str]]:
        """The sentences of a span with the words they read as."""
        text, holes = self._text(document, span)
        return [
            (Span(span.start + piece.start, span.start + piece.end), legible(text, piece, holes))
            for piece in split_sentences(text, Span(0, len(text)), holes)
        ]

    def words(self, document: int, span: Span) -> str:
        """How a span reads."""
        text, holes = self._text(document, span)
        return legible(text, Span(0, len(text)), holes)

    def _text(self, document: int, span: Span) -> tuple[str, tuple[Span, ...]]:
        """A span's text and the furniture in it, counted from its start."""
        if document not in self._furniture:
            self._furniture[document] = self._view.furniture(document)
        holes = (hole for hole in self._furniture[document] if hole.overlaps(span))
        within = tuple(Span(max(0, hole.start - span.start), hole.end - span.start) for hole in holes)
        return self._said(document, span), within

    def _said(self, document: int, span: Span) -> str:
        first = span.start // _PAGE
        pages = [self._page(document, number) for number in range(first, -(-span.end // _PAGE))]
        return "".join(pages)[span.start - first * _PAGE : span.end - first * _PAGE]

    def _page(self, document: int, number: int) -> str:
        if (document, number) not in self._pages:
            self._pages[document, number] = self._view.text(document, Span(number * _PAGE, (number + 1) * _PAGE))
        return self._pages[document, number]


def stretches(leaves: Leaves, candidate: Candidate, chance: Chance) -> list[Stretch]:
    """What a chunk has to offer: the findings that begin in it, and its other sentences, put together around the best ones."""
    passage = candidate.passage
    findings = {finding.span: finding for some in candidate.findings for finding in some or ()}
    found = [
        Stretch(passage.document, span, finding.heading, chance(candidate, leaves.words(passage.document, span), span))
        for span, finding in findings.items()
        if passage.span.start <= span.start < passage.span.end
    ]
    pieces = [
        Piece(span, chance(candidate, words, span), _OPENS_A_CLAUSE.match(words) is not None)
        for span, words in leaves.sentences(passage.document, passage.span)
        if not any(span.overlaps(finding) for finding in findings)
    ]
    taken: set[int] = set()
    for at in sorted(range(len(pieces)), key=lambda place: (-pieces[place].chance, place)):
        if at not in taken:
            first, last = _grown(pieces, at, taken, findings)
            taken.update(range(first, last + 1))
            span = Span(pieces[first].span.start, pieces[last].span.end)
            found.append(Stretch(passage.document, span, passage.heading, pieces[at].chance))
    return found


def _grown(pieces: Sequence[Piece], at: int, taken: set[int], others: Iterable[Span]) -> tuple[int, int]:
    """From one sentence on both sides to what belongs to it, the more probable neighbour first, and not over other spans."""
    first = last = at
    while True:
        neighbours = [place for place in (first - 1, last + 1) if 0 <= place < len(pieces) and place not in taken]
        if not neighbours:
            return first, last
        nearest = max(neighbours, key=lambda place: pieces[place].chance)
        start, end = min(first, nearest), max(last, nearest)
        whole = Span(pieces[start].span.start, pieces[end].span.end)
        # Only what belongs to the same clause makes a short excerpt easier to understand.
        wanting = pieces[last].span.end - pieces[first].span.start < _SHORT and not pieces[max(nearest, first)].opens
        if len(whole) > _LONG or not (wanting or pieces[nearest].chance >= _ALSO * pieces[at].chance):
            return first, last
        if any(whole.overlaps(other) for other in others):
            return first, last
        first, last = start, end


def joined(leaves: Leaves, found: Iterable[Stretch]) -> list[Stretch]:
    """The stretches that overlap no better one; one that goes on where a better one ends becomes a part of it."""
    chosen: list[Stretch] = []
    for stretch in found:
        if any(one.document == stretch.document and one.span.overlaps(stretch.span) for one in chosen):
            continue
        if (at := _neighbour(leaves, chosen, stretch)) is not None:
            both = Span(min(chosen[at].span.start, stretch.span.start), max(chosen[at].span.end, stretch.span.end))
            chosen[at] = replace(chosen[at], span=both)
        else:
            chosen.append(stretch)
    return chosen


def _neighbour(leaves: Leaves, chosen: Sequence[Stretch], stretch: Stretch) -> int | None:
    """Which of the chosen ones a stretch goes on from, with nothing but furniture and white space between them."""
    for at, one in enumerate(chosen):
        first, last = sorted((one.span, stretch.span))
        gap = Span(first.end, last.start)
        near = one.document == stretch.document and len(gap) <= _GAP and last.end - first.start <= _LONGEST_JOINED
        if near and stretch.score >= _GOES_ON * one.score and not (len(gap) and leaves.words(one.document, gap)):
            return at
    return None


def cited(view: View, summary: Summary, stretch: Stretch) -> Excerpt | None:
    """The words of a stretch with page and place; None, and a line in the log, where they don't stand as a whole there."""
    start, end = stretch.span.start, stretch.span.end
    lead = min(1, start)
    around = view.text(summary.key, Span(start - lead, end + 1))
    text = around[lead : lead + end - start]
    cut = _INSIDE_WORD.match(around[: lead + 1]) or _INSIDE_WORD.match(around[lead + end - start - 1 :])
    if len(text) != end - start or not text.strip() or cut:
        log.error("document %s: the excerpt %d-%d does not stand there as a whole", summary.document_id, start, end)
        return None
    pages = pages_of(view.pages(summary.key), stretch.span)
    first, last = pages or (None, None)
    return Excerpt(summary, stretch.span, text, stretch.heading, first, last, round(stretch.score, 4))
