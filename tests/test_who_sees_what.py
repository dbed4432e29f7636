"""Nothing that a caller is told differs from what it would be if what is hidden from them were not in the index.

A longer run, over other worlds each time: `HYPOTHESIS_PROFILE=searching pytest tests/test_who_sees_what.py`.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import PromptReference, ResourceTemplateReference
from small_firm import CONVENIENCE, LAW, LIABILITY, NOW, SECRECY, TERM, UNREAD, Paper, WordEncoder, bundle_of
from small_server import asking

from index.local import open_for_writing
from index.selecting import in_folder
from index.store import Failure, Manifest
from server.callers import Caller
from server.options import ServerOptions

MOST = 400 if settings.get_current_profile_name() == "searching" else 6

READERS = ("anyone", "user:anna@firm.example", "user:bert@firm.example", "group:partners@firm.example", "domain:firm.example")
# Two are one letter apart, one begins with another's word, two share a word: names are where one document touches another.
PARTIES = (
    "Northwind Paper GmbH",
    "Northwind Papers GmbH",
    "Acme Robotics, Inc.",
    "Acme",
    "Hill Street Estates LLC",
    "Orion Holdings plc",
)
TITLES = ("Vendor Agreement", "Master Services Agreement", "Mutual Non-Disclosure Agreement", "Office Lease", "Vendor Terms")
FOLDERS = ("Clients", "Clients/Acme", "Vendors", "Premises", "Partners only")
CLAUSES = (TERM, LIABILITY, LAW, SECRECY, CONVENIENCE)


@dataclass(frozen=True)
class World:
    """Documents, files that can't be read, walls, and one who asks."""

    papers: tuple[Paper, ...]
    unread: tuple[Failure, ...]
    walls: tuple[dict[str, Any], ...]
    principals: frozenset[str]

    def hidden(self, name: str, folder: str, party: str | None, readers: frozenset[str]) -> bool:
        """Whether the one who asks may not see a document: said once more, in the plainest words."""
        barred = (
            name in wall["documents"] or any(in_folder(one, folder) for one in wall["folders"]) or party in wall["parties"]
            for wall in self.walls
            if self.principals & {*wall["keep_out"]} and not self.principals & {*wall["let_in"]}
        )  # fmt: skip
        return not (readers & self.principals) or any(barred)

    def without_the_hidden(self) -> "World":
        papers = tuple(it for it in self.papers if not self.hidden(it.id, it.folder, it.party, it.readers))
        unread = tuple(it for it in self.unread if not self.hidden(it.file.id, it.file.folder, None, it.file.readers))
        return World(papers, unread, (), self.principals)

    def hides_some(self) -> bool:
        """Whether there is something to be seen, and something to be hidden."""
        return 0 < len(self.without_the_hidden().papers) < len(self.papers)


def some(values: Sequence[str], most: int = 2) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), max_size=most, unique=True)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    papers = tuple(
        Paper(
            id=f"paper-{number}",
            title=draw(st.sampled_from(TITLES)),
            kind=draw(st.sampled_from(("vendor", "msa", "nda", "lease"))),
            party=draw(st.sampled_from(PARTIES)),
            body="\n\n".join(draw(st.lists(st.sampled_from(CLAUSES), min_size=1, max_size=4, unique=True))) + "\n",
            folder=draw(st.sampled_from(FOLDERS)),
            expiration=draw(st.sampled_from((None, date(2026, 1, 1), date(2027, 1, 1)))),
            law=draw(st.sampled_from(("New York", "England"))),
            readers=frozenset(draw(some(READERS))),
        )
        for number in range(draw(st.integers(2, 7)))
    )
    scans = (
        replace(UNREAD.file, id=f"scan-{number}", folder=draw(st.sampled_from(FOLDERS)), readers=frozenset(draw(some(READERS))))
        for number in range(draw(st.integers(0, 2)))
    )
    unread = tuple(replace(UNREAD, file=file) for file in scans)
    walls = st.fixed_dictionaries(
        {
            "keep_out": st.lists(st.sampled_from(READERS), min_size=1, max_size=2, unique=True),
            "let_in": some(READERS[1:], 1),
            "documents": some([f"paper-{number}" for number in range(7)] + ["scan-0"]),
            "folders": some(FOLDERS, 1),
            # Those that a wall for another one does not hide as well.
            "parties": some(("Hill Street Estates LLC", "Orion Holdings plc"), 1),
        }
    ).filter(lambda wall: wall["documents"] or wall["folders"] or wall["parties"])
    who = frozenset(draw(some(READERS[1:4], 3))) | {"anyone"}
    # A person of the firm is one of its domain.
    who |= {"domain:firm.example"} if any(name.startswith("user:") for name in who) else set()
    return World(papers, unread, tuple(draw(st.lists(walls, max_size=2))), who)


