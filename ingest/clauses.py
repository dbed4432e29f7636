"""From a contract's text to its clauses, by headings and by numbers that count on; together they are the whole text."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.records import Clause, Page, Span
from ingest.clause_front import front_end
from ingest.clause_lines import Line, lines_of
from ingest.clause_regions import Region, regions_of
from ingest.clause_tree import Node, Sheet, Stretch, divide, lay_out

_LEAST_OPENING = 400  # characters: less than this between the recitals and the first clause belongs to the front
_LONGEST_FRONT = 4000  # the same where it is not certain where the recitals end


def split_clauses(text: str, pages: tuple[Page, ...] = (), furniture: tuple[Span, ...] = ()) -> tuple[Clause, ...]:
    """The clauses of a contract in order; their spans tile the text. Furniture is seen through, and heads nothing."""
    if not text:
        return ()
    lines = lines_of(text, pages, furniture)
    sheet = lay_out(text, lines)
    nodes = [node for region, end in _ends(lines, regions_of(lines), len(text)) for node in _region_nodes(sheet, region, end)]
    flat = [clause for node in nodes for clause in _flatten(node, (), 1)]
    return _tile(flat, len(text))


def _ends(lines: Sequence[Line], regions: Sequence[Region], length: int) -> Iterator[tuple[Region, int]]:
    """The parts of a document, each with the character at which it ends; a body before the contents is a cover."""
    for region, after in zip(regions, [*regions[1:], None], strict=False):
        cover = region.kind == "body" and after is not None and after.kind == "contents"
        yield replace(region, kind="cover") if cover else region, lines[region.last].start if after else length


def _region_nodes(sheet: Sheet, region: Region, end: int) -> Iterator[Node]:
    """The clauses of one part of the document."""
    start = sheet.lines[region.first].start
    if region.kind == "contents" or region.kind == "signature":  # noqa: PLR1714 mypy narrows a literal by equality alone
        yield Node(start, end, region.kind, None, "")
        return
    if region.kind == "cover":
        yield Node(start, end, "front", None, "")
        return
    agreed, certain = front_end(sheet.lines, region.first, region.last) if region.kind == "body" else (start, False)
    below = divide(sheet, Stretch(start, end, region.first + region.titled, region.last, titled=agreed))
    if region.kind == "exhibit" and region.heading:
        yield Node(start, end, "exhibit", region.label, region.heading, below)
        return
    if region.kind == "exhibit":
        yield Node(start, below[0].start if below else end, "exhibit", None, "")
        yield from below
        return
    first = below[0].start if below else end
    least = _LEAST_OPENING if certain or not below else _LONGEST_FRONT
    opening = _opening(sheet, agreed, first) if first - agreed >= least else ()
    front = opening[0].start if opening else first
    if front > start:
        yield Node(start, front, "front", None, "")
    yield from opening
    yield from below


def _opening(sheet: Sheet, start: int, end: int) -> tuple[Node, ...]:
    """What is agreed before the first heading."""
    first, last = (bisect_left(sheet.lines, place, key=lambda line: line.start) for place in (start, end))
    nodes = divide(sheet, Stretch(start, end, first, last, depth=2))
    lead = nodes[0].start if nodes else end
    return nodes if lead == start else (Node(start, lead, "clause", None, ""), *nodes)


def _flatten(node: Node, path: tuple[str, ...], level: int) -> Iterator[Clause]:
    """A clause's own words, then those below it."""
    own = (*path, node.heading) if node.heading else path
    end = node.below[0].start if node.below else node.end
    if node.kind in {"front", "contents"}:
        level = 0
    if end > node.start:
        yield Clause(Span(node.start, end), node.kind, level, node.number, own)
    for below in node.below:
        yield from _flatten(below, own, level if node.unseen else level + 1)


def _tile(clauses: Sequence[Clause], length: int) -> tuple[Clause, ...]:
    """The same clauses, each beginning where the one before ends; the first takes what stands before it."""
    if not clauses:
        return (Clause(Span(0, length), "front", 0, None, ()),)
    starts = [0, *[clause.span.start for clause in clauses[1:]]]
    return tuple(
        replace(clause, span=Span(start, end)) for clause, start, end in zip(clauses, starts, [*starts[1:], length], strict=True)
    )
