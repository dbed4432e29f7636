"""Cuts the stretches of a contract that answer for one clause type out of what is probable of each sentence."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from math import exp, log
from pathlib import Path

import numpy as np

from index.records import Span
from models.clause_text import Reading
from models.clause_words import Floats

# Stretches start from the best so many sentences at most, for each stretch that is wanted.
_TRIED = 5
# What a short stretch is given to be understood by makes it no longer than so many characters.
_IN_CONTEXT = 800


@dataclass(frozen=True, slots=True)
class Cut:
    """How stretches grow and are believed, learned beside the nets; `most` of them a type.

    A stretch takes neighbours in while that pays: the chance that something of it is right, and `worth` for each sentence
    that is right, against `price` for what it loses in precision. A type's best stretch has at most `first` characters, the
    others `later`; one of fewer than `least` is shown with what stands beside it in its clause. `slope` and `offset` turn the
    log-odds of a stretch's best sentence into the probability that the contract has such a clause (Platt, 1999); one of each
    for all types, so that a probability means the same everywhere.
    """

    price: float
    worth: float
    first: int
    later: int
    least: int
    most: int
    slope: float
    offset: float

    def probability(self, chance: float) -> float:
        """What the chance of a stretch's best sentence says of the contract."""
        return 1 / (1 + exp(-self.slope * log_odds(chance) - self.offset))


def log_odds(chance: float) -> float:
    """The log-odds of a chance, which is kept from certainty."""
    chance = min(1 - 1e-6, max(1e-6, chance))
    return log(chance / (1 - chance))


def load_cut(directory: Path) -> Cut:
    """The cutting rules that `save_cut` wrote."""
    return Cut(**json.loads((directory / "cut.json").read_text(encoding="utf-8")))


def save_cut(directory: Path, cut: Cut) -> None:
    """Write cutting rules as JSON."""
    (directory / "cut.json").write_text(json.dumps(asdict(cut), indent=1), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring sentences around the `best` of them."""

    span: Span
    best: int
    probability: float


def stretches(reading: Reading, chances: Floats, cut: Cut) -> Iterator[Stretch]:
    """One type's stretches, best first; `chances` (n) are those of the sentences."""
    grower = _Grower(reading, chances.tolist(), cut)
    given = 0
    for best in np.argsort(-chances, kind="stable")[: _TRIED * cut.most].tolist():
        if given == cut.most:
            return
        if grower.free[best]:
            span = grower.grown(best, cut.later if given else cut.first)
            given += 1
            yield Stretch(span, best, cut.probability(float(chances[best])))


@dataclass(frozen=True, slots=True)
class _Sum:
    """What a stretch has: the chance that nothing of it is right, the characters that are, and all its characters."""

    wrong: float = 1.0
    right: float = 0.0
    length: int = 0

    def with_one(self, chance: float, length: int) -> "_Sum":
        return _Sum(self.wrong * (1 - chance), self.right + chance * length, self.length + length)


# What growing is worth, the first and the last sentence then, and the sum of all.
_Gain = tuple[float, int, int, _Sum]


class _Grower:
    """Grows stretches of one type that never overlap."""

    def __init__(self, reading: Reading, chances: Sequence[float], cut: Cut) -> None:
        self.free = [True] * len(chances)
        self._units = reading.units
        self._clause_of = reading.clause_of.tolist()
        self._chances = chances
        self._cut = cut

    def grown(self, best: int, room: int) -> Span:
        """The stretch around one sentence, the one or two neighbours that pay most first; its sentences are free no more."""
        first = last = best
        whole = _Sum().with_one(self._chances[best], len(self._units[best]))
        while gains := self._gains(first, last, whole, room):
            _, first, last, whole = max(gains, key=lambda gain: gain[0])
        for each in range(first, last + 1):
            self.free[each] = False
        return Span(self._units[first].start, self._units[last].end)

    def _gains(self, first: int, last: int, whole: _Sum, room: int) -> list[_Gain]:
        """Where to grow: to one sentence or to two at a time if that pays, else to what a short stretch is understood by."""
        paying = (list(self._paying(first, last, whole, room, count)) for count in (1, 2))
        return next(filter(None, paying), None) or list(self._context(first, last, whole, room))

    def _steps(self, first: int, last: int, room: int, count: int) -> Iterator[tuple[int, int, range]]:
        """The stretch with so many sentences more, before it or after it, where there is room; and which ones those are."""
        for new_first, new_last, added in (
            (first - count, last, range(first - count, first)),
            (first, last + count, range(last + 1, last + count + 1)),
        ):
            if new_first < 0 or new_last >= len(self.free) or not all(self.free[each] for each in added):
                continue
            if self._units[new_last].end - self._units[new_first].start <= room:
                yield new_first, new_last, added

    def _paying(self, first: int, last: int, whole: _Sum, room: int, count: int) -> Iterator[_Gain]:
        """What pays, of taking in so many sentences."""
        for new_first, new_last, added in self._steps(first, last, room, count):
            *_, grown = accumulate(added, self._joined, initial=whole)
            gain = whole.wrong - grown.wrong + self._cut.worth * sum(self._chances[each] for each in added)
            gain -= self._cut.price * (whole.right / whole.length - grown.right / grown.length)
            if gain > 0:
                yield gain, new_first, new_last, grown

    def _context(self, first: int, last: int, whole: _Sum, room: int) -> Iterator[_Gain]:
        """The neighbours in its clause of a stretch that is too short to stand alone, by their chances."""
        if whole.length < self._cut.least:
            for new_first, new_last, (added,) in self._steps(first, last, min(room, _IN_CONTEXT), 1):
                if self._clause_of[added] == self._clause_of[min(max(added, first), last)]:
                    yield self._chances[added], new_first, new_last, self._joined(whole, added)

    def _joined(self, whole: _Sum, each: int) -> _Sum:
        return whole.with_one(self._chances[each], len(self._units[each]))
