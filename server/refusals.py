"""A refusal in the shape that protocol clients read: JSON-RPC with the id of what was asked."""

import asyncio
import json
from collections.abc import Mapping

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

TOO_MANY, OVERLOADED, TOO_LARGE, TOO_LATE = -32029, -32050, -32013, -32008

_LONGEST_READ = 1 << 16
_SECONDS = 2.0


async def refuse(
    scope: Scope,
    receive: Receive,
    send: Send,
    status: int,
    code: int,
    message: str,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> None:
    """Answer a request with an error; its id is read from `body`, or from what has not been read of the request yet."""
    asked = await _id_of_unread(Request(scope, receive)) if body is None else id_in(body)
    error = {"jsonrpc": "2.0", "id": asked, "error": {"code": code, "message": message}}
    await JSONResponse(error, status_code=status, headers=dict(headers or {}))(scope, receive, send)


def id_in(body: bytes) -> str | int | None:
    """The id of a JSON-RPC request, if it is one."""
    if len(body) > _LONGEST_READ:
        return None
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        return None
    found = asked.get("id") if isinstance(asked, dict) else None
    return found if isinstance(found, str | int) and not isinstance(found, bool) else None


async def _id_of_unread(request: Request) -> str | int | None:
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > _LONGEST_READ:
        return None
    try:
        async with asyncio.timeout(_SECONDS):
            return id_in(await request.body())
    except (TimeoutError, ClientDisconnect):
        return None
