"""Find page numbers: by their form, by their count from page to page, and within the text of an original printed anew."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

# A page number stands at most this many rows deep at the top or the bottom of a page.
_DEPTH = 8
# Characters between two page numbers in the middle of the text: what a page has at least and at most, and what most have.
_PAGE_LENGTH = (250, 9_000)
_USUAL_LENGTH = 900


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a page (from 1): its place `index` in it, its words, the characters before it, its height `y` in points."""

    page: int
    index: int
    text: str
    offset: int
    y: float


_NUMERAL = r"(?:\d{1,4}|[ivxl]{1,6}|[IVXL]{1,6}|[A-Z]{1,2}-?\d{1,3})"
_PLAIN = re.compile(rf"[-–—\[(|]*\s*(?:page\s+|p\.\s*)?({_NUMERAL})\s*[-–—\])|]*", re.I)
_SURE = re.compile(rf"(?:page\s+({_NUMERAL})(?:\s*(?:of|/)\s*\d+)?|(\d+)\s+of\s+\d+|[-–—]\s*({_NUMERAL})\s*[-–—])\.?", re.I)
_ALONE = re.compile(r"[-–—]?\s*(\d{1,3})\s*[-–—]?")
_DIGITS = re.compile(r"\d+")
_HEADING_WORD = re.compile(
    r"\b(?:article|section|schedule|exhibit|annex|appendix|attachment|addendum|amendment|clause|part|item|no|number|phase|stage|step"
    r"|milestone|task|year|month|quarter|period|option|project|order|work|lot|level|tier|site|product|§)[\s.\-–:#]*$",
    re.I,
)
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50}


def page_numbers(pages: Sequence[Sequence[Row]]) -> dict[Row, str]:
    """The rows that are a page's number and nothing else, with the number, given each page's rows from top to bottom.

    A document of one or two pages has only numbers of an unmistakable form.
    """
    numbers = _sure_numbers(pages) | _numbers_by_page(pages)
    if len(pages) > 2:
        numbers |= _numbers_in_text(pages)
        numbers |= _numbers_at_height(pages, numbers)
    return numbers


def _sure_numbers(pages: Iterable[Sequence[Row]]) -> dict[Row, str]:
    found = {}
    for page in pages:
        for row in {*page[:_DEPTH], *page[-_DEPTH:]}:
            if match := _SURE.fullmatch(row.text):
                found[row] = next(group for group in match.groups() if group)
    return found


def _numbers_by_page(pages: Sequence[Sequence[Row]]) -> dict[Row, str]:
    """Numbers near an edge that count as the file's pages do: on three pages, or at the edge of two that follow each other."""
    groups = defaultdict(list)
    for page in pages:
        for row in {*page[:4], *page[-5:]}:
            if (match := _PLAIN.fullmatch(row.text)) and (value := _value(match[1])):
                groups[value[0], value[1] - row.page].append((row, match[1]))
    found: dict[Row, str] = {}
    for group in groups.values():
        on = sorted({row.page for row, _ in group})
        outermost = all(row in (*pages[row.page - 1][:1], *pages[row.page - 1][-2:]) for row, _ in group)
        if len(on) >= 3 or (len(on) == 2 and on[1] == on[0] + 1 and outermost):
            found |= dict(group)
    return found


def _numbers_at_height(pages: Iterable[Sequence[Row]], numbers: Iterable[Row]) -> dict[Row, str]:
    """Lone numbers at the edge of a page where other pages have theirs, though out of sequence: of contents, of exhibits."""
    heights = Counter(round(row.y) for row in numbers)
    found = {}
    for page in pages:
        for row in {*page[:2], *page[-3:]}:
            match = _PLAIN.fullmatch(row.text)
            if match and _value(match[1]) and sum(heights[round(row.y) + step] for step in (-1, 0, 1)) >= 3:
                found[row] = match[1]
    return found


def _numbers_in_text(pages: Sequence[Sequence[Row]]) -> dict[Row, str]:
    """Numbers that stand alone and count up a page's length apart: pages of an original that was printed anew."""
    alone = [(row, int(match[1])) for page in pages for row in page if (match := _ALONE.fullmatch(row.text))]
    found: dict[Row, str] = {}
    while chain := _chain([(row, number) for row, number in alone if row not in found]):
        ends = _ends([page for page in pages if page], chain)
        found |= {row: str(number) for row, number in [*chain, *ends]}
    return found


