"""Measure the store on made-up contracts: writing, publishing, opening and every kind of question.

    python -m scripts.bench_index --documents 500 --chunks 60
    python -m scripts.bench_index --documents 50000 --chunks 20

Words follow Zipf's law over 30,000, vectors lie in 2,000 clusters; a question takes both from a chunk and changes them a little.
"""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median, quantiles

import numpy as np

from index.local import LocalWriter, open_for_writing, open_index
from index.records import Filter, Span
from index.schema import database_at
from index.store import Manifest, Selection, Vectors
from index.view import LocalView
from scripts.bench_contracts import TYPES, Contracts

TODAY = date(2026, 11, 22)


def say(what: str, value: str) -> None:
    """One line of the report."""
    print(f"{what:<46} {value}", flush=True)


def memory() -> str:
    """What this process holds, and of files."""
    kinds = dict(line.split(":") for line in Path("/proc/self/status").read_text("ascii").splitlines())
    own, files, peak = (int(kinds[name].split()[0]) >> 10 for name in ("RssAnon", "RssFile", "VmHWM"))
    return f"{own} MB own, {files} MB of files, peak {peak} MB"


def timed(what: str, ask: Callable[[int], object], times: int = 60) -> None:
    """Milliseconds of the first time, the middle and the slowest twentieth of the rest, and of the processor in the middle."""
    took, worked = [], []
    for number in range(times):
        started, began = time.perf_counter(), time.thread_time()
        ask(number)
        took.append((time.perf_counter() - started) * 1e3)
        worked.append((time.thread_time() - began) * 1e3)
    p50, p95 = (quantiles(took[1:], n=20)[at] for at in (9, 18))
    say(what, f"first {took[0]:7.2f}  p50 {p50:7.2f}  p95 {p95:7.2f}  processor {median(worked):7.2f} ms")


def write(index: LocalWriter, contracts: Contracts, documents: int, publish_each: int) -> None:
    """Fill an index."""
    took = made = 0.0
    for number in range(documents):
        started = time.perf_counter()
        bundle = contracts.bundle(number)
        made += time.perf_counter() - started
        started = time.perf_counter()
        index.put(bundle)
        took += time.perf_counter() - started
        if (number + 1) % publish_each == 0 or number + 1 == documents:
            started = time.perf_counter()
            index.publish()
            say(f"  publish at {number + 1} documents", f"{time.perf_counter() - started:.2f} s, {memory()}")
    say("put", f"{documents / took:.0f} documents/s (making them up took {made:.0f} s more)")


def cycles(index: LocalWriter, contracts: Contracts, documents: int) -> None:
    """Ten times: a few documents change, and are published."""
    for version in range(2, 12):
        started = time.perf_counter()
        for number in range(20):
            index.put(contracts.bundle((version * 977 + number * 131) % documents, version))
        put = time.perf_counter() - started
        started = time.perf_counter()
        index.publish()
        say(f"  cycle {version - 1}: 20 documents changed", f"put {put:.2f} s, publish {time.perf_counter() - started:.2f} s")


