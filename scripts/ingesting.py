"""`muniment ingest` and `muniment rebuild`: bring the index up to date, or make it anew."""

import json
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from index.store import Inventory, Run, WritableIndex
from ingest.pipeline import Recipe
from ingest.pipeline import ingest as bring_up_to_date
from ingest.source import Source
from scripts.logs import log_to_stderr
from scripts.options import AsJson, Data
from scripts.progress import duration, shown
from scripts.settings import Settings, load_settings
from scripts.wiring import open_recipe, open_source, replace_index, writing

SOME_UNREADABLE = 1


def ingest(
    folder: Annotated[Path | None, typer.Option(metavar="PATH", help="The folder of contracts.")] = None,
    data: Data = None,
    allow_removals: Annotated[
        bool, typer.Option("--allow-removals", help="Remove what is gone from the source, however much it is.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the index up to date with the contracts.

    Exit code 0; 1 when some documents could not be read (muniment status lists them); 2 when it could not run.
    """
    settings = load_settings(folder=folder, data_dir=data)
    log_to_stderr("WARNING" if settings.log_level == "INFO" else settings.log_level)
    source, recipe = open_source(settings), open_recipe(settings)
    with writing(settings, recipe) as index, _stopping_in_order():
        run = _run(source, recipe, index, 1.0 if allow_removals else settings.most_removed)
        inventory = index.inventory()
    _summarise(run, inventory, as_json)
    if inventory.failures:
        raise typer.Exit(SOME_UNREADABLE)


def rebuild(
    data: Data = None,
    folder: Annotated[Path | None, typer.Option(metavar="PATH", help="The folder of contracts, with --from-source.")] = None,
    from_source: Annotated[
        bool, typer.Option("--from-source", help="Read every contract again; needed after a change of encoder.")
    ] = False,
) -> None:
    """Make the search caches anew from what is stored; with --from-source, everything from the contracts themselves."""
    settings = load_settings(folder=folder, data_dir=data)
    log_to_stderr(settings.log_level)
    recipe = open_recipe(settings)
    if from_source:
        _from_source(settings, recipe)
        return
    with writing(settings, recipe) as index:
        index.refill()
        print(f"rebuilt: {index.inventory().documents} contracts")


def _from_source(settings: Settings, recipe: Recipe) -> None:
    # The old index answers until the new one is whole.
    source, new = open_source(settings), settings.model_copy(update={"data_dir": settings.data_dir / "rebuilding"})
    with writing(new, recipe) as index, _stopping_in_order():
        run = _run(source, recipe, index)
        inventory = index.inventory()
    replace_index(settings, new)
    _summarise(run, inventory, as_json=False)


def _run(source: Source, recipe: Recipe, index: WritableIndex, most_removed: float = 1.0) -> Run:
    started, clock = datetime.now(UTC), time.monotonic()
    counts: Counter[str] = Counter()
    outcome = "stopped"
    try:
        for each in shown(bring_up_to_date(source, recipe, index, most_removed=most_removed)):
            counts[each.kind] += 1
        outcome = "complete"
    finally:
        run = Run(started, time.monotonic() - clock, outcome, dict(counts))
        index.record_run(run)
    return run


@contextmanager
def _stopping_in_order() -> Iterator[None]:
    """A scheduler's SIGTERM stops a run as Ctrl-C does: what was done stays, and is published."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _summarise(run: Run, inventory: Inventory, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"seconds": round(run.seconds, 1), **run.counts, "documents": inventory.documents}))
        return
    done = ", ".join(f"{count} {kind}" for kind, count in sorted(run.counts.items())) or "nothing to do"
    print(f"{done} in {duration(run.seconds)}; {inventory.documents} contracts can be asked (generation {inventory.generation})")
    if inventory.failures:
        print(f"{len(inventory.failures)} could not be indexed; `muniment status` says which and why")
