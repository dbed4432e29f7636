"""Measures found clauses against experts' labels: is the right text first, how much else comes with it, is absence admitted."""

import re
import statistics
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.records import Finding

# Names and dates are facts on the card: nobody asks for them as clauses.
FACTS = frozenset({"Document Name", "Parties", "Agreement Date", "Effective Date"})
_SHINGLE = 4
_BUDGET = 2000
Shingles = frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Row:
    """How one question about one contract was answered; `present` says whether the experts found such a clause."""

    category: str
    present: bool
    probability: float
    hit1: bool = False
    hit5: bool = False
    coverage_2000: float = 0.0
    precision_1: float = 0.0
    chars_1: int = 0


def words(text: str) -> list[str]:
    """Words as shared/eval/score.py takes them."""
    return re.findall(r"[a-z0-9]+", unicodedata.normalize("NFKC", text).lower())


def shingles(of: Sequence[str], length: int = _SHINGLE) -> Shingles:
    """Runs of four words, or the whole where it is shorter."""
    length = min(length, len(of)) or 1
    return frozenset(tuple(of[i : i + length]) for i in range(len(of) - length + 1))


def covered(gold: Shingles, excerpt: Sequence[str]) -> float:
    """Share of the gold text's word runs that stand in the excerpt."""
    if not gold:
        return 0.0
    return len(gold & shingles(excerpt, len(next(iter(gold))))) / len(gold)


def score(text: str, findings: Iterable[Finding], spans: Mapping[str, Sequence[str]]) -> list[Row]:
    """One row a category that experts labelled, by the definitions of shared/eval/score.py."""
    best: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        best[finding.clause_type].append(finding)
    rows = []
    for category in spans.keys() - FACTS:
        golds = [shingles(words(span)) for span in spans[category] if len(words(span)) >= 3]
        if golds or not spans[category]:
            five = sorted(best[category], key=lambda finding: -finding.probability)[:5]
            rows.append(_row(category, golds, [finding.span.of(text) for finding in five], five))
    return rows


def _row(category: str, golds: Sequence[Shingles], texts: Sequence[str], five: Sequence[Finding]) -> Row:
    probability = five[0].probability if five else 0.0
    if not golds:
        return Row(category, False, probability)
    said = [words(text) for text in texts]
    hits = [any(covered(gold, each) >= 0.5 for gold in golds) for each in said]
    first = shingles(said[0]) if said else frozenset()
    read = words(_within_budget(texts))
    return Row(
        category=category,
        present=True,
        probability=probability,
        hit1=hits[:1] == [True],
        hit5=True in hits,
        coverage_2000=statistics.fmean(covered(gold, read) for gold in golds),
        precision_1=len(first & frozenset[tuple[str, ...]]().union(*golds)) / max(1, len(first)),
        chars_1=len(texts[0]) if texts else 0,
    )


def _within_budget(texts: Sequence[str]) -> str:
    shown, used = "", 0
    for text in texts:
        shown += "\n" + text[: max(0, _BUDGET - used)]
        used += len(text)
    return shown


def balanced_accuracy(rows: Sequence[Row], threshold: float) -> float:
    """The mean of how often "found" is said where it is, and "not found" where it is not."""
    present = [row.probability >= threshold for row in rows if row.present]
    absent = [row.probability < threshold for row in rows if not row.present]
    return statistics.fmean(statistics.fmean(each) if each else 0.0 for each in (present, absent))


def best_threshold(rows: Sequence[Row]) -> float:
    """The probability from which on to say "found", for the best balanced accuracy."""
    return max((step / 200 for step in range(2, 180)), key=lambda threshold: balanced_accuracy(rows, threshold))


def table(rows: Sequence[Row], threshold: float) -> str:
    """A Markdown table: a line for all, then one a category with its number of contracts that have such a clause."""
    groups: dict[str, list[Row]] = {"all": list(rows)}
    for row in sorted(rows, key=lambda row: row.category):
        groups.setdefault(row.category, []).append(row)
    lines = [
        "| category | contracts | hit1 | hit5 | coverage_2000 | precision_1 | chars_1 | found_balanced_accuracy |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, group in groups.items():
        there = [row for row in group if row.present]
        if there:
            figures = [
                np.mean([getattr(row, field) for row in there]) for field in ("hit1", "hit5", "coverage_2000", "precision_1")
            ]
            cells = [f"{figure:.3f}" for figure in figures] + [f"{np.mean([row.chars_1 for row in there]):.0f}"]
            lines.append(" | ".join([f"| {name}", str(len(there)), *cells, f"{balanced_accuracy(group, threshold):.3f} |"]))
    return "\n".join(lines)


def reliability(rows: Sequence[Row], bins: int = 10) -> str:
    """A Markdown table: said probability that a contract has the clause against how often it has."""
    lines = ["| said | contracts × types | mean said | had it |", "| --- | --- | --- | --- |"]
    for each in range(bins):
        inside = [
            row
            for row in rows
            if each / bins <= row.probability < (each + 1) / bins or (row.probability == 1 and each == bins - 1)
        ]
        if inside:
            said = np.mean([row.probability for row in inside])
            had = np.mean([row.present for row in inside])
            lines.append(f"| {each / bins:.1f}–{(each + 1) / bins:.1f} | {len(inside)} | {said:.3f} | {had:.3f} |")
    return "\n".join(lines)
