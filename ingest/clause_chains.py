"""Which of the numbers in a stretch of text form a sequence: the longest credible counting, by dynamic programming."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from ingest.clause_marks import FRAMES, RANKS, Mark

Number = tuple[tuple[int, ...], int]

_POOR = -0.3
_REACH = 5  # how many numbers in a row may be missing (reserved, deleted or lost in the scan)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mark read in one style: the numbers above it, and its own."""

    mark: Mark
    above: tuple[int, ...]
    value: int


@dataclass(frozen=True, slots=True)
class Chain:
    """Marks of one style that count upwards through a stretch of text; `fit` is higher for the outermost sequence."""

    style: str
    links: tuple[Candidate, ...]
    fit: float


def best_chain(
    marks: Sequence[Mark], start: int, end: int, expected: Mapping[str, int], above: tuple[int, ...] = ()
) -> Chain | None:
    """The outermost sequence of numbers between two places in the text, or `None` where nothing counts.

    `expected` are the numbers at which a style would go on from the stretch before; `above` is the number of the
    section that the stretch belongs to, which a decimal number must repeat.
    """
    by_style: defaultdict[str, list[Candidate]] = defaultdict(list)
    for mark in marks:
        for reading in mark.readings:
            by_style[reading.style].append(Candidate(mark, reading.above, reading.value))
    chains = []
    for style, candidates in by_style.items():
        fitting = _under(candidates, above) if style.startswith("dec") else candidates
        links = _count(fitting, expected.get(style, 1))
        if _holds(style, links, above, marks):
            chains.append(Chain(style, tuple(links), _fit(style, links, fitting, marks, start, end)))
    best = max(chains, key=lambda chain: chain.fit, default=None)
    if best is None:
        return None
    outer = (chain for chain in chains if (chain.fit > _POOR and _frames(chain, best)) or _opens(chain, best, above))
    return next(outer, best)


def _opens(chain: Chain, best: Chain, above: tuple[int, ...]) -> bool:
    """Whether a section's own decimal numbers begin before the other sequence, which then is a list within one of them."""
    first, other = chain.links[0], best.links[0]
    own = bool(above) and first.above == above and other.above != above and first.value <= 1
    return own and first.mark.start < other.mark.start


def _frames(outer: Chain, inner: Chain) -> bool:
    """Whether the numbers of one sequence stand above those of another, as 4. and 5. do above 4.1, 4.2 and 5.1."""
    if not inner.links[0].above or outer.style == inner.style or not (outer.style in FRAMES or outer.links[0].above):
        return False
    starts = [link.mark.start for link in outer.links]
    held = 0
    for link in inner.links:
        at = bisect_right(starts, link.mark.start) - 1
        number = (*outer.links[at].above, outer.links[at].value)
        held += at >= 0 and link.above[: len(number)] == number
    return held > 0.8 * len(inner.links)


def _under(candidates: list[Candidate], above: tuple[int, ...]) -> list[Candidate]:
    """The decimal numbers that repeat their section's, where any does; else all of them."""
    if not above:
        return candidates
    repeating = [one for one in candidates if one.above[-len(above) :] == above or one.above[: len(above)] == above]
    return repeating or candidates


def _holds(style: str, links: Sequence[Candidate], above: tuple[int, ...], marks: Sequence[Mark]) -> bool:
    """Whether a sequence is one: two numbers, or a single one whose word, parent or children vouch for it."""
    real = [link for link in links if not link.mark.virtual]
    if len({(link.above, link.value) for link in links}) >= 2:
        printed = style == "int" or 2 * len(real) >= len(links)
        return printed and (style in FRAMES or style == "part" or bool(links[0].above) or links[0].value <= 2)
    if not real:
        return False
    only = real[0]
    if style in {"article", "part"} and only.mark.weight >= 1.5:
        return True
    if style in FRAMES and not above:
        return bool(only.mark.title) and any(
            one.readings[0].above == (only.value,) for one in marks if one.start > only.mark.start
        )
    return style.startswith("dec") and bool(above) and only.above[-len(above) :] == above and only.value <= 1


