"""A refusal in the shape that protocol clients read: JSON-RPC with the id of what was asked."""

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

TOO_MANY, OVERLOADED, TOO_LARGE, TOO_LATE = -32029, -32050, -32013, -32008

_LONGEST_READ = 1 << 16
_SECONDS = 2.0
_NAME = re.compile(r"[a-zA-Z][a-zA-Z_/]{0,63}")


async def refuse(
    scope: Scope,
    receive: Receive,
    send: Send,
    status: int,
    code: int,
    message: str,
    headers: Mapping[str, str],
    body: bytes,
) -> None:
    """Answer a request with an error, which has the id that stands in its body."""
    error = {"jsonrpc": "2.0", "id": id_in(body), "error": {"code": code, "message": message}}
    await JSONResponse(error, status_code=status, headers=dict(headers))(scope, receive, send)


async def unread(scope: Scope, receive: Receive) -> bytes:
    """The body of a request that nothing was read of yet, for what it says of itself; empty where it is long or does not come."""
    request = Request(scope, receive)
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > _LONGEST_READ:
        return b""
    try:
        async with asyncio.timeout(_SECONDS):
            return await request.body()
    except (TimeoutError, ClientDisconnect):
        return b""


def id_in(body: bytes) -> str | int | None:
    """The id of a JSON-RPC request, if it is one."""
    found = _message_in(body).get("id")
    return found if isinstance(found, str | int) and not isinstance(found, bool) else None


def asked_in(body: bytes) -> str | None:
    """The tool that a JSON-RPC request calls, or else its method; None where that is no name."""
    message = _message_in(body)
    params = message.get("params")
    tool = params.get("name") if message.get("method") == "tools/call" and isinstance(params, dict) else None
    named = (name for name in (tool, message.get("method")) if isinstance(name, str) and _NAME.fullmatch(name))
    return next(named, None)


def _message_in(body: bytes) -> dict[str, Any]:
    if len(body) > _LONGEST_READ:
        return {}
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
