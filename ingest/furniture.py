"""Find what is printed on pages beside the text: running headers, footers, page numbers, banners and stamps."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise, takewhile
from statistics import median

# Furniture stands at most this many rows deep at the top or the bottom of a page.
_DEPTH = 8
# Characters between two page numbers in the middle of the text: what a page has at least and at most, and what most have.
_PAGE_LENGTH = (250, 9_000)
_USUAL_LENGTH = 900


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a page (from 1): its place `index` within it, its words, and how many characters come before it."""

    page: int
    index: int
    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Furniture:
    """The rows that are furniture, and the number printed on each page that has exactly one."""

    rows: frozenset[Row]
    labels: Mapping[int, str]


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
_HEADING = re.compile(r"(?:exhibit|schedule|annex|appendix|attachment|addendum|article|section|part)\b", re.I)
_SIGNATURE = re.compile(
    r"(?:by|name|title|its|dated?|signed|signature|witness(?:ed)?|attest|address|attention|print(?:ed)? name)\s*(?:[:_]|$)"
    r"|.*/s/|.*signature page|.*_{4}",
    re.I,
)
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50}


def find_furniture(pages: Sequence[Sequence[Row]]) -> Furniture:
    """Find the furniture of a document, given each page's rows from top to bottom.

    A row is furniture where the same stands at the same edge of other pages, with nothing but furniture between it
    and the edge, or where it is a page number: of an unmistakable form, or in sequence with others. A document of
    one or two pages has only numbers of an unmistakable form.
    """
    numbers = _sure_numbers(pages)
    if len(pages) < 3:
        return Furniture(frozenset(numbers), _labels(numbers))
    numbers |= _numbers_by_page(pages) | _numbers_in_text(pages)
    numbered = _numbered_lines(pages)
    counted = {row.page for row in numbers}
    rest = {row: label for row, label in numbered.items() if row.page not in counted and len(label) < 5}
    labels = _labels(numbers) | _labels(rest)
    anchors = numbers.keys() | numbered.keys()
    found = set(anchors)
    for zone, edges in _edges(pages, anchors).items():
        repeated = set(_repeated(edges))
        if zone == "top":
            repeated -= set(_first_said(repeated))
        found |= {row for edge in edges for row in _peel(edge, anchors | repeated)}
    return Furniture(frozenset(found), labels)


def _first_said(repeated: Iterable[Row]) -> Iterator[Row]:
    """Headers where they are the title: on the first page, and an exhibit's name where the exhibit begins."""
    said = set()
    for row in sorted(repeated, key=lambda row: row.page):
        if row.page == 1 or (_HEADING.match(row.text) and _fold(row.text) not in said):
            yield row
        said.add(_fold(row.text))


def _sure_numbers(pages: Iterable[Sequence[Row]]) -> dict[Row, str]:
    found = {}
    for page in pages:
        for row in {*page[:_DEPTH], *page[-_DEPTH:]}:
            if match := _SURE.fullmatch(row.text):
                found[row] = next(group for group in match.groups() if group)
    return found


def _numbers_by_page(pages: Sequence[Sequence[Row]]) -> dict[Row, str]:
    """Numbers near an edge that count as the file's pages do, on at least three pages (two of three)."""
    groups = defaultdict(list)
    for page in pages:
        for row in {*page[:4], *page[-5:]}:
            if (match := _PLAIN.fullmatch(row.text)) and (value := _value(match[1])):
                style, number = value
                groups[style, number - row.page].append((row, match[1]))
    least = 2 if len(pages) == 3 else 3
    return {row: label for group in groups.values() if len({row.page for row, _ in group}) >= least for row, label in group}


def _numbers_in_text(pages: Iterable[Sequence[Row]]) -> dict[Row, str]:
    """Numbers that stand alone and count up a page's length apart: pages of an original that was printed anew."""
    alone = [(row, int(match[1])) for page in pages for row in page if (match := _ALONE.fullmatch(row.text))]
    found: dict[Row, str] = {}
    while chain := _chain([(row, number) for row, number in alone if row not in found]):
        found |= {row: str(number) for row, number in chain}
    return found


def _numbered_lines(pages: Iterable[Sequence[Row]]) -> dict[Row, str]:
    """Lines that are the same but for one number, which counts up a page's length apart: "Licence Agreement  6"."""
    groups = defaultdict(list)
    for page in pages:
        for row in page:
            if len(row.text) < 160 and _DIGITS.search(row.text) and not _PLAIN.fullmatch(row.text):
                groups[_DIGITS.sub("#", _fold(row.text))].append(row)
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


def _edges(pages: Sequence[Sequence[Row]], anchors: Set[Row]) -> dict[str, list[list[Row]]]:
    """By zone, the rows from each edge inwards; a page number within a page is an edge both ways."""
    edges: dict[str, list[list[Row]]] = {"after": [], "before": []}
    edges["top"] = [list(page[:_DEPTH]) for page in pages]
    edges["bottom"] = [list(page[: -_DEPTH - 1 : -1]) for page in pages]
    for page in pages:
        for at, row in enumerate(page):
            if row in anchors and 3 < at < len(page) - 4:
                edges["after"].append(list(page[at + 1 : at + 1 + _DEPTH]))
                edges["before"].append(list(page[max(at - _DEPTH, 0) : at][::-1]))
    return edges


def _repeated(zone: Sequence[Sequence[Row]]) -> Iterator[Row]:
    """The rows that come again at three edges or more of a zone, and at two of five in the stretch where they do."""
    groups: defaultdict[str, dict[int, Row]] = defaultdict(dict)
    for at, edge in enumerate(zone):
        for row in edge:
            if any(map(str.isalnum, row.text)) and not _SIGNATURE.match(row.text):
                groups[_fold(row.text)].setdefault(at, row)
    for places in groups.values():
        if len(places) >= 3 and len(places) >= 0.4 * (max(places) - min(places) + 1):
            yield from places.values()


def _peel(edge: Iterable[Row], furniture: Set[Row]) -> Iterator[Row]:
    return takewhile(furniture.__contains__, edge)


def _labels(numbers: Mapping[Row, str]) -> dict[int, str]:
    labels = defaultdict(set)
    for row, label in numbers.items():
        labels[row.page].add(label)
    return {page: next(iter(found)) for page, found in labels.items() if len(found) == 1}


def _value(label: str) -> tuple[str, int] | None:
    """What a printed number counts, and in which style; `None` where it is no number."""
    if label.isdigit():
        return "arabic", int(label)
    if match := re.fullmatch(r"([A-Za-z]{1,2}-?)(\d{1,3})", label):
        return match[1].upper(), int(match[2])
    digits = [_ROMAN[letter] for letter in label.lower()]
    return "roman", sum(-digit if digit < after else digit for digit, after in zip(digits, [*digits[1:], 0], strict=True))


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())
