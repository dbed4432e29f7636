"""An operator sees what the server does and holds, and nobody else does."""

import re
from pathlib import Path

import httpx2
import pytest
from small_firm import NOW
from small_server import calling, listening

from server.callers import SEARCH
from server.keys import add_key
from server.options import ServerOptions

TOOL = "search_documents_by_metadata"
THROUGH_A_PROXY = {"X-Forwarded-For": "203.0.113.1"}


def figures(url: str, headers: dict[str, str] | None = None) -> dict[str, float]:
    answer = httpx2.get(f"{url}/metrics", headers=headers)
    assert answer.status_code == 200
    return {name: float(value) for name, value in re.findall(r"^([a-z][^ ]*) (\S+)$", answer.text, re.MULTILINE)}


@pytest.mark.anyio
async def test_calls_refusals_and_holdings_are_counted(place: Path) -> None:
    with listening(place) as url:
        async with calling(url, "2026-07-28") as client:
            await client.call_tool(TOOL, {"query": "vendor agreement"})
            await client.call_tool(TOOL, {"limit": "many"})
        httpx2.get(f"{url}/mcp")
        seen = figures(url)
    assert seen[f'muniment_calls_total{{outcome="ok",tool="{TOOL}"}}'] == 1
    assert seen[f'muniment_calls_total{{outcome="BadArgument",tool="{TOOL}"}}'] == 1
    assert seen[f'muniment_call_seconds_count{{tool="{TOOL}"}}'] == 2
    assert seen['muniment_refusals_total{status="405"}'] == 1
    assert (seen["muniment_index_up"], seen["muniment_documents"], seen["muniment_generation"]) == (1, 5, 1)
    assert seen["muniment_chunks"] > 5
    assert seen['muniment_failures{kind="unreadable"}'] == 1
    assert (seen["muniment_encoder_queue"], seen["muniment_questions_in_flight"]) == (0, 0)


def test_without_an_index_that_is_what_it_says(tmp_path: Path) -> None:
    with listening(tmp_path / "nothing") as url:
        seen = figures(url)
    assert seen["muniment_index_up"] == 0
    assert "muniment_documents" not in seen


def test_from_elsewhere_only_a_key_that_may_reads_the_figures(place: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    reader = add_key(keys, "prometheus", frozenset(), NOW, frozenset({"metrics:read"}))
    lawyer = add_key(keys, "anna", frozenset(), NOW, frozenset({SEARCH}))
    with listening(place, ServerOptions(keys=keys)) as url:
        assert figures(url)
        assert figures(url, {**THROUGH_A_PROXY, "Authorization": f"Bearer {reader}"})
        for headers, status in (({}, 401), ({"X-API-Key": "mun_wrong"}, 401), ({"X-API-Key": lawyer}, 403)):
            answer = httpx2.get(f"{url}/metrics", headers={**THROUGH_A_PROXY, **headers})
            assert answer.status_code == status
            assert "muniment_" not in answer.text


def test_behind_a_known_proxy_nobody_counts_as_being_on_this_machine(place: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    add_key(keys, "anna", frozenset(), NOW)
    with listening(place, ServerOptions(keys=keys, proxies=("127.0.0.1",))) as url:
        for headers in (THROUGH_A_PROXY, {"Forwarded": "for=127.0.0.1"}, {"X-Forwarded-For": "127.0.0.1"}):
            assert httpx2.get(f"{url}/metrics", headers=headers).status_code == 401
