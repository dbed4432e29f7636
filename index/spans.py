"""Reading through spans: which pages they touch, what is left outside of holes, how they sound aloud."""

import re
from collections.abc import Iterable, Iterator

from index.records import Page, Span


def pages_of(pages: Iterable[Page], span: Span) -> tuple[int, int] | None:
    """The first and last page number that a span touches, or `None` where the format has no pages."""
    touched = [page.number for page in pages if page.span.overlaps(span)]
    return (touched[0], touched[-1]) if touched else None


def without(span: Span, holes: Iterable[Span]) -> Iterator[Span]:
    """The parts of a span that lie outside the holes (sorted, without overlaps)."""
    at = span.start
    for hole in holes:
        if hole.end <= at:
            continue
        if hole.start >= span.end:
            break
        if hole.start > at:
            yield Span(at, hole.start)
        at = hole.end
    if at < span.end:
        yield Span(at, span.end)


_LINE_END_HYPHEN = re.compile(r"(?<=[a-z])[-\u00ad\u2010]\s*\n\s*(?=[a-z])")
_SPACE = re.compile(r"\s+")


def legible(text: str, span: Span, furniture: Iterable[Span] = ()) -> str:
    """A span as a person would read it aloud: no furniture, no hyphen at a line's end, single spaces."""
    parts = "\n".join(part.of(text) for part in without(span, furniture))
    return _SPACE.sub(" ", _LINE_END_HYPHEN.sub("", parts)).strip()
