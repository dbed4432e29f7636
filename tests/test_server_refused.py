"""Whoever was turned away stands in the audit trail, whoever they are; and nobody fills it by being turned away."""

import asyncio
import json
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from held_calls import HELD, Held
from hypothesis import given
from hypothesis import strategies as st
from small_firm import NOW
from small_server import listening

from scripts.auditing import query as audit_query
from server import doorbook
from server.audit import Entry, Trail, segments
from server.callers import SEARCH
from server.doorbook import Doorbook, Refusal
from server.keys import add_key, revoke_key
from server.options import ServerOptions
from server.refusals import asked_in
from server.trails import query, verify
from server.visits import network_of

HEADERS = {"MCP-Protocol-Version": "2025-06-18", "Accept": "application/json, text/event-stream"}
ASKED = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
READ = {**ASKED, "method": "tools/call", "params": {"name": "read_contract", "arguments": {"document_id": "nda-acme"}}}


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def audit(tmp_path: Path) -> Path:
    return tmp_path / "audit"


@pytest.fixture
def url(place: Path, keys: Path, audit: Path) -> Iterator[str]:
    with listening(place, ServerOptions(keys=keys, audit=audit, proxies=("127.0.0.1",), caller_limit="2/hour")) as address:
        yield address


def post(url: str, body: Any = ASKED, **headers: str) -> httpx2.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.post(f"{url}/mcp", json=body, headers={**HEADERS, **sent}, timeout=30)


def refused(audit: Path) -> list[dict[str, Any]]:
    return list(query(audit, outcome="refused"))


def test_a_caller_who_asks_too_often_or_lacks_a_scope_is_named_with_what_they_asked(url: str, keys: Path, audit: Path) -> None:
    secret = add_key(keys, "lister", frozenset(), NOW, frozenset({SEARCH}))
    answers = [post(url, READ, X_API_Key=secret, X_Forwarded_For="203.0.113.7") for _ in range(3)]
    figures = httpx2.get(f"{url}/metrics", headers={"X-API-Key": secret, "X-Forwarded-For": "203.0.113.7"})
    assert (answers[2].status_code, figures.status_code) == (429, 403)
    lacking = "lacks the scope contracts:read"
    assert [(it["who"], it["from"], it["tool"], it["reason"]) for it in refused(audit)] == [
        ("lister", "203.0.113.7", "read_contract", lacking),
        ("lister", "203.0.113.7", "read_contract", lacking),
        ("lister", "203.0.113.7", "read_contract", "too many calls from this caller"),
        ("lister", "203.0.113.7", "metrics", "lacks the scope metrics:read"),
    ]
    assert [it["request"] for it in refused(audit)] == [it.headers["x-request-id"] for it in (*answers, figures)]
    assert {it["time"] for it in refused(audit)} == {NOW.isoformat(timespec="milliseconds")}
    assert all(it["shown"] == [] for it in refused(audit))
    assert verify(audit).wrong == ()


def test_who_comes_without_a_good_key_is_recorded_with_whose_it_was_and_never_with_the_key(
    url: str, keys: Path, audit: Path
) -> None:
    revoked = add_key(keys, "anna", frozenset(), NOW)
    revoke_key(keys, "anna", NOW)
    expired = add_key(keys, "bert", frozenset(), NOW - timedelta(days=9), expires=NOW - timedelta(days=1))
    for secret in (revoked, expired, "mun_wrong", "eyJhbGciOiJub25lIn0.e30."):
        assert post(url, X_API_Key=secret).status_code == 401
    assert post(url, Authorization="Basic bXVuOm11bg==").status_code == 401
    assert post(url).status_code == 401
    assert [(it["who"], it["reason"], it["tool"]) for it in refused(audit)] == [
        ("anna", "revoked key", "tools/list"),
        ("bert", "expired key", "tools/list"),
        (None, "unknown key", "tools/list"),
        (None, "unknown key", "tools/list"),
        (None, "a key or token in no form of ours", "tools/list"),
        (None, "no key or token", "tools/list"),
    ]
    kept = "".join(segment.read_text(encoding="utf-8") for segment in segments(audit))
    assert not [word for word in (revoked, expired, "mun_", "eyJ", "bXVu") if word in kept]


def test_keys_that_can_not_be_read_and_a_full_server_are_reasons_too(place: Path, keys: Path, audit: Path) -> None:
    encoder = Held()
    with listening(place, ServerOptions(audit=audit, workers=1, waiting=0), encoder) as url:
        holding = {**READ, "params": {"name": "search_documents_by_metadata", "arguments": {"query": HELD}}}
        first = threading.Thread(target=post, args=(url, holding))
        first.start()
        assert encoder.asked.wait(20)
        assert post(url, READ).status_code == 503
        encoder.let_go.set()
        first.join(20)
    keys.write_text("{")
    with listening(place, ServerOptions(audit=audit, keys=keys)) as url:
        assert post(url, X_API_Key="mun_any").status_code == 503
    reasons = [(it["who"], it["tool"], it["reason"]) for it in refused(audit)]
    assert reasons == [(None, "read_contract", "the server was full"), (None, None, "the keys can't be read")]


def test_who_tries_a_hundred_keys_gets_ten_lines_and_one_that_counts_the_rest(place: Path, keys: Path, audit: Path) -> None:
    add_key(keys, "anna", frozenset(), NOW)
    with listening(place, ServerOptions(keys=keys, audit=audit)) as url:
        assert {post(url, X_API_Key=f"mun_{number}").status_code for number in range(100)} == {401}
    *lines, last = refused(audit)
    assert len(lines) == 10
    assert not any("times" in it for it in lines)
    assert (last["times"], last["from"], last["reason"]) == (90, "127.0.0.1", "unknown key")
    assert last["since"] == NOW.isoformat(timespec="milliseconds")
    assert verify(audit).wrong == ()


