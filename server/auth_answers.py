"""What is answered at the door: 401 to whom nobody knows, 403 to whose token lacks a scope, 503 where it can't be told."""

from dataclasses import replace

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from starlette.authentication import AuthenticationError
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.callers import ASSISTANT
from server.doorbook import Doorbook, Refusal
from server.oauth_metadata import challenge
from server.oauth_options import OAuthOptions
from server.oauth_scopes import needed_by
from server.refusals import asked_in, id_in, unread

_UNAUTHORIZED, _FORBIDDEN, _UNABLE = -32001, -32003, -32603
# Where the doorkeeper leaves word of why nobody is known here.
WHY_UNKNOWN = "muniment.why_unknown"


class CannotTell(AuthenticationError):
    """Whether the caller may come in can't be decided; the message is fit for a caller's eyes, the reason for an auditor's."""

    def __init__(self, status: int, message: str, reason: Refusal, again_seconds: int | None = None) -> None:
        super().__init__(message)
        self.status, self.reason, self.again_seconds = status, reason, again_seconds


def cannot_tell(_: HTTPConnection, error: AuthenticationError) -> Response:
    """The answer to it."""
    status, again = (error.status, error.again_seconds) if isinstance(error, CannotTell) else (503, None)
    response = _refusal(status, _UNABLE, str(error), None)
    if again:
        response.headers["Retry-After"] = str(again)
    return response


class KnownOnly:
    """Turns away whoever the doorkeeper does not know: 401, in a shape that protocol clients read."""

    def __init__(self, app: ASGIApp, oauth: OAuthOptions | None, book: Doorbook) -> None:
        self._app, self._oauth, self._book = app, oauth, book

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or isinstance(scope.get("user"), AuthenticatedUser):
            await self._app(scope, receive, send)
            return
        tried = "authorization" in Headers(scope=scope)
        body = await unread(scope, receive)
        known = scope.get(WHY_UNKNOWN) or Refusal("a key or token in no form of ours" if tried else "no key or token")
        await self._book.note(replace(known, tool=asked_in(body)))
        response = _refusal(401, _UNAUTHORIZED, self._message(tried), id_in(body))
        why = "the token is not valid here, or has expired" if tried else None
        response.headers["WWW-Authenticate"] = challenge(self._oauth, ASSISTANT, "invalid_token" if tried else None, why)
        await response(scope, receive, send)

    def _message(self, tried: bool) -> str:
        if self._oauth:
            why = "this token or key is not valid here, has expired or was revoked" if tried else "a token or a key is needed"
            return f"{why}: sign in with the firm's authorization server, or send `Authorization: Bearer mun_…`"
        why = "this key is not known, has expired or was revoked" if tried else "a key is needed"
        return f"{why}: send `Authorization: Bearer mun_…` or `X-API-Key: mun_…`"


class ScopedOnly:
    """Answers 403 with all scopes that are needed where a token lacks one, so that the client can ask its issuer for them."""

    def __init__(self, app: ASGIApp, oauth: OAuthOptions, body_bytes: int, book: Doorbook) -> None:
        self._app, self._oauth, self._body_bytes, self._book = app, oauth, body_bytes, book

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        held = _held_by_token(scope)
        if held is None or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        messages = await _read(receive, self._body_bytes)
        body = b"".join(message.get("body", b"") for message in messages)
        missing = needed_by(body) - held
        if not missing:
            await self._app(scope, _again(messages, receive), send)
            return
        wanted = [one for one in ASSISTANT if one in missing | held]
        lacking = " ".join(sorted(missing))
        await self._book.note(Refusal(f"lacks the scope {lacking}", scope["user"].display_name, asked_in(body), admitted=True))
        why = f"this needs the scope {lacking}"
        response = _refusal(403, _FORBIDDEN, why, id_in(body))
        response.headers["WWW-Authenticate"] = challenge(self._oauth, wanted, "insufficient_scope", why)
        await response(scope, receive, send)


def _held_by_token(scope: Scope) -> frozenset[str] | None:
    """The scopes of a caller whom an authorization server named; None for others, who could not ask one for more."""
    user = scope.get("user") if scope["type"] == "http" else None
    if not isinstance(user, AuthenticatedUser) or not (user.access_token.claims or {}).get("iss"):
        return None
    return frozenset(user.scopes)


async def _read(receive: Receive, most: int) -> list[Message]:
    """The body's messages up to its end, or up to where it is too long, which is for the application to refuse."""
    messages: list[Message] = []
    size = 0
    while size <= most:
        messages.append(await receive())
        size += len(messages[-1].get("body", b""))
        if not messages[-1].get("more_body", False):
            break
    return messages


def _again(messages: list[Message], receive: Receive) -> Receive:
    left = list(reversed(messages))

    async def replayed() -> Message:
        return left.pop() if left else await receive()

    return replayed


def _refusal(status: int, code: int, message: str, request_id: str | int | None) -> Response:
    return JSONResponse({"jsonrpc": "2.0", "id": request_id, "error": {"code": code, "message": message}}, status_code=status)
