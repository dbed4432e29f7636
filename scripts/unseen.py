"""What clause scorers find in contracts that they never saw, nor another of the same company."""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from index.records import Finding, Span
from index.store import Selection, View
from models.clauses import findings
from scripts.train_clauses import TYPES, HeldOut, Meanings, calibrated, held_out
from scripts.train_labels import folds, load


class Unseen:
    """A view whose findings are those of scorers that had not seen the contract; all else is the view's own.

    Figures on contracts that a scorer was trained on say nothing of contracts that it never saw.
    """

    def __init__(self, view: View, file: Path) -> None:
        self._view = view
        self._known = json.loads(file.read_text("utf-8"))
        self._names: dict[int, str] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._view, name)

    def findings(self, clause_type: str, within: Selection, limit: int) -> list[tuple[int, Finding]]:
        """See `View.findings`."""
        keys = [key for key in within.keys.tolist() if key not in self._names]
        self._names |= {summary.key: summary.file_name for summary in self._view.summaries(keys)}
        found = [(key, finding) for key in within.keys.tolist() for finding in self._of(self._names[key], clause_type)]
        return sorted(found, key=lambda pair: (-pair[1].probability, pair[0]))[:limit]

    def _of(self, file: str, clause_type: str) -> list[Finding]:
        rows = self._known.get(file, {}).get(clause_type, ())
        return [Finding(clause_type, Span(start, end), heading, chance) for start, end, heading, chance in rows]


def main() -> int:
    """Train a scorer for each fold, and write what it finds in the contracts of that fold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="a folder with labels.json and pdf/")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--folds", type=int, default=5)
    args = parser.parse_args()
    contracts = load(args.data)
    fold, meanings = folds(contracts, args.folds), Meanings()
    unseen = [each for number in range(args.folds) for each in held_out(contracts, fold, number, meanings)]
    args.out.write_text(json.dumps(found_in(unseen)), encoding="utf-8")
    return 0


def found_in(unseen: Sequence[HeldOut]) -> Mapping[str, Mapping[str, list[tuple[int, int, str | None, float]]]]:
    """By file and clause type: start, end, heading and probability of every finding, best first."""
    cut = calibrated(unseen)
    files: dict[str, dict[str, list[tuple[int, int, str | None, float]]]] = {}
    for each in unseen:
        of_file: dict[str, list[tuple[int, int, str | None, float]]] = defaultdict(list)
        for finding in findings(each.reading, each.logits, TYPES, each.contract.clauses, cut):
            of_file[finding.clause_type].append((finding.span.start, finding.span.end, finding.heading, finding.probability))
        files[each.contract.file] = dict(of_file)
    return files


if __name__ == "__main__":
    sys.exit(main())