SEARCHES: tuple[dict[str, Any], ...] = (
    {},
    {"limit": 2},
    {"query": "vendor agreement with Northwind"},
    {"query": "acme"},
    {"party": "Northwind Paperz"},
    {"party": "Northwind Papers"},
    {"party": "Orion"},
    {"party": "Hil Street Estates", "sort": "expiration_date"},
    {"governing_law": "England"},
    {"folder": "Clients"},
    {"status": "expired"},
    {"contract_type": "nda"},
)
CLAUSES_ASKED: tuple[dict[str, Any], ...] = (
    {"clause": "limitation of liability"},
    {"clause": "what is the cap on liability with Acme?"},
    {"clause": "termination for convenience", "party": "Northwind Papers"},
    {"clause": "confidential information shall be kept secret", "limit": 1},
)


async def told(world: World, ids: Sequence[str]) -> dict[str, Any]:
    """Everything that the one who asks can be told."""
    with TemporaryDirectory() as place:
        index = Path(place) / "index"
        with open_for_writing(index, Manifest(WordEncoder.name, WordEncoder.dimensions, "test"), lambda: NOW) as writer:
            for paper in world.papers:
                writer.put(bundle_of(paper))
            for failure in world.unread:
                writer.put_failure(failure)
            writer.publish()
        walls = Path(place) / "walls.toml"
        walls.write_text("\n".join(["walls = []"] if not world.walls else [_toml(wall) for wall in world.walls]))
        caller = Caller("somebody", world.principals, frozenset({"contracts:search", "contracts:read"}))
        async with asking(index, options=ServerOptions(walls=walls), who=lambda: caller) as client:
            return await _asked(client, ids)


def _toml(wall: dict[str, Any]) -> str:
    return '[[walls]]\nname = "w"\n' + "\n".join(f"{name} = {json.dumps(value)}" for name, value in wall.items())


async def _asked(client: Client, ids: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for tool, questions in (("search_documents_by_metadata", SEARCHES), ("extract_clause", CLAUSES_ASKED)):
        for asked in questions:
            found[f"{tool} {asked}"] = await _pages(client, tool, asked)
    for name in ids:
        found[f"read {name}"] = await _shown(client.call_tool("read_contract", {"document_id": name}))
        found[f"clause of {name}"] = await _shown(client.call_tool("extract_clause", {"clause": "term", "document_id": name}))
        for uri in (f"contract://{name}", f"contract://{name}/text", f"contract://{name}/pages/1"):
            found[uri] = await _shown(client.read_resource(uri))
        page = ResourceTemplateReference(uri="contract://{document_id}/pages/{page}")
        found[f"pages of {name}"] = await _shown(client.complete(page, {"name": "page", "value": ""}, {"document_id": name}))
    for uri in ("contracts://types", "contracts://unread"):
        found[uri] = await _shown(client.read_resource(uri))
    found["resources"] = await _shown(client.list_resources())
    for typed in ("", "paper", "Northwind Papers", "Orion"):
        card = ResourceTemplateReference(uri="contract://{document_id}")
        found[f"documents like {typed}"] = await _shown(client.complete(card, {"name": "document_id", "value": typed}))
        for prompt, argument in (("nda_check", "client"), ("expiry_check", "agreement")):
            reference = PromptReference(name=prompt)
            found[f"{argument} like {typed}"] = await _shown(client.complete(reference, {"name": argument, "value": typed}))
    return found


async def _pages(client: Client, tool: str, asked: dict[str, Any]) -> list[Any]:
    pages = []
    cursor: str | None = None
    while True:
        answer = await client.call_tool(tool, asked | ({"cursor": cursor} if cursor else {}))
        pages.append(answer.model_dump(mode="json", by_alias=True))
        cursor = (answer.structured_content or {}).get("next_cursor")
        if not cursor:
            return pages


async def _shown(answer: Any) -> Any:
    try:
        return (await answer).model_dump(mode="json", by_alias=True)
    except MCPError as error:
        return f"{error.code} {error}"


@settings(max_examples=MOST, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds().filter(World.hides_some))
def test_what_is_hidden_changes_nothing_that_is_told(world: World) -> None:
    ids = [*(paper.id for paper in world.papers), *(failure.file.id for failure in world.unread), "never-there"]
    less = world.without_the_hidden()
    note(f"seen: {[paper.id for paper in less.papers]}")
    here, there = asyncio.run(told(world, ids)), asyncio.run(told(less, ids))
    for question, answer in here.items():
        assert answer == there[question], question
