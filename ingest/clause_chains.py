"""Which of the numbers in a stretch of text form a sequence: the longest credible counting, by dynamic programming."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.clause_marks import RANKS, Mark

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
            chains.append(Chain(style, tuple(links), _fit(style, links, fitting, start, end)))
    return max(chains, key=lambda chain: chain.fit, default=None)


def _under(candidates: list[Candidate], above: tuple[int, ...]) -> list[Candidate]:
    """The decimal numbers that repeat their section's, where any does; else all of them."""
    if not above:
        return candidates
    repeating = [one for one in candidates if one.above[-len(above) :] == above or one.above[: len(above)] == above]
    return repeating or candidates


def _holds(style: str, links: Sequence[Candidate], above: tuple[int, ...], marks: Sequence[Mark]) -> bool:
    """Whether a sequence is one: two numbers, or a single one whose word, parent or children vouch for it."""
    real = [link for link in links if not link.mark.virtual]
    if len(links) >= 2:
        return bool(real) or style == "int"
    if not real:
        return False
    only = real[0]
    if style in {"article", "part"} and only.mark.weight >= 1.5:
        return True
    if style in {"article", "section", "int"}:
        return bool(only.mark.title) and any(
            one.readings[0].above == (only.value,) for one in marks if one.start > only.mark.start
        )
    return style.startswith("dec") and bool(above) and only.above[-len(above) :] == above and only.value <= 1


def _fit(style: str, links: Sequence[Candidate], candidates: Sequence[Candidate], start: int, end: int) -> float:
    """How well a sequence serves as the outermost: it spans the stretch, and leaves few of its own kind out."""
    first, last = links[0].mark.start, links[-1].mark.start
    span = (last - first if len(links) > 1 else 0.8 * (end - first)) / max(1, end - start)
    inside = sum(first <= one.mark.start <= last for one in candidates if not one.mark.virtual)
    linked = sum(not link.mark.virtual for link in links)
    skipped = max(0, inside - linked) / max(1, inside)
    return span - 0.12 * RANKS[style] - 0.6 * skipped


def _start_cost(value: int, expected: int) -> float:
    """What it costs to begin a count here: nothing at 1, or where the count before left off."""
    if value in {1, expected}:
        return 0.0
    return min(4.0, 0.8 + 0.7 * abs(value - 1))


def _count(candidates: Sequence[Candidate], expected: int) -> list[Candidate]:
    """The best counting through candidates: weights earned, less what gaps, repeats and passed-over numbers cost."""
    scores: list[float] = []
    before: list[int | None] = []
    ends: dict[tuple[tuple[int, ...], int], int] = {}
    tops: dict[tuple[int, ...], int] = {}
    passed = [_passing_cost(candidates, at) for at in range(len(candidates))]
    for at, one in enumerate(candidates):
        best, source = one.mark.weight - _start_cost(one.value, expected), None
        for behind, cost in _sources(at, one, candidates, ends, tops):
            skip = 0.0 if behind == at - 1 else passed[behind]
            if (reached := scores[behind] + one.mark.weight - cost - skip) >= best:
                best, source = reached, behind
        scores.append(best)
        before.append(source)
        _keep(ends, (one.above, one.value), at, scores, passed)
        tops.pop(one.above, None) if one.above in tops and scores[tops[one.above]] < best else None
        if one.above not in tops:
            tops[one.above] = at
    if not scores:
        return []
    at_best: int | None = max(range(len(scores)), key=scores.__getitem__)
    links = []
    while at_best is not None:
        links.append(candidates[at_best])
        at_best = before[at_best]
    return links[::-1]


def _passing_cost(candidates: Sequence[Candidate], at: int) -> float:
    """What it costs to pass over the next candidate: little where a count of its own begins there (a list within)."""
    if at + 1 >= len(candidates):
        return 0.0
    return 0.1 if candidates[at + 1].value <= 1 else 0.5


def _keep(
    ends: dict[tuple[tuple[int, ...], int], int],
    key: tuple[tuple[int, ...], int],
    at: int,
    scores: Sequence[float],
    passed: Sequence[float],
) -> None:
    known = ends.get(key)
    if known is None or scores[at] - passed[at] >= scores[known] - passed[known]:
        ends[key] = at


def _sources(
    at: int,
    one: Candidate,
    candidates: Sequence[Candidate],
    ends: Mapping[tuple[tuple[int, ...], int], int],
    tops: Mapping[tuple[int, ...], int],
) -> list[tuple[int, float]]:
    """The candidates that a count can come from to reach this one, each with the cost of the step."""
    sources = []
    for missing in range(-1, _REACH):
        value = one.value - 1 - missing
        if (behind := ends.get((one.above, value))) is not None:
            sources.append((behind, _step_cost(missing)))
    if at and candidates[at - 1].above == one.above and 0 <= one.value - candidates[at - 1].value <= _REACH:
        sources.append((at - 1, _step_cost(one.value - 1 - candidates[at - 1].value)))
    if one.above and one.value <= 3:
        late = 0.5 * max(0, one.value - 1)
        sources += [
            (tops[above], late + (0.0 if one.above[-1] - above[-1] <= 1 else 0.5))
            for above in list(tops)[-3:]
            if above < one.above
        ]
    return sources


def _step_cost(missing: int) -> float:
    """The cost of numbers left out between two; -1 is the same number twice, which drafters do."""
    if missing == 0:
        return 0.0
    return 1.25 if missing < 0 else 0.5 + 0.5 * missing
