"""The `muniment` command."""

import sys
from typing import Annotated

import typer

from index.errors import StoreError
from ingest.source import IngestError
from models.weights import ModelError
from scripts.accounting import coverage, runs
from scripts.asking import clause, search
from scripts.auditing import audit
from scripts.drive import drive
from scripts.evaluating import evaluate
from scripts.groups import groups
from scripts.ingesting import ingest, rebuild
from scripts.keeping import backup, restore
from scripts.keys import keys
from scripts.serving import connect, serve
from scripts.settings import SettingsError
from scripts.syncing import sync
from scripts.tending import doctor, settings, status
from scripts.visibility import why
from scripts.walls import walls
from server.errors import ServerError

COULD_NOT_RUN = 2
INTERRUPTED = 130

app = typer.Typer(
    name="muniment",
    help="A firm's contracts, searchable on the firm's own machine.",
    epilog="Start with: muniment ingest --folder CONTRACTS, then: muniment serve",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _example(line: str) -> str:
    return f"Example: {line}"


app.command(epilog=_example("muniment ingest --folder /srv/contracts"))(ingest)
app.command(epilog=_example("muniment sync --for 2h"))(sync)
app.command(epilog=_example("muniment serve --port 8080"))(serve)
app.command(epilog=_example('muniment search "vendor agreement" --party Acme'))(search)
app.command(epilog=_example('muniment clause "cap on liability" --party Acme'))(clause)
app.command(epilog=_example("muniment status"))(status)
app.command(epilog=_example("muniment runs"))(runs)
app.command(epilog=_example("muniment coverage"))(coverage)
app.command(epilog=_example("muniment why anna@firm.example NDA.pdf"))(why)
app.command(epilog=_example("muniment rebuild"))(rebuild)
app.command(epilog=_example("muniment doctor"))(doctor)
app.command(epilog=_example("muniment evaluate --labels labels.json"))(evaluate)
app.command(epilog=_example("muniment walls"))(walls)
app.command(epilog=_example("muniment connect"))(connect)
app.command(epilog=_example("muniment settings"))(settings)
app.add_typer(drive, name="drive", epilog=_example("muniment drive check"))
app.add_typer(groups, name="groups", epilog=_example("muniment groups show anna@firm.example"))
app.command(epilog=_example("muniment backup /srv/backups/2026-11-22"))(backup)
app.command(epilog=_example("muniment restore /srv/backups/2026-11-22"))(restore)
app.add_typer(audit, name="audit", epilog=_example("muniment audit verify"))
app.add_typer(keys, name="key", epilog=_example("muniment key add assistant --principals group:partners"))


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(version("muniment"))
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")] = False,
) -> None:
    """Options of the command as a whole."""


def main() -> None:
    """Run the command. What a person can mend is one line and exit code 2; anything else is a bug and keeps its traceback."""
    try:
        app()
    except (SettingsError, StoreError, IngestError, ModelError, ServerError) as error:
        for line in str(error).splitlines():
            print(f"muniment: {line}", file=sys.stderr)
        sys.exit(COULD_NOT_RUN)
    except SystemExit as ended:
        # Typer turns Ctrl-C into this code, without a word.
        if ended.code == INTERRUPTED:
            print("muniment: stopped; what was done is kept, and the next run goes on from there", file=sys.stderr)
        raise


if __name__ == "__main__":
    main()
