"""Fits the weights by which answers are judged to labels: prints what stands in index/fusion.py, and how well it does."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import GroupKFold

from index.excerpts import Leaves, stretches
from index.fusion import (
    ASKED,
    SCORED,
    SCORED_WEIGHTS,
    TYPED,
    Candidate,
    Inquiry,
    asked_features,
    inquiry_of,
    scored_feature,
    top_feature,
    typed_features,
)
from index.lenses import lens_of
from index.local import open_index
from index.phrasings import phrasings
from index.records import Filter, Span
from index.search import promising_in_one
from index.store import Encoder, View
from models.encoder import LocalEncoder
from scripts.bench_clauses import FACTS, Shingles, covered, shingles, words
from scripts.expert_spans import TODAY, document_ids, principals
from scripts.unseen import Unseen

Table = npt.NDArray[np.float64]
# The width of each model, and how much more than what is likeliest over all stretches its last column is tried with.
_MODELS = {
    "ASKED_WEIGHTS": (len(ASKED), (0.0,)),
    "TYPED_WEIGHTS": (len(TYPED), (0.0,)),
    "SCORED_WEIGHTS": (len(SCORED), (0.0, 1.0, 2.0)),
}


@dataclass(frozen=True, slots=True)
class Read:
    """One question to one contract: what each stretch of it looks like (SCORED), and whether experts marked it.

    `top` are the log-odds of the contract's most probable finding.
    """

    file: str
    present: bool
    seen: tuple[tuple[float, ...], ...]
    right: tuple[bool, ...]
    top: float


def read(view: View, encoder: Encoder, labels: Sequence[Mapping[str, Any]]) -> Iterator[Read]:
    """Every clause question to every labelled contract, as the taxonomy first puts it, with its type known."""
    files = document_ids(view)
    for record in labels:
        if record["file"] not in files:
            continue
        wanted = Filter(principals(), document_id=files[record["file"]])
        for category, marked in record["spans"].items():
            golds = [part for parts in marked for part in parts if len(words(part)) >= 3]
            if category not in FACTS and (golds or not marked):
                yield _read_one(view, wanted, record["file"], _inquiry(encoder, category), golds)


def _inquiry(encoder: Encoder, category: str) -> Inquiry:
    known = phrasings(encoder)
    at = next(at for at, it in enumerate(known.types) if it.name == category)
    question = known.types[at].questions[0]
    return inquiry_of(question, encoder.encode_question(question), [lens_of(known.types[at], 1.0, known.middles[at])])


def _read_one(view: View, wanted: Filter, file: str, inquiry: Inquiry, golds: Sequence[str]) -> Read:
    within = view.select(wanted, TODAY)
    key, leaves = int(within.keys[0]), Leaves(view)
    experts = [gold for gold in (shingles(words(gold)) for gold in golds) if gold]
    rows: dict[Span, tuple[float, ...]] = {}

    def look(candidate: Candidate, said: str, span: Span) -> float:
        seen = [*asked_features(candidate, inquiry, said), *typed_features(candidate, 0, inquiry.lenses[0], said)]
        rows[span] = (*seen, scored_feature(candidate.findings[0] or (), span))
        return 0.0

    chosen = promising_in_one(view, within, inquiry)
    for candidate in chosen:
        stretches(leaves, candidate, look)
    right = tuple(_is_right(words(view.text(key, span)), experts) for span in rows)
    top = top_feature(chosen[0].findings[0] or () if chosen else ())
    return Read(file, bool(golds), tuple(rows.values()), right, top)


def _is_right(said: list[str], experts: Sequence[Shingles]) -> bool:
    """Most of it is marked, or it has most of what is marked."""
    own = shingles(said)
    marked = frozenset[tuple[str, ...]]().union(*experts)
    return len(own & marked) >= 0.5 * len(own) or any(covered(gold, said) >= 0.5 for gold in experts)


def fitted(table: Table, right: npt.NDArray[np.bool_]) -> Table:
    """Weights of a logistic regression whose first column is the constant."""
    middle, spread = table[:, 1:].mean(axis=0), table[:, 1:].std(axis=0) + 1e-6
    model = LogisticRegression(max_iter=1000).fit((table[:, 1:] - middle) / spread, right)
    weights = model.coef_[0] / spread
    return np.array([model.intercept_[0] - float(weights @ middle), *weights])


def trusting(weights: Table, table: Table, right: npt.NDArray[np.bool_], trust: float) -> Table:
    """The weights with so much more for the last column, scaled so that probabilities still say how often it is right."""
    logits = table @ weights + trust * table[:, -1]
    model = LogisticRegression(C=1e6).fit(logits[:, None], right)
    slope = float(model.coef_[0, 0])
    more = np.zeros_like(weights)
    more[0], more[-1] = float(model.intercept_[0]), slope * trust
    return weights * slope + more


def report(reads: Sequence[Read]) -> None:
    """Print the weights fitted to everything, and how well such weights do on contracts that they were not fitted to."""
    asked = _Asked(reads)
    for name, (width, trusts) in _MODELS.items():
        for trust in trusts:
            whole = trusting(fitted(asked.table[:, :width], asked.right), asked.table[:, :width], asked.right, trust)
            print(f"{name} = np.array({whole.round(2).tolist()})" + (f"  # findings weigh {trust} more" if trust else ""))
            print("  on contracts that they were not fitted to: " + asked.judged(asked.held_out(width, trust)), flush=True)
    print("as they stand: " + asked.judged(_chances(asked.table, SCORED_WEIGHTS)))


class _Asked:
    """All questions that were read, as tables: a row a stretch, and whose it is."""

    def __init__(self, reads: Sequence[Read]) -> None:
        self.table = np.array([row for one in reads for row in one.seen])
        self.right = np.array([yes for one in reads for yes in one.right])
        self._owner = np.array([at for at, one in enumerate(reads) for _ in one.seen])
        self._present = np.array([one.present for one in reads])
        self._top = np.array([one.top for one in reads])
        files = {file: at for at, file in enumerate(sorted({one.file for one in reads}))}
        self._groups = np.array([files[reads[at].file] for at in self._owner])

    def held_out(self, width: int, trust: float) -> Table:
        """The chances of all stretches, by weights that were fitted to other contracts."""
        table, chances = self.table[:, :width], np.zeros(len(self.table))
        for train, test in GroupKFold(5).split(table, groups=self._groups):
            weights = trusting(fitted(table[train], self.right[train]), table[train], self.right[train], trust)
            chances[test] = _chances(table[test], weights)
        return chances

    def judged(self, chances: Table) -> str:
        """How good chances are: of stretches, of the first one and five, and of whether the contract has such a clause at all."""
        best = np.full(len(self._present), 1e-6)
        np.maximum.at(best, self._owner, chances)
        order = np.lexsort((-chances, self._owner))
        starts = np.searchsorted(self._owner[order], np.arange(len(best)))
        ends = np.searchsorted(self._owner[order], np.arange(len(best)), side="right")
        among = {
            count: np.mean([self.right[order[start : min(end, start + count)]].any() for start, end in self._of(starts, ends)])
            for count in (1, 5)
        }
        odds = np.stack([np.log(best / (1 - best)), self._top], axis=1)
        model = LogisticRegression(C=1e6).fit(odds, self._present)
        believed = model.predict_proba(odds)[:, 1]
        weights = (float(model.intercept_[0]), *map(float, model.coef_[0]))
        return (
            f"AUC {roc_auc_score(self.right, chances):.4f}, log loss {log_loss(self.right, chances):.4f}, right first"
            f" {among[1]:.4f}, among five {among[5]:.4f}; whether there is one: AUC {roc_auc_score(self._present, believed):.4f},"
            f" log loss {log_loss(self._present, believed):.4f}, _BELIEF_SCORED = {tuple(round(each, 2) for each in weights)}"
        )

    def _of(self, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
        """Where the stretches of each question stand that has an answer."""
        return [
            (int(start), int(end)) for start, end, there in zip(starts, ends, self._present, strict=True) if there and end > start
        ]


def _chances(table: Table, weights: Table) -> Table:
    return np.asarray(np.clip(1 / (1 + np.exp(-(table @ weights))), 1e-6, 1 - 1e-6))


def main() -> int:
    """Read everything that experts labelled, and fit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the data directory with the index of the contracts")
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--unseen", type=Path, required=True, help="findings of scorers that had not seen the contract")
    args = parser.parse_args()
    labels = json.loads(args.labels.read_text("utf-8"))
    with open_index(args.data / "index") as index:
        report(list(read(Unseen(index.view(), args.unseen), LocalEncoder(), labels)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
