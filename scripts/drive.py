"""`muniment drive check`: who we are to Google Drive, what we can see, and what is missing."""

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

import typer

from scripts.options import Data
from scripts.settings import Settings, load_settings

if TYPE_CHECKING:
    from ingest.drive_check import Finding

SOMETHING_WRONG = 1

drive = typer.Typer(help="Google Drive as the source of contracts.", no_args_is_help=True)


@drive.callback()
def _drive() -> None:
    """Google Drive as the source of contracts."""


@drive.command(epilog="Example: muniment drive check")
def check(data: Data = None) -> None:
    """Say who we are to Drive and its directory of groups, what we can see, which scopes and quotas we have, what is missing.

    Exit code 1 when something is wrong.
    """
    from scripts.wiring import open_drive

    settings = load_settings(data_dir=data)
    wrong = False
    with open_drive(settings) as source:
        for finding in chain(source.check(), _directory(settings)):
            wrong = wrong or finding.grade == "wrong"
            print(f"{finding.grade:5} {finding.subject:12} {finding.words}", flush=True)
    if wrong:
        raise typer.Exit(SOMETHING_WRONG)


def _directory(settings: Settings) -> "Iterator[Finding]":
    from ingest.directory import examined
    from scripts.wiring import open_directory

    if settings.directory.subject is None:
        return
    client = open_directory(settings)
    try:
        yield from examined(client, settings.directory.customer)
    finally:
        client.close()
