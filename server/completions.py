"""What a client may offer while somebody types: documents by title and party, names, titles, pages."""

from collections.abc import Iterable

from mcp.server.mcpserver import MCPServer
from mcp_types import (
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
)

from index.errors import UnknownDocument
from index.metadata import find
from index.records import Filter, Summary
from server.callers import SEARCH
from server.desk import Desk, Reading

_MOST = 20
_LONGEST = 200


def add_completions(server: MCPServer[None], desk: Desk) -> None:
    """Complete the arguments of the resource templates and prompts, cut to what the caller may see."""

    @server.completion()  # type: ignore[no-untyped-call,untyped-decorator]  # the SDK leaves it unannotated
    async def complete(
        ref: PromptReference | ResourceTemplateReference, argument: CompletionArgument, context: CompletionContext | None
    ) -> Completion | None:
        typed = argument.value.strip()[:_LONGEST]
        if argument.name == "page":
            document_id = ((context and context.arguments) or {}).get("document_id", "")
            given = {"document_id": document_id, "page": typed}
            return await desk.ask("completion", SEARCH, given, lambda reading: _pages(reading, document_id, typed))
        if argument.name in {"document_id", "client", "agreement"}:
            given = {argument.name: typed}
            return await desk.ask("completion", SEARCH, given, lambda reading: _documents(reading, argument.name, typed))
        return None


def _documents(reading: Reading, name: str, typed: str) -> Completion:
    found, total = _found(reading, typed)
    reading.show(found)
    if name == "document_id":
        values = [it.document_id for it in found]
        return Completion(values=values, total=total, has_more=total > len(values))
    words: Iterable[str | None] = (
        (party.name for it in found for party in it.parties) if name == "client" else (it.title or it.file_name for it in found)
    )
    values = list(dict.fromkeys(word for word in words if word and typed.casefold() in word.casefold()))[:_MOST]
    return Completion(values=values, has_more=total > len(found))


def _found(reading: Reading, typed: str) -> tuple[list[Summary], int]:
    view, wanted = reading.view, Filter(reading.principals)
    if len(typed) >= 2:
        listing = find(view, reading.encoder, wanted, typed, None, reading.today, 0, _MOST)
        return [row.summary for row in listing.rows], listing.total
    mine = view.select(wanted, reading.today)
    return view.summaries(view.ordered(mine, "modified", 0, _MOST)), len(mine)


def _pages(reading: Reading, document_id: str, typed: str) -> Completion:
    try:
        pages = reading.view.pages(reading.view.key_of(document_id, reading.principals))
    except UnknownDocument:
        return Completion(values=[])
    numbers = [str(page.number) for page in pages if str(page.number).startswith(typed)]
    return Completion(values=numbers[:_MOST], total=len(numbers), has_more=len(numbers) > _MOST)
