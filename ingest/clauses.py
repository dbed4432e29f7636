"""From a contract's text to its clauses, by headings and by numbers that count on; together they are the whole text."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.records import Clause, ClauseKind, Page, Span
from ingest.clause_chains import Candidate, Chain, best_chain
from ingest.clause_heads import capital_heads, defines, definition_heads
from ingest.clause_lines import Line, lines_of
from ingest.clause_marks import RANKS, Mark, marks_in
from ingest.clause_regions import Region, regions_of

_DEEPEST = 8
_FRAMES = frozenset({"article", "section", "int"})


@dataclass(frozen=True, slots=True)
class Node:
    """A clause with those below it; one that is `unseen` stands for a section that has no words of its own."""

    start: int
    end: int
    kind: ClauseKind
    number: str | None
    heading: str
    below: tuple["Node", ...] = ()
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A text laid out for division: its lines and the numbers and headings found in them."""

    text: str
    lines: Sequence[Line]
    marks: Sequence[Mark]
    taken: frozenset[int]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines `first` up to `last` from the character `start` to `end`, with what is known of their surroundings."""

    start: int
    end: int
    first: int
    last: int
    above: tuple[int, ...] = ()
    style: str = ""
    heading: str = ""
    depth: int = 1
    framed: bool = False


def split_clauses(text: str, pages: tuple[Page, ...] = (), furniture: tuple[Span, ...] = ()) -> tuple[Clause, ...]:
    """The clauses of a contract in order; their spans tile the text. Furniture is seen through, and heads nothing."""
    if not text:
        return ()
    lines = lines_of(text, pages, furniture)
    if not lines:
        return (Clause(Span(0, len(text)), "front", 0, None, ()),)
    marks = marks_in(lines)
    sheet = Sheet(text, lines, marks, _taken(lines, marks))
    nodes = [node for region, end in _ends(lines, regions_of(lines), len(text)) for node in _region_nodes(sheet, region, end)]
    flat = [clause for node in nodes for clause in _flatten(node, (), 1)]
    return _tile(flat, len(text))


def _taken(lines: Sequence[Line], marks: Sequence[Mark]) -> frozenset[int]:
    """The lines on which a number or its title stands."""
    taken = set()
    for mark in marks:
        at = mark.line
        while at < len(lines) and (at == mark.line or lines[at].start < mark.end):
            taken.add(at)
            at += 1
    return frozenset(taken)


def _ends(lines: Sequence[Line], regions: Sequence[Region], length: int) -> Iterator[tuple[Region, int]]:
    for region in regions:
        yield region, lines[region.last].start if region.last < len(lines) else length


def _region_nodes(sheet: Sheet, region: Region, end: int) -> Iterator[Node]:
    """The clauses of one part of the document."""
    start = sheet.lines[region.first].start
    if region.kind in {"contents", "signature"}:
        yield Node(start, end, "contents" if region.kind == "contents" else "signature", None, "")
        return
    stretch = Stretch(start, end, region.first + region.titled, region.last)
    below = _divide(sheet, stretch)
    if region.kind == "exhibit":
        yield Node(start, end, "exhibit", region.label, region.heading, below)
        return
    if not below:
        yield Node(start, end, "front", None, "")
        return
    if below[0].start > start:
        yield Node(start, below[0].start, "front", None, "")
    yield from below


def _divide(sheet: Sheet, stretch: Stretch) -> tuple[Node, ...]:
    """The clauses that a stretch of text falls into, none where it is one."""
    if stretch.depth > _DEEPEST:
        return ()
    marks = _marks_within(sheet, stretch)
    chain = best_chain(marks, stretch.start, stretch.end, {}, stretch.above)
    for rival in (_heads_chain(sheet, stretch, "CAP"), _heads_chain(sheet, stretch, "DEF")):
        if rival and (chain is None or rival.fit > chain.fit):
            chain = rival
    if chain is None:
        return ()
    nodes = tuple(_link_nodes(sheet, stretch, chain))
    return () if _folds(sheet, stretch, chain, nodes) else nodes


def _marks_within(sheet: Sheet, stretch: Stretch) -> list[Mark]:
    first = bisect_left(sheet.marks, stretch.start, key=lambda mark: mark.start)
    last = bisect_left(sheet.marks, stretch.end, key=lambda mark: mark.start)
    marks = [mark for mark in sheet.marks[first:last] if mark.line >= stretch.first]
    return [mark for mark in marks if not mark.virtual] if stretch.framed else marks


def _heads_chain(sheet: Sheet, stretch: Stretch, style: str) -> Chain | None:
    """The unnumbered headings of a stretch as a sequence, where there are two at least."""
    if style == "CAP":
        heads = capital_heads(sheet.lines, stretch.first, stretch.last, sheet.taken)
    else:
        heads = definition_heads(sheet.lines, stretch.first, stretch.last, plain="defin" in stretch.heading.lower())
    heads = [head for head in heads if head.start > stretch.start]
    if len(heads) < 2 or stretch.style == style:
        return None
    span = (heads[-1].start - heads[0].start) / (stretch.end - stretch.start)
    fit = span - 0.12 * (RANKS["CAP"] if style == "CAP" else 3.2)
    return Chain(style, tuple(Candidate(head, (), 0) for head in heads), fit)


def _link_nodes(sheet: Sheet, stretch: Stretch, chain: Chain) -> Iterator[Node]:
    """One clause for each number of a sequence, each running up to the next, with its own clauses below it."""
    ends = [link.mark.start for link in chain.links[1:]] + [stretch.end]
    for link, end in zip(chain.links, ends, strict=True):
        mark = link.mark
        last = bisect_left(sheet.lines, end, key=lambda line: line.start)
        inner = Stretch(
            mark.start if mark.virtual else mark.start + 1,
            end,
            mark.line,
            last,
            above=_above(stretch, chain.style, link),
            style=chain.style,
            heading=mark.title,
            depth=stretch.depth + 1,
            framed=stretch.framed or chain.style in _FRAMES,
        )
        kind: ClauseKind = "definition" if chain.style == "DEF" or defines(sheet.text, _after_label(mark)) else "clause"
        heading = sheet.text[mark.start : mark.end].strip() if mark.title else mark.label
        below = _divide(sheet, inner)
        yield Node(mark.start, end, kind, _number(mark), " ".join(heading.split()), below, unseen=mark.virtual)


def _after_label(mark: Mark) -> int:
    return mark.start + len(mark.label)


def _above(stretch: Stretch, style: str, link: Candidate) -> tuple[int, ...]:
    if style in _FRAMES:
        return (link.value,)
    if style.startswith("dec"):
        return (*link.above, link.value)
    return stretch.above


def _number(mark: Mark) -> str | None:
    return mark.label.rstrip(".:") or None


def _folds(sheet: Sheet, stretch: Stretch, chain: Chain, nodes: tuple[Node, ...]) -> bool:
    """Whether the items of a list are too small to stand alone, and stay within the clause that lists them."""
    nested_count = chain.style in {"int", "ROM.", "ABC."} and stretch.style in {"int", "section", "dec2", "dec3"}
    if not nested_count and (
        chain.style in {"CAP", "DEF", "int", "ROM.", "ABC.", "part", "article", "section"} or chain.style.startswith("dec")
    ):
        return False
    sizes = [node.end - node.start for node in nodes[:-1]]
    mean = sum(sizes) / max(1, len(sizes))
    if sum(node.kind == "definition" for node in nodes) * 2 > len(nodes):
        return False
    if any(node.below for node in nodes) and mean > 300:
        return False
    titled = sum(bool(link.mark.title) for link in chain.links) * 2 > len(nodes)
    if titled and mean > 120:
        return False
    whole = sum(sheet.text[node.start : node.end].rstrip().endswith(".") for node in nodes) > 0.6 * len(nodes)
    return mean < (250 if whole else 600)


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
