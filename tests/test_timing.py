"""What is hidden takes as much work as what never was, so that no clock tells them apart; and nobody's memory serves another.

Work is counted, in steps of SQLite's machine and in searches; `python -m scripts.check_timing` measures time.
"""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
import httpx2
import numpy as np
import pytest
from small_firm import ANNA, BERT, WordEncoder, build
from small_server import asking, listening

from index import connections
from index.store import Vectors
from index.vectors import Nearest
from index.words import Words
from scripts.check_timing import QUESTIONS
from scripts.check_timing_figures import calls_needed, likelier_slower, told_apart
from scripts.check_timing_firm import ASKER, HashedWords, Matter, Matters, made_up
from scripts.check_timing_firm import build as build_firm
from server.callers import ASSISTANT, Caller
from server.options import ServerOptions

HEADERS = {"MCP-Protocol-Version": "2025-06-18", "Accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def matters() -> Matters:
    return made_up(6, 2)


@pytest.fixture(scope="module")
def firms(tmp_path_factory: pytest.TempPathFactory, matters: Matters) -> Mapping[str, Path]:
    """One that hides the first two matters from the asker, and one that hides two others."""
    folder = tmp_path_factory.mktemp("firms")
    for name, hidden in (("first", matters.first), ("second", matters.second)):
        # Enough sections that what is hidden fills the beginning of every ranking.
        build_firm(folder / name, (*matters.seen, *hidden), 90)
    return {name: folder / name for name in ("first", "second")}


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """What the index does from here on."""
    done: Counter[str] = Counter()
    connect, matching, to = connections.connect, Words.matching, Nearest.to

    def watched(*where: Any, **how: Any) -> sqlite3.Connection:
        connection = connect(*where, **how)
        connection.set_progress_handler(lambda: done.update(steps=1), 1)
        return connection

    def matched(self: Words, *asked: Any) -> Any:
        found = matching(self, *asked)
        done.update(searches=1, found=len(found))
        return found

    def near(self: Nearest, *asked: Any, **how: Any) -> Any:
        found = to(self, *asked, **how)
        done.update(searches=1, found=len(found[0]))
        return found

    monkeypatch.setattr(connections, "connect", watched)
    monkeypatch.setattr(Words, "matching", matched)
    monkeypatch.setattr(Nearest, "to", near)
    return done


def ask(url: str, name: str, matter: Matter) -> str:
    method, params = QUESTIONS[name](matter)
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return httpx2.post(f"{url}/mcp", json=body, headers=HEADERS, timeout=60).text


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_is_hidden_takes_the_work_of_what_never_was(
    firms: Mapping[str, Path], matters: Matters, work: Counter[str], name: str
) -> None:
    took = {}
    for firm, place in firms.items():
        with listening(place, ServerOptions(principals=frozenset({ASKER})), HashedWords()) as url:
            for matter in matters.seen[:2]:
                ask(url, name, matter)
            for matter in (*matters.first, *matters.second):
                work.clear()
                took[firm, matter.number] = ask(url, name, matter), dict(work)
    for matter in (*matters.first, *matters.second):
        assert took["first", matter.number] == took["second", matter.number]
    assert all(done["steps"] for _, done in took.values())


class Asked(WordEncoder):
    """An encoder that remembers what it was asked."""

    def __init__(self) -> None:
        self.questions: list[str] = []

    def encode_question(self, text: str) -> Vectors:
        self.questions.append(text)
        return super().encode_question(text)


def test_a_question_is_remembered_for_who_asked_it_and_for_nobody_else(tmp_path: Path) -> None:
    build(tmp_path / "index")
    encoder = Asked()
    callers = [Caller(name, frozenset({who}), frozenset(ASSISTANT)) for name, who in (("anna", ANNA), ("bert", BERT))]
    present = callers[:1]

    async def ask() -> None:
        async with asking(tmp_path / "index", encoder=encoder, who=lambda: present[0]) as client:
            for present[0] in (*callers, *callers):
                await client.call_tool("search_documents_by_metadata", {"query": "the Orion merger"})

    anyio.run(ask)
    assert encoder.questions.count("the Orion merger") == 2


@pytest.mark.parametrize(("slower", "told"), [(0.0, "not told apart; more than"), (50e-6, "| +5")])
def test_the_figures_find_a_difference_where_there_is_one_and_none_where_there_is_none(slower: float, told: str) -> None:
    chance = np.random.default_rng(5)
    hidden_in = {number: "first" if number < 20 else "second" for number in range(40)}
    names, servers = chance.normal(0, 2e-4, 40), {"first": 0.0, "second": 3e-4}
    took = {
        (firm, number): (3e-3 + names[number] + servers[firm] + slower * (where == firm) + chance.normal(0, 3e-5, 60)).tolist()
        for firm in servers
        for number, where in hidden_in.items()
    }
    assert told in told_apart(took, hidden_in)


def test_how_likely_one_is_slower_is_what_counting_all_pairs_gives() -> None:
    some, others = np.array([1.0, 2.0, 2.0, 5.0]), np.array([2.0, 3.0, 0.0])
    pairs = [(a > b) + 0.5 * (a == b) for a in some for b in others]
    assert likelier_slower(some, others) == pytest.approx(sum(pairs) / len(pairs))
    assert calls_needed(0.6) == pytest.approx(calls_needed(0.4))
    assert calls_needed(0.6) < calls_needed(0.55) < calls_needed(0.5)
