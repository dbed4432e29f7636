"""Learns which names in a contract are its parties from what experts marked; prints cross-validated figures."""

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.anatomy import anatomy
from ingest.clauses import split_clauses
from ingest.parties import chosen
from ingest.party_groups import Group, party_groups, with_weights
from ingest.pdf import read_pdf
from scripts.bench_facts import company
from scripts.expert_answers import gold_parties, plain_party, same_party

_OUT = Path(__file__).parents[1] / "ingest" / "party_weights.json"
# The strength of the pull towards zero: what cross-validation liked best of 0.5, 1, 2 and 5.
_RIDGE = 2.0


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled contract: its names, which of them are parties (None: can't be said), and the experts' parties as written."""

    company: str
    groups: tuple[Group, ...]
    right: tuple[bool | None, ...]
    golds: tuple[str, ...]


def read_example(path: Path, answer: str) -> Example:
    """The names of one contract, told apart by the experts' answer."""
    transcript = read_pdf(path.read_bytes(), None)
    clauses = split_clauses(transcript.text, transcript.pages, transcript.furniture)
    groups = tuple(party_groups(anatomy(transcript.text, clauses, transcript.furniture)))
    golds = tuple(gold_parties(answer))
    return Example(company(path.name), groups, tuple(told_apart(golds, [group.best.name.text for group in groups])), golds)


def told_apart(golds: Sequence[str], names: Sequence[str]) -> list[bool | None]:
    """Which names are the experts' parties: of those that share words with one, the nearest alone.

    The others are neither (`None`): "Acme Patents" says nothing of what tells "Acme Inc." from other names.
    """
    plain = [plain_party(name) for name in names]
    right: list[bool | None] = [False] * len(names)
    for gold in golds:
        shares = [_nearness(gold, name) for name in plain]
        best = max(shares, default=0.0)
        for at, share in enumerate(shares):
            if share >= 0.4 and share == best:
                right[at] = True
            elif right[at] is False and (share >= 0.4 or same_party(gold, [names[at]])):
                right[at] = None
    return right


def _nearness(gold: str, name: str) -> float:
    """How near a name is to an expert's, 0–1; experts make slips of the pen."""
    wanted, have = set(gold.split()), set(name.split())
    if not wanted or not have:
        return 0.0
    share = len(wanted & have) / len(wanted | have)
    if len(gold) >= 6 and SequenceMatcher(None, gold.replace(" ", ""), name.replace(" ", "")).ratio() >= 0.88:
        return max(share, 0.98)
    return max(share, 0.45 + 0.1 * share) if have < wanted else share


def fit(examples: Sequence[Example]) -> dict[str, float]:
    """Weights of a logistic regression with a ridge, by Newton's method."""
    told = [
        (group.signs, right)
        for example in examples
        for group, right in zip(example.groups, example.right, strict=True)
        if right is not None
    ]
    signs = sorted({sign for found, _ in told for sign in found})
    x: npt.NDArray[np.float64] = np.array([[1.0, *(found.get(sign, 0.0) for sign in signs)] for found, _ in told])
    y = np.array([float(right) for _, right in told])
    ridge = np.diag([0.0] + [_RIDGE] * len(signs))
    weights = np.zeros(x.shape[1])
    for _ in range(30):
        probability = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ (y - probability) - ridge @ weights
        bend = (x.T * (probability * (1 - probability))) @ x + ridge + 1e-9 * np.eye(len(weights))
        weights = weights + np.linalg.solve(bend, slope)
    return {"bias": round(float(weights[0]), 3)} | {sign: round(float(w), 3) for sign, w in zip(signs, weights[1:], strict=True)}


def figures(examples: Sequence[Example], weights: dict[str, float]) -> tuple[list[bool], list[bool]]:
    """For every party of the experts whether it was found, and for every party found whether it is theirs."""
    recalled, precise = [], []
    for example in examples:
        names = [group.best.name.text for group in chosen(with_weights(example.groups, weights))]
        recalled += [same_party(gold, names) for gold in example.golds]
        precise += [any(same_party(gold, [name]) for gold in example.golds) for name in names if example.golds]
    return recalled, precise


def main() -> None:
    """Cross-validate by company, then learn from all and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder of PDFs")
    parser.add_argument("labels", type=Path, help="the experts' answers, in the form of CUAD's labels.json")
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--out", type=Path, default=_OUT, help="where the weights go")
    options = parser.parse_args()
    records = json.loads(options.labels.read_text("utf-8"))
    examples = [read_example(options.folder / record["file"], record["answers"]["Parties"]) for record in records]
    folds: dict[int, list[Example]] = defaultdict(list)
    for number, name in enumerate(sorted({example.company for example in examples})):
        folds[number % options.folds] += [example for example in examples if example.company == name]
    recalled, precise = [], []
    for held in folds.values():
        names = {example.company for example in held}
        found = figures(held, fit([example for example in examples if example.company not in names]))
        recalled += found[0]
        precise += found[1]
    print(
        json.dumps(
            {
                "folds": len(folds),
                "party_recall": round(float(np.mean(recalled)), 4),
                "party_precision": round(float(np.mean(precise)), 4),
            }
        )
    )
    about = "logistic regression by scripts/train_parties.py on CUAD v1 (The Atticus Project, CC BY 4.0), development split"
    options.out.write_text(json.dumps({"about": about, "weights": fit(examples)}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
