"""Who belongs to which groups, which walls stand before whom, and what happens while those files change."""

import logging
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_firm import ANNA, BERT, build
from small_server import asking

from index.memberships import Directory, Group, write_directory
from index.walls import Wall
from server.callers import Caller
from server.clearance import Clearance, Sight
from server.errors import RulesUnusable
from server.groups import memberships, read_groups, read_told_groups
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


@pytest.mark.parametrize("stranger", ["anna@gro\N{LATIN SMALL LETTER SHARP S}.example", "an\N{KELVIN SIGN}a@gross.example"])
def test_an_address_that_only_looks_alike_is_somebody_else(tmp_path: Path, stranger: str) -> None:
    listed = '[groups]\n"partners" = ["anna@gross.example", "anka@gross.example", "domain:gross.example"]\n'
    rules(tmp_path, groups=listed)
    options = told(
        tmp_path,
        group("firm", "user:anna@gross.example", "user:anka@gross.example"),
        files=ServerOptions(groups=tmp_path / "groups.toml"),
    )
    seen = sight(options, f"user:{stranger}").principals
    assert "user:anna@gross.example" not in seen
    assert "user:anka@gross.example" not in seen
    assert "group:firm@firm.example" not in seen
    assert ("group:partners" in seen) is stranger.endswith("@gross.example")


AS_OF = datetime(2026, 11, 22, 12, tzinfo=UTC)
WITHOUT = ServerOptions()


def told(folder: Path, *groups: Group, files: ServerOptions = WITHOUT) -> ServerOptions:
    write_directory(folder / "directory.json", Directory(AS_OF, groups))
    return replace(files, directory=folder / "directory.json")


def group(name: str, *members: str, suspended: tuple[str, ...] = (), aliases: tuple[str, ...] = ()) -> Group:
    return Group(f"{name}@firm.example", members, suspended, tuple(f"{alias}@firm.example" for alias in aliases))


def test_what_the_directory_says_is_joined_with_the_token_and_the_file_through_each_other(tmp_path: Path) -> None:
    # The token says trainees, the file trainees → associates, the directory associates → all, the file all → firm.
    files = '[groups]\n"associates@firm.example" = ["group:trainees@firm.example"]\n"firm" = ["group:all@firm.example"]\n'
    options = told(tmp_path, group("all", "group:associates@firm.example"), files=rules(tmp_path, groups=files))
    found = sight(options, "user:carl@firm.example", "group:trainees@firm.example").principals
    assert {"group:associates@firm.example", "group:all@firm.example", "group:firm"} <= found


def test_groups_of_the_directory_that_contain_each_other_end(tmp_path: Path) -> None:
    options = told(tmp_path, group("a", "group:b@firm.example"), group("b", "group:a@firm.example", ANNA))
    assert sight(options, ANNA).principals >= {"group:a@firm.example", "group:b@firm.example"}


def test_an_address_with_capitals_is_the_one_that_the_directory_knows(tmp_path: Path) -> None:
    options = told(tmp_path, group("associates", ANNA))
    assert "group:associates@firm.example" in sight(options, "user:Anna@Firm.Example").principals


def test_another_address_of_a_group_is_the_group(tmp_path: Path) -> None:
    options = told(tmp_path, group("associates", ANNA, aliases=("juniors",)), group("all", "group:juniors@firm.example"))
    assert sight(options, ANNA).principals >= {"group:juniors@firm.example", "group:all@firm.example"}
    assert "group:associates@firm.example" in sight(options, "group:juniors@firm.example").principals


def test_whoever_is_of_the_organization_is_in_a_group_of_everybody(tmp_path: Path) -> None:
    options = told(tmp_path, group("everybody", "domain:firm.example"))
    assert "group:everybody@firm.example" in sight(options, ANNA).principals
    assert "group:everybody@firm.example" not in sight(options, "user:eve@firm.example.evil.example").principals


def test_a_suspended_member_is_let_in_nowhere_and_stays_kept_out(tmp_path: Path) -> None:
    options = told(
        tmp_path,
        group("associates", "group:trainees@firm.example"),
        group("trainees", suspended=("user:carl@firm.example",)),
        files=replace(rules(tmp_path), groups=None),
    )
    seen = sight(options, "user:carl@firm.example")
    assert not {name for name in seen.principals if name.startswith("group:")}
    assert seen.walls
    let_in = ORION.replace('"user:anna@firm.example"', '"group:trainees@firm.example"')
    assert sight(replace(options, walls=rules(tmp_path, let_in).walls), "user:carl@firm.example").walls


