"""Measures answers and lists against experts' labels on an index of the labelled contracts, by the rules of the scoring script."""  # noqa: E501

import argparse
import json
import statistics
import sys
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from index.local import open_index
from index.metadata import find
from index.records import Filter
from index.search import extract
from index.store import Encoder, View
from index.taxonomy import clause_type
from models.encoder import LocalEncoder
from scripts.bench_clauses import FACTS, Shingles, covered, shingles, words
from scripts.expert_answers import gold_parties
from scripts.unseen import Unseen

_ROOT = Path(__file__).parents[1]
_LABELS = _ROOT.parent / "shared" / "cuad" / "labels.json"
_QUESTIONS = _ROOT / "tests" / "questions.toml"
TODAY = date(2026, 1, 1)
_BUDGET = 2000

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to one contract; what is measured of the excerpts is None where the experts found no such clause."""

    category: str
    found: bool
    score: float
    milliseconds: float
    measured: Mapping[str, float] | None


def ask(view: View, encoder: Encoder, wanted: Filter, category: str, question: str, golds: Sequence[str]) -> Asked:
    """Ask one contract one question, and hold the answer against the experts' words."""
    started = time.process_time()
    answer = extract(view, encoder, question, wanted, TODAY)
    milliseconds = 1000 * (time.process_time() - started)
    score = answer.excerpts[0].score if answer.excerpts else 0.0
    texts = [excerpt.text for excerpt in answer.excerpts]
    return Asked(category, answer.found, score, milliseconds, measure(golds, texts) if golds else None)


def measure(golds: Sequence[str], texts: Sequence[str]) -> dict[str, float]:
    """How well excerpts, best first, give the experts' words."""
    wanted = [gold for gold in (shingles(words(gold)) for gold in golds) if gold]
    said = [words(text) for text in texts]
    hits = [any(covered(gold, each) >= 0.5 for gold in wanted) for each in said]
    first = shingles(said[0]) if said else frozenset()
    read = words(_within_budget(texts))
    return {
        "hit1": float(any(hits[:1])),
        "hit3": float(any(hits[:3])),
        "hit5": float(any(hits[:5])),
        "coverage_2000": statistics.fmean(covered(gold, read) for gold in wanted),
        "precision_1": len(first & _union(wanted)) / max(1, len(first)),
        "chars_1": float(len(texts[0])) if texts else 0.0,
    }


def _union(golds: Iterable[Shingles]) -> Shingles:
    return frozenset[tuple[str, ...]]().union(*golds)


def _within_budget(texts: Sequence[str]) -> str:
    shown, used = "", 0
    for text in texts:
        shown += "\n" + text[: max(0, _BUDGET - used)]
        used += len(text)
    return shown


def questions(view: View, encoder: Encoder, labels: Sequence[Record], wording: Callable[[str], str]) -> Iterator[Asked]:
    """Every clause question to every contract of the index that has labels."""
    files = document_ids(view)
    for record in labels:
        if record["file"] not in files:
            continue
        wanted = Filter(principals(), document_id=files[record["file"]])
        for category, marked in record["spans"].items():
            golds = [part for parts in marked for part in parts if len(words(part)) >= 3]
            if category not in FACTS and (golds or not marked):
                yield ask(view, encoder, wanted, category, wording(category), golds)


def document_ids(view: View) -> dict[str, str]:
    """Document ids by file name."""
    within = view.select(Filter(principals()), TODAY)
    return {summary.file_name: summary.document_id for summary in view.summaries(within.keys.tolist())}


def principals() -> frozenset[str]:
    """Who asks: the labelled contracts are for anyone."""
    return frozenset({"anyone"})


