"""Put the lines of a PDF's pages together as one text, with a blank line where a paragraph ends."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from index.records import Page, Span
from ingest.furniture import Row, find_furniture
from ingest.pdf_lines import Line


@dataclass(frozen=True, slots=True)
class Composed:
    """The text of a document, the pages that tile it, and what on them is furniture."""

    text: str
    pages: tuple[Page, ...]
    furniture: tuple[Span, ...]


def compose(pages: Sequence[Sequence[Line]], confidences: Sequence[float | None]) -> Composed:
    """Join the lines of all pages; `confidences` are those of pages read by OCR, `None` for the rest."""
    rows = _rows(pages)
    furniture = find_furniture(rows)
    beside = {(row.page, row.index) for row in furniture.rows}
    parts: list[str] = []
    spans: list[Span] = []
    placed: list[Page] = []
    at = 0
    for number, (lines, confidence) in enumerate(zip(pages, confidences, strict=True), start=1):
        start = at
        gaps = _gaps(lines, [(number, index) in beside for index in range(len(lines))])
        for index, line in enumerate(lines):
            piece = line.text + ("\n\n" if index in gaps else "\n")
            if (number, index) in beside:
                spans.append(Span(at, at + len(piece)))
            parts.append(piece)
            at += len(piece)
        placed.append(Page(number, Span(start, at), furniture.labels.get(number), confidence))
    return Composed("".join(parts), tuple(placed), _joined(spans))


def _rows(pages: Sequence[Sequence[Line]]) -> list[list[Row]]:
    """Every page's lines from top to bottom, as the search for furniture wants them."""
    rows, offset = [], 0
    for number, lines in enumerate(pages, start=1):
        page = []
        for index, line in enumerate(lines):
            page.append((-line.baseline, Row(number, index, line.text, offset)))
            offset += len(line.text) + 1
        rows.append([row for _, row in sorted(page, key=lambda pair: pair[0])])
    return rows


def _gaps(lines: Sequence[Line], beside: Sequence[bool]) -> set[int]:
    """The lines of a page after which a paragraph ends; furniture is looked through."""
    body = [(index, line) for index, line in enumerate(lines) if not beside[index]]
    pitch = _pitch([line for _, line in body])
    gaps = {
        index
        for (index, line), (_, after) in itertools.pairwise(body)
        if line.upright != after.upright or line.baseline - after.baseline > 1.35 * max(pitch, after.top - after.bottom)
    }
    if body and _ends_paragraph(body[-1][1], [line for _, line in body]):
        gaps.add(body[-1][0])
    return gaps


def _pitch(lines: Sequence[Line]) -> float:
    """The distance from one baseline to the next within a paragraph, in points."""
    if not lines:
        return 0.0
    height = median(line.top - line.bottom for line in lines)
    steps = [a.baseline - b.baseline for a, b in itertools.pairwise(lines)]
    steps = [step for step in steps if 0.7 * height < step < 3 * height]
    return quantiles(steps, n=10)[2] if len(steps) > 4 else height


def _ends_paragraph(last: Line, lines: Sequence[Line]) -> bool:
    """Whether the last line of a page ends a sentence short of the right margin."""
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    return last.text.endswith((".", ":", ";", ".”", '."')) and last.right < left + 0.85 * (right - left)


def _joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for span in spans:
        if joined and joined[-1].end == span.start:
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return tuple(joined)
