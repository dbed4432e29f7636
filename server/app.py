"""The server as an ASGI application: the protocol at /mcp, and two places where an operator can ask how it is."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from fastapi import FastAPI
from mcp.server.transport_security import TransportSecuritySettings
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from index.store import Encoder, Index
from server.auth import guarded
from server.callers import present_caller
from server.desk import Desk
from server.options import ServerOptions
from server.protocol import create_server

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


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
    # A redirect to http:// would carry a key in the clear where TLS ends before this server.
    app.router.redirect_slashes = inner.router.redirect_slashes = False
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
