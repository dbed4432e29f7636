"""Nobody calls more often than allowed, whichever worker they meet; and the server says when to come back."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from limits.storage import MemoryStorage, memory
from small_firm import NOW
from small_server import listening

from server import tally
from server.errors import BadArgument, CannotCount
from server.keys import add_key
from server.limits import Limits, address_of, allowance
from server.options import ServerOptions
from server.tally import SharedTally

ASKED = {"jsonrpc": "2.0", "id": "call-7", "method": "tools/list"}
HEADERS = {"MCP-Protocol-Version": "2025-06-18", "Accept": "application/json, text/event-stream"}
HOUSE = Path(__file__).parents[1]


def post(url: str, body: Any = ASKED, **headers: str) -> httpx2.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.post(f"{url}/mcp", json=body, headers={**HEADERS, **sent})


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 25), st.integers(1, 3)), max_size=60),
    limit=st.integers(1, 6),
    window=st.integers(1, 20),
)
def test_the_shared_counters_count_as_the_librarys_own_do(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, float, int]], limit: int, window: int
) -> None:
    clock = SimpleNamespace(now=1_000_000.0)
    ticking = SimpleNamespace(time=lambda: clock.now)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tally, "time", ticking)
        patch.setattr(memory, "time", ticking)
        ours, model = SharedTally(f"tally://{tmp_path_factory.mktemp('t')}/tally"), MemoryStorage()
        for key, passed, amount in steps:
            clock.now += passed
            asked = (key, limit, window, amount)
            assert ours.acquire_sliding_window_entry(*asked) == model.acquire_sliding_window_entry(*asked)
            assert ours.get_sliding_window(key, window) == pytest.approx(model.get_sliding_window(key, window))


def test_processes_count_together(tmp_path: Path) -> None:
    store = f"tally://{tmp_path}/tally"
    program = (
        "import sys; from server.tally import SharedTally\n"
        "tally = SharedTally(sys.argv[1])\n"
        "print(sum(tally.acquire_sliding_window_entry('anna', 100, 3600 * 24 * 365) for _ in range(80)))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program, store], cwd=HOUSE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    assert sum(int(each.communicate(timeout=60)[0]) for each in started) == 100


def test_a_crowd_of_strangers_makes_the_store_no_larger(tmp_path: Path) -> None:
    limits, place = Limits(f"tally://{tmp_path}/tally"), tmp_path / "tally"
    size = place.stat().st_size
    for number in range(3_000):
        assert limits.wait(allowance("1/hour"), "address", str(number)) is None
    assert limits.wait(allowance("1/hour"), "address", "2999") is not None
    assert place.stat().st_size == size


def test_a_file_that_is_no_store_becomes_one(tmp_path: Path) -> None:
    (tmp_path / "tally").write_text("something else")
    assert Limits(f"tally://{tmp_path}/tally").wait(allowance("1/minute"), "caller", "anna") is None


@pytest.mark.parametrize("store", ["sqlite://x", "", "redis://127.0.0.1:1"])
def test_a_store_that_is_not_there_is_told_with_the_remedy(store: str) -> None:
    with pytest.raises(CannotCount, match="MUNIMENT_SERVER__LIMIT_STORE"):
        Limits(store)


@pytest.mark.parametrize("words", ["often", "0 per fortnight", "5/fortnight"])
def test_a_limit_that_is_none_is_told(words: str) -> None:
    with pytest.raises(BadArgument, match="600/minute"):
        allowance(words)


def test_too_many_calls_from_an_address_are_told_when_to_come_back(place: Path) -> None:
    with listening(place, ServerOptions(address_limit="3/hour")) as url:
        assert [post(url).status_code for _ in range(4)] == [200, 200, 200, 429]
        answer = post(url)
        assert 1 <= int(answer.headers["retry-after"]) <= 3600
        assert answer.json()["id"] == "call-7"
        assert "too many calls from this address" in answer.json()["error"]["message"]
        assert httpx2.get(f"{url}/healthz").status_code == 200


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def url(place: Path, keys: Path) -> Iterator[str]:
    with listening(place, ServerOptions(keys=keys, caller_limit="2/hour")) as address:
        yield address


def test_each_caller_has_their_own_number_of_calls(url: str, keys: Path) -> None:
    anna, bert = (add_key(keys, name, frozenset(), NOW) for name in ("anna", "bert"))
    assert [post(url, X_API_Key=anna).status_code for _ in range(3)] == [200, 200, 429]
    assert "too many calls from this caller" in post(url, X_API_Key=anna).text
    assert post(url, X_API_Key=bert).status_code == 200
    assert post(url, X_API_Key="mun_wrong").status_code == 401


@pytest.mark.parametrize(("proxies", "statuses"), [((), [200, 429]), (("127.0.0.1",), [200, 200])])
def test_only_a_known_proxy_says_where_a_call_comes_from(place: Path, proxies: tuple[str, ...], statuses: list[int]) -> None:
    with listening(place, ServerOptions(address_limit="1/hour", proxies=proxies)) as url:
        assert [post(url, X_Forwarded_For=f"203.0.113.{last}").status_code for last in (1, 2)] == statuses


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_an_ipv6_customer_is_one_address_whatever_they_call_themselves(address: str, counted: str) -> None:
    assert address_of({"path": "/mcp", "client": (address, 1)}) == counted
