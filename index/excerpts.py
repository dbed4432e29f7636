"""From chunks that may answer to excerpts: whole sentences, as few as answer, exactly as they stand in the document."""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.fusion import Candidate
from index.records import Excerpt, Span, Summary
from index.sentences import split_sentences
from index.spans import legible, pages_of
from index.store import View

log = logging.getLogger(__name__)

# A sentence shorter than this is shown with its neighbours; no excerpt that was put together is longer than the other.
_SHORT, _LONG = 200, 700
# A neighbour is part of the answer when it is this probable, beside the best sentence.
_ALSO = 0.5

# Two letters or digits side by side; scripts that write no blanks between words are not asked.
_INSIDE_WORD = re.compile(r"[0-9A-Za-z\u00c0-\u024f]{2}")

Chance = Callable[[Candidate, str, Span], float]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a document that may answer, with how probable that is (0–1)."""

    document: int
    span: Span
    heading: str | None
    score: float


class Leaves:
    """The texts of documents, each read once, and how they read without furniture."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._furniture: dict[int, tuple[Span, ...]] = {}

    def sentences(self, document: int, span: Span) -> list[tuple[Span, str]]:
        """The sentences of a span with the words they read as."""
        furniture = self._furniture_of(document)
        text = self._view.text(document, span)
        # Offsets count from the start of the span while it is cut.
        holes = tuple(Span(max(0, hole.start - span.start), hole.end - span.start) for hole in furniture if hole.overlaps(span))
        return [
            (Span(span.start + piece.start, span.start + piece.end), legible(text, piece, holes))
            for piece in split_sentences(text, Span(0, len(text)), holes)
        ]

    def _furniture_of(self, document: int) -> tuple[Span, ...]:
        if document not in self._furniture:
            self._furniture[document] = self._view.furniture(document)
        return self._furniture[document]


def stretches(leaves: Leaves, candidate: Candidate, chance: Chance) -> list[Stretch]:
    """The sentences of a chunk put together into stretches, each around one that is more probable than its neighbours."""
    passage = candidate.passage
    pieces = leaves.sentences(passage.document, passage.span)
    chances = [chance(candidate, words, span) for span, words in pieces]
    spans = [span for span, _ in pieces]
    taken: set[int] = set()
    found = []
    for at in sorted(range(len(spans)), key=lambda place: (-chances[place], place)):
        if at not in taken:
            first, last = _grown(spans, chances, at, taken)
            taken.update(range(first, last + 1))
            found.append(Stretch(passage.document, Span(spans[first].start, spans[last].end), passage.heading, chances[at]))
    return found


def _grown(spans: Sequence[Span], chances: Sequence[float], at: int, taken: set[int]) -> tuple[int, int]:
    """From one sentence on both sides to what belongs to it: the more probable neighbour first."""
    first = last = at
    while True:
        neighbours = [place for place in (first - 1, last + 1) if 0 <= place < len(spans) and place not in taken]
        if not neighbours:
            return first, last
        nearest = max(neighbours, key=lambda place: chances[place])
        start, end = min(first, nearest), max(last, nearest)
        short = spans[last].end - spans[first].start < _SHORT
        if spans[end].end - spans[start].start > _LONG or not (short or chances[nearest] >= _ALSO * chances[at]):
            return first, last
        first, last = start, end


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
