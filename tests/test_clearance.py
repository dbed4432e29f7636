"""Who belongs to which groups, which walls stand before whom, and what happens while those files change."""

import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_firm import ANNA, BERT, build
from small_server import asking

from index.walls import Wall
from server.callers import Caller
from server.clearance import Clearance, Sight
from server.errors import RulesUnusable
from server.groups import read_groups
from server.options import ServerOptions
from server.walls import read_walls

ORION = """
[[walls]]
name = "Orion"
keep_out = ["group:associates@firm.example"]
let_in = ["user:anna@firm.example"]
parties = ["Orion Holdings"]
"""
GROUPS = """
[groups]
"associates@firm.example" = ["Anna@firm.example", "bert@firm.example", "group:trainees@firm.example"]
"trainees@firm.example" = ["carl@firm.example", "group:associates@firm.example"]
"everybody@firm.example" = ["domain:firm.example"]
"""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


def sight(options: ServerOptions, *principals: str) -> Sight:
    return Clearance(options).of(Caller("somebody", frozenset(principals), frozenset()))


def rules(folder: Path, walls: str = ORION, groups: str = GROUPS) -> ServerOptions:
    (folder / "walls.toml").write_text(walls)
    (folder / "groups.toml").write_text(groups)
    return ServerOptions(walls=folder / "walls.toml", groups=folder / "groups.toml")


def test_membership_goes_through_groups_of_groups_and_round_in_circles_no_further(tmp_path: Path) -> None:
    found = sight(rules(tmp_path), "user:carl@firm.example").principals
    groups = {f"group:{name}@firm.example" for name in ("trainees", "associates", "everybody")}
    assert found == groups | {"user:carl@firm.example", "domain:firm.example", "anyone"}
    assert sight(rules(tmp_path), "user:eve@evil.example").principals == {
        "user:eve@evil.example",
        "domain:evil.example",
        "anyone",
    }


def test_capitals_in_an_address_make_no_difference_to_groups_and_walls(tmp_path: Path) -> None:
    seen = sight(rules(tmp_path), "user:Bert@Firm.Example")
    assert {BERT, "user:Bert@Firm.Example", "group:associates@firm.example"} <= seen.principals
    assert seen.walls


def test_a_wall_stands_before_a_group_but_for_those_it_lets_in(tmp_path: Path) -> None:
    options = rules(tmp_path)
    wall = Wall(parties=frozenset({"Orion Holdings"}))
    assert sight(options, BERT).walls == {wall}
    assert sight(options, "group:associates@firm.example").walls == {wall}
    assert sight(options, ANNA).walls == sight(options, "user:dora@firm.example").walls == frozenset()


def test_a_wall_before_anyone_leaves_only_those_it_names(tmp_path: Path) -> None:
    options = rules(tmp_path, ORION.replace("group:associates@firm.example", "anyone"))
    assert sight(options).walls
    assert not sight(options, ANNA).walls


def test_who_is_let_in_through_one_wall_still_stands_before_another(tmp_path: Path) -> None:
    second = '[[walls]]\nname = "all"\nkeep_out = ["domain:firm.example"]\nfolders = ["Sealed"]\n'
    assert sight(rules(tmp_path, ORION + second), ANNA).walls == {Wall(folders=frozenset({"Sealed"}))}


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ("", "walls"),
        ("walls = 1", "walls"),
        ("[[walls]", "no TOML"),
        ("[[walls]]\nname = 'x'\nkeep_out = ['anyone']", "hides nothing"),
        ("[[walls]]\nname = 'x'\nkeep_out = []\nfolders = ['a']", "keep_out"),
        ("[[walls]]\nname = 'x'\nkeep_out = ['bert@firm.example']\nfolders = ['a']", "keep_out"),
        ("[[walls]]\nname = 'x'\nkeep_out = ['anyone']\nfolder = ['a']\nfolders = ['b']", "walls.0.folder"),
        ("[[walls]]\nname = 'x'\nkeep_out = ['anyone']\nfolders = [' / ']", "no folder"),
        ("[[walls]]\nname = 'x'\nkeep_out = ['anyone']\nparties = ['...']", "nobody"),
        ("[[walls]]\nname = 'x'\nkeep_out = ['anyone']\ndocuments = ['']", "documents"),
    ],
)
def test_a_broken_file_of_walls_keeps_the_old_ones_says_so_once_and_starts_no_server(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, broken: str, says: str
) -> None:
    options = rules(tmp_path)
    clearance = Clearance(options)
    bert = Caller("bert", frozenset({BERT}), frozenset())
    (tmp_path / "walls.toml").write_text(broken)
    with caplog.at_level(logging.ERROR):
        assert clearance.of(bert).walls
        assert clearance.of(bert).walls
    [record] = caplog.records
    assert says in record.getMessage()
    assert "goes on to hold" in record.getMessage()
    with pytest.raises(RulesUnusable, match=says):
        Clearance(options)
    (tmp_path / "walls.toml").write_text("walls = []  # none any more\n")
    assert not clearance.of(bert).walls


def test_walls_do_not_fall_because_their_file_is_gone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clearance = Clearance(rules(tmp_path))
    (tmp_path / "walls.toml").unlink()
    assert clearance.of(Caller("bert", frozenset({BERT}), frozenset())).walls
    assert "is gone" in caplog.text


def test_a_file_that_comes_later_holds_from_the_next_question_on(tmp_path: Path) -> None:
    clearance = Clearance(ServerOptions(walls=tmp_path / "walls.toml", groups=tmp_path / "groups.toml"))
    bert = Caller("bert", frozenset({BERT}), frozenset())
    assert not clearance.of(bert).walls
    rules(tmp_path)
    assert clearance.of(bert).walls


def test_a_file_that_others_may_write_to_is_not_trusted(tmp_path: Path) -> None:
    options = rules(tmp_path)
    (tmp_path / "walls.toml").chmod(0o646)
    with pytest.raises(RulesUnusable, match="chmod go-w"):
        Clearance(options)


@pytest.mark.parametrize("broken", ["", "groups = []", "[groups]\na = 'b'", "[groups]\n'a b' = []", "[groups]\na = ['b c']"])
def test_a_broken_file_of_groups_is_refused(broken: str) -> None:
    with pytest.raises(RulesUnusable):
        read_groups(broken)


@given(st.text(max_size=200))
def test_whatever_a_file_says_it_is_read_or_refused(text: str) -> None:
    for read in (read_walls, read_groups):
        try:
            read(text)
        except RulesUnusable:
            continue


@pytest.mark.anyio
async def test_a_wall_holds_from_the_next_call_on_over_any_grant(tmp_path: Path) -> None:
    build(tmp_path / "index")
    options = ServerOptions(walls=tmp_path / "walls.toml", principals=frozenset({ANNA}))
    async with asking(tmp_path / "index", options=options) as client:
        before = (await client.call_tool("search_documents_by_metadata", {"party": "orion"})).structured_content
        rules(tmp_path, ORION.replace("group:associates@firm.example", ANNA).replace(f'let_in = ["{ANNA}"]', ""))
        after = (await client.call_tool("search_documents_by_metadata", {"party": "orion"})).structured_content
        read = await client.call_tool("read_contract", {"document_id": "secret-merger"})
        never = await client.call_tool("read_contract", {"document_id": "nothing-there"})
    assert (before["total"], after["total"]) == (1, 0)
    assert read.is_error
    assert read.content[0].text == never.content[0].text.replace("nothing-there", "secret-merger")
