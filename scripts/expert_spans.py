"""Asks the index experts' questions and holds the answers against their labels, by the rules of the project's scoring script."""

import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from index.metadata import find
from index.records import Filter
from index.search import extract
from index.store import Encoder, View
from scripts.bench_clauses import FACTS, Shingles, covered, shingles, words
from scripts.expert_answers import Verdict, gold_parties, verdicts

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


def per_category(rows: Sequence[Asked]) -> str:
    """One line a category."""
    lines = ["| category | contracts | hit1 | hit5 | coverage_2000 | precision_1 |", "| --- | --- | --- | --- | --- | --- |"]
    for name in sorted({row.category for row in rows}):
        there = [row.measured for row in rows if row.category == name and row.measured is not None]
        if there:
            means = [statistics.fmean(each[key] for each in there) for key in ("hit1", "hit5", "coverage_2000", "precision_1")]
            lines.append(f"| {name} | {len(there)} | " + " | ".join(f"{mean:.3f}" for mean in means) + " |")
    return "\n".join(lines)


def facts(view: View, labels: Sequence[Record]) -> Iterator[tuple[str, Verdict]]:
    """Every fact that the experts answered, with what the index has for it; by file."""
    files = document_ids(view)
    for record in labels:
        if record["file"] in files:
            card = view.card(view.key_of(files[record["file"]], principals()))
            yield from ((record["file"], verdict) for verdict in verdicts(record["answers"], card.contract))