def test_a_file_of_the_directorys_that_is_broken_or_gone_leaves_the_old_one_in_force(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clearance = Clearance(told(tmp_path, group("associates", BERT), files=replace(rules(tmp_path), groups=None)))
    bert = Caller("bert", frozenset({BERT}), frozenset())
    for spoil in (lambda it: it.write_text('{"format": 1, "groups"'), lambda it: it.write_text("{}"), Path.unlink):
        spoil(tmp_path / "directory.json")
        assert clearance.of(bert).walls
        assert clearance.directory_as_of() == AS_OF
    assert len(caplog.records) == 3
    told(tmp_path, group("associates", ANNA))
    assert not clearance.of(bert).walls
    (tmp_path / "directory.json").write_text("{}")
    with pytest.raises(RulesUnusable, match="muniment groups sync"):
        Clearance(ServerOptions(directory=tmp_path / "directory.json"))


def test_a_directorys_file_may_be_longer_than_one_that_somebody_wrote(tmp_path: Path) -> None:
    options = told(tmp_path, group("all", *(f"user:{number:0200}@firm.example" for number in range(25_000))))
    assert (tmp_path / "directory.json").stat().st_size > 5 << 20
    assert "group:all@firm.example" in sight(options, f"user:{7:0200}@firm.example").principals


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "[]",
        "3",
        '{"format": 2, "as_of": "2026-11-22T12:00:00+00:00", "groups": {}}',
        '{"format": 1, "as_of": "2026-11-22T12:00:00", "groups": {}}',
        '{"format": 1, "as_of": 5, "groups": {}}',
        '{"format": 1, "as_of": "2026-11-22T12:00:00+00:00"}',
        '{"format": 1, "as_of": "2026-11-22T12:00:00+00:00", "groups": []}',
        '{"format": 1, "as_of": "2026-11-22T12:00:00+00:00", "groups": {"a b": {}}}',
        '{"format": 1, "as_of": "2026-11-22T12:00:00+00:00", "groups": {"a": {"members": "user:b"}}}',
        '{"format": 1, "as_of": "2026-11-22T12:00:00+00:00", "groups": {"a": {"members": ["anyone"]}}}',
        '{"format": 1, "as_of": "2026-11-22T12:00:00+00:00", "groups": {"a": {"members": [1]}}}',
        '{"format": 1, "as_of": "2026-11-22T12:00:00+00:00", "groups": {"a": {"owners": []}}}',
        "[" * 100_000,
    ],
)
def test_what_is_no_directorys_file_is_refused(broken: str) -> None:
    with pytest.raises(RulesUnusable, match="muniment groups sync"):
        read_told_groups(broken)


def test_each_membership_is_told_once_by_the_shortest_way_and_suspended_ones_last(tmp_path: Path) -> None:
    options = told(
        tmp_path,
        group("a", BERT, "group:b@firm.example"),
        group("b", BERT),
        group("c", "group:a@firm.example"),
        group("d", suspended=(BERT,)),
        group("e", "group:d@firm.example"),
    )
    found = memberships(Clearance(options).sources(), frozenset({BERT}))
    assert [(each.group[6], each.through.partition(":")[2][:4], each.suspended) for each in found] == [
        ("a", "bert", False),
        ("b", "bert", False),
        ("c", "a@fi", False),
        ("d", "bert", True),
        ("e", "d@fi", True),
    ]


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


def test_rules_hold_once_nobody_else_may_write_to_them_any_more(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clearance = Clearance(rules(tmp_path, "walls = []"))
    bert = Caller("bert", frozenset({BERT}), frozenset())
    (tmp_path / "new").write_text(ORION)
    (tmp_path / "new").chmod(0o664)
    (tmp_path / "new").replace(tmp_path / "walls.toml")
    assert not clearance.of(bert).walls
    assert "chmod go-w" in caplog.text
    (tmp_path / "walls.toml").chmod(0o644)
    assert clearance.of(bert).walls


def test_a_file_that_can_not_be_opened_for_now_is_read_by_a_later_question(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clearance = Clearance(rules(tmp_path, "walls = []"))
    bert = Caller("bert", frozenset({BERT}), frozenset())
    (tmp_path / "walls.toml").write_text(ORION)
    with no_more_files():
        assert not clearance.of(bert).walls
        assert not clearance.of(bert).walls
    [record] = caplog.records
    assert "can't be read" in record.getMessage()
    assert clearance.of(bert).walls


@contextmanager
def no_more_files() -> Iterator[None]:
    """As if as many were open as may be."""
    may = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.open(os.devnull, os.O_RDONLY)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, may[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, may)


@pytest.mark.parametrize("broken", ["", "groups = []", "[groups]\na = 'b'", "[groups]\n'a b' = []", "[groups]\na = ['b c']"])
def test_a_broken_file_of_groups_is_refused(broken: str) -> None:
    with pytest.raises(RulesUnusable):
        read_groups(broken)


@given(st.text(max_size=200))
def test_whatever_a_file_says_it_is_read_or_refused(text: str) -> None:
    for read in (read_walls, read_groups, read_told_groups):
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
