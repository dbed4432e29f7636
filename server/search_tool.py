"""search_documents_by_metadata: contracts by what is known about them."""

from mcp.server.mcpserver.tools import Tool
from mcp_types import CallToolResult

from index.metadata import Listing, find
from server.answers import DocumentSummary, SearchAnswer, as_json
from server.arguments import SearchArguments
from server.budget import CHARACTERS, FRAME, fitting, size
from server.callers import SEARCH
from server.desk import Desk, Reading
from server.pages import Place, cursor_of, digest, page_from
from server.shown import fact_line, parties_note, summary_of, unread_note
from server.tool import contract_tool, links_to, result_of, within_budget

_DESCRIPTION = """\
Finds contracts by what is known about them: parties, type, dates, governing law, status, signatures, folder, or free words. \
Arguments add up. With none, it lists every contract, page by page. `total` counts all that met the arguments. To check for a \
contract with somebody, ask with `party` alone first: a type or date that was not read out of the text would hide it. For the \
contract's own words use extract_clause or read_contract with the document_id."""


def search_tool(desk: Desk) -> Tool:
    """The tool, answering at a desk."""
    return contract_tool(
        desk,
        "search_documents_by_metadata",
        "Find contracts",
        _DESCRIPTION,
        SEARCH,
        SearchArguments,
        SearchAnswer,
        search,
    )


def search(reading: Reading, asked: SearchArguments) -> CallToolResult:
    """One page of contracts, cut at whole rows to the budget."""
    question = digest(asked.model_dump(mode="json", exclude={"cursor", "limit"}))
    wanted = asked.filter(reading.principals)

    def fetch(offset: int, limit: int) -> Listing:
        return find(reading.view, reading.encoder, wanted, asked.query, asked.sort, reading.today, offset, limit)

    page = page_from(
        asked.cursor,
        question,
        asked.limit,
        fetch,
        lambda it: it.total,
        lambda it: it.rows,
        lambda row: row.summary.document_id,
    )
    summaries = [summary_of(row, reading.today) for row in page.rows]
    unread = unread_note(reading.view.failures(reading.principals))

    def answer(count: int) -> CallToolResult:
        shown, total = summaries[:count], page.fetched.total
        end = page.offset + len(shown)
        more = bool(shown) and end < total
        place = Place(end, digest(shown[-1].document_id), total, question) if more else None
        note = "; ".join(filter(None, (page.note, parties_note(page.rows[:count]), unread))) or None
        told = SearchAnswer(shown, total, cursor_of(place) if place else None, note)
        return result_of(told, _text(told, page.offset), links_to(shown))

    result = within_budget(answer, max(1, fitting(map(_cost, summaries), CHARACTERS - FRAME)))
    count = len((result.structured_content or {})["documents"])
    reading.show(row.summary for row in page.rows[:count])
    return result


def _cost(it: DocumentSummary) -> int:
    return size(as_json(it)) + size(fact_line(it)) + 10


def _text(answer: SearchAnswer, offset: int) -> str:
    if not answer.documents:
        return "\n".join(filter(None, ("No contract meets these arguments.", answer.note)))
    last = offset + len(answer.documents)
    lines = [f"Contracts {offset + 1}–{last} of {answer.total}."]
    lines += [f"{number}. {fact_line(it)}" for number, it in enumerate(answer.documents, start=offset + 1)]
    if answer.next_cursor:
        lines.append(f"{answer.total - last} more: call again with the same arguments and cursor {answer.next_cursor}")
    return "\n".join(filter(None, (*lines, answer.note)))