def _fit(
    style: str, links: Sequence[Candidate], candidates: Sequence[Candidate], marks: Sequence[Mark], start: int, end: int
) -> float:
    """How well a sequence serves as the outermost: it spans the stretch, and leaves few of its own kind out."""
    first, last = links[0].mark.start, links[-1].mark.start
    if style in FRAMES or links[0].above:
        last = max(last, _last_below({(*link.above, link.value) for link in links}, marks))
    span = (last - first if len(links) > 1 else 0.8 * (end - first)) / max(1, end - start)
    inside = sum(first <= one.mark.start <= last and _plain(one) for one in candidates)
    linked = sum(_plain(link) for link in links)
    skipped = max(0, inside - linked) / max(1, inside)
    return span - 0.12 * RANKS[style] - 0.6 * skipped


def _last_below(numbers: set[tuple[int, ...]], marks: Sequence[Mark]) -> int:
    """Where the last decimal number stands that repeats one of these."""
    deep = len(next(iter(numbers)))
    return max((mark.start for mark in marks if mark.readings[0].above[:deep] in numbers), default=0)


def _plain(one: Candidate) -> bool:
    """Whether a number is printed, and reads in one way alone; "(i)" and "(c)" may belong to another sequence."""
    return not one.mark.virtual and len(one.mark.readings) == 1


def _start_cost(value: int, expected: int) -> float:
    """What it costs to begin a count here: nothing at 1, or where the count before left off."""
    if value in {1, expected}:
        return 0.0
    return min(4.0, 0.8 + 0.7 * abs(value - 1))


def _count(candidates: Sequence[Candidate], expected: int) -> list[Candidate]:
    """The best counting through candidates: weights earned, less what gaps, repeats and passed-over numbers cost."""
    scores: list[float] = []
    before: list[int | None] = []
    ends: dict[Number, int] = {}
    tops: dict[tuple[int, ...], int] = {}
    after = _next_printed(candidates)
    for at, one in enumerate(candidates):
        best, source = one.mark.weight - _start_cost(one.value, expected), None
        for behind, cost in _steps(at, candidates, ends, tops):
            reached = scores[behind] + one.mark.weight - cost - _passing_cost(candidates, after[behind], at)
            if reached >= best:
                best, source = reached, behind
        scores.append(best)
        before.append(source)
        key = (one.above, one.value)
        if key not in ends or best - _passing_cost(candidates, after[at]) >= scores[ends[key]] - _passing_cost(
            candidates, after[ends[key]]
        ):
            ends[key] = at
        if one.above not in tops or best >= scores[tops[one.above]]:
            tops[one.above] = at
    at_best: int | None = max(range(len(scores)), key=scores.__getitem__, default=None)
    links = []
    while at_best is not None:
        links.append(candidates[at_best])
        at_best = before[at_best]
    return links[::-1]


def _next_printed(candidates: Sequence[Candidate]) -> list[int]:
    """For each candidate the place of the next one that is printed."""
    places = [len(candidates)] * len(candidates)
    for at in range(len(candidates) - 2, -1, -1):
        places[at] = places[at + 1] if candidates[at + 1].mark.virtual else at + 1
    return places


def _passing_cost(candidates: Sequence[Candidate], over: int, to: int | None = None) -> float:
    """What it costs to pass over a candidate: little where a count of its own begins there (a list within)."""
    if over >= (len(candidates) if to is None else to):
        return 0.0
    return 0.1 if candidates[over].value <= 1 or not _plain(candidates[over]) else 0.5


def _steps(
    at: int, candidates: Sequence[Candidate], ends: Mapping[Number, int], tops: dict[tuple[int, ...], int]
) -> Iterator[tuple[int, float]]:
    """The candidates that a count can come from to reach this one, each with the cost of the step."""
    one = candidates[at]
    for missing in range(-1 if one.value > 1 else 0, _REACH):
        if (behind := ends.get((one.above, one.value - 1 - missing))) is not None:
            yield behind, _step_cost(missing)
    if at and candidates[at - 1].above == one.above and 0 < one.value - candidates[at - 1].value <= _REACH:
        yield at - 1, _step_cost(one.value - 1 - candidates[at - 1].value)
    if one.above and one.value <= 3:
        for above in islice(reversed(tops), 3):
            if above < one.above:
                yield tops[above], 0.5 * max(0, one.value - 1) + (0.0 if one.above[-1] - above[-1] <= 1 else 0.5)


def _step_cost(missing: int) -> float:
    """The cost of numbers left out between two; -1 is the same number twice, which drafters do."""
    if missing == 0:
        return 0.0
    return 1.6 if missing < 0 else 0.5 + 0.5 * missing
