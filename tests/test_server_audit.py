"""Every answer stands in the trail before it is given, and nobody can change the trail unnoticed."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mcp.shared.exceptions import MCPError
from small_firm import ANNA, NOW, opened
from small_server import ERAS, calling, listening

from server.audit import Entry, Head, Trail, read_key, segments
from server.errors import NotRecorded
from server.keys import add_key
from server.options import ServerOptions
from server.trails import copy_trail, query, verify

HOUSE = Path(__file__).parents[1]
DOCUMENTS = "search_documents_by_metadata"


def entry(who: str = "anna", shown: tuple[tuple[str, str | None], ...] = (("nda", "r1"),), minutes: int = 0) -> Entry:
    moment = datetime(2026, 11, 22, 12, tzinfo=UTC) + timedelta(minutes=minutes)
    return Entry(moment, who, "203.0.113.1", "ab12", "read_contract", {"document_id": "nda"}, shown, "ok", 12)


def written(folder: Path, count: int, **how: Any) -> list[dict[str, Any]]:
    trail = Trail(folder, **how)
    for minutes in range(count):
        trail.write(entry(who="anna" if minutes % 2 else "bert", minutes=minutes))
    return lines(folder)


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for segment in segments(folder) for line in segment.read_text(encoding="utf-8").splitlines()]


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_every_question_is_recorded_with_what_was_shown(place: Path, tmp_path: Path, era: str) -> None:
    keys, folder = tmp_path / "keys.json", tmp_path / "audit"
    secret = add_key(keys, "anna", frozenset({ANNA}), NOW)
    with listening(place, ServerOptions(keys=keys, audit=folder)) as url:
        async with calling(url, era, {"X-API-Key": secret}) as client:
            await client.call_tool(DOCUMENTS, {"party": "acme"})
            await client.call_tool("extract_clause", {"clause": "governing law", "document_id": "nda-acme"})
            await client.call_tool("read_contract", {"document_id": "secret-merger"})
            await client.read_resource("contract://lease-hill")
            await client.read_resource("contract://lease-hill/text")
            await client.list_resources()
            await client.call_tool("read_contract", {"document_id": "no-such"})
            await client.call_tool("read_contract", {"offset": 3})
            with pytest.raises(MCPError):
                await client.read_resource("contract://no-such")
    told = lines(folder)
    shown = [(it["tool"], [document for document, _ in it["shown"]], it["outcome"]) for it in told]
    assert shown[0] == (DOCUMENTS, shown[0][1], "ok")
    assert set(shown[0][1]) == {"nda-acme", "msa-acme"}
    assert shown[1:5] == [
        ("extract_clause", ["nda-acme"], "ok"),
        ("read_contract", ["secret-merger"], "ok"),
        ("card", ["lease-hill"], "ok"),
        ("text", ["lease-hill"], "ok"),
    ]
    assert shown[5][0] == "resources/list"
    assert len(shown[5][1]) == 5
    assert shown[6:] == [
        ("read_contract", [], "NotThere"),
        ("read_contract", [], "BadArgument"),
        ("card", [], "NotThere"),
    ]
    revisions = {it.document_id: it.revision for it in opened(place).view().summaries(range(1, 20))}
    assert all(revisions[document] == revision for it in told for document, revision in it["shown"])
    assert {(it["who"], it["from"]) for it in told} == {("anna", "127.0.0.1")}
    assert len({it["request"] for it in told}) == len(told)
    assert verify(folder).wrong == ()


@pytest.mark.anyio
@pytest.mark.parametrize("clear", [False, True])
async def test_a_questions_words_are_kept_only_where_that_is_set(place: Path, tmp_path: Path, clear: bool) -> None:
    with listening(place, ServerOptions(audit=tmp_path / "audit", audit_clear=clear)) as url:
        async with calling(url, "2026-07-28") as client:
            for _ in range(2):
                await client.call_tool(DOCUMENTS, {"party": "Quetzalcoatl"})
    first, second = lines(tmp_path / "audit")
    assert ("Quetzalcoatl" in json.dumps(first)) is clear
    assert first["arguments_hash"] == second["arguments_hash"]


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_what_cannot_be_recorded_is_not_answered(place: Path, tmp_path: Path, era: str) -> None:
    with listening(place, ServerOptions(audit=tmp_path / "audit")) as url:
        async with calling(url, era) as client:
            assert not (await client.call_tool("read_contract", {"document_id": "nda-acme"})).is_error
            shutil.rmtree(tmp_path / "audit")
            told = await client.call_tool("read_contract", {"document_id": "nda-acme"})
            assert told.is_error
            assert told.structured_content is None
            assert "can't be recorded" in told.content[0].text
            assert str(tmp_path) not in told.content[0].text
            with pytest.raises(MCPError, match="can't be recorded"):
                await client.read_resource("contract://nda-acme/text")


def test_a_trail_that_can_not_be_kept_stops_the_server_before_it_serves(tmp_path: Path) -> None:
    (tmp_path / "audit").write_text("a file where the folder should be")
    with pytest.raises(NotRecorded, match="see that its folder can be written"):
        Trail(tmp_path / "audit")


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_whatever_is_changed_dropped_or_put_in_is_found(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("trail")
    told = written(folder, 6)
    assert verify(folder).wrong == ()
    at = data.draw(st.integers(0, 4))
    match data.draw(st.sampled_from(["change", "drop", "swap", "repeat"])):
        case "change":
            name = data.draw(st.sampled_from(sorted(told[at])))
            told[at][name] = data.draw(st.sampled_from(["0", 0, None, [], "anna "]))
        case "drop":
            del told[max(at, 1)]
        case "swap":
            told[at], told[at + 1] = told[at + 1], told[at]
        case _:
            told.insert(at, told[at])
    (segment,) = segments(folder)
    segment.write_text("".join(json.dumps(line) + "\n" for line in told), encoding="utf-8")
    assert verify(folder).wrong != () or verify(folder).torn


def test_without_the_key_nobody_can_seal_a_line_of_their_own(tmp_path: Path) -> None:
    written(tmp_path / "ours", 3)
    written(tmp_path / "forged", 3)
    shutil.copy(segments(tmp_path / "forged")[0], segments(tmp_path / "ours")[0])
    assert len(verify(tmp_path / "ours").wrong) == 3
    assert read_key(tmp_path / "ours") != read_key(tmp_path / "forged")


def test_an_end_that_was_cut_off_is_found_by_the_head_that_was_noted(tmp_path: Path) -> None:
    told = written(tmp_path, 3)
    noted = verify(tmp_path).head
    Trail(tmp_path).write(entry())
    assert verify(tmp_path, noted).wrong == ()
    segments(tmp_path)[0].write_text(json.dumps(told[0]) + "\n")
    assert verify(tmp_path).wrong == ()
    assert "line 3" in verify(tmp_path, noted).wrong[0].what
    assert verify(tmp_path, Head(1, "another")).wrong != ()


@pytest.mark.parametrize("rest", ['{"n": 4, "time": "2026', "\x00\x00\x00", '{"n": 4}\n'])
def test_a_line_that_a_stop_left_unfinished_breaks_nothing(tmp_path: Path, rest: str) -> None:
    written(tmp_path, 3)
    with segments(tmp_path)[0].open("a") as file:
        file.write(rest)
    Trail(tmp_path).write(entry())
    verdict = verify(tmp_path)
    assert (verdict.wrong, verdict.torn, verdict.lines, verdict.head.number) == ((), 1, 4, 4)


def test_a_full_segment_is_left_and_the_next_one_chained_to_it(tmp_path: Path) -> None:
    written(tmp_path, 14, segment_bytes=1_000)
    assert len(segments(tmp_path)) > 2
    assert (verify(tmp_path).wrong, verify(tmp_path).lines) == ((), 14)
    segments(tmp_path)[0].unlink()
    assert verify(tmp_path).wrong == ()
    assert verify(tmp_path).first > 1
    segments(tmp_path)[1].unlink()
    assert "does not follow" in verify(tmp_path).wrong[0].what


def test_several_processes_write_one_chain(tmp_path: Path) -> None:
    program = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path; from server.audit import Entry, Trail\n"
        "trail = Trail(Path(sys.argv[1]), segment_bytes=5_000)\n"
        "for each in range(40):\n"
        "    trail.write(Entry(datetime.now(UTC), sys.argv[2], 'x', 'x', 'x', {}, (), 'ok', each))"
    )
    started = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path), name], cwd=HOUSE) for name in ("anna", "bert")]
    assert [each.wait(60) for each in started] == [0, 0]
    verdict = verify(tmp_path)
    assert (verdict.wrong, verdict.lines, verdict.head.number) == ((), 80, 80)
    assert [it["ms"] for it in query(tmp_path, who="anna")] == list(range(40))


def test_the_trail_answers_who_was_shown_what_and_since_when(tmp_path: Path) -> None:
    trail = Trail(tmp_path)
    trail.write(entry("anna", (("nda", "r1"), ("msa", None))))
    trail.write(entry("bert", (("lease", "r1"),), minutes=60))
    assert [it["who"] for it in query(tmp_path, document="msa")] == ["anna"]
    assert [it["who"] for it in query(tmp_path, since=datetime(2026, 11, 22, 12, 30, tzinfo=UTC))] == ["bert"]
    assert [it["n"] for it in query(tmp_path, who="bert", tool="read_contract")] == [2]
    assert list(query(tmp_path, tool="card")) == []


def test_a_copy_of_a_trail_is_whole(tmp_path: Path) -> None:
    written(tmp_path / "audit", 9, segment_bytes=1_000)
    copy_trail(tmp_path / "audit", tmp_path / "copy")
    assert verify(tmp_path / "copy") == verify(tmp_path / "audit")


def test_where_there_is_no_trail_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotRecorded, match="no audit trail"):
        verify(tmp_path)
