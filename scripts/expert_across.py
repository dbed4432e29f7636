"""Asks all contracts at once which of them have a clause, and holds the first ones against experts' labels."""

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from index.records import Filter
from index.search import extract
from index.store import Encoder, View
from scripts.bench_clauses import FACTS, Shingles, covered, shingles, words
from scripts.expert_spans import TODAY, Record, document_ids, principals

# What somebody reads before they narrow the search.
_FIRST = 10


@dataclass(frozen=True, slots=True)
class Across:
    """One question to all contracts: of the first ones (ten, or as many as have it), the share that have such a clause.

    `shown` is the share that is shown with experts' words.
    """

    category: str
    contracts: int
    right: float
    shown: float
    milliseconds: float


def across(view: View, encoder: Encoder, labels: Sequence[Record], wording: Callable[[str], str]) -> Iterator[Across]:
    """Every clause question to all contracts of the index; what stands in contracts without a label counts as wrong."""
    for category, experts in sorted(_marked(view, labels).items()):
        started = time.process_time()
        answer = extract(view, encoder, wording(category), Filter(principals()), TODAY, 2 * _FIRST)
        milliseconds = 1000 * (time.process_time() - started)
        best: dict[str, list[str]] = {}
        for excerpt in answer.excerpts:
            best.setdefault(excerpt.document.document_id, words(excerpt.text))
        count = min(_FIRST, len(experts))
        first = list(best.items())[:count]
        right = sum(document in experts for document, _ in first)
        shown = sum(any(covered(gold, said) >= 0.5 for gold in experts.get(document, ())) for document, said in first)
        yield Across(category, len(experts), right / count, shown / count, milliseconds)


def _marked(view: View, labels: Sequence[Record]) -> dict[str, dict[str, list[Shingles]]]:
    """What experts marked, by category and document."""
    files = document_ids(view)
    marked: dict[str, dict[str, list[Shingles]]] = defaultdict(dict)
    for record in labels:
        for category in record["spans"].keys() - FACTS if record["file"] in files else ():
            golds = [words(part) for parts in record["spans"][category] for part in parts]
            if golds := [gold for gold in golds if len(gold) >= 3]:
                marked[category][files[record["file"]]] = [shingles(gold) for gold in golds]
    return marked


def summary(rows: Sequence[Across]) -> dict[str, float]:
    """The means over questions, and the time that the processor was at work for half of them."""
    return {
        "questions": len(rows),
        "right_among_first_10": statistics.fmean(row.right for row in rows),
        "shown_among_first_10": statistics.fmean(row.shown for row in rows),
        "p50_ms": statistics.median(row.milliseconds for row in rows),
    }
