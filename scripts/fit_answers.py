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
from index.fusion import ASKED, SCORED, TYPED, Candidate, Inquiry, asked_features, inquiry_of, scored_feature, typed_features
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
_WIDTHS = {"_ASKED_WEIGHTS": len(ASKED), "_TYPED_WEIGHTS": len(TYPED), "_SCORED_WEIGHTS": len(SCORED)}
# A stretch among many is judged by what is likeliest to be right; the first of a contract better by trusting findings more.
_MODELS = {"_ASKED_WEIGHTS": (0,), "_TYPED_WEIGHTS": (0,), "_SCORED_WEIGHTS": (0, 1, 2, 3)}


@dataclass(frozen=True, slots=True)
class Read:
    """One question to one contract: what each stretch of it looks like (SCORED), and whether experts marked it."""

    file: str
    present: bool
    seen: tuple[tuple[float, ...], ...]
    right: tuple[bool, ...]


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

    for candidate in promising_in_one(view, within, inquiry):
        stretches(leaves, candidate, look)
    right = tuple(_is_right(words(view.text(key, span)), experts) for span in rows)
    return Read(file, bool(golds), tuple(rows.values()), right)


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
    table = np.array([row for one in reads for row in one.seen])
    right = np.array([yes for one in reads for yes in one.right])
    owner = np.array([at for at, one in enumerate(reads) for _ in one.seen])
    for name, trusts in _MODELS.items():
        width = _WIDTHS[name]
        for trust in trusts:
            whole = trusting(fitted(table[:, :width], right), table[:, :width], right, trust)
            print(f"{name} = np.array({whole.round(2).tolist()})" + (f"  # findings weigh {trust} more" if trust else ""))
            _report_unseen(reads, table[:, :width], right, owner, trust)


def _report_unseen(
    reads: Sequence[Read], table: Table, right: npt.NDArray[np.bool_], owner: npt.NDArray[np.int64], trust: float
) -> None:
    files = {file: at for at, file in enumerate(sorted({one.file for one in reads}))}
    groups = np.array([files[reads[at].file] for at in owner])
    chances = np.zeros(len(table))
    for train, test in GroupKFold(5).split(table, groups=groups):
        weights = trusting(fitted(table[train], right[train]), table[train], right[train], trust)
        chances[test] = _chances(table[test], weights)
    best, first = np.full(len(reads), 1e-6), np.zeros(len(reads), dtype=bool)
    for at in range(len(reads)):
        if len(own := np.flatnonzero(owner == at)):
            top = own[np.argmax(chances[own])]
            best[at], first[at] = chances[top], right[top]
    present = np.array([one.present for one in reads])
    odds = np.log(best / (1 - best))[:, None]
    believed = LogisticRegression(C=1e6).fit(odds, present)
    print(
        f"  unseen contracts: AUC {roc_auc_score(right, chances):.4f}, log loss {log_loss(right, chances):.4f}, right first"
        f" {first[present].mean():.4f}; whether there is one: AUC {roc_auc_score(present, best):.4f}, log loss"
        f" {log_loss(present, believed.predict_proba(odds)[:, 1]):.4f}, _BELIEF = ({believed.coef_[0, 0]:.2f},"
        f" {believed.intercept_[0]:.2f})",
        flush=True,
    )


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