def _ends(pages: Iterable[Sequence[Row]], chain: Sequence[tuple[Row, int]]) -> Iterator[tuple[Row, int]]:
    """The number before the first of a chain and the one after its last, where a page begins or ends with it."""
    (first, low), (last, high) = chain[0], chain[-1]
    for page in pages:
        for row in {*page[:2], *page[-3:]}:
            match = _ALONE.fullmatch(row.text)
            if match and (
                (int(match[1]) == low - 1 and row.offset < first.offset)
                or (int(match[1]) == high + 1 and row.offset > last.offset)
            ):
                yield row, int(match[1])


def numbered_lines(pages: Iterable[Sequence[Row]]) -> dict[Row, str]:
    """Lines that are the same but for one number, which counts up a page's length apart: "Licence Agreement  6"."""
    groups = defaultdict(list)
    for page in pages:
        for row in page:
            if len(row.text) < 160 and _DIGITS.search(row.text) and not _PLAIN.fullmatch(row.text):
                groups[_DIGITS.sub("#", fold(row.text))].append(row)
    found: dict[Row, str] = {}
    for key, rows in groups.items():
        if len(rows) > 3 and sum(map(str.isalpha, key)) > 3:
            found |= _counting(rows)
    return found


def _counting(rows: Sequence[Row]) -> dict[Row, str]:
    values = [[int(digits) for digits in _DIGITS.findall(row.text)] for row in rows]
    moving = [at for at, column in enumerate(zip(*values, strict=True)) if len(set(column)) > 1]
    if len(moving) != 1 or _HEADING_WORD.search(_before_number(rows[0].text, moving[0])):
        return {}
    chain = _chain([(row, numbers[moving[0]]) for row, numbers in zip(rows, values, strict=True)])
    return {row: str(number) for row, number in chain}


def _before_number(text: str, which: int) -> str:
    return text[: list(_DIGITS.finditer(text))[which].start()]


def _chain(numbers: Sequence[tuple[Row, int]]) -> list[tuple[Row, int]]:
    """The longest run of numbers that go up by one, each about a page after the one before; [] if under four or uneven."""
    best: dict[int, int] = {}
    before: dict[int, int] = {}
    by_value: defaultdict[int, list[int]] = defaultdict(list)
    for at, (row, number) in enumerate(numbers):
        near = [i for i in by_value[number - 1][-8:] if _page_apart(numbers[i][0], row)]
        last = max(near, key=lambda i: best[i], default=None)
        best[at] = 1 if last is None else best[last] + 1
        if last is not None:
            before[at] = last
        by_value[number].append(at)
    at = max(best, key=lambda i: best[i], default=-1)
    if at < 0 or best[at] < 4:
        return []
    chain = [at]
    while chain[-1] in before:
        chain.append(before[chain[-1]])
    gaps = [numbers[b][0].offset - numbers[a][0].offset for b, a in pairwise(chain)]
    return [] if max(gaps) > 3 * median(gaps) or median(gaps) < _USUAL_LENGTH else [numbers[i] for i in reversed(chain)]


def _page_apart(row: Row, later: Row) -> bool:
    gap = later.offset - row.offset
    return _PAGE_LENGTH[0] <= gap <= _PAGE_LENGTH[1] or later.page == row.page + 1


def _value(label: str) -> tuple[str, int] | None:
    """What a printed number counts, and in which style; `None` where it is no number."""
    if label.isdigit():
        return "arabic", int(label)
    if match := re.fullmatch(r"([A-Za-z]{1,2}-?)(\d{1,3})", label):
        return match[1].upper(), int(match[2])
    digits = [_ROMAN[letter] for letter in label.lower()]
    return "roman", sum(-digit if digit < after else digit for digit, after in zip(digits, [*digits[1:], 0], strict=True))


def fold(text: str) -> str:
    """The same words whatever their case and spacing."""
    return " ".join(text.casefold().split())
