"""Measures `muniment sync` against the emulated Drive of the tests: many names; contracts through a day, faults and kills.

python -m scripts.bench_drive --names 50000
python -m scripts.bench_drive --contracts 300 --pdf ../shared/cuad/pdf

Contracts are read as always, but embedded by an encoder of the tests that takes no time: embedding is measured elsewhere.
"""

import argparse
import importlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from index.local import open_index
from ingest.pipeline import Recipe
from scripts import cli, syncing
from scripts.settings import Settings
from scripts.wiring import open_recipe

_TESTS = Path(__file__).parents[1] / "tests"
_QUIET = {"OMP_NUM_THREADS": "1", "MUNIMENT_READING__OCR": "off"}


def main() -> None:
    """Measure what the options name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, help="how many files to list, without reading any")
    parser.add_argument("--contracts", type=int, help="how many contracts to sync")
    parser.add_argument("--pdf", type=Path, help="a folder with at least so many PDFs")
    parser.add_argument("--sync", nargs=argparse.REMAINDER, help="run one sync with these words (the bench does so itself)")
    parser.add_argument("--kills", type=int, default=20, help="how many syncs to kill")
    options = parser.parse_args()
    sys.path.insert(0, str(_TESTS))
    if options.sync is not None:
        sync_quickly(options.sync)
        return
    emulator = importlib.import_module("drive_emulator")
    if options.names:
        measure_names(emulator, options.names)
    if options.contracts:
        papers = sorted(path for path in options.pdf.iterdir() if path.suffix.lower() == ".pdf")
        measure_contracts(emulator, papers[: options.contracts], options.kills)


def sync_quickly(words: list[str]) -> None:
    """`muniment sync` with another encoder, in this process."""
    encoder = importlib.import_module("small_firm").WordEncoder()

    def quick(settings: Settings) -> Recipe:
        return replace(open_recipe(settings), encoder=encoder)

    vars(syncing)["open_recipe"] = quick
    sys.argv = ["muniment", "sync", *words]
    cli.main()


def measure_names(emulator: Any, count: int) -> None:
    """List files of a type that is not indexed: half in a shared drive, half in My Drive, in folders three deep."""
    with emulator.Drive() as drive, tempfile.TemporaryDirectory() as data:
        _fill_with_names(drive, count)
        for name in ("first", "no change", "--full"):
            drive.forget_requests()
            words = ["--full"] if name == "--full" else []
            told, seconds, megabytes = sync(drive, data, *words, MUNIMENT_MOST_REMOVED="1")
            print(f"{name:10} {seconds:6.1f} s  {megabytes:5.0f} MB  {asked(drive)}  {told['seen']} seen", flush=True)


def _fill_with_names(drive: Any, count: int) -> None:
    places = []
    for top in (drive.folder("Clients"), drive.shared_drive("Legal", {"user:anna@firm.example": "reader"})):
        for number in range(50):
            client = drive.folder(f"Client {number}", top)
            places += [client, drive.folder("Closed", drive.folder("2026", client))]
    for number in range(count):
        drive.file(f"Contract {number}.zip", b"", places[number % len(places)], mime="application/zip")


def measure_contracts(emulator: Any, papers: list[Path], kills: int) -> None:
    """First sync, no change, a day of changes, 5 % faults, kills; the index must be the same as an undisturbed one."""
    with emulator.Drive() as drive, tempfile.TemporaryDirectory() as place:
        ids = _fill_with(drive, papers)
        for name, change in (("first", None), ("no change", None), ("a day", _a_day)):
            if change:
                change(drive, ids)
            report(name, drive, f"{place}/whole")
        drive.faults.add(*emulator.random_faults(0.05, 7))
        for _ in range(3):
            report("5 % faults", drive, f"{place}/faulty")
        drive.faults.clear()
        print("the same:", contents(f"{place}/faulty") == contents(f"{place}/whole"), flush=True)
        print("killed:", Counter(_kill(drive, f"{place}/killed", 8 + 2 * len(papers) // kills) for _ in range(kills)), flush=True)
        report("after kills", drive, f"{place}/killed")
        print("the same:", contents(f"{place}/killed") == contents(f"{place}/whole"), flush=True)


def _fill_with(drive: Any, papers: list[Path]) -> list[str]:
    tops = [drive.folder("Clients"), drive.shared_drive("Legal", {"user:anna@firm.example": "reader"})]
    places = [drive.folder("Signed", drive.folder(f"Client {number}", top)) for number in range(10) for top in tops]
    return [drive.file(paper.name, paper.read_bytes(), places[at % len(places)]) for at, paper in enumerate(papers)]


def _a_day(drive: Any, ids: list[str]) -> None:
    """Two of each kind: new, edited, renamed, moved, trashed, shared."""
    place = drive.folder("New client", drive.items[ids[0]].parent)
    for at in range(2):
        drive.file(f"new {at}.pdf", drive.items[ids[at]].data, place)
        drive.edit(ids[10 + at], drive.items[ids[20 + at]].data)
        drive.rename(ids[30 + at], f"renamed {at}.pdf")
        drive.move(ids[40 + at], place)
        drive.trash(ids[50 + at])
        drive.share(ids[60 + at], "user:clara@firm.example")


def report(name: str, drive: Any, data: str) -> None:
    """One sync, as a line."""
    drive.forget_requests()
    told, seconds, megabytes = sync(drive, data)
    kinds = ("seen", "added", "changed", "described", "removed", "failed", "unreadable")
    counts = ", ".join(f"{told[kind]} {kind}" for kind in kinds if told[kind])
    fetched = drive.count("media", "export")
    print(
        f"{name:12} {seconds:7.1f} s  {megabytes:5.0f} MB  {fetched} downloads of {asked(drive)}  {counts} {told['outcome']}",
        flush=True,
    )


def asked(drive: Any) -> str:
    """The requests so far."""
    counts = Counter(request.route for request in drive.requests if request.route != "token")
    return f"{sum(counts.values())} requests ({', '.join(f'{count} {route}' for route, count in counts.most_common(4))})"


def sync(drive: Any, data: str, *words: str, **settings: str) -> tuple[dict[str, Any], float, float]:
    """Run the command: its summary, seconds on the clock, and the most memory (MB) that any so far had."""
    started = time.monotonic()
    running = subprocess.Popen(  # noqa: S603  # our own command
        _command(data, *words), env=_environment(drive, settings), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    told = running.communicate()[0]
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return json.loads(told.splitlines()[-1]), time.monotonic() - started, used


def _kill(drive: Any, data: str, most: int) -> int:
    """A sync that is killed after a random number of requests, with whatever it does after the last of them."""
    running = subprocess.Popen(_command(data), env=_environment(drive, {}), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603  # our own command
    last = drive.count() + random.randint(1, most)  # noqa: S311  # dice, no secret
    while running.poll() is None and drive.count() < last:
        time.sleep(0.01)
    time.sleep(random.uniform(0.0, 1.0))  # noqa: S311  # dice, no secret
    running.send_signal(signal.SIGKILL)
    return running.wait()


def _command(data: str, *words: str) -> list[str]:
    return [sys.executable, "-m", "scripts.bench_drive", "--sync", "--data", data, *words]


def _environment(drive: Any, settings: dict[str, str]) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MUNIMENT_")}
    return {**clean, **_QUIET, **drive.environment(), **settings}


def contents(data: str) -> dict[str, tuple[object, ...]]:
    """What an index holds, in a form in which two can be compared."""
    with open_index(Path(data, "index")) as index:
        view = index.view()
        failed = {failure.file.id: failure.reason for failure in index.inventory().failures}
        return {
            file.id: (file.name, file.folder, file.version, file.readers, failed.get(file.id))
            + (() if file.id in failed or not file.readers else (view.text(view.key_of(file.id, file.readers)),))
            for file in index.files()
        }


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
