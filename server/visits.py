"""One visit over HTTP: its number and where it comes from, and what every answer carries, whatever it is."""

import ipaddress
import logging
import secrets
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.errors import Broken, trail_of

log = logging.getLogger(__name__)

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: the number under which the log, the audit trail and the answer know it, and its sender's address."""

    number: str
    address: str


_present: ContextVar[Visit | None] = ContextVar("visit", default=None)


def present_visit() -> Visit:
    """The visit being answered; over standard input and output each question is one of its own."""
    return _present.get() or Visit(secrets.token_hex(8), "stdio")


def visit_number() -> str | None:
    """The number of the visit being answered, for the log; None outside of any."""
    visit = _present.get()
    return visit.number if visit else None


def network_of(address: str) -> str:
    """What counts as one place that calls come from: an IPv4 address, or the 64 bits of an IPv6 one that a customer is given."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else str(known)


class Reception:
    """Numbers each visit, tells `answered` every answer's status, and lets no fault out but as a sentence."""

    def __init__(self, app: ASGIApp, answered: Callable[[int], None]) -> None:
        self._app, self._answered = app, answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = Visit(secrets.token_hex(8), (scope.get("client") or ("unknown",))[0])
        started = False

        async def dressed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._answered(message["status"])
                _dress(MutableHeaders(scope=message), visit, scope["scheme"] == "https")
            await send(message)

        token = _present.set(visit)
        try:
            await self._app(scope, receive, dressed)
        except Exception as error:
            log.error("request=%s %s", visit.number, trail_of(error))
            log.debug("request=%s", visit.number, exc_info=error)
            if started:
                raise Broken(visit.number) from None
            fault = {"jsonrpc": "2.0", "id": None, "error": {"code": -32603, "message": str(Broken(visit.number))}}
            await JSONResponse(fault, status_code=500)(scope, receive, dressed)
        finally:
            _present.reset(token)


def _dress(headers: MutableHeaders, visit: Visit, safe: bool) -> None:
    headers["X-Request-ID"] = visit.number
    for name, value in _ALWAYS.items():
        # The protocol's own streams say how they may be kept; nobody else does.
        headers.setdefault(name, value)
    if safe:
        headers["Strict-Transport-Security"] = f"max-age={_YEAR}"
