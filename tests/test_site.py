"""The server is asked through the site in front of it, by the real nginx with TLS."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from behind_nginx import NAME, Site, certified, free_port, nginx, serving
from held_calls import VERSIONS, assert_one_who_goes_leaves_the_queue, assert_told_while_held, over_http
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from programs import HEADERS, QUESTION, under_load
from small_server import ERAS

pytestmark = pytest.mark.needs("nginx", "openssl")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("site"), 2) as made:
        yield made


@pytest.fixture(scope="module")
def pipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Written to, it lets go of those who asked a held question."""
    made = tmp_path_factory.mktemp("pipe") / "pipe"
    os.mkfifo(made)
    return made


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory, pipe: Path) -> Iterator[Site]:
    """A site whose one worker answers one call while another may wait."""
    with serving(tmp_path_factory.mktemp("narrow"), 1, "--hold", str(pipe), "--places", "1", "1") as made:
        yield made


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_a_client_asks_through_nginx_with_tls_in_both_eras(site: Site, era: str) -> None:
    async with (
        httpx2.AsyncClient(verify=site.trust, timeout=30) as http,
        Client(streamable_http_client(f"{site.url}/mcp", http_client=http), mode=era) as client,
    ):
        answer = await client.call_tool("search_documents_by_metadata", {"party": "acme"})
    assert {row["document_id"] for row in answer.structured_content["documents"]} == {"nda-acme", "msa-acme"}


def test_all_workers_are_renewed_under_load_behind_nginx_without_a_failed_call(site: Site) -> None:
    before = sum("Finished server process" in line for line in site.server.said)
    with under_load(f"{site.url}/mcp", site.trust) as outcomes:
        site.server.process.send_signal(signal.SIGHUP)
        site.server.until("Finished server process", before + 2)
    assert set(outcomes) == {"answered"}


@pytest.mark.parametrize(
    ("path", "status"), [("/metrics", 404), ("/readyz", 404), ("/.env", 404), ("/healthz", 200), ("/mcp", 405)]
)
def test_strangers_see_the_protocol_and_nothing_else(site: Site, path: str, status: int) -> None:
    answer = httpx2.get(f"{site.url}{path}", verify=site.trust)
    assert answer.status_code == status
    assert "nginx/" not in answer.headers["server"]


def test_too_large_a_request_is_refused_by_nginx_in_the_protocols_words(site: Site) -> None:
    answer = httpx2.post(f"{site.url}/mcp", content=b"x" * (2 << 20), headers=HEADERS, verify=site.trust)
    assert answer.status_code == 413
    assert "megabyte" in answer.json()["error"]["message"]


def test_the_server_knows_that_tls_ends_before_it_and_believes_no_stranger(site: Site) -> None:
    told = {**HEADERS, "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http"}
    answer = httpx2.post(f"{site.url}/mcp", json=QUESTION, headers=told, verify=site.trust)
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"]


def test_while_the_server_is_away_callers_are_told_when_to_come_back(tmp_path: Path) -> None:
    trust = certified(tmp_path)
    with nginx(tmp_path, str(free_port())) as port:
        answer = httpx2.post(f"https://{NAME}:{port}/mcp", json=QUESTION, headers=HEADERS, verify=trust)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "the server is not there" in answer.json()["error"]["message"]


@pytest.mark.anyio
@pytest.mark.parametrize("version", VERSIONS)
async def test_that_the_work_goes_on_is_told_through_nginx_while_there_is_no_answer_yet(
    narrow: Site, pipe: Path, version: str
) -> None:
    ask = over_http(narrow.url, version, narrow.trust)
    await assert_told_while_held(ask, lambda: pipe.write_bytes(b""))


@pytest.mark.anyio
@pytest.mark.parametrize("version", VERSIONS)
async def test_who_hangs_up_on_nginx_leaves_the_queue_of_the_worker_behind_it(narrow: Site, pipe: Path, version: str) -> None:
    gone = sum("outcome=Cancelled" in line for line in narrow.server.said)
    ask = over_http(narrow.url, version, narrow.trust)
    await assert_one_who_goes_leaves_the_queue(ask, lambda: pipe.write_bytes(b""))
    narrow.server.until("outcome=Cancelled", gone + 1)