def test_a_crowd_of_strangers_is_counted_to_the_last_and_pushes_no_caller_out(url: str, keys: Path, audit: Path) -> None:
    secret = add_key(keys, "anna", frozenset(), NOW)
    for number in range(150):
        assert post(url, X_API_Key="mun_wrong", X_Forwarded_For=f"198.51.100.{number}").status_code == 401
    statuses = [post(url, X_API_Key=secret).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert [it["who"] for it in refused(audit)] == [None] * 60 + ["anna"]


class Kept(Trail):
    """A trail that is kept in memory, and tells when something that was only counted stands in it."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.counted = threading.Event()

    def write(self, entry: Entry) -> None:
        self.entries.append(entry)
        if entry.since:
            self.counted.set()


async def noted(trail: Trail, refusals: list[Refusal]) -> None:
    book = Doorbook(trail, lambda: NOW)
    for refusal in refusals:
        await book.note(refusal)
    await book.close()


CAME = st.tuples(st.integers(0, 90), st.sampled_from(["unknown key", "no key or token"]), st.booleans())


@given(st.lists(CAME, max_size=400))
def test_whatever_comes_nothing_is_lost_and_a_page_stays_short(came: list[tuple[int, str, bool]]) -> None:
    trail = Kept()
    asyncio.run(noted(trail, [Refusal(reason, f"caller {who}", admitted=known) for who, reason, known in came]))
    assert sum(entry.times for entry in trail.entries) == len(came)
    assert len(trail.entries) <= 2 * (60 + 20 + 1)
    told = Counter((entry.who, entry.reason) for entry in trail.entries if not entry.since)
    assert max(told.values(), default=0) <= 2 * 10


def test_what_was_counted_is_written_when_its_minute_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorbook, "_PAGE_SECONDS", 0)
    monkeypatch.setattr(doorbook, "_LINES", 0)
    trail = Kept()

    async def come_and_wait() -> None:
        book = Doorbook(trail, lambda: NOW)
        for _ in range(3):
            await book.note(Refusal("revoked key", "anna"))
        assert await asyncio.to_thread(trail.counted.wait, 20)
        await book.close()

    asyncio.run(come_and_wait())
    assert [(it.who, it.reason, it.times) for it in trail.entries] == [("anna", "revoked key", 3)]


def test_several_servers_write_their_refusals_into_one_chain(place: Path, keys: Path, audit: Path) -> None:
    add_key(keys, "anna", frozenset(), NOW)
    options = ServerOptions(keys=keys, audit=audit)
    with ExitStack() as stack:
        urls = [stack.enter_context(listening(place, options)) for _ in range(2)]
        callers = [threading.Thread(target=post, args=(url,), kwargs={"X_API_Key": "mun_x"}) for url in urls for _ in range(12)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join(30)
    assert sum(it.get("times", 1) for it in refused(audit)) == 24
    assert len(refused(audit)) == 22
    assert verify(audit).wrong == ()


def test_a_trail_that_can_not_be_written_turns_no_refusal_into_an_answer(
    url: str, keys: Path, audit: Path, caplog: pytest.LogCaptureFixture
) -> None:
    secret = add_key(keys, "anna", frozenset(), NOW)
    assert [post(url, X_API_Key=secret).status_code for _ in range(2)] == [200, 200]
    shutil.rmtree(audit)
    assert post(url, X_API_Key="mun_wrong").status_code == 401
    assert post(url, X_API_Key=secret).status_code == 429
    assert "1 refused and not recorded (FileNotFoundError): unknown key" in caplog.text
    assert str(audit) not in caplog.text


def test_without_a_trail_nobody_is_recorded_and_all_are_refused_as_ever(place: Path, keys: Path) -> None:
    add_key(keys, "anna", frozenset(), NOW)
    with listening(place, ServerOptions(keys=keys)) as url:
        assert post(url, X_API_Key="mun_wrong").status_code == 401


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(lambda it: json.dumps(it).encode())
)
def test_whatever_a_body_says_no_name_comes_of_it_that_is_none(body: bytes) -> None:
    assert asked_in(body) is None


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        (READ, "read_contract"),
        (ASKED, "tools/list"),
        ({**READ, "params": {"name": "x" * 65}}, "tools/call"),
        ({**READ, "params": {"name": "two\nlines"}}, "tools/call"),
        ({**READ, "params": [1]}, "tools/call"),
        ({"method": "mun_0123456789"}, None),
        ({"method": ["tools/list"]}, None),
        ([ASKED], None),
    ],
)
def test_what_was_asked_is_a_short_name_or_nothing(said: Any, asked: str | None) -> None:
    assert asked_in(json.dumps(said).encode()) == asked


def test_an_ipv6_customer_is_one_place() -> None:
    assert network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert network_of("192.0.2.1") == "192.0.2.1"
    assert network_of("stdio") == "stdio"


def test_the_command_tells_who_was_refused_and_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUNIMENT_AUDIT__FOLDER", str(tmp_path / "audit"))
    refusals = [Refusal("revoked key", "anna", "read_contract")] * 12 + [Refusal("no key or token")]
    asyncio.run(noted(Trail(tmp_path / "audit"), refusals))
    audit_query(outcome="refused", limit=100)
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 12
    assert told[0].endswith("anna from stdio  read_contract: refused, revoked key")
    assert told[10].endswith("somebody from stdio  a call: refused, no key or token")
    assert told[11].endswith("revoked key; 2 times since 2026-11-22T12:00:00.000+00:00")
    audit_query(outcome="ok", limit=100)
    assert capsys.readouterr().out == ""
