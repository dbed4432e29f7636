import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import PromptReference, ResourceTemplateReference
from small_firm import ANNA, PAPERS, build, many
from small_server import ERAS, asking

from index.records import Span
from index.view import LocalView
from server.callers import SEARCH, Caller
from server.options import ServerOptions

CARD = ResourceTemplateReference(uri="contract://{document_id}")
PAGE = ResourceTemplateReference(uri="contract://{document_id}/pages/{page}")
PARTNER = ServerOptions(principals=frozenset({ANNA}))


async def read(client: Client, uri: str) -> str:
    (content,) = (await client.read_resource(uri)).contents
    assert content.uri == uri
    return str(content.text)  # type: ignore[union-attr]


async def read_json(client: Client, uri: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await read(client, uri))
    return found


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_a_card_gives_every_value_with_the_words_it_was_read_from(place: Path, era: str) -> None:
    async with asking(place, era) as client:
        card = await read_json(client, "contract://msa-acme")
        text = await read(client, "contract://msa-acme/text")
    fields = card["fields"]
    (party,) = fields["parties"]
    assert party["value"]["name"] == "Acme Robotics, Inc."
    for field in (party, fields["title"], fields["governing_law"], fields["contract_type"], *card["others"]["title"]):
        assert field["quote"] == text[field["char_start"] : field["char_end"]]
        assert field["page_start"] in {1, 2}
        assert 0 < field["confidence"] <= 1
    assert fields["effective_date"]["value"] == "2025-01-15"
    assert fields["effective_date"]["quote"] is None
    assert fields["effective_date"]["note"] == "from the file's properties"
    assert (fields["venue"], fields["renewal"]["auto_renews"]) == (None, None)
    assert fields["renewal"]["notice_days"]["value"] == 30
    assert (card["status"], card["status_as_of"], card["pages"]) == ("active", "2026-11-22", 2)
    assert card["characters"] == len(text)
    assert card["outline"][0]["heading"].startswith("2. Term")


@pytest.mark.anyio
async def test_a_card_says_why_something_is_not_known_and_which_pages_are_scans(place: Path) -> None:
    async with asking(place) as client:
        assert (await read_json(client, "contract://lease-hill"))["unknown"] == {"expiration_date": "no end is named"}
        scans = (await read_json(client, "contract://vendor-north"))["scanned_pages"]
    assert scans == [{"page": 1, "confidence": 0.87}, {"page": 2, "confidence": 0.87}]


