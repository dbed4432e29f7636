"""The gate before the protocol: a bounded number of calls at a time, of bounded size, that end."""

import asyncio
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.doorbook import Doorbook, Refusal
from server.refusals import OVERLOADED, TOO_LARGE, TOO_LATE, asked_in, refuse, unread

_BODY_SECONDS = 10.0
_AGAIN_SECONDS = 2


class Gate:
    """Lets in `most` requests at a time and sheds the rest with 503; each ends after `seconds`, whatever holds it up.

    `full` says that those inside can take no more, though fewer are in. A body is read here, whole and in time, before anything
    else is done with it: 413 over `body_bytes`, 408 where it does not come.
    """

    def __init__(
        self, app: ASGIApp, most: int, seconds: float, body_bytes: int, full: Callable[[], bool], book: Doorbook
    ) -> None:
        self._app, self._most, self._seconds, self._body_bytes = app, most, seconds, body_bytes
        self._full, self._book = full, book
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or turn it away."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._inside >= self._most or self._full():
            await self._shed(scope, receive, send)
            return
        self._inside += 1
        try:
            await self._let_in(scope, receive, send)
        finally:
            self._inside -= 1

    async def _shed(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await unread(scope, receive)
        # Nobody has been asked yet who calls.
        await self._book.note(Refusal("the server was full", tool=asked_in(body)))
        message = f"the server is answering as many calls as it can: ask again in {_AGAIN_SECONDS} seconds"
        await refuse(scope, receive, send, 503, OVERLOADED, message, {"Retry-After": str(_AGAIN_SECONDS)}, body)

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                body = await self._body(scope, receive)
        except ClientDisconnect:
            return
        except TimeoutError:
            message = f"the request did not come within {_BODY_SECONDS:g} seconds"
            await refuse(scope, receive, send, 408, TOO_LATE, message, {"Connection": "close"}, b"")
            return
        if body is None:
            message = f"a request may have {self._body_bytes} bytes"
            await refuse(scope, receive, send, 413, TOO_LARGE, message, {"Connection": "close"}, b"")
            return
        await self._in_time(scope, body, receive, send)

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        """The whole body, or None where it is too large."""
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal() or int(length) > self._body_bytes:
            return None
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            body += message.get("body", b"")
            if len(body) > self._body_bytes:
                return None
            if not message.get("more_body", False):
                return bytes(body)

    async def _in_time(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        given = started = False

        async def again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            async with asyncio.timeout(self._seconds):
                await self._app(scope, again, watched)
        except TimeoutError:
            if started:
                raise
            message = f"no answer within {self._seconds:g} seconds, so the call was given up"
            await refuse(scope, receive, send, 504, TOO_LATE, message, {}, body)
