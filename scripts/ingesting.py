"""`muniment ingest` and `muniment rebuild`: bring the index up to date, or make it anew."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from index.store import Inventory
from ingest.pipeline import Recipe
from scripts.logs import log_to_stderr
from scripts.options import AsJson, Data
from scripts.progress import duration
from scripts.rounds import KINDS, Round, bring_up_to_date, opened_source, stopping_in_order
from scripts.settings import Settings, load_settings
from scripts.wiring import open_recipe, replace_index, writing

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
    settings = load_settings(folder=folder, source="folder" if folder else None, data_dir=data)
    log_to_stderr("WARNING" if settings.log_level == "INFO" else settings.log_level)
    recipe = open_recipe(settings)
    with opened_source(settings) as source, writing(settings, recipe) as index, stopping_in_order():
        done = bring_up_to_date(source, recipe, index, most_removed=1.0 if allow_removals else settings.most_removed)
        inventory = index.inventory()
    _summarise(done, inventory, as_json)
    if inventory.failures or done.problems:
        raise typer.Exit(SOME_UNREADABLE)


def rebuild(
    data: Data = None,
    folder: Annotated[Path | None, typer.Option(metavar="PATH", help="The folder of contracts, with --from-source.")] = None,
    from_source: Annotated[
        bool, typer.Option("--from-source", help="Read every contract again; needed after a change of encoder.")
    ] = False,
) -> None:
    """Make the search caches anew from what is stored; with --from-source, everything from the contracts themselves."""
    settings = load_settings(folder=folder, source="folder" if folder else None, data_dir=data)
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
    new = settings.model_copy(update={"data_dir": settings.data_dir / "rebuilding"})
    with opened_source(settings) as source, writing(new, recipe) as index, stopping_in_order():
        done = bring_up_to_date(source, recipe, index)
        inventory = index.inventory()
    if not done.error:
        replace_index(settings, new)
    _summarise(done, inventory, as_json=False)


def _summarise(done: Round, inventory: Inventory, as_json: bool) -> None:
    run = done.run
    counts = {kind: count for kind, count in sorted(run.counts.items()) if kind in KINDS}
    if as_json:
        print(json.dumps({"seconds": round(run.seconds, 1), **counts, "documents": inventory.documents}))
    else:
        told = ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "nothing to do"
        print(f"{told} in {duration(run.seconds)}; {inventory.documents} contracts can be asked", end=" ")
        print(f"(generation {inventory.generation})")
        if inventory.failures:
            print(f"{len(inventory.failures)} could not be indexed; `muniment status` says which and why")
    for problem in done.problems:
        print(f"muniment: {problem}", file=sys.stderr)
    if done.error:
        raise done.error
