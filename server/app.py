"""The server as an ASGI application: the protocol at /mcp, and two places where an operator can ask how it is."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from fastapi import FastAPI
from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.context import CallNext, HandlerResult, ServerMiddleware, ServerRequestContext
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from index.store import Encoder, Index
from server.auth import guarded
from server.callers import present_caller
from server.desk import Desk
from server.instructions import INSTRUCTIONS
from server.options import ServerOptions
from server.tools import contract_tools

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_FIVE_MINUTES, _ONE_MINUTE = 300_000, 60_000
_HINTS: dict[CacheableMethod, CacheHint] = {
    "tools/list": CacheHint(_FIVE_MINUTES, "private"),
    "prompts/list": CacheHint(_FIVE_MINUTES, "private"),
    "resources/templates/list": CacheHint(_FIVE_MINUTES, "private"),
    "resources/list": CacheHint(_ONE_MINUTE, "private"),
    "resources/read": CacheHint(_ONE_MINUTE, "private"),
}


def create_server(desk: Desk, version: str) -> MCPServer[None]:
    """The protocol's side of the server, for any transport; while it runs, the desk is open."""

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
        # Nothing is published yet, and who may listen must be decided per document before anything is.
        subscriptions=False,
        log_level="WARNING",
    )
    server.middleware.append(_known_tools(server))
    return server


def create_app(
    open_index: Callable[[], Index], encoder: Encoder, options: ServerOptions, clock: Callable[[], datetime]
) -> FastAPI:
    """The application that uvicorn runs. The index is opened, and the encoder loaded, while it already listens."""
    desk = Desk(open_index, encoder, options, clock, present_caller)
    server = create_server(desk, options.version)
    inner = server.streamable_http_app(
        streamable_http_path="/mcp",
        stateless_http=True,
        json_response=False,
        max_request_body_size=options.body_bytes,
        transport_security=_names(options),
    )

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        async with server.session_manager.run():
            yield

    app = FastAPI(title="Muniment", lifespan=running, openapi_url=None, docs_url=None, redoc_url=None)
    app.state.mcp = server
    app.state.desk = desk
    app.add_api_route("/healthz", _alive, methods=["GET"])
    app.add_api_route("/readyz", _readiness(desk), methods=["GET"])
    # Without sessions a GET would open a stream on which nothing ever comes.
    app.router.routes.append(Route("/mcp", _only_post, methods=["GET", "DELETE"]))
    app.mount("/", guarded(inner, options, clock))
    return app


async def _alive() -> JSONResponse:
    return JSONResponse({"alive": True})


def _readiness(desk: Desk) -> Callable[[], Any]:
    async def ready() -> JSONResponse:
        trouble = await desk.trouble()
        return JSONResponse({"ready": trouble is None, "reason": trouble}, status_code=200 if trouble is None else 503)

    return ready


async def _only_post(_: Request) -> Response:
    return Response(status_code=405, headers={"Allow": "POST"})


def _names(options: ServerOptions) -> TransportSecuritySettings:
    hosts = [*_LOOPBACK, *options.allowed_hosts]
    origins = [f"http://{name}" for name in _LOOPBACK]
    return TransportSecuritySettings(
        allowed_hosts=[*hosts, *(f"{name}:*" for name in hosts)],
        allowed_origins=[*origins, *(f"{origin}:*" for origin in origins), *options.allowed_origins],
    )


def _known_tools(server: MCPServer[None]) -> ServerMiddleware[Any]:
    async def refuse_unknown(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        if ctx.method == "tools/call":
            names = [tool.name for tool in await server.list_tools()]
            name = (ctx.params or {}).get("name")
            if isinstance(name, str) and name not in names:
                raise MCPError(code=INVALID_PARAMS, message=f"Unknown tool: {name[:80]!r}; the tools are {', '.join(names)}")
        return await call_next(ctx)

    return refuse_unknown
