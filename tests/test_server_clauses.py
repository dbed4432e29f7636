from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from small_firm import LIABILITY, PAPERS, TERM, build, many
from small_server import ERAS, asking

import server.clause_tool
from index.records import Span
from index.search import Answer, extract

EXCERPT = {
    "document_id",
    "title",
    "file_name",
    "heading",
    "text",
    "page_start",
    "page_end",
    "char_start",
    "char_end",
    "score",
    "resource_uri",
    "source_url",
}
CAP = "What is the cap on liability?"
BUDGET = 20_000


@pytest.fixture(scope="module")
def drawer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("drawer") / "index"
    long_words = " ".join([LIABILITY.removeprefix("8. Limitation of Liability. ")] * 10)
    build(made, many(30, f"8. Limitation of Liability. {long_words}"), ())
    return made


async def asked(client: Client, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool("extract_clause", {"clause": CAP, **arguments})
    assert not result.is_error, result.content
    assert len(result.model_dump_json(by_alias=True)) <= BUDGET
    answer: dict[str, Any] = result.structured_content
    return answer


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_an_excerpt_is_the_stored_text_at_its_place_in_the_published_shape(place: Path, era: str) -> None:
    async with asking(place, era) as client:
        answer = await asked(client, document_id="msa-acme", limit="3")
        text = (await client.read_resource("contract://msa-acme/text")).contents[0].text  # type: ignore[union-attr]
    best = answer["excerpts"][0]
    assert set(best) == EXCERPT
    assert "shall not exceed the fees" in best["text"]
    assert (answer["found"], answer["clause_type"], answer["documents_searched"]) == (True, "Cap On Liability", 1)
    for excerpt in answer["excerpts"]:
        assert excerpt["text"] == text[excerpt["char_start"] : excerpt["char_end"]]
        assert excerpt["document_id"] == "msa-acme"
        assert 0 <= excerpt["score"] <= 1
        assert excerpt["page_start"] in {1, 2}
    spans = sorted((excerpt["char_start"], excerpt["char_end"]) for excerpt in answer["excerpts"])
    assert all(one[1] <= two[0] for one, two in pairwise(spans))


@pytest.mark.anyio
async def test_all_contracts_that_the_other_arguments_leave_are_asked_and_no_other(place: Path) -> None:
    async with asking(place) as client:
        every = await asked(client, limit=20)
        one = await asked(client, party="northwind", limit=20)
        none = await asked(client, party="Nobody At All")
    assert "secret-merger" not in {excerpt["document_id"] for excerpt in every["excerpts"]}
    assert every["documents_searched"] == 4
    assert {excerpt["document_id"] for excerpt in one["excerpts"]} == {"vendor-north"}
    assert (none["found"], none["excerpts"], none["documents_searched"]) == (False, [], 0)
    assert "no contract is left" in none["note"]
    assert "old lease.pdf" in none["note"]


@pytest.mark.anyio
async def test_what_is_not_there_is_said_not_to_be_found(place: Path) -> None:
    async with asking(place) as client:
        result = await client.call_tool("extract_clause", {"clause": "source code escrow", "document_id": "nda-acme"})
    assert result.structured_content["found"] is False
    assert result.structured_content["note"]
    assert result.content[0].text.startswith("Not found (1 contract searched")  # type: ignore[union-attr]


@pytest.mark.anyio
async def test_a_contract_that_the_caller_may_not_read_is_not_asked(place: Path) -> None:
    async with asking(place) as client:
        hidden = await client.call_tool("extract_clause", {"clause": CAP, "document_id": "secret-merger"})
        absent = await client.call_tool("extract_clause", {"clause": CAP, "document_id": "never-was"})
    assert hidden.is_error
    assert absent.is_error
    told = [result.content[0].text for result in (hidden, absent)]  # type: ignore[union-attr]
    assert told[0].replace("secret-merger", "ID") == told[1].replace("never-was", "ID")


@pytest.mark.anyio
async def test_a_quote_from_a_scan_is_said_to_be_one(place: Path) -> None:
    async with asking(place) as client:
        assert "read from a scan" in (await asked(client, document_id="vendor-north"))["note"]
        assert (await asked(client, document_id="msa-acme"))["note"] is None


@pytest.mark.anyio
async def test_excerpts_that_do_not_fit_are_left_out_whole_and_follow_on_the_next_page(drawer: Path) -> None:
    async with asking(drawer) as client:
        first = await asked(client, limit=20)
        assert 1 < len(first["excerpts"]) < 20
        assert "did not fit" in first["note"]
        second = await asked(client, limit=20, cursor=first["next_cursor"])
    pages = [{(excerpt["document_id"], excerpt["char_start"]) for excerpt in page["excerpts"]} for page in (first, second)]
    assert second["excerpts"]
    assert not pages[0] & pages[1]


@pytest.fixture
def altered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Search that gives the best excerpt a word which the contract does not have."""
    seen: list[str] = []

    def false(*arguments: Any, **named: Any) -> Answer:
        answer = extract(*arguments, **named)
        best = answer.excerpts[0]
        seen.append(best.text)
        return replace(answer, excerpts=(replace(best, text=best.text.replace("fees", "bees")), *answer.excerpts[1:]))

    monkeypatch.setattr(server.clause_tool, "extract", false)
    return seen


@pytest.mark.anyio
async def test_a_quote_that_is_not_the_stored_text_never_leaves(
    place: Path, altered: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    async with asking(place) as client:
        result = await client.call_tool("extract_clause", {"clause": CAP, "document_id": "msa-acme"})
    assert altered
    assert "bees" not in result.model_dump_json()
    assert "quote dropped, not the stored text: document=msa-acme" in caplog.text
    assert "bees" not in caplog.text
    assert "1 excerpt was not the stored text" in result.structured_content["note"]


@pytest.mark.anyio
async def test_an_excerpt_longer_than_the_budget_is_cut_at_a_sentence_and_says_where_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clause = "8. Limitation of Liability. " + "Neither party is liable beyond the fees. " * 900
    build(tmp_path / "index", [replace(PAPERS[1], body=f"{TERM}\n\n{clause}\n")], ())

    def whole(*arguments: Any, **named: Any) -> Answer:
        view, answer = arguments[0], extract(*arguments, **named)
        best = answer.excerpts[0]
        text = view.text(best.document.key)
        span = Span(text.index("8. Limitation"), len(text))
        return replace(answer, excerpts=(replace(best, span=span, text=span.of(text)),))

    monkeypatch.setattr(server.clause_tool, "extract", whole)
    async with asking(tmp_path / "index") as client:
        answer = await asked(client)
        (excerpt,) = answer["excerpts"]
        rest = (
            await client.call_tool("read_contract", {"document_id": "msa-acme", "offset": excerpt["char_end"]})
        ).structured_content
    assert len(excerpt["text"]) > 5_000
    assert excerpt["text"].rstrip().endswith("fees.")
    assert f"read_contract at offset {excerpt['char_end']}" in answer["note"]
    assert rest["text"].startswith("Neither party")
