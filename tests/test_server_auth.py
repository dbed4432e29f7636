from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from small_firm import ANNA, BERT, NOW
from small_server import ERAS, calling, listening

from server.auth import is_loopback, refuse_unsafe_door
from server.callers import METRICS, READ, SEARCH
from server.errors import UnsafeDoor
from server.keys import add_key, revoke_key
from server.options import ServerOptions

HEADERS = {"MCP-Protocol-Version": "2025-06-18", "Accept": "application/json, text/event-stream"}
ASKED = {"jsonrpc": "2.0", "id": "call-7", "method": "tools/list"}
DOCUMENTS = "search_documents_by_metadata"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def url(place: Path, keys: Path) -> Iterator[str]:
    with listening(place, ServerOptions(keys=keys)) as address:
        yield address


def post(url: str, headers: dict[str, str], body: Any = ASKED) -> httpx2.Response:
    return httpx2.post(f"{url}/mcp", json=body, headers={**HEADERS, **headers})


def test_once_a_key_was_made_nobody_comes_in_without_one(url: str, keys: Path) -> None:
    assert post(url, {}).status_code == 200
    secret = add_key(keys, "anna", frozenset({ANNA}), NOW)
    answer = post(url, {})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="muniment"'
    assert answer.json()["id"] == "call-7"
    assert "a key is needed" in answer.json()["error"]["message"]
    assert post(url, {"Authorization": f"Bearer {secret}"}).status_code == 200
    assert post(url, {"authorization": f"bearer {secret}"}).status_code == 200
    assert post(url, {"X-API-Key": secret}).status_code == 200
    assert httpx2.get(f"{url}/healthz").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer mun_wrong"},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic bXVuOm11bg=="},
        {"X-API-Key": "mun_wrong"},
        {"X-API-Key": ""},
        {"X-API-Key": "\u00e9\u00e9"},
    ],
)
def test_a_wrong_key_is_told_to_be_wrong_and_nothing_more(url: str, keys: Path, headers: dict[str, str]) -> None:
    add_key(keys, "anna", frozenset({ANNA}), NOW)
    sent = {name.encode(): value.encode("latin-1") for name, value in {**HEADERS, **headers}.items()}
    answer = httpx2.post(f"{url}/mcp", json=ASKED, headers=sent)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert "anna" not in answer.text


def test_a_revoked_or_expired_key_is_refused_from_the_next_call_on(url: str, keys: Path) -> None:
    secret = add_key(keys, "anna", frozenset({ANNA}), NOW)
    old = add_key(keys, "old", frozenset({ANNA}), NOW - timedelta(days=9), expires=NOW - timedelta(days=1))
    assert post(url, {"X-API-Key": secret}).status_code == 200
    assert post(url, {"X-API-Key": old}).status_code == 401
    revoke_key(keys, "anna", NOW)
    assert post(url, {"X-API-Key": secret}).status_code == 401
    assert post(url, {}).status_code == 401


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_each_key_sees_what_its_own_principals_may_read(url: str, keys: Path, era: str) -> None:
    seen = {}
    for name, principals in (("anna", {ANNA}), ("bert", {BERT}), ("nobody", set())):
        secret = add_key(keys, name, frozenset(principals), NOW)
        async with calling(url, era, {"Authorization": f"Bearer {secret}"}) as client:
            answer = (await client.call_tool(DOCUMENTS, {})).structured_content
            seen[name] = "secret-merger" in {row["document_id"] for row in answer["documents"]}
    assert seen == {"anna": True, "bert": False, "nobody": False}


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_a_key_for_lists_alone_reads_no_text(url: str, keys: Path, era: str) -> None:
    secret = add_key(keys, "lister", frozenset(), NOW, frozenset({SEARCH}))
    async with calling(url, era, {"X-API-Key": secret}) as client:
        assert not (await client.call_tool(DOCUMENTS, {})).is_error
        assert (await client.call_tool("read_contract", {"document_id": "nda-acme"})).is_error


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_tools_are_listed_by_what_the_key_may_call(url: str, keys: Path, era: str) -> None:
    listed = {}
    for name, scopes in (("lister", {SEARCH}), ("reader", {READ}), ("both", {SEARCH, READ}), ("watcher", {METRICS})):
        secret = add_key(keys, name, frozenset(), NOW, frozenset(scopes))
        async with calling(url, era, {"X-API-Key": secret}) as client:
            listed[name] = {tool.name for tool in (await client.list_tools()).tools}
    texts = {"extract_clause", "read_contract"}
    assert listed == {"lister": {DOCUMENTS}, "reader": texts, "both": {DOCUMENTS, *texts}, "watcher": set()}


def test_with_a_broken_file_of_keys_nobody_comes_in_and_the_caller_learns_no_path(url: str, keys: Path) -> None:
    secret = add_key(keys, "anna", frozenset({ANNA}), NOW)
    keys.write_text("{")
    answer = post(url, {"X-API-Key": secret})
    assert answer.status_code == 503
    assert str(keys) not in answer.text
    assert post(url, {}).status_code == 401


def test_a_refusal_needs_no_body_that_can_be_read(url: str, keys: Path) -> None:
    add_key(keys, "anna", frozenset({ANNA}), NOW)
    for content in (b"", b"{", b"[1]", b"x" * 100_000, b'{"id": true}', b'{"id": {}}'):
        answer = httpx2.post(f"{url}/mcp", content=content, headers={**HEADERS, "Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["id"]) == (401, None)


def test_on_an_address_that_others_reach_a_missing_file_of_keys_lets_nobody_in(place: Path, keys: Path) -> None:
    with listening(place, ServerOptions(host="0.0.0.0", keys=keys)) as url:  # noqa: S104  # it listens on loopback here
        assert post(url, {}).status_code == 401
        assert post(url, {"X-API-Key": "mun_x"}).status_code == 401


@pytest.mark.parametrize(
    ("host", "names"),
    [
        ("0.0.0.0", ()),  # noqa: S104  # it is refused
        ("192.168.1.7", ()),
        ("::", ()),
        ("contracts.firm.example", ()),
        ("127.0.0.1", ("contracts.firm.example",)),
    ],
)
def test_it_refuses_to_open_where_strangers_are_until_there_is_a_key(keys: Path, host: str, names: tuple[str, ...]) -> None:
    options = ServerOptions(host=host, allowed_hosts=names, keys=keys)
    with pytest.raises(UnsafeDoor, match="muniment key add"):
        refuse_unsafe_door(options, NOW)
    with pytest.raises(UnsafeDoor, match="without authentication"):
        refuse_unsafe_door(ServerOptions(host=host, allowed_hosts=names), NOW)
    add_key(keys, "anna", frozenset({ANNA}), NOW, expires=NOW + timedelta(days=1))
    refuse_unsafe_door(options, NOW)
    with pytest.raises(UnsafeDoor):
        refuse_unsafe_door(options, NOW + timedelta(days=2))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"])
def test_this_machine_alone_needs_no_key(host: str, keys: Path) -> None:
    assert is_loopback(host)
    refuse_unsafe_door(ServerOptions(host=host, keys=keys), NOW)
