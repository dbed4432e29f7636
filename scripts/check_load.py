"""What a running server bears: many assistants at once, ten times as many, very many calls, and bytes that are no message.

See BENCHMARKS.md. Messages with the wrong things in them are tried better by `make fuzz`, which ends with this one's `fuzz`.

python -m scripts.check_load load --url http://127.0.0.1:8080/mcp --assistants 50 --seconds 300
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2

from scripts.trials import inside_shown

_VERSION = "2026-07-28"
_META = {"io.modelcontextprotocol/protocolVersion": _VERSION, "io.modelcontextprotocol/clientCapabilities": {}}
_QUESTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("search_documents_by_metadata", {"party": "Acme"}),
    ("search_documents_by_metadata", {"query": "vendor agreement"}),
    ("search_documents_by_metadata", {"contract_type": "nda", "status": "active"}),
    ("extract_clause", {"clause": "governing law"}),
    ("extract_clause", {"clause": "cap on liability"}),
)
_ODD: tuple[Any, ...] = (
    None, True, -1, 0, 1e308, 10**30, "", " ", "x" * 5_000, "\x00", "\ud800", "'; DROP TABLE documents; --", "../../etc/passwd",
    "{{7*7}}", "%s%n", "(" * 500, "NEAR(", "AND OR NOT *", "text:^~", [], ["x"] * 50, {}, {"a": {"b": {}}}, "2026-02-30", "contract://x/y",
)  # fmt: skip
_NAMES = (
    "query", "party", "contract_type", "status", "folder", "limit", "cursor", "sort", "clause", "document_id", "pages", "offset",
    "expires_before", "expires_after", "governing_law", "signed", "$where", "",
)  # fmt: skip
_METHODS = (
    "tools/call", "tools/list", "resources/read", "resources/list", "prompts/get", "completion/complete", "initialize", "ping",
    "server/discover", "subscriptions/listen", "no/such", "", "tasks/get", "logging/setLevel",
)  # fmt: skip
_TOOLS = ("search_documents_by_metadata", "extract_clause", "read_contract", "no_such_tool", "")


_ENDLESS = httpx2.Limits(max_connections=None, max_keepalive_connections=None)


@dataclass
class Tally:
    """What came of calls: statuses, and the seconds of those that were answered."""

    came: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def line(self) -> str:
        """In words."""
        ordered = sorted(self.seconds) or [0.0]
        half, most = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
        came = ", ".join(f"{count} {what}" for what, count in self.came.most_common())
        return (
            f"{came}; half within {1000 * half:.0f} ms, 95 % within {1000 * most:.0f} ms, all within {1000 * ordered[-1]:.0f} ms"
        )


def main() -> None:
    """Run one of the checks; exit code 1 where the server did not bear it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("check", choices=("load", "shed", "soak", "fuzz"))
    parser.add_argument("--url", default="http://127.0.0.1:8080/mcp")
    parser.add_argument("--key")
    parser.add_argument("--assistants", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--think", type=float, default=1.0, help="seconds between an assistant's answer and its next call")
    parser.add_argument("--calls", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--trust", help="a certificate to trust, for a site with its own")
    asked = parser.parse_args()
    headers = {"X-API-Key": asked.key} if asked.key else {}
    checks = {"load": _load, "shed": _shed, "soak": _soak, "fuzz": _fuzz}
    sys.exit(0 if asyncio.run(checks[asked.check](asked, headers)) else 1)


async def _load(asked: argparse.Namespace, headers: dict[str, str]) -> bool:
    tally = await _crowd(asked, headers, asked.assistants, asked.think)
    print(f"{asked.assistants} assistants for {asked.seconds:g} s: {tally.line()}")
    return set(tally.came) == {"answered"}


async def _shed(asked: argparse.Namespace, headers: dict[str, str]) -> bool:
    tally = await _crowd(asked, headers, asked.assistants * 10, 0.0)
    print(f"{asked.assistants * 10} at once for {asked.seconds:g} s: {tally.line()}")
    started = time.perf_counter()
    async with _client(asked, headers) as client:
        while await _ask(client, asked.url, *_QUESTIONS[0]) != "answered" and time.perf_counter() - started < 60:
            await asyncio.sleep(0.1)
    well = time.perf_counter() - started
    print(f"well again after {well:.1f} s")
    return set(tally.came) <= {"answered", "503", "429"} and well < 5


async def _soak(asked: argparse.Namespace, headers: dict[str, str]) -> bool:
    tally, left = Tally(), iter(range(asked.calls))

    async def caller() -> None:
        async with _client(asked, headers) as client:
            for number in left:
                await _timed(tally, client, asked.url, number)

    await asyncio.gather(*(caller() for _ in range(4)))
    print(f"{asked.calls} calls: {tally.line()}")
    return set(tally.came) == {"answered"}


async def _fuzz(asked: argparse.Namespace, headers: dict[str, str]) -> bool:
    chance, came = random.Random(asked.seed), Counter[int]()  # noqa: S311  # nonsense need not be secret
    bad = []
    async with _client(asked, headers) as client:
        for body, extra in _nonsense(chance, asked.calls):
            answer = await client.post(asked.url, content=body, headers=extra)
            came[answer.status_code] += 1
            if answer.status_code >= 500 or inside_shown(answer.text, body.decode(errors="replace")):
                bad.append((answer.status_code, body[:300]))
    print(f"{asked.calls} pieces of nonsense: {dict(came)}")
    for status, body in bad[:10]:
        print(f"{status}: {body!r}")
    return not bad


async def _crowd(asked: argparse.Namespace, headers: dict[str, str], count: int, think: float) -> Tally:
    tally, until = Tally(), time.perf_counter() + asked.seconds

    async def assistant(client: httpx2.AsyncClient, number: int) -> None:
        chance = random.Random(number)  # noqa: S311  # when somebody asks need not be secret
        await asyncio.sleep(chance.uniform(0, think))
        while time.perf_counter() < until:
            await _timed(tally, client, asked.url, chance.randrange(1_000))
            await asyncio.sleep(chance.uniform(0.5, 1.5) * think)

    # One client for all, since making one costs more than many calls do; each assistant still has connections of its own.
    async with _client(asked, headers) as client:
        await asyncio.gather(*(assistant(client, number) for number in range(count)))
    return tally


async def _timed(tally: Tally, client: httpx2.AsyncClient, url: str, number: int) -> None:
    started = time.perf_counter()
    came = await _ask(client, url, *_QUESTIONS[number % len(_QUESTIONS)])
    tally.came[came] += 1
    if came == "answered":
        tally.seconds.append(time.perf_counter() - started)


async def _ask(client: httpx2.AsyncClient, url: str, tool: str, arguments: dict[str, Any]) -> str:
    params = {"_meta": _META, "name": tool, "arguments": arguments}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    try:
        answer = await client.post(url, json=body, headers={"Mcp-Method": "tools/call", "Mcp-Name": tool})
    except httpx2.HTTPError as error:
        return type(error).__name__
    if answer.status_code != 200:
        return str(answer.status_code)
    return "tool error" if '"isError":true' in answer.text else "answered"


def _client(asked: argparse.Namespace, headers: dict[str, str]) -> httpx2.AsyncClient:
    sent = {"MCP-Protocol-Version": _VERSION, "Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    return httpx2.AsyncClient(headers={**sent, **headers}, timeout=60, verify=asked.trust or True, limits=_ENDLESS)


def _nonsense(chance: random.Random, count: int) -> Iterator[tuple[bytes, dict[str, str]]]:
    for _ in range(count):
        method, tool = chance.choice((*_METHODS, *["tools/call"] * 10)), chance.choice(_TOOLS)
        arguments: Any = {chance.choice(_NAMES): chance.choice(_ODD) for _ in range(chance.randrange(5))}
        params = {"name": tool, "arguments": arguments, "uri": chance.choice(_ODD), "cursor": chance.choice(_ODD), "_meta": _META}
        number: Any = 1 if chance.random() < 0.8 else chance.choice(("a", None, 1.5, {}))
        asked: Any = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        if chance.random() < 0.2:
            asked = chance.choice((params, [asked], method, None, {"jsonrpc": "1.0"}))
        body = json.dumps(asked).encode()
        if chance.random() < 0.2:
            at = chance.randrange(len(body))
            body = body[:at] + bytes([chance.randrange(256)]) + body[at + chance.randrange(8) :]
        extra = {"Mcp-Method": method or "x", "Mcp-Name": tool or "x"} if chance.random() < 0.8 else {}
        if chance.random() < 0.6:
            # The older protocol looks at the body alone, so that more of the nonsense gets through to the tools.
            extra["MCP-Protocol-Version"] = chance.choice(("2025-06-18",) * 8 + ("2024-11-05", "1999-01-01", "x"))
        yield body, extra


if __name__ == "__main__":
    main()
