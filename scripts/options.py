"""The options that several commands share."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Where the index is kept.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Party = Annotated[str | None, typer.Option(help="A party, as one would say it.")]
Kind = Annotated[str | None, typer.Option("--type", help="A contract type: nda, msa, vendor, …")]
Law = Annotated[str | None, typer.Option("--law", help='Governing law: "New York", "England".')]
StatusOption = Annotated[
    Literal["active", "expired", "not_yet_effective", "unknown"] | None, typer.Option("--status", help="As of today.")
]
SignedOption = Annotated[Literal["signed", "unsigned", "unknown"] | None, typer.Option("--signed")]
FolderOption = Annotated[str | None, typer.Option("--in", metavar="FOLDER", help="A folder's name or path prefix.")]
ExpiresBefore = Annotated[str | None, typer.Option(metavar="DATE", help="Expires on or before this day (2026-11-22).")]
ExpiresAfter = Annotated[str | None, typer.Option(metavar="DATE", help="Expires on or after this day.")]
As = Annotated[
    list[str] | None,
    typer.Option("--as", metavar="PRINCIPAL", help="See only what these may see (user:…, group:…); default: the settings."),
]
