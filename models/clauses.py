"""Finds the stretches of a contract that are clauses of each known type, with calibrated probabilities."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.records import Clause, Finding, Span
from models.clause_cut import Cut, load_cut, stretches
from models.clause_evidence import Said, chances, evidence, looked_at
from models.clause_forest import Forest, load_forest
from models.clause_net import Net, closely, load_nets, mean_logits
from models.clause_text import Reading, pieces, read
from models.clause_words import Floats

WEIGHTS = Path(__file__).parent / "clause_weights"
FOREST = "forest.npz"
_SHORTEST, _SAYS_NOTHING = 12, 1e-3


class ClauseScorer:
    """The scorer with its weights. Holds no state beside them, so that any number of threads may share one."""

    def __init__(self, weights: Path = WEIGHTS) -> None:
        self._nets, self._lexicon = load_nets(weights)
        self._forest = load_forest(weights / FOREST)
        self._cut = load_cut(weights)

    @property
    def types(self) -> tuple[str, ...]:
        """The clause types that it looks for, by their names in the taxonomy."""
        return self._nets[0].types

    def find(self, text: str, clauses: Sequence[Clause], furniture: Sequence[Span] = ()) -> tuple[Finding, ...]:
        """The best stretches for every type, at most `Cut.most` a type, in the order of types and probability.

        `clauses` tile the text and `furniture` is sorted, as in `Prepared`. Stretches are whole sentences or list items, of
        neighbouring clauses where the answer goes on there; those of one type do not overlap. The probability is that the
        contract has such a clause, were this its best; so a type's highest says whether it has one at all.
        """
        reading = read(text, clauses, furniture, self._nets[0].vocabulary, self._lexicon)
        judged = judge(reading, said(self._nets, reading, text, furniture), self._forest)
        return findings(reading, judged, self.types, clauses, self._cut)


def said(nets: Sequence[Net], reading: Reading, text: str, furniture: Sequence[Span]) -> Said:
    """What nets say of a contract's sentences; those that are looked at again are read piece by piece as well."""
    logits = mean_logits(nets, reading)
    parts = pieces(text, reading, furniture, np.unique(looked_at(logits)), nets[0].vocabulary)
    return Said(logits, closely(nets, reading, parts, logits))


def judge(reading: Reading, said: Said, forest: Forest) -> Floats:
    """How probable it is that each sentence is a clause of each type, shape (n, t), from what the nets say."""
    if not len(said):
        return said.whole
    rows = looked_at(said.whole)
    seen = evidence(reading, said, rows)
    judged = chances(said.whole, rows, forest.log_odds(seen.reshape(-1, seen.shape[-1])).reshape(rows.shape))
    # Numbers, rules and single words are a clause of no type, whatever stands around them.
    judged[[len(unit) < _SHORTEST for unit in reading.units]] *= _SAYS_NOTHING
    return judged


def findings(reading: Reading, chances: Floats, types: Sequence[str], clauses: Sequence[Clause], cut: Cut) -> tuple[Finding, ...]:
    """The findings that the chances of a contract's sentences, shape (n, t), give."""
    return tuple(
        Finding(name, stretch.span, clauses[reading.clause_of[stretch.best]].heading, stretch.probability)
        for column, name in enumerate(types)
        for stretch in stretches(reading, chances[:, column], cut)
    )