@pytest.mark.anyio
async def test_a_quote_that_is_not_the_stored_text_stays_out_of_the_card(
    place: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stored = LocalView.text

    def altered(view: LocalView, key: int, span: Span | None = None) -> str:
        return stored(view, key, span).replace("Acme", "Ajax")

    monkeypatch.setattr(LocalView, "text", altered)
    async with asking(place) as client:
        card = await read_json(client, "contract://msa-acme")
    (party,) = card["fields"]["parties"]
    assert party["quote"] is None
    assert "could not be verified" in party["note"]
    assert card["fields"]["title"]["quote"] == "Master Services Agreement"
    assert "quote dropped" in caplog.text
    assert "Acme" not in caplog.text


@pytest.mark.anyio
async def test_the_pages_together_are_the_whole_text(place: Path) -> None:
    async with asking(place) as client:
        pages = [await read(client, f"contract://nda-acme/pages/{number}") for number in (1, 2)]
        assert "".join(pages) == await read(client, "contract://nda-acme/text")


@pytest.mark.anyio
@pytest.mark.parametrize("page", ["0", "3", "-1", "x", "1.0", "²", "9" * 30])
async def test_a_page_that_is_not_there_is_told_with_those_that_are(place: Path, page: str) -> None:
    async with asking(place) as client:
        with pytest.raises(MCPError, match="pages 1 to 2") as raised:
            await client.read_resource(f"contract://nda-acme/pages/{page}")
    assert raised.value.code == -32602


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("part", ["", "/text", "/pages/1"])
async def test_what_a_caller_may_not_read_is_not_there(place: Path, part: str, era: str) -> None:
    async with asking(place, era) as stranger, asking(place, era, options=PARTNER) as anna:
        assert await read(anna, f"contract://secret-merger{part}")
        with pytest.raises(MCPError) as hidden:
            await stranger.read_resource(f"contract://secret-merger{part}")
        with pytest.raises(MCPError) as absent:
            await stranger.read_resource(f"contract://never-was{part}")
    assert hidden.value.code == absent.value.code == -32602
    assert hidden.value.message.replace("secret-merger", "ID") == absent.value.message.replace("never-was", "ID")


@pytest.mark.anyio
async def test_reading_needs_the_scope_for_text(place: Path) -> None:
    async with asking(place, who=lambda: Caller("job", frozenset({"anyone"}), frozenset({SEARCH}))) as client:
        with pytest.raises(MCPError, match="contracts:read"):
            await client.read_resource("contract://nda-acme/text")
        assert (await read_json(client, "contracts://types"))["contracts"] == 4


@pytest.mark.anyio
async def test_the_list_of_resources_is_paged_and_cut_to_what_the_caller_may_read(tmp_path: Path) -> None:
    build(tmp_path / "index", [*many(70), PAPERS[4]], ())
    async with asking(tmp_path / "index") as client:
        first = await client.list_resources()
        second = await client.list_resources(cursor=first.next_cursor)
        with pytest.raises(MCPError, match="not a cursor") as raised:
            await client.list_resources(cursor="made-up")
    assert raised.value.code == -32602
    uris = [str(resource.uri) for resource in (*first.resources, *second.resources)]
    assert uris[:2] == ["contracts://types", "contracts://unread"]
    assert len(uris) == len(set(uris)) == 72
    assert second.next_cursor is None
    assert not any("secret" in uri for uri in uris)


@pytest.mark.anyio
async def test_types_are_counted_over_what_the_caller_may_read(place: Path) -> None:
    async with asking(place) as stranger, asking(place, options=PARTNER) as anna:
        mine, hers = await read_json(stranger, "contracts://types"), await read_json(anna, "contracts://types")
    counted = {entry["name"]: entry["contracts"] for entry in mine["contract_types"]}
    assert (counted["nda"], counted["merger"], counted["franchise"]) == (1, 0, 0)
    assert (mine["contracts"], hers["contracts"]) == (4, 5)
    caps = [{kind["name"]: kind["contracts"] for kind in each["clause_types"]}["Cap On Liability"] for each in (mine, hers)]
    assert caps == [2, 3]


@pytest.mark.anyio
async def test_files_that_could_not_be_read_are_listed_with_the_reason(place: Path) -> None:
    async with asking(place) as client:
        unread = await read_json(client, "contracts://unread")
    assert unread["total"] == 1
    assert unread["files"][0]["file_name"] == "old lease.pdf"
    assert "no OCR engine" in unread["files"][0]["reason"]


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_a_document_id_is_completed_from_titles_and_parties(place: Path, era: str) -> None:
    async with asking(place, era) as client:
        found = (await client.complete(CARD, {"name": "document_id", "value": "northwind"})).completion
        every = (await client.complete(CARD, {"name": "document_id", "value": ""})).completion
        secret = (await client.complete(CARD, {"name": "document_id", "value": "Merger Agreement Orion"})).completion
    assert found.values[0] == "vendor-north"
    assert (len(every.values), every.total, every.has_more) == (4, 4, False)
    assert "secret-merger" not in secret.values


@pytest.mark.anyio
async def test_names_titles_and_pages_are_completed(place: Path) -> None:
    async with asking(place) as client:
        names = await client.complete(PromptReference(name="nda_check"), {"name": "client", "value": "acme"})
        titles = await client.complete(PromptReference(name="expiry_check"), {"name": "agreement", "value": "vendor"})
        context = {"document_id": "nda-acme"}
        pages = await client.complete(PAGE, {"name": "page", "value": ""}, context_arguments=context)
        hidden = await client.complete(PAGE, {"name": "page", "value": ""}, context_arguments={"document_id": "secret-merger"})
        other = await client.complete(PromptReference(name="nda_check"), {"name": "weather", "value": "fi"})
    assert names.completion.values == ["Acme Robotics, Inc."]
    assert titles.completion.values == ["Vendor Agreement"]
    assert pages.completion.values == ["1", "2"]
    assert hidden.completion.values == other.completion.values == []


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("prompt", "arguments", "tools"),
    [
        ("nda_check", {"client": "Acme Robotics"}, ["search_documents_by_metadata", "extract_clause", "read_contract"]),
        ("expiry_check", {"agreement": "vendor agreement"}, ["search_documents_by_metadata", "extract_clause"]),
        ("clause_review", {"document_id": "msa-acme"}, ["extract_clause", "read_contract"]),
    ],
)
async def test_a_prompt_names_the_tools_and_takes_the_text_for_evidence(
    place: Path, prompt: str, arguments: dict[str, str], tools: list[str], era: str
) -> None:
    async with asking(place, era) as client:
        (message,) = (await client.get_prompt(prompt, arguments)).messages
        with pytest.raises(MCPError, match="too long"):
            await client.get_prompt(prompt, dict.fromkeys(arguments, "x" * 401))
    told = str(message.content.text)  # type: ignore[union-attr]
    assert f"«{next(iter(arguments.values()))}»" in told
    assert all(tool in told for tool in tools)
    assert "never an instruction" in told


@pytest.mark.anyio
async def test_every_list_that_depends_on_the_caller_is_marked_private(place: Path) -> None:
    async with asking(place) as client:
        scopes = {
            (await client.list_tools()).cache_scope,
            (await client.list_resources()).cache_scope,
            (await client.read_resource("contract://nda-acme")).cache_scope,
        }
    assert scopes == {"private"}


@pytest.mark.anyio
async def test_a_document_id_with_odd_characters_has_an_address_that_leads_to_it(tmp_path: Path) -> None:
    build(tmp_path / "index", [replace(PAPERS[0], id="a b/c?d#e%f")], ())
    async with asking(tmp_path / "index") as client:
        row = (await client.call_tool("search_documents_by_metadata", {})).structured_content["documents"][0]
        card = await read_json(client, row["resource_uri"])
    assert card["document_id"] == row["document_id"] == "a b/c?d#e%f"
