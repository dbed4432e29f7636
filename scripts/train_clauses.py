"""Trains the clause scorer on contracts with experts' labels: python -m scripts.train_clauses --data ../shared/cuad."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.clause_cut import save_cut
from models.clause_forest import save_forest
from models.clause_net import Net, save_nets
from models.clause_text import Reading, read
from models.clause_words import Floats, Vocabulary
from models.clauses import FOREST, WEIGHTS, said
from models.encoder import LocalEncoder
from scripts.train_card import card
from scripts.train_judge import LEXICON, TYPES, HeldOut, as_json, cross_validated, forest_of, rows_of, rule
from scripts.train_labels import Labelled, folds, lesson, load
from scripts.train_net import Plan, train_net, vocabulary_of
from scripts.train_written import load_written, written_lesson

# Networks that differ in nothing but chance; what they say is averaged.
_SEEDS = (1, 2)


def main() -> int:
    """Train by folds for honest figures and probabilities, then on everything, and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="a folder with labels.json and pdf/")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where the weights go")
    parser.add_argument("--unseen", type=Path, help="where to write what scorers find in the contracts that they never saw")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--limit", type=int, help="only the first N contracts, to try it out")
    args = parser.parse_args()
    contracts = load(args.data, args.limit)
    print(f"{len(contracts)} contracts", flush=True)
    meanings = Meanings()
    held = held_out(contracts, args.folds, meanings)
    conclude(args.out, held, args.unseen)
    save_nets(args.out, fit(contracts, meanings), LEXICON)
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


def held_out(contracts: Sequence[Labelled], count: int, meanings: Meanings) -> list[HeldOut]:
    """Every contract, scored by nets that were trained without its fold."""
    fold = folds(contracts, count)
    scored = []
    for number in range(count):
        nets = fit([contract for contract, its in zip(contracts, fold, strict=True) if its != number], meanings)
        print(f"fold {number + 1} trained", flush=True)
        scored += [_scored(nets, contract, its) for contract, its in zip(contracts, fold, strict=True) if its == number]
    return scored


def _scored(nets: Sequence[Net], contract: Labelled, fold: int) -> HeldOut:
    reading = read_with(nets[0].vocabulary, contract)
    text, furniture = contract.transcript.text, contract.transcript.furniture
    heard = (said(nets, each, text, furniture) for each in (reading, reading.without_headings()))
    return HeldOut(contract, fold, lesson(contract, reading, TYPES), *heard)


def fit(contracts: Sequence[Labelled], meanings: Meanings) -> list[Net]:
    """Nets that know all of these contracts, and the clauses that were written."""
    written = load_written()
    vocabulary = vocabulary_of(contracts, written)
    lessons = [lesson(contract, read_with(vocabulary, contract), TYPES) for contract in contracts]
    more = [written_lesson(each, vocabulary, LEXICON, TYPES) for each in written]
    known = meanings.of(vocabulary)
    return [train_net(lessons, vocabulary, known, TYPES, Plan(seed=seed), more) for seed in _SEEDS]


def read_with(vocabulary: Vocabulary, contract: Labelled) -> Reading:
    """A contract as the scorer reads it."""
    return read(contract.transcript.text, contract.clauses, contract.transcript.furniture, vocabulary, LEXICON)


def conclude(directory: Path, held: Sequence[HeldOut], unseen: Path | None) -> None:
    """All that is learned from how nets do on contracts that they never saw: the forest, the rule, and the model card."""
    directory.mkdir(parents=True, exist_ok=True)
    answered = cross_validated(held)
    cut = rule(answered)
    save_cut(directory, cut)
    save_forest(directory / FOREST, forest_of(held))
    text = card(
        [row for each in answered for row in rows_of(each, rule([it for it in answered if it.held.fold != each.held.fold]))]
    )
    (directory / "MODEL_CARD.md").write_text(text, encoding="utf-8")
    print(text, flush=True)
    if unseen:
        unseen.write_text(json.dumps(as_json(answered, cut)), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
