import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from small_server import ERAS

PROGRAM = [sys.executable, "-m", "small_server"]
TOOL = "search_documents_by_metadata"


def environment() -> dict[str, str]:
    tests = Path(__file__).parent
    return {**os.environ, "PYTHONPATH": f"{tests.parent}{os.pathsep}{tests}"}


@contextmanager
def program(place: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    pipe = subprocess.PIPE
    with subprocess.Popen([*PROGRAM, str(place)], env=environment(), stdout=pipe, stderr=pipe, text=True) as server:
        assert server.stdout is not None
        yield server, server.stdout.readline().strip()


def call(url: str, arguments: dict[str, Any]) -> httpx2.Response:
    version = "2026-07-28"
    meta = {"io.modelcontextprotocol/protocolVersion": version, "io.modelcontextprotocol/clientCapabilities": {}}
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"_meta": meta, "name": TOOL, "arguments": arguments},
    }
    headers = {
        "MCP-Protocol-Version": version,
        "Accept": "application/json, text/event-stream",
        "Mcp-Method": "tools/call",
        "Mcp-Name": TOOL,
    }
    return httpx2.post(url, json=body, headers=headers, timeout=30)


def test_told_to_stop_it_stops_though_a_connection_is_open_and_its_log_holds_no_question(place: Path) -> None:
    with program(place) as (server, url), httpx2.Client() as http:
        assert http.get(url.replace("/mcp", "/healthz")).status_code == 200
        assert call(url, {"query": "Zanzibar", "party": "Quetzalcoatl"}).status_code == 200
        assert call(url, {"limit": "Popocatepetl"}).status_code == 200
        server.send_signal(signal.SIGTERM)
        said = server.communicate(timeout=20)[1]
    assert server.returncode == 0
    assert "Traceback" not in said
    assert re.search(rf"{TOOL} call=[0-9a-f]{{16}} caller=local outcome=ok shown=\d+ ms=\d+", said)
    assert not re.search("zanzibar|quetzal|popoc", said, re.IGNORECASE)


def test_interrupted_at_the_keyboard_it_ends_without_a_word_of_its_insides(place: Path) -> None:
    with program(place) as (server, url):
        assert url.startswith("http://127.0.0.1:")
        server.send_signal(signal.SIGINT)
        said = server.communicate(timeout=20)[1]
    assert server.returncode == 0
    assert "Traceback" not in said


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_one_client_is_served_over_standard_input_and_output(place: Path, era: str) -> None:
    program = StdioServerParameters(command=PROGRAM[0], args=[*PROGRAM[1:], str(place), "--stdio"], env=environment())
    async with Client(program, mode=era) as client:
        assert len((await client.list_tools()).tools) == 3
        result = await client.call_tool(TOOL, {"party": "Northwind"})
    assert [row["document_id"] for row in result.structured_content["documents"]] == ["vendor-north"]


def test_over_standard_input_it_ends_when_its_client_has_gone(place: Path) -> None:
    command = [*PROGRAM, str(place), "--stdio"]
    done = subprocess.run(command, env=environment(), input="", capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0
    assert done.stdout == ""
