"""Prints how often the facts read out of a folder of labelled contracts are the experts' answers, field by field."""

import argparse
import hashlib
import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from index.records import Contract
from ingest.clauses import split_clauses
from ingest.contract import read_contract
from ingest.pdf import read_pdf
from scripts.expert_answers import Verdict, verdicts

_CUAD = Path(__file__).parents[2] / "shared" / "cuad"


def in_fold(file: str, fold: str | None) -> bool:
    """Whether a contract belongs to fold k of n ("0/2"): all contracts of one company are in one fold."""
    if fold is None:
        return True
    k, n = map(int, fold.split("/"))
    return int(hashlib.sha256(company(file).encode()).hexdigest(), 16) % n == k


def company(file: str) -> str:
    """The company that filed a contract, from its file's name: forms of one company repeat each other."""
    return re.sub(r"[^a-z0-9]", "", re.split(r"_| - ", file)[0].lower())


def read_file(path: Path) -> Contract:
    """One contract from its PDF, as the ingestion reads it."""
    transcript = read_pdf(path.read_bytes(), None)
    clauses = split_clauses(transcript.text, transcript.pages, transcript.furniture)
    return read_contract(transcript.text, clauses, transcript.furniture, transcript.properties, path.name)


def summary(rows: Sequence[tuple[str, Verdict]], errors: int) -> dict[str, Any]:
    """Accuracy by field, accuracy by confidence in five steps, and up to `errors` wrong answers a field."""
    fields: dict[str, list[tuple[str, Verdict]]] = defaultdict(list)
    for file, verdict in rows:
        fields[verdict.field].append((file, verdict))
    result: dict[str, Any] = {}
    for field, found in sorted(fields.items()):
        steps: dict[str, list[bool]] = defaultdict(list)
        for _, verdict in found:
            if verdict.confidence is not None:
                steps[f"{min(0.8, verdict.confidence // 0.2 / 5):.1f}"].append(verdict.right)
        result[field] = {"accuracy": _mean([verdict.right for _, verdict in found]), "asked": len(found)}
        result[field]["by_confidence"] = {step: [_mean(right), len(right)] for step, right in sorted(steps.items())}
        if errors:
            wrong = [[file, verdict.gold, verdict.got, verdict.confidence] for file, verdict in found if not verdict.right]
            result[field]["errors"] = wrong[:errors]
    result["macro_accuracy"] = round(sum(result[field]["accuracy"] for field in fields) / max(1, len(fields)), 4)
    return result


def _mean(right: Sequence[bool]) -> float:
    return round(sum(right) / len(right), 4)


def main() -> None:
    """Read the arguments, read the contracts, print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--labels", type=Path, default=_CUAD / "labels.json", help="experts' labels, with the contracts in pdf/ beside"
    )
    parser.add_argument("--errors", type=int, default=0, help="show up to N wrong answers a field")
    parser.add_argument("--fold", help="only the contracts of fold k of n, as k/n")
    options = parser.parse_args()
    records = [record for record in json.loads(options.labels.read_text("utf-8")) if in_fold(record["file"], options.fold)]
    started = time.perf_counter()
    rows = [
        (record["file"], verdict)
        for record in records
        for verdict in verdicts(record["answers"], read_file(options.labels.parent / "pdf" / record["file"]))
    ]
    result = summary(rows, options.errors) | {"contracts": len(records), "seconds": round(time.perf_counter() - started, 1)}
    json.dump(result, sys.stdout, indent=1, ensure_ascii=False)
    print()


if __name__ == "__main__":
    main()
