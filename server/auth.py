"""Who comes in over HTTP: API keys now, tokens of an authorization server beside them later, and nobody else."""

import ipaddress
import json
import logging
from collections.abc import Callable
from datetime import datetime

from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser, BearerAuthBackend
from mcp.server.auth.provider import AccessToken
from starlette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError
from starlette.datastructures import Headers
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from server.callers import EVERYBODY, Caller, local_caller, token_of
from server.errors import KeysUnusable, UnsafeDoor
from server.keys import Keyring
from server.options import ServerOptions

log = logging.getLogger(__name__)

_UNAUTHORIZED = -32001
_LONGEST_READ = 1 << 16


def guarded(app: ASGIApp, options: ServerOptions, clock: Callable[[], datetime]) -> ASGIApp:
    """An application that only known callers reach; `callers.present_caller` names them inside."""
    keyring = Keyring(options.keys) if options.keys else None
    door = AuthenticationMiddleware(
        _Known(AuthContextMiddleware(app)), backend=Doorkeeper(options, keyring, clock), on_error=_keys_unusable
    )
    return _ApiKeyHeader(door)


def refuse_unsafe_door(options: ServerOptions, now: datetime) -> None:
    """Raise UnsafeDoor where strangers could reach the server and it would not ask who they are.

    That is any address but loopback, and any name but loopback's, which means a proxy in front.
    """
    keyring = Keyring(options.keys) if options.keys else None
    if keyring is not None and keyring.any_open(now):
        return
    remedy = "make a key with `muniment key add NAME`, or listen on 127.0.0.1"
    if not is_loopback(options.host):
        raise UnsafeDoor(f"refusing to listen on {options.host} without authentication, since others can reach it: {remedy}")
    for name in options.allowed_hosts:
        if not is_loopback(name.removesuffix(":*")):
            raise UnsafeDoor(f"refusing to answer as {name} without authentication, since others reach it by that name: {remedy}")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address or a name."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


class Doorkeeper(AuthenticationBackend):
    """Knows a caller by a key; on loopback, as long as no key was ever made, takes anybody for the one on this machine."""

    def __init__(self, options: ServerOptions, keyring: Keyring | None, clock: Callable[[], datetime]) -> None:
        self._options, self._keyring, self._clock = options, keyring, clock
        self._bearer = BearerAuthBackend(self)

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, AuthenticatedUser] | None:
        """The caller of a request, or None."""
        if self._open_to_all():
            token = token_of(local_caller(self._options.principals))
            return AuthCredentials(token.scopes), AuthenticatedUser(token)
        known: tuple[AuthCredentials, AuthenticatedUser] | None = await self._bearer.authenticate(conn)
        return known

    async def verify_token(self, token: str) -> AccessToken | None:
        """The caller whose key this is; the SDK's protocol `TokenVerifier`."""
        if self._keyring is None:
            return None
        try:
            key = self._keyring.match(token.strip(), self._clock())
        except KeysUnusable as error:
            log.error("%s", error)
            raise AuthenticationError("the server's keys can't be read: tell the administrator, the log says why") from error
        if key is None:
            return None
        return token_of(Caller(key.name, frozenset(key.principals) | {EVERYBODY}, frozenset(key.scopes)))

    def _open_to_all(self) -> bool:
        return is_loopback(self._options.host) and (self._keyring is None or not self._keyring.exists())


class _ApiKeyHeader:
    """Lets `X-API-Key: …` say what `Authorization: Bearer …` does, and win over it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            keys = [value for name, value in scope["headers"] if name == b"x-api-key"]
            if keys:
                others = [header for header in scope["headers"] if header[0] not in {b"authorization", b"x-api-key"}]
                scope = {**scope, "headers": [*others, (b"authorization", b"Bearer " + keys[0].strip())]}
        await self._app(scope, receive, send)


class _Known:
    """Turns away whoever the doorkeeper does not know: 401, in a shape that protocol clients read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or isinstance(scope.get("user"), AuthenticatedUser):
            await self._app(scope, receive, send)
            return
        tried = "authorization" in Headers(scope=scope)
        why = "this key is not known, has expired or was revoked" if tried else "a key is needed"
        challenge = 'Bearer realm="muniment"' + (', error="invalid_token"' if tried else "")
        message = f"{why}: send `Authorization: Bearer mun_…` or `X-API-Key: mun_…`"
        response = _refusal(401, _UNAUTHORIZED, message, await _request_id(Request(scope, receive)))
        response.headers["WWW-Authenticate"] = challenge
        await response(scope, receive, send)


def _refusal(status: int, code: int, message: str, request_id: str | int | None) -> Response:
    return JSONResponse({"jsonrpc": "2.0", "id": request_id, "error": {"code": code, "message": message}}, status_code=status)


def _keys_unusable(_: HTTPConnection, error: AuthenticationError) -> Response:
    return _refusal(503, -32603, str(error), None)


async def _request_id(request: Request) -> str | int | None:
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > _LONGEST_READ:
        return None
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        return None
    found = body.get("id") if isinstance(body, dict) else None
    return found if isinstance(found, str | int) and not isinstance(found, bool) else None
