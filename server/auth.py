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

from server.auth_answers import WHY_UNKNOWN, CannotTell, KnownOnly, ScopedOnly, cannot_tell
from server.callers import EVERYBODY, Caller, local_caller, token_of
from server.doorbook import Doorbook, Refusal
from server.errors import KeysUnusable, UnsafeDoor
from server.keys import PREFIX, Keyring
from server.oauth_claims import GroupsMissing, caller_from, name_from
from server.oauth_http import IssuerUnreachable
from server.oauth_tokens import TokenReader, TokenRefused
from server.options import ServerOptions

log = logging.getLogger(__name__)

_AGAIN_SECONDS = 10


def guarded(app: ASGIApp, options: ServerOptions, clock: Callable[[], datetime], book: Doorbook) -> ASGIApp:
    """An application that only known callers reach; `callers.present_caller` names them inside, the book those who are not."""
    inside: ASGIApp = AuthContextMiddleware(app)
    if options.oauth:
        inside = ScopedOnly(inside, options.oauth, options.body_bytes, book)
    backend = Doorkeeper(options, Keyring(options.keys) if options.keys else None, clock, book)
    known = KnownOnly(inside, options.oauth, book)
    return _ApiKeyHeader(AuthenticationMiddleware(known, backend=backend, on_error=cannot_tell))


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

    def __init__(self, options: ServerOptions, keyring: Keyring | None, clock: Callable[[], datetime], book: Doorbook) -> None:
        self._options, self._keyring, self._clock, self._book = options, keyring, clock, book
        self._tokens = TokenReader(options.oauth, clock) if options.oauth else None
        self._bearer = BearerAuthBackend(self)

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, AuthenticatedUser] | None:
        """The caller of a request, or None, and why in its scope. Raises CannotTell, once that is recorded."""
        if self._open_to_all():
            token = token_of(local_caller(self._options.principals))
            return AuthCredentials(token.scopes), AuthenticatedUser(token)
        try:
            known: tuple[AuthCredentials, AuthenticatedUser] | None = await self._bearer.authenticate(conn)
        except _Unknown as unknown:
            conn.scope[WHY_UNKNOWN] = unknown.reason
            return None
        except CannotTell as error:
            await self._book.note(error.reason)
            raise
        return known

    async def verify_token(self, token: str) -> AccessToken:
        """The caller whose key or token this is; the SDK's protocol `TokenVerifier`. Raises _Unknown and CannotTell."""
        token = token.strip()
        return self._bearer_of_key(token) if token.startswith(PREFIX) else await self._bearer_of_token(token)

    def _bearer_of_key(self, secret: str) -> AccessToken:
        now = self._clock()
        try:
            key = self._keyring.match(secret, now) if self._keyring else None
            closed = self._keyring.find(secret) if self._keyring and not key else None
        except KeysUnusable as error:
            log.error("%s", error)
            message = "the server's keys can't be read: tell the administrator, the log says why"
            raise CannotTell(503, message, Refusal("the keys can't be read")) from error
        if key is None:
            raise _Unknown(Refusal(closed.state(now), closed.name) if closed else Refusal("unknown key"))
        return token_of(Caller(key.name, frozenset(key.principals) | {EVERYBODY}, frozenset(key.scopes)))

    async def _bearer_of_token(self, token: str) -> AccessToken:
        if self._tokens is None or self._options.oauth is None:
            raise _Unknown(Refusal("unknown key"))
        names = self._options.oauth.claims
        try:
            claims = await self._tokens.read(token)
        except TokenRefused as refused:
            who = name_from(refused.claims, names) if refused.claims else None
            raise _Unknown(Refusal(f"token refused: {refused}", who)) from None
        except IssuerUnreachable as error:
            log.warning("a token could not be checked: %s", error)
            message = "the token can't be checked, since its issuer does not answer: try again in a moment"
            raise CannotTell(503, message, Refusal("the token's issuer does not answer"), _AGAIN_SECONDS) from error
        try:
            return token_of(caller_from(claims, names), claims["iss"])
        except GroupsMissing as error:
            message = "the token can't hold all your groups: the administrator must list them in the server's file of groups"
            reason = Refusal("the token can't hold all groups", name_from(claims, names), admitted=True)
            raise CannotTell(403, message, reason) from error

    def _open_to_all(self) -> bool:
        if self._tokens or not is_loopback(self._options.host):
            return False
        return self._keyring is None or not self._keyring.exists()


class _Unknown(Exception):
    """Nobody is known by this key or token; the reason is for the auditor, and told to nobody else."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.reason)
        self.reason = reason


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
