"""`muniment search` and `muniment clause`: the server's two questions, asked from the terminal."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from index.errors import UnknownDocument
from scripts.logs import log_to_stderr
from scripts.options import (
    As,
    AsJson,
    Data,
    ExpiresAfter,
    ExpiresBefore,
    FolderOption,
    Kind,
    Law,
    Party,
    SignedOption,
    StatusOption,
)
from scripts.settings import load_settings

Shown = Callable[[dict[str, Any]], None]


def search(
    query: Annotated[list[str] | None, typer.Argument(help='Free words: "vendor agreement with Acme".')] = None,
    party: Party = None,
    kind: Kind = None,
    law: Law = None,
    status: StatusOption = None,
    signed: SignedOption = None,
    folder: FolderOption = None,
    expires_before: ExpiresBefore = None,
    expires_after: ExpiresAfter = None,
    limit: Annotated[int, typer.Option(help="How many contracts.")] = 10,
    data: Data = None,
    as_json: AsJson = False,
    principals: As = None,
) -> None:
    """Find contracts by what is known about them; without words or options, list them all."""
    from server.arguments import SearchArguments
    from server.search_tool import search as answer

    asked = _narrowing(party, kind, law, status, signed, folder, expires_before, expires_after)
    asked |= {"query": " ".join(query or ()), "limit": limit}
    _ask(answer, SearchArguments, asked, data, principals, _as_json if as_json else _contracts)


def clause(
    words: Annotated[list[str], typer.Argument(metavar="CLAUSE", help='A clause or question: "cap on liability".')],
    document: Annotated[str | None, typer.Option(metavar="ID", help="Ask this contract alone.")] = None,
    party: Party = None,
    kind: Kind = None,
    law: Law = None,
    status: StatusOption = None,
    signed: SignedOption = None,
    folder: FolderOption = None,
    expires_before: ExpiresBefore = None,
    expires_after: ExpiresAfter = None,
    limit: Annotated[int, typer.Option(help="How many excerpts.")] = 5,
    data: Data = None,
    as_json: AsJson = False,
    principals: As = None,
) -> None:
    """Quote the contracts' own words on a clause or a question."""
    from server.arguments import ClauseArguments
    from server.clause_tool import quote

    asked = _narrowing(party, kind, law, status, signed, folder, expires_before, expires_after)
    asked |= {"clause": " ".join(words), "document_id": document, "limit": limit}
    _ask(quote, ClauseArguments, asked, data, principals, _as_json if as_json else _excerpts)


def _narrowing(*given: str | None) -> dict[str, Any]:
    names = ("party", "contract_type", "governing_law", "status", "signed", "folder", "expires_before", "expires_after")
    return dict(zip(names, given, strict=True))


def _ask(answer: Any, arguments: Any, asked: dict[str, Any], data: Any, principals: list[str] | None, shown: Shown) -> None:
    from scripts.authorities import clearance_of
    from scripts.wiring import open_encoder, reading
    from server.callers import local_caller
    from server.desk import Reading
    from server.errors import ServerError
    from server.wording import read_arguments

    settings = load_settings(data_dir=data)
    log_to_stderr("ERROR" if settings.log_level == "INFO" else settings.log_level)
    with reading(settings) as index:
        encoder = open_encoder(settings, settings.server.threads)
        sight = clearance_of(settings).of(local_caller(frozenset(principals or settings.server.principals)))
        try:
            checked = read_arguments(arguments, asked)
            view = index.view().behind(sight.walls)
            result = answer(Reading(view, encoder, datetime.now(UTC).date(), sight.principals), checked)
        except (ServerError, UnknownDocument) as error:
            raise typer.BadParameter(str(error)) from None
    shown(result.structured_content)


def _as_json(answer: dict[str, Any]) -> None:
    print(json.dumps(answer, indent=1, ensure_ascii=False))


def _contracts(answer: dict[str, Any]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    # Few columns of several lines, so that a row can be read on a terminal of 80 columns.
    table = Table(box=box.SIMPLE, padding=(0, 1), leading=1)
    table.add_column("Contract", overflow="fold", ratio=3)
    table.add_column("Parties", overflow="fold", ratio=2)
    table.add_column("From, to", no_wrap=True)
    table.add_column("Type, law, status", overflow="fold", max_width=20)
    for it in answer["documents"]:
        contract = f"{it['title'] or it['file_name']}\n{it['folder'] or '.'}/{it['file_name']}\n{it['document_id']}"
        parties = "\n".join(party["name"] for party in it["parties"])
        ends = it["expiration_date"] or ("perpetual" if it["expires"] == "perpetual" else "?")
        kind = (it["contract_type"] or "?").replace("_", " ")
        row = (
            contract,
            parties,
            f"{it['effective_date'] or '?'}\n{ends}",
            f"{kind}\n{it['governing_law'] or '?'}\n{it['status']}",
        )
        table.add_row(*map(_plain, row))
    console = Console()
    if answer["documents"]:
        console.print(table)
    print(f"{len(answer['documents'])} of {answer['total']} contracts")
    _print_note(answer)


def _excerpts(answer: dict[str, Any]) -> None:
    searched = f"{answer['documents_searched']} contract{'s' if answer['documents_searched'] != 1 else ''} searched"
    print(f"{'Found' if answer['found'] else 'Not found'} ({searched}).")
    for number, it in enumerate(answer["excerpts"], start=1):
        pages = f", p. {it['page_start']}" if it["page_start"] else ""
        heading = f", {it['heading']}" if it["heading"] else ""
        print(f"\n{number}. {it['title'] or it['file_name']}{pages}{heading} (score {it['score']:.2f}) [{it['document_id']}]")
        print("   " + it["text"].replace("\n", "\n   "))
    _print_note(answer)


def _print_note(answer: dict[str, Any]) -> None:
    if answer["note"]:
        print(f"Note: {answer['note']}")


def _plain(words: str) -> str:
    # Rich would take [brackets] of a contract for its own markup.
    return words.replace("[", r"\[")
