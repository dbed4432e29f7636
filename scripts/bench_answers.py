"""Measures what an answer costs in processor time, and what clause types and the scorer's findings add to words and vectors."""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from index.fusion import inquiry_of
from index.local import open_index
from index.records import Filter
from index.search import excerpts_of, extract, in_one
from index.store import View
from models.encoder import LocalEncoder
from scripts.expert_spans import TODAY, document_ids, principals

_QUESTIONS = (
    "What is the cap on liability?",
    "Who may terminate for convenience?",
    "Is there a non-compete?",
    "What insurance must be maintained?",
    "What happens on a change of control?",
    "Which law governs?",
)
_WARM_UP = 20


def main() -> None:
    """Ask every contract one question each way, no two the same in a row; print milliseconds as one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data"), help="a data directory with an index")
    parser.add_argument("--rounds", type=int, default=4, help="how many questions each contract is asked each way")
    options = parser.parse_args()
    # The last questions are remembered; here each is a new one.
    encoder = LocalEncoder(remembered=2)

    def whole(view: View, question: str, wanted: Filter) -> None:
        extract(view, encoder, question, wanted, TODAY)

    def plain(view: View, question: str, wanted: Filter) -> None:
        inquiry = inquiry_of(question, encoder.encode_question(question), [])
        excerpts_of(view, in_one(view, view.select(wanted, TODAY), inquiry), 5)

    ways = {"whole": whole, "words and vectors alone": plain}
    spent: dict[str, list[float]] = {name: [] for name in ways}
    with open_index(options.data / "index") as index:
        view = index.view()
        places = [Filter(principals(), document_id=key) for key in document_ids(view).values()] * options.rounds
        for number, wanted in enumerate(places):
            for turn, (name, way) in enumerate(ways.items()):
                question = _QUESTIONS[(number + 3 * turn) % len(_QUESTIONS)]
                spent[name].append(_milliseconds(way, view, question, wanted))
    for name, each in spent.items():
        kept = sorted(each[_WARM_UP:])
        row = {"p50_ms": statistics.median(kept), "p95_ms": kept[int(0.95 * len(kept))], "mean_ms": statistics.fmean(kept)}
        print(json.dumps({"answers": name, "asked": len(kept), **{key: round(value, 2) for key, value in row.items()}}))


def _milliseconds(way: Callable[[View, str, Filter], None], view: View, question: str, wanted: Filter) -> float:
    started = time.process_time()
    way(view, question, wanted)
    return 1000 * (time.process_time() - started)


if __name__ == "__main__":
    main()
