"""Learns from nets on contracts that they never saw: the forest that judges them, and the rule that cuts and believes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.linear_model import LogisticRegression

from index.records import Finding
from index.taxonomy import clause_types
from models.clause_cut import Cut, log_odds
from models.clause_evidence import Said
from models.clause_forest import Forest
from models.clause_words import Floats, Lexicon
from models.clauses import findings, judge
from scripts.bench_clauses import FACTS, Row, score
from scripts.train_forest import Judged, grown, judged
from scripts.train_labels import Labelled, Lesson

TYPES = tuple(kind.name for kind in clause_types())
LEXICON = Lexicon([kind.cues for kind in clause_types()], [kind.headings for kind in clause_types()])
# How stretches grow: what cross-validation liked best of a few dozen. Probabilities are still to be learned.
_RULE = Cut(price=0.05, worth=0.06, first=2000, later=2000, least=300, most=8, slope=1.0, offset=0.0)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A contract of one fold, scored (n, t) by nets that never saw it, nor another of its company: as it is, and unheaded."""

    contract: Labelled
    fold: int
    lesson: Lesson
    said: Said
    unheaded: Said

    def examples(self) -> list[Judged]:
        """What a forest can learn from it.

        Types that no expert looked for are known by their headings alone. Without them such clauses must be told all the
        same, so there the contract counts twice.
        """
        sought = np.array([name in self.contract.spans for name in TYPES], dtype=bool)
        bare = replace(self.lesson, reading=self.lesson.reading.without_headings())
        return [judged(self.lesson, self.said, sought | ~sought), judged(bare, self.unheaded, ~sought)]


@dataclass(frozen=True, slots=True)
class Answered:
    """A held-out contract with the chances of its sentences (n, t) by a forest that never saw its fold."""

    held: HeldOut
    chances: Floats

    def findings(self, cut: Cut) -> tuple[Finding, ...]:
        """What a scorer that never saw the contract finds in it."""
        return findings(self.held.lesson.reading, self.chances, TYPES, self.held.contract.clauses, cut)


def forest_of(held: Sequence[HeldOut]) -> Forest:
    """A forest that knows all of these contracts."""
    return grown([example for each in held for example in each.examples()])


def cross_validated(held: Sequence[HeldOut]) -> list[Answered]:
    """Every contract, judged by a forest that was grown without its fold."""
    answered = []
    for number in sorted({each.fold for each in held}):
        forest = forest_of([each for each in held if each.fold != number])
        print(f"forest {number + 1} grown", flush=True)
        answered += [Answered(each, judge(each.lesson.reading, each.said, forest)) for each in held if each.fold == number]
    return answered


def rule(answered: Sequence[Answered]) -> Cut:
    """The cutting rule, with probabilities that say how many contracts have a clause whose best sentence has such a chance."""
    best: list[float] = []
    there: list[bool] = []
    for each in answered:
        for column, name in enumerate(TYPES):
            if name in each.held.contract.spans.keys() - FACTS and len(each.chances):
                best.append(log_odds(float(each.chances[:, column].max())))
                there.append(bool(each.held.contract.spans[name]))
    if len(set(there)) < 2:  # with one kind of answer there is nothing to tell apart
        return _RULE
    model = LogisticRegression(C=10.0).fit(np.array(best)[:, None], np.array(there))
    return replace(_RULE, slope=float(model.coef_[0, 0]), offset=float(model.intercept_[0]))


def rows_of(each: Answered, cut: Cut) -> list[Row]:
    """How one held-out contract is answered."""
    return score(each.held.contract.transcript.text, each.findings(cut), each.held.contract.spans)


def as_json(answered: Sequence[Answered], cut: Cut) -> dict[str, dict[str, list[tuple[int, int, str | None, float]]]]:
    """By file and clause type: start, end, heading and probability of every finding, best first."""
    files: dict[str, dict[str, list[tuple[int, int, str | None, float]]]] = {}
    for each in answered:
        of_file: dict[str, list[tuple[int, int, str | None, float]]] = defaultdict(list)
        for finding in each.findings(cut):
            of_file[finding.clause_type].append((finding.span.start, finding.span.end, finding.heading, finding.probability))
        files[each.held.contract.file] = dict(of_file)
    return files
