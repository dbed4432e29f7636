"""Who comes in over HTTP: bearers of API keys and of an authorization server's tokens, and nobody else."""

import ipaddress
import logging
from collections.abc import Callable
from datetime import datetime

from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser, BearerAuthBackend
from mcp.server.auth.provider import AccessToken
from starlette.authentication import AuthCredentials, AuthenticationBackend
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from server.auth_answers import CannotTell, KnownOnly, ScopedOnly, cannot_tell
from server.callers import EVERYBODY, Caller, local_caller, token_of
from server.errors import KeysUnusable, UnsafeDoor
from server.keys import PREFIX, Keyring
from server.oauth_claims import GroupsMissing, caller_from
from server.oauth_http import IssuerUnreachable
from server.oauth_tokens import TokenReader
from server.options import ServerOptions

log = logging.getLogger(__name__)

_AGAIN_SECONDS = 10


def guarded(app: ASGIApp, options: ServerOptions, clock: Callable[[], datetime]) -> ASGIApp:
    """An application that only known callers reach; `callers.present_caller` names them inside."""
    inside = (
        ScopedOnly(AuthContextMiddleware(app), options.oauth, options.body_bytes) if options.oauth else AuthContextMiddleware(app)
    )
    backend = Doorkeeper(options, Keyring(options.keys) if options.keys else None, clock)
    return _ApiKeyHeader(AuthenticationMiddleware(KnownOnly(inside, options.oauth), backend=backend, on_error=cannot_tell))


def refuse_unsafe_door(options: ServerOptions, now: datetime) -> None:
    """Raise UnsafeDoor where strangers could reach the server and it would not ask who they are.

    That is any address but loopback, and any name but loopback's, which means a proxy in front.
    """
    keyring = Keyring(options.keys) if options.keys else None
    if options.oauth or (keyring is not None and keyring.any_open(now)):
        return
    remedy = "make a key with `muniment key add NAME`, name an authorization server, or listen on 127.0.0.1"
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
    """Knows a caller by a key or a token; on loopback, where there are neither, takes anybody for the one on this machine."""

    def __init__(self, options: ServerOptions, keyring: Keyring | None, clock: Callable[[], datetime]) -> None:
        self._options, self._keyring, self._clock = options, keyring, clock
        self._tokens = TokenReader(options.oauth, clock) if options.oauth else None
        self._bearer = BearerAuthBackend(self)

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, AuthenticatedUser] | None:
        """The caller of a request, or None. Raises CannotTell."""
        if self._open_to_all():
            token = token_of(local_caller(self._options.principals))
            return AuthCredentials(token.scopes), AuthenticatedUser(token)
        known: tuple[AuthCredentials, AuthenticatedUser] | None = await self._bearer.authenticate(conn)
        return known

    async def verify_token(self, token: str) -> AccessToken | None:
        """The caller whose key or token this is; the SDK's protocol `TokenVerifier`. Raises CannotTell."""
        token = token.strip()
        return self._bearer_of_key(token) if token.startswith(PREFIX) else await self._bearer_of_token(token)

    def _bearer_of_key(self, secret: str) -> AccessToken | None:
        try:
            key = self._keyring.match(secret, self._clock()) if self._keyring else None
        except KeysUnusable as error:
            log.error("%s", error)
            raise CannotTell(503, "the server's keys can't be read: tell the administrator, the log says why") from error
        if key is None:
            return None
        return token_of(Caller(key.name, frozenset(key.principals) | {EVERYBODY}, frozenset(key.scopes)))

    async def _bearer_of_token(self, token: str) -> AccessToken | None:
        if self._tokens is None or self._options.oauth is None:
            return None
        try:
            claims = await self._tokens.read(token)
            caller = caller_from(claims, self._options.oauth.claims) if claims else None
        except IssuerUnreachable as error:
            log.warning("a token could not be checked: %s", error)
            message = "the token can't be checked, since its issuer does not answer: try again in a moment"
            raise CannotTell(503, message, _AGAIN_SECONDS) from error
        except GroupsMissing as error:
            message = "the token can't hold all your groups: the administrator must list them in the server's file of groups"
            raise CannotTell(403, message) from error
        return token_of(caller, claims["iss"]) if caller and claims else None

    def _open_to_all(self) -> bool:
        if self._tokens or not is_loopback(self._options.host):
            return False
        return self._keyring is None or not self._keyring.exists()


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
