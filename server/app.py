"""The server as an ASGI application: the protocol at /mcp, and three places where an operator can ask how it is."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from fastapi import FastAPI
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from index.store import Encoder, Index
from server.audit import Trail
from server.auth import guarded, is_loopback
from server.callers import present_caller
from server.desk import Desk
from server.doorbook import Doorbook, Refusal
from server.errors import Forbidden
from server.gate import Gate
from server.limits import Limited, Limits, address_of, caller_of
from server.metrics import CONTENT_TYPE, Holdings, Metrics
from server.oauth_metadata import metadata_routes
from server.options import ServerOptions
from server.protocol import create_server
from server.shown import line
from server.visits import Reception

log = logging.getLogger(__name__)

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_SENT = [
    "Authorization",
    "X-API-Key",
    "Content-Type",
    "Accept",
    "MCP-Protocol-Version",
    "Mcp-Method",
    "Mcp-Name",
    "Last-Event-ID",
]
_READ = ["WWW-Authenticate", "Retry-After", "X-Request-ID"]
# What an answer may take beyond its deadline, until it is cut off.
_GRACE_SECONDS = 15
_READ_METRICS = "metrics:read"


def create_app(
    open_index: Callable[[], Index], encoder: Encoder, options: ServerOptions, clock: Callable[[], datetime]
) -> FastAPI:
    """The application that uvicorn runs. The index is opened, and the encoder loaded, while it already listens."""
    metrics = Metrics(options.metrics)
    trail = Trail(options.audit, options.audit_clear) if options.audit else None
    desk = Desk(open_index, encoder, options, clock, present_caller, trail, metrics)
    book = Doorbook(trail, clock)
    limits = Limits(options.limit_store)
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
        await book.close()

    app = FastAPI(title="Muniment", lifespan=running, openapi_url=None, docs_url=None, redoc_url=None)
    # A redirect to http:// would carry a key in the clear where TLS ends before this server.
    app.router.redirect_slashes = inner.router.redirect_slashes = False
    app.state.mcp = server
    app.state.desk = desk
    app.add_api_route("/healthz", _alive, methods=["GET", "HEAD"])
    app.add_api_route("/readyz", _readiness(desk), methods=["GET", "HEAD"])
    app.router.routes.extend(metadata_routes(options.oauth) if options.oauth else [])
    figures = _Figures(metrics, Holdings(desk.index, desk.directory_as_of, clock))
    app.router.routes.append(Route("/metrics", _OwnersOnly(figures, guarded(_Allowed(figures, book), options, clock, book))))
    taken = {route.path: route.methods or {"GET", "HEAD"} for route in app.router.routes if isinstance(route, Route)}
    # Without sessions a GET would open a stream on which nothing ever comes.
    app.add_middleware(_KnownMethods, taken={**taken, "/mcp": {"POST"}})
    counted = Limited(inner, limits, options.caller_limit, "caller", caller_of, book)
    longest = max([options.call_seconds, *options.deadlines.values()]) + _GRACE_SECONDS
    known = _HostsTold(guarded(counted, options, clock, book))
    app.mount("/", Gate(known, options.workers + options.waiting, longest, options.body_bytes, desk.full, book))
    _add_outer(app, limits, options, metrics, book)
    return app


def _add_outer(app: FastAPI, limits: Limits, options: ServerOptions, metrics: Metrics, book: Doorbook) -> None:
    """What every request passes first, the last one added before all others."""
    app.add_middleware(Limited, limits=limits, allowed=options.address_limit, kind="address", who=address_of, book=book)
    if options.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=options.allowed_origins,
            allow_methods=["POST"],
            allow_headers=_SENT,
            expose_headers=_READ,
        )
    app.add_middleware(Reception, answered=metrics.answered)
    if options.proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(options.proxies))


async def _alive() -> JSONResponse:
    return JSONResponse({"alive": True})


def _readiness(desk: Desk) -> Callable[[], Any]:
    async def ready() -> JSONResponse:
        trouble = await desk.trouble()
        return JSONResponse({"ready": trouble is None, "reason": trouble}, status_code=200 if trouble is None else 503)

    return ready


class _KnownMethods:
    """Answers 405 to any method that a place does not take, since the protocol behind would take it for a stranger's call."""

    def __init__(self, app: ASGIApp, taken: Mapping[str, Collection[str]]) -> None:
        self._app, self._taken = app, taken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        taken = self._taken.get(scope["path"]) if scope["type"] == "http" else None
        if taken is None or scope["method"] in taken:
            await self._app(scope, receive, send)
        else:
            await Response(status_code=405, headers={"Allow": ", ".join(sorted(taken))})(scope, receive, send)


class _Figures:
    """Answers with the figures that Prometheus reads."""

    def __init__(self, metrics: Metrics, holdings: Holdings) -> None:
        self._metrics, self._holdings = metrics, holdings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        text = await asyncio.to_thread(self._metrics.exposed, self._holdings)
        await Response(text, media_type=CONTENT_TYPE)(scope, receive, send)


class _OwnersOnly:
    """Sends whoever asks from this machine itself, and not through a proxy, one way, and everybody else the other."""

    def __init__(self, here: ASGIApp, elsewhere: ASGIApp) -> None:
        self._here, self._elsewhere = here, elsewhere

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        sent_on = any(name in headers for name in ("x-forwarded-for", "forwarded", "x-real-ip", "via"))
        here = not sent_on and bool(scope.get("client")) and is_loopback(scope["client"][0])
        await (self._here if here else self._elsewhere)(scope, receive, send)


class _Allowed:
    """Lets in whoever may read the figures."""

    def __init__(self, app: ASGIApp, book: Doorbook) -> None:
        self._app, self._book = app, book

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = present_caller()
        try:
            caller.need(_READ_METRICS)
        except Forbidden as error:
            await self._book.note(Refusal(str(error.refusal), caller.name, "metrics", admitted=True))
            await JSONResponse({"error": str(error)}, status_code=403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


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
