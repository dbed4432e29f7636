"""How a stretch of text falls into clauses, and those into theirs: the outermost sequence first, then within each clause."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from index.records import ClauseKind
from ingest.clause_chains import Candidate, Chain, best_chain
from ingest.clause_heads import defines, heads_in
from ingest.clause_lines import Line
from ingest.clause_marks import FRAMES, RANKS, Mark, marks_in

_DEEPEST = 8
_FEWEST = {"CAP": 2, "DEF": 2, "RUN": 3, "TTL": 3}
_NEVER_LISTS = frozenset({"CAP", "DEF", "RUN", "TTL", "part", "article", "section"})
_COUNTS = frozenset({"int", "ROM.", "ABC."})


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
    """A text laid out for division: its lines, the numbers that begin them, and by style the headings without numbers."""

    text: str
    lines: Sequence[Line]
    marks: Sequence[Mark]
    heads: Mapping[str, Sequence[Mark]]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines `first` up to `last`, from the character `start` to `end`, with what is known of what stands above them.

    `above` is the number of the section it belongs to, `style` and `heading` are how that is numbered and titled.
    `framed`: it lies within a numbered section, whose decimal numbers need no other. `only`: the one style to look for.
    `titled` is the character up to which titles are those of the document, and none of its clauses'.
    """

    start: int
    end: int
    first: int
    last: int
    above: tuple[int, ...] = ()
    style: str = ""
    heading: str = ""
    depth: int = 1
    framed: bool = False
    only: str = ""
    titled: int = 0


def lay_out(text: str, lines: Sequence[Line]) -> Sheet:
    """Find everything in a text that could head a clause."""
    marks = marks_in(lines)
    taken = set()
    for mark in marks:
        at = mark.line
        while at < len(lines) and (at == mark.line or lines[at].start < mark.end):
            taken.add(at)
            at += 1
    return Sheet(text, lines, marks, heads_in(lines, frozenset(taken)))


def divide(sheet: Sheet, stretch: Stretch) -> tuple[Node, ...]:
    """The clauses that a stretch of text falls into, none where it is one."""
    if stretch.depth > _DEEPEST or stretch.last - stretch.first < 2:
        return ()
    chain = _outermost(sheet, stretch)
    if chain is None or (stretch.only and chain.style != stretch.only):
        return ()
    nodes = tuple(_link_nodes(sheet, stretch, chain))
    if _folds(sheet, stretch, chain, nodes):
        return ()
    if stretch.depth > 1:
        return nodes
    return (*_before(sheet, stretch, chain), *_after_restart(nodes, chain))


def _before(sheet: Sheet, stretch: Stretch, chain: Chain) -> tuple[Node, ...]:
    """The clauses before the sequence that count the same way, where the numbers begin anew within a document."""
    first = chain.links[0].mark
    lead = replace(stretch, end=first.start, last=first.line, only=chain.style)
    return divide(sheet, lead) if chain.style in _COUNTS | FRAMES and lead.last - lead.first > 2 else ()


def _after_restart(nodes: tuple[Node, ...], chain: Chain) -> tuple[Node, ...]:
    """The sequence, its last clause cut off where another with titles of its own begins below it, as in an annexed form."""
    last = nodes[-1]
    inner = last.below
    restarted = len(inner) > 3 and chain.style == "int" and inner[0].number == "1" and last.number != "1"
    if restarted and sum(len(node.heading) > len(node.number or "") + 3 for node in inner) > 0.6 * len(inner):
        return (*nodes[:-1], replace(last, end=inner[0].start, below=()), *inner)
    return nodes


def _outermost(sheet: Sheet, stretch: Stretch) -> Chain | None:
    """The sequence of numbers or headings that divides a stretch into its largest parts."""
    marks = [mark for mark in _within(sheet.marks, stretch) if not (mark.virtual and stretch.framed)]
    chain = best_chain(marks, stretch.start, stretch.end, {}, stretch.above)
    for style in () if stretch.only else _FEWEST:
        rival = _heads_chain(sheet, stretch, style)
        if rival and (chain is None or _heads_over(rival, chain) or (rival.fit > chain.fit and not _holds_within(chain, rival))):
            chain = rival
    return chain


