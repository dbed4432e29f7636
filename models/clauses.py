"""Finds the stretches of a contract that are clauses of each known type, with calibrated probabilities."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.records import Clause, Finding, Span
from models.clause_net import load_net
from models.clause_text import Floats, Reading, read

Free = npt.NDArray[np.bool_]
WEIGHTS = Path(__file__).parent / "clause_weights"


@dataclass(frozen=True, slots=True)
class Cut:
    """How stretches are cut and believed, learned beside the net.

    A stretch grows from its best sentence to neighbours in the same clause whose log-odds are above `joins`, while it is
    within `first` characters for a type's best stretch and `later` for the others. `slope` and `offset`, one a type, turn
    log-odds into probabilities (Platt, 1999).
    """

    joins: float
    first: int
    later: int
    most: int
    slope: Floats
    offset: Floats


class ClauseScorer:
    """The scorer with its weights. Holds no state beside them, so that any number of threads may share one."""

    def __init__(self, weights: Path = WEIGHTS) -> None:
        self._net = load_net(weights)
        self._cut = load_cut(weights)

    @property
    def types(self) -> tuple[str, ...]:
        """The clause types that it looks for, by their names in the taxonomy."""
        return self._net.types

    def find(self, text: str, clauses: Sequence[Clause], furniture: Sequence[Span] = ()) -> tuple[Finding, ...]:
        """The best stretches for every type, at most `Cut.most` a type, in the order of types and probability.

        `clauses` tile the text and `furniture` is sorted, as in `Prepared`. Stretches are whole sentences or list items of one
        clause; those of one type do not overlap. The probability is that the stretch is such a clause; a type's highest says
        whether the contract has one at all.
        """
        reading = read(text, clauses, furniture, self._net.vocabulary)
        return findings(reading, self._net.logits(reading), self._net.types, clauses, self._cut)


def findings(reading: Reading, logits: Floats, types: Sequence[str], clauses: Sequence[Clause], cut: Cut) -> tuple[Finding, ...]:
    """The findings that the log-odds of a contract's sentences, shape (n, t), give."""
    return tuple(
        Finding(name, stretch.span, clauses[reading.clause_of[stretch.best]].heading, stretch.probability)
        for column, name in enumerate(types)
        for stretch in stretches(reading, logits[:, column], cut, column)
    )


def load_cut(directory: Path) -> Cut:
    """The cutting rules saved by scripts/train_clauses.py in a directory."""
    saved = json.loads((directory / "cut.json").read_text(encoding="utf-8"))
    return Cut(
        joins=saved["joins"],
        first=saved["first"],
        later=saved["later"],
        most=saved["most"],
        slope=np.array(saved["slope"], dtype=np.float32),
        offset=np.array(saved["offset"], dtype=np.float32),
    )


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring sentences of one clause around the `best` of them."""

    span: Span
    best: int
    probability: float


def stretches(reading: Reading, logits: Floats, cut: Cut, column: int) -> Iterator[Stretch]:
    """One type's stretches, best first; `logits` (n) are its own, `column` its number."""
    free = np.ones(len(logits), dtype=bool)
    given = 0
    # Only so many sentences can be in reach of the best stretches.
    for best in np.argsort(-logits, kind="stable")[: 20 * cut.most]:
        if given == cut.most:
            return
        if not free[best]:
            continue
        first, last = _grown(reading, logits, free, int(best), cut.later if given else cut.first, cut.joins)
        free[first : last + 1] = False
        given += 1
        probability = 1 / (1 + np.exp(-(cut.slope[column] * logits[best] + cut.offset[column])))
        yield Stretch(Span(reading.units[first].start, reading.units[last].end), int(best), float(probability))


def _grown(reading: Reading, logits: Floats, free: Free, best: int, room: int, joins: float) -> tuple[int, int]:
    """The first and last sentence of the stretch that grows from one sentence, better neighbour first."""
    first = last = best
    clause = reading.clause_of
    while True:
        near = [
            each
            for each in (first - 1, last + 1)
            if 0 <= each < len(logits)
            and free[each]
            and logits[each] > joins
            and clause[each] == clause[best]
            and reading.units[max(each, last)].end - reading.units[min(each, first)].start <= room
        ]
        if not near:
            return first, last
        added = max(near, key=lambda each: float(logits[each]))
        first, last = min(first, added), max(last, added)