def ask(view: LocalView, contracts: Contracts) -> None:
    """Every kind of question."""
    everybody = frozenset({"group:all", "group:partners"})
    questions = _questions(contracts)
    timed("select, all documents, other callers each time", lambda n: view.select(Filter(everybody | {f"user:{n}"}), TODAY), 30)
    timed("select, all documents", lambda _: view.select(Filter(everybody), TODAY))
    timed("select, status", lambda _: view.select(Filter(everybody, status="active"), TODAY))
    timed("select, party", lambda n: view.select(Filter(everybody, party=f"company {n * 71}"), TODAY))
    timed("select, folder and law", lambda n: view.select(Filter(everybody, folder=f"{n}", governing_law="England"), TODAY))
    within = {
        "all": view.select(Filter(everybody), TODAY),
        "99 %": view.select(Filter(frozenset({"group:all"})), TODAY),
        "2 %": view.select(Filter(frozenset({"group:7"})), TODAY),
        "one": view.select(Filter(everybody, document_id="d77"), TODAY),
    }
    for name, some in within.items():
        timed(f"nearest 50, {name}", lambda n, some=some: view.nearest(questions[n][0], some, 50))  # type: ignore[misc]  # bound now
        timed(f"matching 50, {name}", lambda n, some=some: view.matching(questions[n][1], some, 50))  # type: ignore[misc]  # bound now
        timed(f"findings 50, {name}", lambda n, some=some: view.findings(TYPES[n % 37], some, 50))  # type: ignore[misc]  # bound now
    whole = within["all"]
    timed("matching_documents 50", lambda n: view.matching_documents(f"agreement company {n * 71} lease", whole, 50))
    timed("ordered by expiration date", lambda _: view.ordered(whole, "expiration_date", 0, 10))
    timed("counts by status", lambda _: view.counts(whole, "status", TODAY))
    timed("summaries of 50", lambda n: view.summaries(whole.keys[n : n + 50].tolist()))
    timed("passages of 50 hits", lambda n: view.passages([hit.chunk for hit in view.matching(questions[n][1], whole, 50)]))
    timed("text, 500 characters", lambda n: view.text(int(whole.keys[n * 3]), Span(5000, 5500)))
    timed("card", lambda n: view.card(int(whole.keys[n * 5])))
    say("recall of nearest 50, all", f"{recall(view, whole, np.stack([vector for vector, _ in questions[:30]])):.3f}")


def _questions(contracts: Contracts) -> list[tuple[Vectors, str]]:
    chance = np.random.default_rng(9)
    return [(vector, contracts.words(chance, 8)) for vector in contracts.vectors(chance, 60)]


def recall(view: LocalView, within: Selection, questions: Vectors) -> float:
    """How many of the 50 nearest are found, against comparing all."""
    chunks = view._roll.chunks_of(within.keys)
    scores = np.concatenate(
        [view.vectors(chunks[at : at + 50_000].tolist()) @ questions.T for at in range(0, len(chunks), 50_000)]
    )
    wanted = [set(chunks[np.argpartition(-column, 50)[:50]].tolist()) for column in scores.T]
    found = [{hit.chunk for hit in view.nearest(question, within, 50)} for question in questions]
    return sum(len(want & got) for want, got in zip(wanted, found, strict=True)) / (50 * len(questions))


def main() -> None:
    """Read the options, write and read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument("--chunks", type=int, default=60, help="in a document")
    parser.add_argument("--dimensions", type=int, default=384)
    parser.add_argument("--publish-each", type=int, default=0, help="so many documents; default: four times in all")
    parser.add_argument("--place", type=Path, help="a folder to keep the index in; what is there already is asked, not written")
    options = parser.parse_args()
    contracts = Contracts(options.chunks, options.dimensions)
    place = options.place or Path(tempfile.mkdtemp(prefix="bench-index-"))
    if not database_at(place).exists():
        with open_for_writing(place, Manifest("made-up", options.dimensions, "bench")) as index:
            write(index, contracts, options.documents, options.publish_each or -(-options.documents // 4))
            cycles(index, contracts, options.documents)
    # Memory is told of a process that only reads.
    if os.fork() == 0:
        read(place, contracts)
        os._exit(0)
    os.wait()
    if not options.place:
        shutil.rmtree(place)


def read(place: Path, contracts: Contracts) -> None:
    """Open and ask."""
    sizes = {
        name: sum(path.stat().st_size for path in place.rglob(name) if path.is_file()) >> 20 for name in ("*.db*", "*.faiss", "*")
    }
    say("on disk", f"{sizes['*.db*']} MB catalogue, {sizes['*.faiss']} MB vectors, {sizes['*']} MB in all")
    say("memory before", memory())
    started = time.perf_counter()
    with open_index(place) as index:
        view = index.view()
        say("open and first view", f"{(time.perf_counter() - started) * 1e3:.0f} ms")
        timed("view() again", lambda _: index.view(), 1000)
        ask(view, contracts)
        say("memory after", memory())


if __name__ == "__main__":
    main()
