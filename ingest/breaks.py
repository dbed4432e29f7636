"""Joins the pages of text that marks its page breaks, and tells headers, footers and page numbers from what it says."""

import re
from collections.abc import Sequence

from index.records import Page, Span, Transcript
from ingest.furniture import Row, find_furniture

BREAK = "\f"
_GAP = "\n\n"
_LINE = re.compile(r"[^\n]*\S[^\n]*")
# Breaks that a web page draws are its printed pages only where most of them stand beside a page's number.
_FEWEST_NUMBERED = 3


def joined(parts: Sequence[str], *, numbered_only: bool = False) -> Transcript:
    """The transcript of pages in order. With `numbered_only` they count as pages where most of them print their number."""
    starts, at = [], 0
    for part in parts:
        starts.append(at)
        at += len(part) + len(_GAP)
    rows = [_rows(number, part, start) for number, (part, start) in enumerate(zip(parts, starts, strict=True), start=1)]
    found = find_furniture(rows)
    furniture = tuple(Span(row.offset, row.offset + len(row.text)) for page in rows for row in page if row in found.rows)
    text = _GAP.join(parts)
    if len(parts) < 2 or (numbered_only and len(found.labels) < max(_FEWEST_NUMBERED, len(parts) // 2)):
        return Transcript(text, furniture=furniture)
    ends = [*starts[1:], len(text)]
    pages = (
        Page(number, Span(start, end), found.labels.get(number))
        for number, (start, end) in enumerate(zip(starts, ends, strict=True), start=1)
    )
    return Transcript(text, tuple(pages), furniture)


def split(text: str) -> list[str]:
    """The pages of a text whose pages are parted by form feeds; one that is empty at either end is none."""
    parts = text.split(BREAK)
    while parts and not parts[-1].strip():
        parts.pop()
    while parts and not parts[0].strip():
        del parts[0]
    return parts


def _rows(number: int, part: str, start: int) -> list[Row]:
    lines = enumerate(_LINE.finditer(part))
    return [Row(number, index, line.group().strip(), start + line.start() + _indent(line.group())) for index, line in lines]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