def summary(rows: Sequence[Asked]) -> dict[str, float]:
    """The figures of score.py, and the balanced accuracy that the best threshold would have."""
    there = [row.measured for row in rows if row.measured is not None]
    present = [row for row in rows if row.measured is not None]
    absent = [row for row in rows if row.measured is None]
    spent = sorted(row.milliseconds for row in rows)
    best = max(
        (step / 100 for step in range(1, 100)), key=lambda least: _balance(present, absent, lambda row: row.score >= least)
    )
    return {
        "questions": len(there),
        **{name: statistics.fmean(each[name] for each in there) for name in there[0]},
        "found_balanced_accuracy": _balance(present, absent, lambda row: row.found),
        "best_threshold": best,
        "at_best_threshold": _balance(present, absent, lambda row: row.score >= best),
        "p50_ms": spent[len(spent) // 2],
        "p95_ms": spent[int(0.95 * len(spent))],
    }


def _balance(present: Sequence[Asked], absent: Sequence[Asked], said: Callable[[Asked], bool]) -> float:
    if not absent:
        return statistics.fmean(said(row) for row in present)
    return (statistics.fmean(said(row) for row in present) + statistics.fmean(not said(row) for row in absent)) / 2


def reliability(rows: Sequence[Asked]) -> str:
    """Said probability that a contract has the clause against how often it has."""
    lines = ["| said | questions | mean said | had it |", "| --- | --- | --- | --- |"]
    for tenth in range(10):
        inside = [row for row in rows if tenth <= 10 * row.score < tenth + 1 or (tenth == 9 and row.score >= 1)]
        if inside:
            said, had = (
                statistics.fmean(row.score for row in inside),
                statistics.fmean(row.measured is not None for row in inside),
            )
            lines.append(f"| {tenth / 10:.1f}–{(tenth + 1) / 10:.1f} | {len(inside)} | {said:.3f} | {had:.3f} |")
    return "\n".join(lines)


def lists(view: View, encoder: Encoder, labels: Sequence[Record]) -> dict[str, dict[str, float]]:
    """Whether a contract is found by a party's name, and by words for it."""
    places: dict[str, list[int]] = {"party": [], "query": []}
    spent = []
    files = document_ids(view)
    for record in labels:
        names = gold_parties(record["answers"]["Parties"])
        if record["file"] not in files or not names:
            continue
        typed = max(names, key=len)
        kind = " ".join(words(record["answers"]["Document Name"])[:6])
        for how, wanted, query in (
            ("party", Filter(principals(), party=typed), None),
            ("query", Filter(principals()), f"{kind} with {typed}"[:200]),
        ):
            started = time.process_time()
            rows = find(view, encoder, wanted, query, None, TODAY).rows
            spent.append(1000 * (time.process_time() - started))
            found = [row.summary.file_name for row in rows]
            places[how].append(found.index(record["file"]) + 1 if record["file"] in found else 0)
    spent.sort()
    hits = {
        how: {"asked": len(of), **{f"hit{n}": statistics.fmean(0 < place <= n for place in of) for n in (1, 3, 10)}}
        for how, of in places.items()
    }
    return {**hits, "time": {"p50_ms": spent[len(spent) // 2], "p95_ms": spent[int(0.95 * len(spent))]}}


def wordings() -> dict[str, Callable[[str], str]]:
    """Ways to put every question: the taxonomy's first, and those of tests/questions.toml."""
    told = tomllib.loads(_QUESTIONS.read_text("utf-8"))
    ways: dict[str, Callable[[str], str]] = {"standard": _first_question}
    for part in ("tune", "held_out"):
        for at in range(3):
            ways[f"{part} {at + 1}"] = lambda name, part=part, at=at: told[part][name][at]  # type: ignore[misc]  # bound now
    return ways


def _first_question(name: str) -> str:
    known = clause_type(name)
    return known.questions[0] if known else name


def per_category(rows: Sequence[Asked]) -> str:
    """One line a category."""
    lines = ["| category | contracts | hit1 | hit5 | coverage_2000 | precision_1 |", "| --- | --- | --- | --- | --- | --- |"]
    for name in sorted({row.category for row in rows}):
        there = [row.measured for row in rows if row.category == name and row.measured is not None]
        if there:
            means = [statistics.fmean(each[key] for each in there) for key in ("hit1", "hit5", "coverage_2000", "precision_1")]
            lines.append(f"| {name} | {len(there)} | " + " | ".join(f"{mean:.3f}" for mean in means) + " |")
    return "\n".join(lines)


def main() -> int:
    """Print the figures, one JSON line a wording."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=_ROOT / "data", help="the data directory with the index of the contracts")
    parser.add_argument("--labels", type=Path, default=_LABELS)
    parser.add_argument("--unseen", type=Path, help="findings of scorers that had not seen the contract (scripts.unseen)")
    parser.add_argument("--wording", default="standard", help="one of: standard, tune 1–3, held_out 1–3, or all")
    parser.add_argument("--first", type=int, help="only the first N contracts")
    parser.add_argument("--per-category", action="store_true")
    args = parser.parse_args()
    if not args.labels.is_file() or not (args.data / "index").is_dir():
        print(f"skipped: there is no {args.labels} or no index in {args.data}")
        return 0
    labels = json.loads(args.labels.read_text("utf-8"))[: args.first]
    with open_index(args.data / "index") as index:
        _report(Unseen(index.view(), args.unseen) if args.unseen else index.view(), labels, args.wording, args.per_category)
    return 0


def _report(view: View, labels: Sequence[Record], wording: str, categories: bool) -> None:
    encoder = LocalEncoder()
    print(json.dumps({"lists": _rounded(lists(view, encoder, labels))}), flush=True)
    for name, way in wordings().items():
        if wording not in (name, "all"):
            continue
        rows = list(questions(view, encoder, labels, way))
        print(json.dumps({name: _rounded(summary(rows))}), flush=True)
        if categories:
            print(f"{per_category(rows)}\n\n{reliability(rows)}", flush=True)


def _rounded(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _rounded(value) if isinstance(value, Mapping) else round(value, 4) for name, value in figures.items()}


if __name__ == "__main__":
    sys.exit(main())
