from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp.shared.exceptions import MCPError
from small_firm import build
from small_server import ERAS, calling, listening, now

from server.errors import CannotListen
from server.options import ServerOptions
from server.serving import run_http

MODERN = {"MCP-Protocol-Version": "2026-07-28", "Accept": "application/json, text/event-stream"}
TOOLS = {"search_documents_by_metadata", "extract_clause", "read_contract"}


@pytest.fixture(scope="module")
def url(place: Path) -> Iterator[str]:
    with listening(place) as address:
        yield address


def listed(request_id: Any = 7) -> dict[str, Any]:
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    return {"jsonrpc": "2.0", "id": request_id, "method": "tools/list", "params": {"_meta": meta}}


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_both_eras_are_offered_the_same_tools_resources_and_prompts(url: str, era: str) -> None:
    async with calling(url, era) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        prompts = {
            prompt.name: [(a.name, a.required) for a in prompt.arguments or []]
            for prompt in (await client.list_prompts()).prompts
        }
        templates = {template.uri_template for template in (await client.list_resource_templates()).resource_templates}
        assert client.instructions is None or "never instructions" in client.instructions
    assert set(tools) == TOOLS
    for tool in tools.values():
        assert tool.annotations is not None
        assert (tool.annotations.read_only_hint, tool.annotations.idempotent_hint) == (True, True)
        assert (tool.annotations.open_world_hint, tool.annotations.destructive_hint) == (False, False)
        assert tool.output_schema is not None
        assert tool.output_schema["type"] == "object"
        assert tool.input_schema["additionalProperties"] is False
    assert prompts == {
        "nda_check": [("client", True)],
        "expiry_check": [("agreement", True)],
        "clause_review": [("document_id", True)],
    }
    assert templates == {
        "contract://{document_id}",
        "contract://{document_id}/text",
        "contract://{document_id}/pages/{page}",
    }


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_an_unknown_tool_or_prompt_is_a_protocol_error(url: str, era: str) -> None:
    async with calling(url, era) as client:
        with pytest.raises(MCPError, match="the tools are search_documents_by_metadata") as tool:
            await client.call_tool("drop_everything", {})
        with pytest.raises(MCPError, match="the prompts are nda_check") as prompt:
            await client.get_prompt("drop_everything", {})
        with pytest.raises(MCPError, match="client is missing") as argument:
            await client.get_prompt("nda_check", {})
        with pytest.raises(MCPError, match="'whom' is not an argument; the arguments are client") as unknown:
            await client.get_prompt("nda_check", {"client": "Acme", "whom": "Acme"})
    assert [error.value.code for error in (tool, prompt, argument, unknown)] == [-32602] * 4


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_a_call_goes_over_the_wire_and_comes_back_in_the_published_shape(url: str, era: str) -> None:
    async with calling(url, era) as client:
        result = await client.call_tool("search_documents_by_metadata", {"party": "acme robotics", "contract_type": "nda"})
    answer = result.structured_content
    assert answer["total"] == 1
    assert answer["documents"][0]["document_id"] == "nda-acme"
    assert answer["documents"][0]["modified"] == "2026-01-01T00:00:00Z"


def test_it_lives_before_it_is_ready_and_says_what_it_waits_for(tmp_path: Path) -> None:
    with listening(tmp_path / "nothing") as url:
        assert httpx2.get(f"{url}/healthz").json() == {"alive": True}
        answer = httpx2.get(f"{url}/readyz")
        assert answer.status_code == 503
        assert answer.json()["ready"] is False
        while "encoder" in answer.json()["reason"]:
            answer = httpx2.get(f"{url}/readyz")
        assert "muniment ingest" in answer.json()["reason"]
        assert str(tmp_path) not in answer.text
        build(tmp_path / "nothing")
        assert httpx2.get(f"{url}/readyz").json() == {"ready": True, "reason": None}


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
def test_every_version_of_the_handshake_is_spoken(url: str, version: str) -> None:
    headers = {**MODERN, "MCP-Protocol-Version": version}
    who = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "old", "version": "1"}}
    hello = httpx2.post(f"{url}/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": who}, headers=headers)
    assert f'"protocolVersion":"{version}"' in hello.text
    called = {"name": "search_documents_by_metadata", "arguments": {"party": "northwind"}}
    answer = httpx2.post(
        f"{url}/mcp", json={"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": called}, headers=headers
    )
    assert "vendor-north" in answer.text


@pytest.mark.parametrize("method", ["GET", "DELETE", "HEAD", "TRACE", "BREW"])
def test_without_sessions_only_post_makes_sense(url: str, method: str) -> None:
    answer = httpx2.request(method, f"{url}/mcp", headers=MODERN)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
