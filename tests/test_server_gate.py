"""The door holds when too much, too large, too slow or too strange a thing comes through it."""

import json
import socket
import threading
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from held_calls import HELD, Held
from small_server import listening

from server import connections, gate
from server.options import ServerOptions
from server.visits import Reception

VERSION = "2026-07-28"
META = {"io.modelcontextprotocol/protocolVersion": VERSION, "io.modelcontextprotocol/clientCapabilities": {}}
TOOL = "search_documents_by_metadata"
HEADERS = {
    "MCP-Protocol-Version": VERSION,
    "Accept": "application/json, text/event-stream",
    "Mcp-Method": "tools/call",
    "Mcp-Name": TOOL,
}


def call(url: str, number: int = 1, **arguments: Any) -> httpx2.Response:
    params = {"_meta": META, "name": TOOL, "arguments": arguments}
    body = {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}
    return httpx2.post(f"{url}/mcp", json=body, headers=HEADERS, timeout=30)


def test_when_no_more_can_wait_calls_are_shed_politely_and_then_it_is_well_again(place: Path) -> None:
    encoder = Held()
    with listening(place, ServerOptions(workers=1, waiting=0), encoder) as url:
        first = threading.Thread(target=call, args=(url,), kwargs={"query": HELD})
        first.start()
        assert encoder.asked.wait(20)
        shed = call(url, 8)
        assert (shed.status_code, shed.json()["id"], shed.headers["retry-after"]) == (503, 8, "2")
        assert httpx2.get(f"{url}/healthz").status_code == 200
        encoder.let_go.set()
        first.join(20)
        assert call(url).status_code == 200


def test_a_thread_that_still_works_for_nobody_counts_as_one_inside(place: Path) -> None:
    encoder = Held()
    with listening(place, ServerOptions(workers=1, waiting=0, call_seconds=0.2), encoder) as url:
        assert "no answer within 0.2 seconds" in call(url, query=HELD).text
        assert call(url).status_code == 503
        encoder.let_go.set()


def test_a_tool_has_its_own_deadline(place: Path) -> None:
    encoder = Held()
    with listening(place, ServerOptions(call_seconds=20, deadlines={TOOL: 0.1}), encoder) as url:
        assert "no answer within 0.1 seconds" in call(url, query=HELD).text
        encoder.let_go.set()


def test_a_body_that_does_not_say_how_long_it_is_is_refused_once_it_is_too_long(place: Path) -> None:
    with listening(place) as url:
        pieces = (b"x" * 65_536 for _ in range(20))
        answer = httpx2.post(f"{url}/mcp", content=pieces, headers={**HEADERS, "Content-Type": "application/json"})
    assert answer.status_code == 413


def test_no_piece_of_an_answer_waits_for_the_one_before_to_be_acknowledged(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, made = [], connections.PromptProtocol.connection_made

    def watched(self: connections.PromptProtocol, transport: Any) -> None:
        made(self, transport)
        at_once.append(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    monkeypatch.setattr(connections.PromptProtocol, "connection_made", watched)
    with listening(place) as url:
        assert httpx2.get(f"{url}/healthz").status_code == 200
    assert at_once == [1]


def silence(url: str, sent: bytes) -> bytes:
    """What a server says to one who sends this and then nothing, until it hangs up."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(sent)
        heard = b""
        while piece := line.recv(65_536):
            heard += piece
    return heard


@pytest.mark.parametrize("sent", [b"", b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ", b"POST /mcp HTTP/1.1\r\n"])
def test_who_connects_and_never_gets_to_the_point_is_hung_up_on(
    place: Path, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_HEAD_SECONDS", 0.2)
    with listening(place) as url:
        assert silence(url, sent) == b""


def test_who_asks_again_but_slowly_is_hung_up_on(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_HEAD_SECONDS", 0.2)
    with listening(place) as url:
        heard = silence(url, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /hea")
    assert heard.startswith(b"HTTP/1.1 200")


def test_who_promises_a_body_and_does_not_send_it_is_told_and_hung_up_on(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "_BODY_SECONDS", 0.2)
    with listening(place) as url:
        heard = silence(url, b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{")
    assert heard.startswith(b"HTTP/1.1 408")


def test_every_answer_carries_its_number_and_forbids_browsers_to_make_anything_of_it(place: Path) -> None:
    with listening(place) as url:
        for answer in (httpx2.get(f"{url}/healthz"), httpx2.get(f"{url}/nothing"), call(url), httpx2.get(f"{url}/mcp")):
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert len(answer.headers["x-request-id"]) == 16
            assert "strict-transport-security" not in answer.headers
            assert "server" not in answer.headers


def test_behind_tls_browsers_are_told_to_stay_there(place: Path) -> None:
    with listening(place, ServerOptions(proxies=("127.0.0.1",))) as url:
        answer = httpx2.get(f"{url}/healthz", headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.1"})
    assert answer.headers["strict-transport-security"].startswith("max-age=")


@pytest.mark.parametrize(("origins", "allowed"), [((), None), (("https://firm.example",), "https://firm.example")])
def test_a_browser_elsewhere_may_ask_only_where_that_is_configured(
    place: Path, origins: tuple[str, ...], allowed: str | None
) -> None:
    asked = {
        "Origin": "https://firm.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,mcp-protocol-version",
    }
    with listening(place, ServerOptions(allowed_origins=origins)) as url:
        told = httpx2.options(f"{url}/mcp", headers=asked)
        stranger = httpx2.options(f"{url}/mcp", headers={**asked, "Origin": "https://evil.example"})
    assert told.headers.get("access-control-allow-origin") == allowed
    assert "access-control-allow-origin" not in stranger.headers


def test_a_fault_is_a_sentence_with_a_number_and_nothing_of_the_inside(caplog: pytest.LogCaptureFixture) -> None:
    secret = "SELECT secret FROM /srv/contracts"

    async def faulty(*_: Any) -> None:
        raise ValueError(secret)

    async def ask() -> httpx2.Response:
        transport = httpx2.ASGITransport(Reception(faulty, lambda _: None))
        async with httpx2.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.get("/")

    answer = anyio.run(ask)
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in json.loads(answer.text)["error"]["message"]
    assert answer.headers["x-request-id"] in caplog.text
    assert not any(word in answer.text + caplog.text for word in ("SELECT", "/srv/contracts"))
