"""`muniment audit`: what the audit trail says, and whether anybody has changed it."""

import json
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from scripts.options import AsJson, Data
from scripts.settings import SettingsError, load_settings
from scripts.wiring import audit_folder

if TYPE_CHECKING:
    from server.audit import Head

CHANGED = 1

audit = typer.Typer(help="Check the audit trail, or ask it who was shown what, and who was refused.", no_args_is_help=True)


@audit.command(epilog="Example: muniment audit verify")
def verify(
    head: Annotated[
        str | None, typer.Option(metavar="NUMBER:SEAL", help="What an earlier check ended with; the trail must still hold it.")
    ] = None,
    data: Data = None,
) -> None:
    """Check that no line of the trail was changed, dropped or put in. Exit code 1 where one was.

    It ends with the trail's head: noted elsewhere and given at the next check, it proves that the end was not cut off either.
    """
    from server.trails import verify as verdict_on

    verdict = verdict_on(audit_folder(load_settings(data_dir=data)), _head(head))
    for found in verdict.wrong:
        print(f"wrong  {found.segment}:{found.line}  {found.what}")
    if verdict.torn:
        print(f"note   {verdict.torn} lines were left unfinished by a stop of the machine; they are no part of the trail")
    print(f"{verdict.lines} lines from number {verdict.first}; head {verdict.head.number}:{verdict.head.seal}")
    if verdict.wrong:
        raise typer.Exit(CHANGED)


@audit.command(epilog="Example: muniment audit query --who associates --since 2026-11-01 --outcome refused")
def query(
    who: Annotated[str | None, typer.Option(help="Whose questions.")] = None,
    document: Annotated[str | None, typer.Option(metavar="DOCUMENT_ID", help="What this document was shown for.")] = None,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="From this day or moment on (2026-11-22, UTC).")] = None,
    tool: Annotated[str | None, typer.Option(help="Asked through this tool.")] = None,
    outcome: Annotated[str | None, typer.Option(help="How it ended: ok, refused, NotThere, …")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many lines.")] = 1_000_000,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Print who asked what, from where, and which documents were shown or why they were refused, oldest first."""
    from server.trails import query as lines_of

    folder = audit_folder(load_settings(data_dir=data))
    for told in islice(lines_of(folder, who, document, _moment(since), tool, outcome), limit):
        print(json.dumps(told, ensure_ascii=False) if as_json else _line(told))


def _line(told: dict[str, object]) -> str:
    who = f"{told['who'] or 'somebody'} from {told['from'] or 'elsewhere'}"
    what = " ".join(str(told[name]) for name in ("tool", "arguments") if told.get(name)) or "a call"
    return f"{told['time']}  {who}  {what}: {told['outcome']}{_end(told)}"


def _end(told: dict[str, object]) -> str:
    if "reason" in told:
        return f", {told['reason']}" + (f"; {told['times']} times since {told['since']}" if "since" in told else "")
    shown = told["shown"] if isinstance(told["shown"], list) else []
    documents = ", ".join(str(document) for document, _ in shown[:5]) + (f" and {len(shown) - 5} more" if len(shown) > 5 else "")
    return f"; shown: {documents or 'nothing'}"


def _head(given: str | None) -> "Head | None":
    if given is None:
        return None
    from server.audit import Head

    number, colon, seal = given.partition(":")
    if not (colon and number.isdecimal()):
        raise SettingsError(f"--head {given}: give what `muniment audit verify` ended with, like 12:ab34…")
    return Head(int(number), seal)


def _moment(given: str | None) -> datetime | None:
    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise SettingsError(f"--since {given}: give a day or a moment as 2026-11-22 or 2026-11-22T13:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
