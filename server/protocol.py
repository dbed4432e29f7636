"""The protocol's side of the server, the same over every transport: what it offers, and how it fails."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.context import CallNext, HandlerResult, ServerMiddleware, ServerRequestContext
from mcp.server.mcpserver import MCPServer
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS, Prompt
from pydantic import ValidationError

from server.completions import add_completions
from server.desk import Desk
from server.errors import BadArgument, Broken, NotThere, ServerError, trail_of
from server.instructions import INSTRUCTIONS
from server.oauth_scopes import allows
from server.prompts import add_prompts
from server.resources import add_resources
from server.tools import contract_tools
from server.visits import present_visit

log = logging.getLogger(__name__)

_FIVE_MINUTES, _ONE_MINUTE = 300_000, 60_000
_LONGEST_PROMPT_ARGUMENT = 400
# Private: what is listed and read depends on who asks.
_HINTS: dict[CacheableMethod, CacheHint] = {
    # A client that is given more scopes meanwhile soon sees what they open.
    "tools/list": CacheHint(_ONE_MINUTE, "private"),
    "prompts/list": CacheHint(_FIVE_MINUTES, "private"),
    "resources/templates/list": CacheHint(_FIVE_MINUTES, "private"),
    "resources/list": CacheHint(_ONE_MINUTE, "private"),
    "resources/read": CacheHint(_ONE_MINUTE, "private"),
}


def create_server(desk: Desk, version: str) -> MCPServer[None]:
    """Everything that is offered, answering at a desk; while the server runs, the desk is open."""

    @asynccontextmanager
    async def open_desk(_: MCPServer[None]) -> AsyncIterator[None]:
        desk.open()
        try:
            yield
        finally:
            desk.close()

    server: MCPServer[None] = MCPServer(
        "muniment",
        title="Muniment",
        version=version,
        instructions=INSTRUCTIONS,
        tools=contract_tools(desk),
        cache_hints=_HINTS,
        lifespan=open_desk,
        # Nothing is published, and who may listen to what would have to be decided before anything is.
        subscriptions=False,
        log_level="WARNING",
    )
    add_resources(server, desk)
    add_prompts(server)
    add_completions(server, desk)
    server.middleware.extend((_plain_failures, _known_names(server), _callable_tools(desk)))
    return server


async def _plain_failures(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    try:
        return await _told_failures(ctx, call_next)
    except (MCPError, ValidationError) as error:
        if ctx.request_id is not None:
            raise
        # Without an id nobody is told, and the SDK would log the failure with the caller's words.
        log.info("%s without an id failed: %s", ctx.method, type(error).__name__)
        return None


async def _told_failures(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    try:
        return await call_next(ctx)
    except (MCPError, ValidationError):
        raise
    except ServerError as error:
        code = INVALID_PARAMS if isinstance(error, BadArgument | NotThere) else INTERNAL_ERROR
        raise MCPError(code=code, message=str(error)) from None
    except Exception as error:  # a door: in the handshake era the SDK would answer with the text of any exception
        call = present_visit().number
        log.error("call=%s %s %s", call, ctx.method, trail_of(error))
        log.debug("call=%s", call, exc_info=error)
        raise MCPError(code=INTERNAL_ERROR, message=str(Broken(call))) from None


def _known_names(server: MCPServer[None]) -> ServerMiddleware[Any]:
    """Answers an unknown tool or prompt, or a prompt's missing argument, with -32602 as the specification asks."""

    async def refuse_unknown(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        asked = ctx.params or {}
        if ctx.method == "tools/call":
            _known("tool", asked.get("name"), [tool.name for tool in await server.list_tools()])
        if ctx.method == "prompts/get":
            prompts = {prompt.name: prompt for prompt in await server.list_prompts()}
            _known("prompt", asked.get("name"), list(prompts))
            _fitting(prompts[asked["name"]], asked.get("arguments"))
        return await call_next(ctx)

    return refuse_unknown


def _callable_tools(desk: Desk) -> ServerMiddleware[Any]:
    """Lists the tools that the caller may call; a client can still step up to another one that it knows of."""

    async def cut(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        result = await call_next(ctx)
        if ctx.method != "tools/list" or not isinstance(result, dict):
            return result
        scopes = desk.caller().scopes
        return {**result, "tools": [tool for tool in result["tools"] if allows(scopes, tool["name"])]}

    return cut


def _known(kind: str, name: object, names: list[str]) -> None:
    if not (isinstance(name, str) and name in names):
        raise BadArgument(f"Unknown {kind}: {str(name)[:80]!r}; the {kind}s are {', '.join(names)}")


def _fitting(prompt: Prompt, given: object) -> None:
    """Raise BadArgument where a prompt's arguments are not those that it takes; the SDK itself would raise a ValueError."""
    values = given if isinstance(given, dict) else {}
    names = [argument.name for argument in prompt.arguments or []]
    for name in values:
        if name not in names:
            raise BadArgument(f"{str(name)[:60]!r} is not an argument; the arguments are {', '.join(names) or 'none'}")
    for argument in prompt.arguments or []:
        _filled(argument.name, values.get(argument.name), bool(argument.required))


def _filled(name: str, value: object, required: bool) -> None:
    if value is None and not required:
        return
    if not (isinstance(value, str) and 1 <= len(value.strip()) <= _LONGEST_PROMPT_ARGUMENT):
        raise BadArgument(f"{name} is missing or too long; give text of 1 to {_LONGEST_PROMPT_ARGUMENT} characters")
