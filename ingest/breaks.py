"""Joins the pages of text that marks its page breaks, and tells headers, footers and page numbers from what it says."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from index.records import Page, Span, Transcript

BREAK = "\f"
_GAP = "\n\n"
_LINE = re.compile(r"\S(?:[^\n]*\S)?")
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"(?i)[\s\[(|–—-]*(page\s+)?(?:([a-z]{1,2}-)?(\d{1,4})|([ivxl]{1,7}))(\s*(?:of|/)\s*\d{1,4})?[\s\])|.–—-]*")
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50}
# As many lines at a page's edge may be its header or footer, and must come again on as many pages to be taken for it.
_DEEP = 2
_AGAIN = 3
_LONGEST = 120


def joined(parts: Sequence[str], *, numbered_only: bool = False) -> Transcript:
    """The transcript of pages in order. With `numbered_only` they count as pages where most of them print their number."""
    starts, at = [], 0
    for part in parts:
        starts.append(at)
        at += len(part) + len(_GAP)
    text = _GAP.join(parts)
    edges = [_edges(part) for part in parts]
    numbers = _page_numbers(parts, edges)
    running = _running(parts, edges)
    furniture = tuple(
        Span(start + line.start, start + line.end)
        for page, (start, part, lines) in enumerate(zip(starts, parts, edges, strict=True))
        for line in lines
        if line == numbers.get(page, ("", None))[1] or (page and _shape(line.of(part)) in running)
    )
    if len(parts) < 2 or (numbered_only and len(numbers) < max(_AGAIN, len(parts) // 2)):
        return Transcript(text, furniture=furniture)
    ends = [*starts[1:], len(text)]
    pages = (
        Page(page + 1, Span(start, end), numbers[page][0] if page in numbers else None)
        for page, (start, end) in enumerate(zip(starts, ends, strict=True))
    )
    return Transcript(text, tuple(pages), furniture)


def split(text: str) -> list[str]:
    """The pages of a text whose pages are parted by form feeds; one that is empty at either end is none."""
    parts = text.split(BREAK)
    while parts and not parts[-1].strip():
        parts.pop()
    first = next((place for place, part in enumerate(parts) if part.strip()), 0)
    return parts[first:]


def _edges(part: str) -> list[Span]:
    """The first and last lines of a page that are not blank, from top to bottom."""
    lines = [Span(*match.span()) for match in _LINE.finditer(part)]
    return lines if len(lines) <= 2 * _DEEP else lines[:_DEEP] + lines[-_DEEP:]


def _page_numbers(parts: Sequence[str], edges: Sequence[list[Span]]) -> dict[int, tuple[str, Span]]:
    """By page (from 0) the number that is printed on it, as printed, and its line: of a sure form, or counting on."""
    found: dict[tuple[int, str], list[tuple[int, str, Span, bool]]] = {}
    for page, (part, lines) in enumerate(zip(parts, edges, strict=True)):
        for line in {lines[0], lines[-1]} if len(lines) > 1 else ():
            if match := _NUMBER.fullmatch(line.of(part)):
                prefix, value = (match[2] or "").upper(), int(match[3]) if match[3] else _roman(match[4].lower())
                label = f"{match[2] or ''}{match[3] or match[4]}"
                sure = bool(match[1] or match[5])
                # Numbers that count on keep their distance from the pages' own.
                found.setdefault((value - page, prefix), []).append((page, label, line, sure))
    return {page: (label, line) for group in found.values() for page, label, line, sure in group if sure or len(group) > 1}


def _running(parts: Sequence[str], edges: Sequence[list[Span]]) -> Mapping[str, int]:
    """The lines that come again at the edge of so many pages that they are no part of the text; numbers in them may differ."""
    seen: Counter[str] = Counter()
    for part, lines in zip(parts, edges, strict=True):
        seen.update({_shape(line.of(part)) for line in lines if len(line) <= _LONGEST})
    enough = max(_AGAIN, len(parts) // 2)
    return {shape: count for shape, count in seen.items() if count >= enough and any(map(str.isalnum, shape))}


def _shape(line: str) -> str:
    return _DIGITS.sub("#", line).casefold()


def _roman(letters: str) -> int:
    digits = [_ROMAN[letter] for letter in letters]
    return sum(-digit if digit < after else digit for digit, after in zip(digits, [*digits[1:], 0], strict=True))
