"""The server as an ASGI application: the protocol at /mcp, and two places where an operator can ask how it is."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from fastapi import FastAPI
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.store import Encoder, Index
from server.auth import guarded
from server.callers import present_caller
from server.desk import Desk
from server.options import ServerOptions
from server.protocol import create_server
from server.shown import line

log = logging.getLogger(__name__)

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
    app.mount("/", _HostsTold(guarded(inner, options, clock)))
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
    hosts = [*_LOOPBACK, *_own_name(options.host), *options.allowed_hosts]
    origins = [f"http://{name}" for name in _LOOPBACK]
    return TransportSecuritySettings(
        allowed_hosts=[*hosts, *(f"{name}:*" for name in hosts)],
        allowed_origins=[*origins, *(f"{origin}:*" for origin in origins), *options.allowed_origins],
    )


def _own_name(host: str) -> list[str]:
    if host in {"0.0.0.0", "::", *_LOOPBACK}:  # noqa: S104  # every address, which is nobody's name
        return []
    return [f"[{host}]" if ":" in host else host]


class _HostsTold:
    """Tells the operator what to set when callers use a name that the server does not answer to."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 421:
                host = line(Headers(scope=scope).get("host"), 80)
                log.warning("refused a call for the host %r: if that is this server, add it to allowed_hosts", host)
            await send(message)

        await self._app(scope, receive, watched)
