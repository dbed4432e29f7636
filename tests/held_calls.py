"""Calls that are held up until a test lets them go: what a caller is told meanwhile, and who leaves the queue."""

import itertools
import json
import ssl
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import httpx2
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import TextContent
from small_firm import WordEncoder

from index.store import Vectors

TOOL = "search_documents_by_metadata"
HELD, PLAIN = "a held question", {"party": "acme"}
BUSY = "as many calls as it can"
_NUMBERS = itertools.count(1)
VERSIONS = ("2025-06-18", "2026-07-28")


class Told:
    """What a caller is told while they wait, and whether it was so often."""

    def __init__(self, times: int = 1) -> None:
        self.heard: list[tuple[float, float | None, str | None]] = []
        self._times, self.enough = times, anyio.Event()

    async def __call__(self, progress: float, total: float | None, message: str | None) -> None:
        self.heard.append((progress, total, message))
        if len(self.heard) >= self._times:
            self.enough.set()


# Calls the tool and says "answered", or what was said instead.
Ask = Callable[[dict[str, str], Told], Awaitable[str]]


def through(client: Client) -> Ask:
    """Calls of a client, all of them over its one connection."""

    async def ask(arguments: dict[str, str], told: Told) -> str:
        try:
            result = await client.call_tool(TOOL, arguments, progress_callback=told)
        except MCPError as error:
            return str(error)
        said = result.content[0]
        return said.text if result.is_error and isinstance(said, TextContent) else "answered"

    return ask


def sent(version: str, arguments: dict[str, str], token: object = None) -> dict[str, Any]:
    """A call as it is sent over HTTP, body and headers."""
    meta = {"io.modelcontextprotocol/protocolVersion": version, "io.modelcontextprotocol/clientCapabilities": {}}
    params = {"_meta": meta if token is None else {**meta, "progressToken": token}, "name": TOOL, "arguments": arguments}
    names = {"MCP-Protocol-Version": version, "Mcp-Method": "tools/call", "Mcp-Name": TOOL}
    headers = {**names, "Accept": "application/json, text/event-stream"}
    return {"json": {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}, "headers": headers}


class Held(WordEncoder):
    """An encoder that lets held questions wait until they are let go."""

    def __init__(self) -> None:
        self.asked, self.let_go = threading.Event(), threading.Event()

    def encode_question(self, text: str) -> Vectors:
        if text.startswith(HELD):
            self.asked.set()
            self.let_go.wait(20)
        return super().encode_question(text)


def held() -> dict[str, str]:
    """A question that waits; no two are the same, since the server remembers what it was asked."""
    return {"query": f"{HELD}, {next(_NUMBERS)}"}


def over_http(url: str, version: str, trust: ssl.SSLContext | None = None) -> Ask:
    """Calls over HTTP, each a request on a connection of its own and nothing beside it, as a client would send it."""

    async def ask(arguments: dict[str, str], told: Told) -> str:
        async with (
            httpx2.AsyncClient(verify=trust or True, timeout=40) as http,
            http.stream("POST", f"{url}/mcp", **sent(version, arguments, "t-1")) as answer,
        ):
            async for line in answer.aiter_lines():
                message = json.loads(line.removeprefix("data:")) if '"jsonrpc"' in line else {}
                if message.get("method") == "notifications/progress":
                    heard = message["params"]
                    assert heard["progressToken"] == "t-1"
                    await told(heard["progress"], heard["total"], heard["message"])
                elif message:
                    return message["error"]["message"] if "error" in message else "answered"
        return "nothing"

    return ask


async def assert_told_while_held(ask: Ask, let_go: Callable[[], object]) -> None:
    """What the caller is told comes while there can be no answer yet, and counts the seconds of its deadline."""
    told, came = Told(2), []

    async def wait() -> None:
        came.append(await ask(held(), told))

    with anyio.fail_after(40):
        async with anyio.create_task_group() as group:
            group.start_soon(wait)
            await told.enough.wait()
            assert not came
            await anyio.to_thread.run_sync(let_go)
    assert came == ["answered"]
    seconds = [progress for progress, _, _ in told.heard]
    assert seconds[0] == 0
    assert seconds == sorted(set(seconds))
    assert {(total, message) for _, total, message in told.heard} == {(20, "at work")}


async def assert_one_who_goes_leaves_the_queue(ask: Ask, let_go: Callable[[], object]) -> None:
    """Of the server's two places one is taken by who stays and one by who goes away, and the next caller gets that one."""
    staying, going, coming = Told(), Told(), Told()
    came: list[str] = []

    async def wait(arguments: dict[str, str], told: Told) -> None:
        while BUSY in (said := await ask(arguments, told)):
            assert told is coming
        came.append(said)

    with anyio.fail_after(40):
        async with anyio.create_task_group() as group:
            group.start_soon(wait, held(), staying)
            await staying.enough.wait()
            async with anyio.create_task_group() as left:
                left.start_soon(wait, held(), going)
                await going.enough.wait()
                assert BUSY in await ask(PLAIN, Told())
                left.cancel_scope.cancel()
            group.start_soon(wait, PLAIN, coming)
            await coming.enough.wait()
            assert not came
            await anyio.to_thread.run_sync(let_go)
    assert came == ["answered", "answered"]
