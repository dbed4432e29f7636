"""`muniment drive check`: who we are to Google Drive, what we can see, and what is missing."""

import typer

from scripts.options import Data
from scripts.settings import load_settings

SOMETHING_WRONG = 1

drive = typer.Typer(help="Google Drive as the source of contracts.", no_args_is_help=True)


@drive.callback()
def _drive() -> None:
    """Google Drive as the source of contracts."""


@drive.command(epilog="Example: muniment drive check")
def check(data: Data = None) -> None:
    """Say who we are to Drive, what we can see, which scopes and quotas we have, and what is missing.

    Exit code 1 when something is wrong.
    """
    from scripts.wiring import open_drive

    settings = load_settings(data_dir=data)
    wrong = False
    with open_drive(settings) as source:
        for finding in source.check():
            wrong = wrong or finding.grade == "wrong"
            print(f"{finding.grade:5} {finding.subject:12} {finding.words}", flush=True)
    if wrong:
        raise typer.Exit(SOMETHING_WRONG)
