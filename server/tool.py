"""One tool: arguments checked into a record, the work done at the desk, every failure told in a sentence."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata
from mcp_types import CallToolResult, ResourceLink, TextContent, ToolAnnotations

from server.answers import DocumentSummary, as_json, schema_of
from server.arguments import Arguments
from server.budget import CHARACTERS
from server.desk import Desk, Reading
from server.errors import BadArgument, ServerError
from server.pulse import Tell
from server.shown import line, uri_of
from server.wording import parameters_of, read_arguments

A = TypeVar("A", bound=Arguments)

_LINKS = 5
# The SDK stamps the server's name on every answer of the modern era.
_STAMP = 300


class ContractTool(Tool):
    """A tool of this server; its own way from arguments to answer replaces the SDK's, whose errors are pydantic's."""

    async def run(self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False) -> CallToolResult:
        """Answer one call; whatever goes wrong is an answer that a model can act on."""
        try:
            result: CallToolResult = await self.fn(arguments, _tell(context))
        except ServerError as error:
            return CallToolResult(content=[TextContent(text=str(error))], is_error=True)
        return result


def contract_tool(
    desk: Desk,
    name: str,
    title: str,
    description: str,
    scope: str,
    takes: type[A],
    gives: type[Any],
    work: Callable[[Reading, A], CallToolResult],
) -> Tool:
    """A read-only tool: `work` answers checked arguments from the caller's look at the index, on a worker thread."""

    async def call(arguments: dict[str, Any], tell: Tell | None) -> CallToolResult:
        try:
            asked = read_arguments(takes, arguments)
        except BadArgument as error:
            await desk.refuse(name, arguments, error)
            raise
        return await desk.ask(name, scope, arguments, lambda reading: work(reading, asked), tell)

    return ContractTool(
        fn=call,
        name=name,
        title=title,
        description=description,
        parameters=parameters_of(takes),
        fn_metadata=FuncMetadata(arg_model=takes, output_schema=schema_of(gives)),
        is_async=True,
        context_kwarg=None,
        annotations=ToolAnnotations(
            title=title, read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
        ),
    )


def _tell(context: Context[Any, Any]) -> Tell | None:
    """How the caller is told that the work goes on, or None where they sent no progress token."""
    meta = context.request_context.meta or {}
    return context.report_progress if "progress_token" in meta else None


def result_of(answer: Any, text: str, links: Sequence[ResourceLink] = ()) -> CallToolResult:
    """An answer for programs, its words for people, and where to read on."""
    return CallToolResult(content=[TextContent(text=text), *links], structured_content=as_json(answer))


def within_budget(build: Callable[[int], CallToolResult], most: int) -> CallToolResult:
    """The answer with as many of its rows as the budget allows, and one at least; `build` makes it with so many."""
    result = build(most)
    while most > 1 and len(result.model_dump_json(by_alias=True)) > CHARACTERS - _STAMP:
        most -= 1
        result = build(most)
    return result


def links_to(documents: Sequence[DocumentSummary]) -> list[ResourceLink]:
    """The first few contracts as links, each once."""
    ids = list(dict.fromkeys(it.document_id for it in documents))[:_LINKS]
    named = {it.document_id: it for it in documents}
    return [link_to(document_id, named[document_id].title, named[document_id].file_name) for document_id in ids]


def link_to(document_id: str, title: str | None, file_name: str) -> ResourceLink:
    """A contract's card as a link."""
    return ResourceLink(
        uri=uri_of(document_id), name=line(file_name, 80), title=line(title, 80) or None, mime_type="application/json"
    )
