"""What seconds that were measured tell: how far two kinds of answers differ, how sure that is, and who could tell them apart."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

# Seconds that answers took, by server and matter.
Took = dict[tuple[str, int], list[float]]
Seconds = npt.NDArray[np.float64]

_TIMES = 1_000
# One who is right 19 times in 20, either way.
_Z = 1.96 + 1.645


def told_apart(took: Took, hidden_in: Mapping[int, str]) -> str:
    """Cells of a table: medians where hidden and where made up, their difference, how likely one of the hidden is the slower of
    two, and how many calls of each somebody needs who goes by that.

    Both are compared on the same server, and the two servers' figures then averaged, so that what is peculiar to a name or a
    server goes: each name is hidden on one and made up on the other.
    """
    chance = np.random.default_rng(3)
    groups = {firm: [number for number, where in hidden_in.items() if where == firm] for firm in sorted(set(hidden_in.values()))}
    hidden, made_up = _medians(took, groups)
    drawn = [_compared(took, _drawn(groups, chance)) for _ in range(_TIMES)]
    difference, likelier = _compared(took, groups)
    differences, odds = zip(*drawn, strict=True)
    return " | ".join(
        (
            f"{hidden * 1e3:.2f} ms",
            f"{made_up * 1e3:.2f} ms",
            f"{_micro(difference)} ({_micro(_at(differences, 2.5))} to {_micro(_at(differences, 97.5))})",
            f"{likelier:.3f} ({_at(odds, 2.5):.3f} to {_at(odds, 97.5):.3f})",
            _calls(likelier, _at(odds, 2.5), _at(odds, 97.5)),
        )
    )


def told_of_size(took: Took) -> str:
    """Cells of a table: medians of the two servers with hidden contracts and of the two without, their difference, and how far
    two of a kind differ, which no more than the difference's figure can be sure of."""
    chance = np.random.default_rng(3)
    numbers = sorted({number for _, number in took})
    median = _each_median(took, numbers)
    drawn = [_each_median(took, chance.choice(numbers, len(numbers)).tolist()) for _ in range(_TIMES)]
    differences = [_with(one) - _without(one) for one in drawn]
    alike = max(abs(median["first"] - median["second"]), abs(median["neither"] - median["neither again"]))
    return " | ".join(
        (
            f"{_with(median) * 1e3:.2f} ms",
            f"{_without(median) * 1e3:.2f} ms",
            f"{_micro(_with(median) - _without(median))} ({_micro(_at(differences, 2.5))} to {_micro(_at(differences, 97.5))})",
            _micro(alike),
        )
    )


def likelier_slower(some: Seconds, others: Seconds) -> float:
    """How likely one of some is greater than one of others (Mann and Whitney, 1947), ties shared."""
    ranks = np.sort(others)
    below = np.searchsorted(ranks, some, "left") + np.searchsorted(ranks, some, "right")
    return float(below.mean()) / (2 * len(others))


def calls_needed(likelier: float) -> float:
    """How many calls of each kind it takes to be right 19 times in 20 (Noether, 1987)."""
    return float(_Z**2 / (6 * (likelier - 0.5) ** 2)) if likelier != 0.5 else float("inf")


def _medians(took: Took, groups: Mapping[str, Sequence[int]]) -> tuple[float, float]:
    first, second = groups
    pairs = [(_seconds(took, firm, groups[firm]), _seconds(took, firm, groups[other])) for firm, other in _both(first, second)]
    hidden, made_up = ([float(np.median(pair[at])) for pair in pairs] for at in (0, 1))
    return sum(hidden) / 2, sum(made_up) / 2


def _compared(took: Took, groups: Mapping[str, Sequence[int]]) -> tuple[float, float]:
    """The difference of medians, and how likely a hidden one is the slower."""
    first, second = groups
    differences, odds = [], []
    for firm, other in _both(first, second):
        hidden, made_up = _seconds(took, firm, groups[firm]), _seconds(took, firm, groups[other])
        differences.append(float(np.median(hidden) - np.median(made_up)))
        odds.append(likelier_slower(hidden, made_up))
    return sum(differences) / 2, sum(odds) / 2


def _both(first: str, second: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (first, second), (second, first)


def _seconds(took: Took, firm: str, numbers: Sequence[int]) -> Seconds:
    return np.concatenate([np.asarray(took[firm, number]) for number in numbers])


def _drawn(groups: Mapping[str, Sequence[int]], chance: np.random.Generator) -> dict[str, list[int]]:
    return {firm: chance.choice(numbers, len(numbers)).tolist() for firm, numbers in groups.items()}


def _each_median(took: Took, numbers: Sequence[int]) -> dict[str, float]:
    return {firm: float(np.median(_seconds(took, firm, numbers))) for firm in {firm for firm, _ in took}}


def _with(median: Mapping[str, float]) -> float:
    return (median["first"] + median["second"]) / 2


def _without(median: Mapping[str, float]) -> float:
    return (median["neither"] + median["neither again"]) / 2


def _at(values: Sequence[float], percent: float) -> float:
    return float(np.percentile(values, percent))


def _micro(seconds: float) -> str:
    return f"{seconds * 1e6:+.0f} µs"


def _calls(likelier: float, low: float, high: float) -> str:
    if low <= 0.5 <= high:
        return f"not told apart; more than {_round(calls_needed(max(high, 1 - low)))}"
    return _round(calls_needed(likelier))


def _round(calls: float) -> str:
    return f"{calls:.2g}" if calls < 100 else f"{round(calls, -len(str(int(calls))) + 2):,.0f}"
