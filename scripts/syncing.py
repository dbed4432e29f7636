"""`muniment sync`: what a scheduler runs to keep the index in step with its source."""

import json
import re
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from index.errors import IndexBusy
from index.records import File
from index.store import Inventory, WritableIndex
from ingest.pipeline import Recipe
from ingest.source import IngestError, RemovalsRefused, Source, SourceFailed
from scripts.directory import Brought, bring_before_sync, seconds_left
from scripts.logs import log_to_stderr
from scripts.options import Data
from scripts.rounds import Mirrored, Round, bring_up_to_date, opened_source, stopping_in_order
from scripts.settings import Settings, load_settings
from scripts.wiring import open_recipe, writing

NOT_WHOLE = 1
COULD_NOT_RUN = 2
ANOTHER_RUNS = 3
_KINDS = ("seen", "added", "changed", "described", "unchanged", "removed", "skipped", "unreadable", "failed", "requests", "bytes")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds_of(words: str) -> float:
    """A length of time as a person types it: "90s", "15m", "2h", "1d"; a bare number is seconds."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd]?)", words.strip().lower())
    if not match or not float(match[1]):
        raise typer.BadParameter(f"{words!r} is no length of time: write 90s, 15m or 2h")
    return float(match[1]) * _UNITS[match[2]]


def sync(
    folder: Annotated[Path | None, typer.Option(metavar="PATH", help="Sync this folder, whatever the settings say.")] = None,
    data: Data = None,
    time_for: Annotated[
        float | None,
        typer.Option("--for", metavar="TIME", parser=seconds_of, help="Leave after so long (2h); the next run goes on."),
    ] = None,
    every: Annotated[
        float | None, typer.Option(metavar="TIME", parser=seconds_of, help="Stay, and sync again every so often (15m).")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Compare everything with the source, and mend what has drifted.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    allow_removals: Annotated[
        bool, typer.Option("--allow-removals", help="Remove what is gone from the source, however much it is.")
    ] = False,
) -> None:
    """Bring the index in step with the source; one line of JSON says what was done.

    Exit code 0; 1 when something is to be tried again at the next run; 2 when it could not run; 3 when another one is running.
    """
    settings = load_settings(folder=folder, source="folder" if folder else None, data_dir=data)
    log_to_stderr("WARNING" if settings.log_level == "INFO" else settings.log_level)
    recipe, most_removed = open_recipe(settings), 1.0 if allow_removals else settings.most_removed
    if dry_run:
        _foresee(settings, recipe, most_removed, full)
    elif every is not None:
        _again_and_again(settings, recipe, most_removed, full, time_for, every)
    elif code := _once(settings, recipe, most_removed, full, time_for):
        raise typer.Exit(code)


def _once(settings: Settings, recipe: Recipe, most_removed: float, full: bool, seconds: float | None) -> int:
    until = None if seconds is None else time.monotonic() + seconds
    # First, and whether or not another one is writing the index: who is out of a group should not see on until it is done.
    brought = bring_before_sync(settings, until)
    for problem in brought.problems:
        _tell(problem)
    try:
        with opened_source(settings) as source, writing(settings, recipe) as index, stopping_in_order():
            left = seconds_left(until)
            done = bring_up_to_date(source, recipe, index, most_removed=most_removed, full=full, seconds=left)
            print(json.dumps(summary(done, index.inventory(), brought)), flush=True)
    except IndexBusy as busy:
        _tell(busy)
        return ANOTHER_RUNS
    for each in (*done.problems, *((done.error,) if done.error else ())):
        _tell(each)
    if done.error:
        return COULD_NOT_RUN
    return 0 if (done.whole or done.run.outcome == "time is up") and not brought.problems else NOT_WHOLE


def _again_and_again(
    settings: Settings, recipe: Recipe, most_removed: float, full: bool, seconds: float | None, every: float
) -> None:
    with stopping_in_order():
        try:
            while True:
                started = time.monotonic()
                try:
                    _once(settings, recipe, most_removed, full, seconds)
                except IngestError as error:
                    _tell(error)
                time.sleep(max(0.0, started + every - time.monotonic()))
        except KeyboardInterrupt:
            print("muniment: stopped; what was done is kept", file=sys.stderr)


def summary(done: Round, inventory: Inventory, brought: Brought) -> dict[str, object]:
    """A round as one line of JSON; `groups` is how many the directory told, null where it told nothing."""
    counts = done.run.counts
    return {
        "outcome": done.run.outcome,
        "started": done.run.started.isoformat(timespec="seconds"),
        "seconds": round(done.run.seconds, 1),
        **{kind: counts.get(kind, 0) for kind in _KINDS},
        "documents": inventory.documents,
        "generation": inventory.generation,
        "groups": brought.groups,
        "problems": [*brought.problems, *done.problems, *([str(done.error)] if done.error else [])],
    }


def _foresee(settings: Settings, recipe: Recipe, most_removed: float, full: bool) -> None:
    """Say what a sync would do. It moves no document; a source's own mirror may come up to date by it."""
    started = datetime.now(UTC)
    try:
        with opened_source(settings) as source, writing(settings, recipe) as index, stopping_in_order():
            if isinstance(source, Mirrored):
                source.refresh(full)
            plan, problem = _plan(source, recipe, index, most_removed)
    except IndexBusy as busy:
        _tell(busy)
        raise typer.Exit(ANOTHER_RUNS) from None
    for verb, file in plan:
        print(f"{verb:10} {Path(file.folder, file.name)}", file=sys.stderr)
    counts = Counter(verb for verb, _ in plan)
    told: dict[str, object] = {"outcome": "dry run", "started": started.isoformat(timespec="seconds")}
    told |= {verb: counts[verb] for verb in ("add", "read again", "describe", "remove")}
    print(json.dumps(told | {"problems": [str(problem)] if problem else []}))


def _plan(
    source: Source, recipe: Recipe, index: WritableIndex, most_removed: float
) -> tuple[list[tuple[str, File]], IngestError | None]:
    stamps, known = index.stamps(), {file.id: file for file in index.files()}
    plan, seen, problem = [], set(), None
    try:
        for file in source.files():
            seen.add(file.id)
            if verb := _verb(file, recipe, stamps.get(file.id), known.get(file.id)):
                plan.append((verb, file))
    except SourceFailed as error:
        return plan, error
    gone = known.keys() - seen
    if len(gone) > max(1, most_removed * len(known)):
        problem = RemovalsRefused(len(gone), len(known))
    return plan + [("remove", known[each]) for each in sorted(gone)], problem


def _verb(file: File, recipe: Recipe, stamp: str | None, before: File | None) -> str | None:
    if before is None:
        return "add"
    if stamp != recipe.stamp(file):
        return "read again"
    return None if replace(file, version=before.version) == before else "describe"


def _tell(error: object) -> None:
    for line in str(error).splitlines():
        print(f"muniment: {line}", file=sys.stderr)
