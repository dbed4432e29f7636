"""The visible lines of a text, and where a paragraph can begin."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from index.records import Page, Span

_LINE = re.compile(r"[^\n\r\f\v\x85\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\n\r\f\v\x85\u2028\u2029]")
_BLANK = " \t\xa0\u2002\u2003\u2009\u202f\u3000\u200b\u200e\ufeff\x00"
_ENDED = re.compile(r"[.;:!?][\"'”’)\]*]{0,4}$")
_LISTED = re.compile(r"(?:[,;]|[,;]?\s(?:and|or|and/or|und|oder|but|plus))$", re.I)
_BLOCK = 60
_NARROWEST = 40  # characters: no column of running text is narrower


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is neither blank nor furniture, without the white space around it.

    `gap`: a blank line stands before it. `fresh`: a paragraph can begin here, because the line before ended a
    sentence or broke off where the next word would still have fitted. `listed`: the line before ended in a comma
    or "and", as between the items of a list. `short`: the line before broke off early.
    """

    start: int
    end: int
    text: str
    gap: bool
    fresh: bool
    listed: bool
    short: bool


def lines_of(text: str, pages: Sequence[Page] = (), furniture: Sequence[Span] = ()) -> tuple[Line, ...]:
    """The visible lines of a text, in order; the time it takes grows with the text's length alone."""
    spans = _visible(text, furniture)
    widths = _widths(spans)
    turns = frozenset(_first_after(spans, [page.span.start for page in pages[1:]] + [hole.end for hole in furniture]))
    return tuple(_line(text, spans, at, widths[at // _BLOCK], at in turns) for at in range(len(spans)))


def _line(text: str, spans: Sequence[Span], at: int, width: int, turned: bool) -> Line:
    """One line, seen against the one before it; where a page turned between them, blank lines say nothing."""
    span = spans[at]
    words = span.of(text)
    if at == 0:
        return Line(span.start, span.end, words, gap=True, fresh=True, listed=False, short=True)
    before = spans[at - 1]
    gap = not turned and len(_BREAK.findall(text, before.end, span.start)) > 1
    short = len(before) + 1 + len(words.split(None, 1)[0]) < 0.86 * width
    tail = text[max(before.start, before.end - 12) : before.end]
    fresh = gap or short or bool(_ENDED.search(tail))
    return Line(span.start, span.end, words, gap=gap, fresh=fresh, listed=bool(_LISTED.search(tail)), short=short)


def _visible(text: str, furniture: Sequence[Span]) -> list[Span]:
    """Where the lines stand that say something; one that lies within furniture, or reaches into it, is cut short."""
    spans = []
    ends = [hole.end for hole in furniture]
    for match in _LINE.finditer(text):
        start, end = match.span()
        first = bisect_left(ends, start + 1)
        for hole in furniture[first:]:
            if hole.start >= end:
                break
            start, end = (max(start, hole.end), end) if hole.start <= start else (start, hole.start)
        words = text[start:end]
        bare = words.strip(_BLANK)
        if bare:
            lead = len(words) - len(words.lstrip(_BLANK))
            spans.append(Span(start + lead, start + lead + len(bare)))
    return spans


def _widths(spans: Sequence[Span]) -> list[int]:
    """How wide the lines run, block by block: the length that nine lines in ten do not exceed."""
    blocks = [sorted(map(len, spans[max(0, at - _BLOCK // 2) : at + _BLOCK])) for at in range(0, len(spans), _BLOCK)]
    return [max(_NARROWEST, block[len(block) * 9 // 10]) for block in blocks]


def _first_after(spans: Sequence[Span], places: Sequence[int]) -> list[int]:
    """The first line at or after each place in the text."""
    starts = [span.start for span in spans]
    return [bisect_left(starts, place) for place in places]