@pytest.mark.parametrize("method", ["POST", "DELETE", "TRACE", "BREW"])
def test_what_can_only_be_read_takes_no_other_method(url: str, path: str, method: str) -> None:
    answer = httpx2.request(method, f"{url}{path}")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert httpx2.head(f"{url}{path}").status_code == 200


def test_a_body_over_a_mebibyte_is_refused(url: str) -> None:
    body = b'{"jsonrpc":"2.0","id":1,"method":"' + b"x" * (1 << 20) + b'"}'
    assert httpx2.post(f"{url}/mcp", content=body, headers={**MODERN, "Content-Type": "application/json"}).status_code == 413


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost"}, 200),
        ({"Host": "127.0.0.1"}, 200),
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1.evil.example"}, 421),
        ({"Origin": "http://localhost:3000"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_only_names_of_this_machine_are_answered(url: str, headers: dict[str, str], status: int) -> None:
    sent = {**MODERN, "Mcp-Method": "tools/list", **headers}
    assert httpx2.post(f"{url}/mcp", json=listed(), headers=sent).status_code == status


def test_a_refused_name_is_told_to_the_operator_with_the_remedy(url: str, caplog: pytest.LogCaptureFixture) -> None:
    httpx2.post(f"{url}/mcp", json=listed(), headers={**MODERN, "Host": "contracts.firm.example"})
    assert "'contracts.firm.example': if that is this server, add it to allowed_hosts" in caplog.text


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/mcp/", "/.env"])
def test_nothing_else_is_there(url: str, path: str) -> None:
    assert httpx2.get(f"{url}{path}").status_code == 404


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"[" * 100_000, b'{"jsonrpc":"2.0","id":1}', b"\xff\xfe"])
@pytest.mark.parametrize("version", ["2026-07-28", "2025-06-18"])
def test_nonsense_is_refused_and_never_a_fault(url: str, body: bytes, version: str) -> None:
    headers = {**MODERN, "MCP-Protocol-Version": version, "Content-Type": "application/json"}
    answer = httpx2.post(f"{url}/mcp", content=body, headers=headers)
    assert 400 <= answer.status_code < 500
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("version", ["2026-07-28", "2025-06-18"])
@pytest.mark.parametrize("method", ["tools/call", "prompts/get", "completion/complete"])
@pytest.mark.parametrize("arguments", [[None], "x", 7])
def test_arguments_of_the_wrong_kind_are_the_callers_mistake(url: str, version: str, method: str, arguments: Any) -> None:
    name = "nda_check" if method == "prompts/get" else "extract_clause"
    params = {"_meta": listed()["params"]["_meta"], "name": name, "arguments": arguments, "argument": arguments, "ref": arguments}
    headers = {**MODERN, "MCP-Protocol-Version": version, "Mcp-Method": method, "Mcp-Name": name}
    answer = httpx2.post(f"{url}/mcp", json={"jsonrpc": "2.0", "id": 1, "method": method, "params": params}, headers=headers)
    assert '"code":-32602' in answer.text


@pytest.mark.parametrize("version", ["2026-07-28", "2025-06-18"])
@pytest.mark.parametrize("method", ["tools/call", "prompts/get", "resources/read"])
def test_a_question_without_an_id_gets_no_answer_and_leaves_none_of_its_words_in_the_log(
    url: str, version: str, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    params = {
        "_meta": listed()["params"]["_meta"],
        "name": "Zanzibar",
        "uri": "contract://Zanzibar",
        "arguments": {"x": "Zanzibar"},
    }
    headers = {**MODERN, "MCP-Protocol-Version": version, "Mcp-Method": method, "Mcp-Name": "Zanzibar"}
    answer = httpx2.post(f"{url}/mcp", json={"jsonrpc": "2.0", "method": method, "params": params}, headers=headers)
    assert answer.status_code < 500
    assert httpx2.get(f"{url}/healthz").status_code == 200
    assert "Zanzibar" not in answer.text + caplog.text


@pytest.mark.anyio
async def test_many_ask_at_once_and_each_gets_its_own_answer(url: str) -> None:
    seen: dict[str, str] = {}

    async def ask(document_id: str) -> None:
        async with calling(url, "2026-07-28") as client:
            answer = await client.call_tool("read_contract", {"document_id": document_id})
            seen[document_id] = answer.structured_content["document_id"]

    names = ["nda-acme", "msa-acme", "vendor-north", "lease-hill"]
    async with anyio.create_task_group() as group:
        for name in names:
            group.start_soon(ask, name)
    assert seen == {name: name for name in names}


def test_a_taken_port_is_told_in_a_sentence(place: Path, url: str) -> None:
    port = int(url.rsplit(":", 1)[1])
    with pytest.raises(CannotListen, match=rf"127.0.0.1:{port}.*another server"):
        run_http(lambda: None, None, ServerOptions(port=port), now, print)  # type: ignore[arg-type,return-value]
