"""Trains the clause scorer on contracts with experts' labels: python -m scripts.train_clauses --data ../shared/cuad."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from index.taxonomy import clause_types
from models.clause_net import Net
from models.clause_text import Floats, Reading, Vocabulary, read
from models.clauses import WEIGHTS, Cut, findings, stretches
from models.encoder import LocalEncoder
from scripts.bench_clauses import Row, best_threshold, reliability, score, table
from scripts.train_labels import Labelled, folds, load, targets
from scripts.train_net import Plan, train_net, vocabulary_of

TYPES = tuple(kind.name for kind in clause_types())


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A contract scored by a net that never saw it, nor another of its company."""

    contract: Labelled
    reading: Reading
    marks: Floats
    logits: Floats


def main() -> int:
    """Train by folds for honest figures and probabilities, then on everything, and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="a folder with labels.json and pdf/")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where the weights go")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--limit", type=int, help="only the first N contracts, to try it out")
    args = parser.parse_args()
    contracts = load(args.data, args.limit)
    print(f"{len(contracts)} contracts", flush=True)
    fold = folds(contracts, args.folds)
    meanings = Meanings()
    unseen = [each for number in range(args.folds) for each in held_out(contracts, fold, number, meanings)]
    cut = calibrated(unseen)
    rows = [row for each in unseen for row in rows_of(each, cut)]
    threshold = best_threshold(rows)
    print(f"{table(rows, threshold)}\n\nfound from {threshold}\n\n{reliability(rows)}", flush=True)
    save(args.out, fit(contracts, meanings), cut)
    return 0


class Meanings:
    """What n-grams mean by themselves, by the local encoder; each is asked for once."""

    def __init__(self) -> None:
        self._encoder = LocalEncoder(batch_size=256)
        self._known: dict[str, Floats] = {}

    def of(self, vocabulary: Vocabulary) -> Floats:
        """One row an n-gram."""
        new = [gram for gram in vocabulary.grams if gram not in self._known]
        self._known.update(zip(new, self._encoder.encode(new), strict=True))
        return np.stack([self._known[gram] for gram in vocabulary.grams])


def fit(contracts: Sequence[Labelled], meanings: Meanings) -> Net:
    """A net that knows all of these contracts."""
    vocabulary = vocabulary_of(contracts)
    readings = [read_with(vocabulary, contract) for contract in contracts]
    marks = [targets(contract, reading, TYPES) for contract, reading in zip(contracts, readings, strict=True)]
    return train_net(readings, marks, vocabulary, meanings.of(vocabulary), TYPES, Plan())


def held_out(contracts: Sequence[Labelled], fold: Sequence[int], number: int, meanings: Meanings) -> list[HeldOut]:
    """The contracts of one fold, scored by a net that was trained on the others."""
    net = fit([contract for contract, its in zip(contracts, fold, strict=True) if its != number], meanings)
    print(f"fold {number + 1} trained", flush=True)
    scored = []
    for contract in (contract for contract, its in zip(contracts, fold, strict=True) if its == number):
        reading = read_with(net.vocabulary, contract)
        scored.append(HeldOut(contract, reading, targets(contract, reading, TYPES), net.logits(reading)))
    return scored


def read_with(vocabulary: Vocabulary, contract: Labelled) -> Reading:
    """A contract as the scorer reads it."""
    return read(contract.transcript.text, contract.clauses, contract.transcript.furniture, vocabulary)


def calibrated(unseen: Sequence[HeldOut]) -> Cut:
    """Cutting rules with probabilities that held-out contracts bear out."""
    cut = Cut(-6.0, 1200, 600, 8, np.ones(len(TYPES), dtype=np.float32), np.zeros(len(TYPES), dtype=np.float32))
    slope, offset = cut.slope.copy(), cut.offset.copy()
    for column in range(len(TYPES)):
        said, right = [], []
        for each in unseen:
            for stretch in stretches(each.reading, each.logits[:, column], cut, column):
                said.append(each.logits[stretch.best, column])
                right.append(each.marks[stretch.best, column])
        if 0 < sum(right) < len(right):
            model = LogisticRegression(C=1.0).fit(np.array(said)[:, None], np.array(right))
            slope[column], offset[column] = model.coef_[0, 0], model.intercept_[0]
    return replace(cut, slope=slope, offset=offset)


def rows_of(each: HeldOut, cut: Cut) -> list[Row]:
    """How one held-out contract is answered."""
    found = findings(each.reading, each.logits, TYPES, each.contract.clauses, cut)
    return score(each.contract.transcript.text, found, each.contract.spans)


def save(directory: Path, net: Net, cut: Cut) -> None:
    """Write what `models.clauses.ClauseScorer` loads: arrays and JSON, nothing executable."""
    directory.mkdir(parents=True, exist_ok=True)
    scale = np.abs(net.embedding).max(axis=0) / 127
    np.savez_compressed(
        directory / "net.npz",
        embedding=np.round(net.embedding / scale).astype(np.int8),
        embedding_scale=scale,
        inner=net.inner.astype(np.float16),
        inner_bias=net.inner_bias,
        outer=net.outer.astype(np.float16),
        outer_bias=net.outer_bias,
    )
    names = {"types": net.types, "vocabulary": net.vocabulary.grams}
    (directory / "net.json").write_text(json.dumps(names, indent=0), encoding="utf-8")
    saved = {"joins": cut.joins, "first": cut.first, "later": cut.later, "most": cut.most}
    saved |= {"slope": cut.slope.tolist(), "offset": cut.offset.tolist()}
    (directory / "cut.json").write_text(json.dumps(saved, indent=1), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
