"""Put the lines of a PDF's pages together as one text, with a blank line where a paragraph ends."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median, quantiles

from index.records import Page, Span
from ingest.furniture import find_furniture
from ingest.page_numbers import Row
from ingest.pdf_lines import Line


@dataclass(frozen=True, slots=True)
class Composed:
    """The text of a document, the pages that tile it, and what on them is furniture."""

    text: str
    pages: tuple[Page, ...]
    furniture: tuple[Span, ...]


def compose(pages: Sequence[Sequence[Line]], confidences: Sequence[float | None]) -> Composed:
    """Join the lines of all pages; `confidences` are those of pages read by OCR, `None` for the rest."""
    texts = [[line.text for line in lines] for lines in pages]
    furniture = find_furniture(_rows(pages, texts))
    beside = {(row.page, row.index) for row in furniture.rows}
    parts: list[str] = []
    spans: list[Span] = []
    placed: list[Page] = []
    at = 0
    for number, lines in enumerate(pages, start=1):
        start = at
        ends = _paragraph_ends(lines, {index for index in range(len(lines)) if (number, index) in beside})
        for index, text in enumerate(texts[number - 1]):
            parts.append(text + ("\n\n" if index in ends else "\n"))
            if (number, index) in beside:
                spans.append(Span(at, at + len(parts[-1])))
            at += len(parts[-1])
        placed.append(Page(number, Span(start, at), furniture.labels.get(number), confidences[number - 1]))
    return Composed("".join(parts), tuple(placed), _joined(spans))


def _rows(pages: Sequence[Sequence[Line]], texts: Sequence[Sequence[str]]) -> list[list[Row]]:
    """Every page's lines from top to bottom, as the search for furniture wants them."""
    rows, offset = [], 0
    for number, (lines, words) in enumerate(zip(pages, texts, strict=True), start=1):
        page = []
        for index, text in enumerate(words):
            page.append(Row(number, index, text, offset, lines[index].baseline))
            offset += len(text) + 1
        rows.append(sorted(page, key=lambda row: -row.y))
    return rows


def _paragraph_ends(lines: Sequence[Line], beside: set[int]) -> set[int]:
    """The lines of a page that are the last of their paragraph; those in `beside` are looked through."""
    body = [(index, line) for index, line in enumerate(lines) if index not in beside]
    if not body:
        return set()
    pitch = _pitch([line for _, line in body])
    ends = {index for (index, line), (_, after) in pairwise(body) if _apart(line, after, pitch)}
    return ends | {body[-1][0]} if _is_short(body[-1][1], [line for _, line in body]) else ends


def _apart(line: Line, after: Line, pitch: float) -> bool:
    return line.upright != after.upright or line.baseline - after.baseline > 1.35 * max(pitch, after.height)


def _pitch(lines: Sequence[Line]) -> float:
    """The distance from one baseline to the next within a paragraph, in points."""
    height = median(line.height for line in lines)
    steps = [before.baseline - after.baseline for before, after in pairwise(lines)]
    steps = [step for step in steps if 0.7 * height < step < 3 * height]
    return quantiles(steps, n=10)[2] if len(steps) > 4 else height


def _is_short(last: Line, lines: Iterable[Line]) -> bool:
    """Whether the last line of a page ends a sentence short of the right margin."""
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    return last.words[-1].text.endswith((".", ":", ";", ".”", '."')) and last.right < left + 0.85 * (right - left)


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for span in spans:
        if joined and joined[-1].end == span.start:
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return tuple(joined)
