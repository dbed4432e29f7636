"""`muniment runs` and `coverage`: what the runs did, and what became of every file that is listed."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from index.store import Failure, Index, Run
from ingest.drive_records import Accounted
from ingest.source import Source
from scripts.options import AsJson, Data
from scripts.progress import duration
from scripts.rounds import Mirrored, opened_source
from scripts.settings import load_settings
from scripts.wiring import reading

_COLUMNS = ("seen", "added", "changed", "described", "removed", "failed", "requests", "bytes")


def runs(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many of the last runs.")] = 20,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """The last runs, newest first: when, how long, and what each saw, added, changed and removed."""
    settings = load_settings(data_dir=data)
    with reading(settings) as index:
        found = index.runs(limit)
    if as_json:
        print(json.dumps([_as_json(run) for run in found], indent=1))
        return
    print(f"{'started (UTC)':17}{'took':>10}  {'outcome':17}" + "".join(f"{column:>10}" for column in _COLUMNS))
    for run in found:
        figures = "".join(f"{_figure(run, column):>10}" for column in _COLUMNS)
        print(f"{run.started:%Y-%m-%d %H:%M} {duration(run.seconds):>10}  {run.outcome:17}{figures}")


def _as_json(run: Run) -> dict[str, object]:
    times = {"started": run.started.isoformat(timespec="seconds"), "seconds": round(run.seconds, 1), "outcome": run.outcome}
    return {**times, **{column: run.counts.get(column, 0) for column in _COLUMNS}, **run.counts}


def _figure(run: Run, column: str) -> str:
    count = run.counts.get(column, 0)
    return f"{count / 1e6:.1f} MB" if column == "bytes" and count else str(count)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one listed file: `indexed`, `skipped`, `unreadable`, `failed`, `waiting` to be read, or a `shortcut`."""

    file_id: str
    path: str
    state: str
    reason: str | None


def coverage(data: Data = None, as_json: AsJson = False) -> None:
    """Account for every file that the source lists: indexed, skipped and why, failed and why. The sums are the listing's."""
    settings = load_settings(data_dir=data)
    with reading(settings) as index, opened_source(settings) as source:
        fates = list(_fates(_listed(source), index))
        strays = {file.id for file in index.files()} - {fate.file_id for fate in fates}
    counts = Counter(fate.state for fate in fates)
    if as_json:
        left = [
            {"file_id": f.file_id, "path": f.path, "state": f.state, "reason": f.reason} for f in fates if f.state != "indexed"
        ]
        print(json.dumps({"listed": len(fates), **counts, "no_longer_listed": len(strays), "files": left}, indent=1))
        return
    print(f"{len(fates)} files are listed")
    for state, count in counts.most_common():
        print(f"  {count:7} {state}")
        for reason, times in _reasons(fates, state):
            print(f"          {times:7} {reason}")
    if strays:
        print(f"{len(strays)} in the index are no longer listed; the next sync removes them")
    for fate in fates:
        if fate.state in {"unreadable", "failed", "waiting"}:
            print(f"{fate.state:10} {fate.path}" + (f": {fate.reason}" if fate.reason else ""))


def _listed(source: Source) -> Iterator[Accounted]:
    if isinstance(source, Mirrored):
        yield from source.account()
    else:
        for file in source.files():
            yield Accounted(file.id, file.id, file.folder, file.name, "wanted", None)


def _fates(listed: Iterator[Accounted], index: Index) -> Iterator[Fate]:
    failures: dict[str, Failure] = {failure.file.id: failure for failure in index.inventory().failures}
    known = {file.id for file in index.files()}
    for each in listed:
        path = Path(each.folder, each.name).as_posix()
        if each.state != "wanted":
            yield Fate(each.file_id, path, each.state, each.reason)
        elif failure := failures.get(each.document_id):
            yield Fate(each.file_id, path, failure.kind, failure.reason)
        else:
            yield Fate(each.file_id, path, "indexed" if each.document_id in known else "waiting", None)


def _reasons(fates: Sequence[Fate], state: str) -> list[tuple[str, int]]:
    return Counter(fate.reason for fate in fates if fate.state == state and fate.reason).most_common(20)