def _within(marks: Sequence[Mark], stretch: Stretch) -> Sequence[Mark]:
    first = bisect_left(marks, max(stretch.first, 0), key=lambda mark: mark.line)
    first = bisect_left(marks, stretch.start, lo=first, key=lambda mark: mark.start)
    return marks[first : bisect_left(marks, stretch.end, lo=first, key=lambda mark: mark.start)]


def _heads_chain(sheet: Sheet, stretch: Stretch, style: str) -> Chain | None:
    """The unnumbered headings of a stretch as a sequence, where there are enough of them."""
    defining = "defin" in stretch.heading.lower()
    heads = _within(sheet.heads["TERM" if defining and style == "DEF" else style], stretch)
    heads = heads[bisect_left(heads, stretch.titled, key=lambda mark: mark.start) :]
    if stretch.style == style or len(heads) < _FEWEST[style]:
        return None
    span = (heads[-1].start - heads[0].start) / (stretch.end - stretch.start)
    links = tuple(Candidate(head, (), 0) for head in heads)
    return Chain("DEF" if defining and style == "RUN" else style, links, span - 0.12 * RANKS[style])


def _heads_over(rival: Chain, chain: Chain) -> bool:
    """Whether lines of capitals stand right above numbers, as the headings of groups do."""
    if rival.style != "CAP" or chain.style not in _COUNTS:
        return False
    numbered = {link.mark.line for link in chain.links}
    over = sum(head.mark.line + 1 in numbered for head in rival.links)
    return over > 1 and over * 3 >= len(rival.links)


def _holds_within(chain: Chain, rival: Chain) -> bool:
    """Whether unnumbered paragraphs stand within a numbered sequence, which began before them and goes on behind them."""
    return rival.style != "CAP" and chain.links[0].mark.start < rival.links[0].mark.start and chain.fit > -0.6


def _link_nodes(sheet: Sheet, stretch: Stretch, chain: Chain) -> Iterator[Node]:
    """One clause for each number of a sequence, each running up to the next, with its own clauses below it."""
    ends = [link.mark.start for link in chain.links[1:]] + [stretch.end]
    for link, end in zip(chain.links, ends, strict=True):
        mark = link.mark
        below = divide(sheet, _inside(sheet, stretch, chain.style, link, end))
        heading = sheet.text[mark.start : mark.end].strip() if mark.title else mark.label
        kind = _kind(sheet.text, chain.style, mark, bool(below))
        yield Node(mark.start, end, kind, mark.label.rstrip(".:") or None, " ".join(heading.split()), below, mark.virtual)


def _inside(sheet: Sheet, stretch: Stretch, style: str, link: Candidate, end: int) -> Stretch:
    """What stands below a number, up to the next."""
    mark = link.mark
    above = (*link.above, link.value) if style in FRAMES or link.above else stretch.above
    return Stretch(
        mark.start if mark.virtual else mark.start + 1,
        end,
        mark.line,
        bisect_left(sheet.lines, end, key=lambda line: line.start),
        above=above,
        style=style,
        heading=mark.title or stretch.heading,
        depth=stretch.depth + 1,
        framed=stretch.framed or style in FRAMES,
    )


def _kind(text: str, style: str, mark: Mark, divided: bool) -> ClauseKind:
    """A clause that begins by defining a term is a definition, unless what it defines are others below it."""
    if style == "DEF" or defines(text, mark.start + len(mark.label)) or (not divided and defines(text, mark.end)):
        return "definition"
    return "clause"


def _folds(sheet: Sheet, stretch: Stretch, chain: Chain, nodes: tuple[Node, ...]) -> bool:
    """Whether the items of a list are too small to stand alone, and stay within the clause that lists them."""
    counted = chain.style in _COUNTS and stretch.style not in {"int", "section", "dec2", "dec3"}
    if counted or chain.style in _NEVER_LISTS or chain.links[0].above:
        return False
    sizes = [node.end - node.start for node in nodes[:-1]]
    mean = sum(sizes) / max(1, len(sizes))
    if sum(node.kind == "definition" for node in nodes) * 2 > len(nodes) or (mean > 300 and any(node.below for node in nodes)):
        return False
    if mean > 120 and sum(bool(link.mark.title) for link in chain.links) * 2 > len(nodes):
        return False
    whole = sum(sheet.text[node.start : node.end].rstrip().endswith(".") for node in nodes) > 0.6 * len(nodes)
    return mean < (250 if whole else 600)
