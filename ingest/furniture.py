"""Find what is printed on pages beside the text: running headers, footers, page numbers, banners and stamps."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import takewhile
from statistics import median

from ingest.page_numbers import Row, fold, numbered_lines, page_numbers

# Furniture stands at most this many rows deep at the top or the bottom of a page.
_DEPTH = 8
_HEADING = re.compile(r"(?:exhibit|schedule|annex|appendix|attachment|addendum|article|section|part)\b", re.I)
_SIGNATURE = re.compile(
    r"(?:by|name|title|its|dated?|signed|signature|witness(?:ed)?|attest|address|attention|print(?:ed)? name)\s*(?:[:_]|$)"
    r"|.*/s/|.*signature page|.*_{4}",
    re.I,
)
_BANNER = re.compile(
    r"confidential|omitted|redacted|proprietary|privileged|copyright|©|draft|all rights reserved|filed separately|commission"
    r"|\bsource:",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Furniture:
    """The rows that are furniture, and the number printed on each page that has exactly one."""

    rows: frozenset[Row]
    labels: Mapping[int, str]


def find_furniture(pages: Sequence[Sequence[Row]]) -> Furniture:
    """Find the furniture of a document, given each page's rows from top to bottom.

    A row is furniture where the same stands at the same edge of other pages, with nothing but furniture between it
    and the edge, or where it is a page number. A document of one or two pages has no other furniture than numbers.
    """
    numbers = page_numbers(pages)
    if len(pages) < 3:
        return Furniture(frozenset(numbers), _labels(numbers))
    numbered = numbered_lines(pages)
    counted = {row.page for row in numbers}
    rest = {row: label for row, label in numbered.items() if row.page not in counted and len(label) < 5}
    anchors = numbers.keys() | numbered.keys()
    found = set(anchors)
    for zone, edges in _edges(pages, anchors).items():
        found |= _running(edges, anchors, top=zone == "top", least=3 if zone in {"top", "bottom"} else 4)
    return Furniture(frozenset(found), _labels(numbers) | _labels(rest))


def _running(edges: Sequence[Sequence[Row]], anchors: Set[Row], *, top: bool, least: int) -> set[Row]:
    """The headers or footers of one zone: what comes again, and has nothing but furniture between it and the edge."""
    while True:
        repeated = _repeated(edges, least)
        outer = [_peel(edge, anchors, repeated) for edge in edges]
        if outer == edges:
            break
        # What came again only deeper in a page has not come again, so it is counted anew without those.
        edges = outer
    found = {row for edge in edges for row in edge}
    return found - set(_first_said(found - anchors)) if top else found


def _first_said(repeated: Iterable[Row]) -> list[Row]:
    """Headers where they are the title: on the first page, and an exhibit's name where the exhibit begins."""
    said: set[str] = set()
    first = []
    for row in sorted(repeated, key=lambda row: row.page):
        if row.page == 1 or (_HEADING.match(row.text) and fold(row.text) not in said):
            first.append(row)
        said.add(fold(row.text))
    return first


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


def _repeated(zone: Sequence[Sequence[Row]], least: int) -> dict[Row, float]:
    """The rows that come again at so many edges of a zone, and at two of five in the stretch where they do; with their share.

    They stand at one height, or nearly everywhere: what comes again here and there is part of a form or a signature.
    """
    groups: defaultdict[str, dict[int, Row]] = defaultdict(dict)
    for at, edge in enumerate(zone):
        for row in edge:
            if any(map(str.isalnum, row.text)) and not _SIGNATURE.match(row.text):
                groups[fold(row.text)].setdefault(at, row)
    found: dict[Row, float] = {}
    for text, places in groups.items():
        if len(places) >= least and len(places) >= 0.4 * (max(places) - min(places) + 1):
            middle = median(row.y for row in places.values())
            level = sum(abs(row.y - middle) < 3 for row in places.values()) >= 0.6 * len(places)
            if level or len(places) >= max(5, 0.5 * len(zone)) or _BANNER.search(text):
                found |= dict.fromkeys(places.values(), len(places) / len(zone))
    return found


def _peel(edge: Sequence[Row], anchors: Set[Row], repeated: Mapping[Row, float]) -> list[Row]:
    """The furniture at one edge. More than three rows that only some pages share are the form on those pages."""
    rows = list(takewhile(lambda row: row in anchors or row in repeated, edge))
    seldom = {row for row in rows if row not in anchors and repeated[row] < 0.5}
    return rows if len(seldom) <= 3 else list(takewhile(lambda row: row not in seldom, rows))


def _labels(numbers: Mapping[Row, str]) -> dict[int, str]:
    labels = defaultdict(set)
    for row, label in numbers.items():
        labels[row.page].add(label)
    return {page: next(iter(found)) for page, found in labels.items() if len(found) == 1}
