"""What lies behind an ethical wall is not there, whoever granted it."""

from dataclasses import replace
from pathlib import Path

import pytest
from engines import LEASE, SUPPLY, everything, ids
from papers import EVERYONE, TODAY, bundle_of, contract_of, failure_of, file_of

from index.errors import UnknownDocument
from index.name_books import name_book
from index.names import name_key
from index.near_names import each_like
from index.records import Filter
from index.store import Index, View, WritableIndex
from index.walls import Wall

pytest_plugins = ["store_fixtures"]


@pytest.fixture
def view(writer: WritableIndex, reader: Index) -> View:
    papers = {
        "supply": ("Orion Holdings plc", "Clients/Orion", "supply.pdf"),
        "lease": ("Hill Street Estates LLC", "Premises", "lease.pdf"),
        "memo": (None, "Premises", "Memo_ORION_holdings.pdf"),
        "typo": ("Oriom Holdings plc", "Clients/Other", "x.pdf"),
        "nda": ("Nordic Holdings plc", "Clients/Orion Foods", "nda.pdf"),
    }
    for name, (party, folder, file_name) in papers.items():
        bundle = bundle_of(name, SUPPLY if name != "lease" else LEASE, contract=contract_of(party=party))
        writer.put(replace(bundle, file=replace(bundle.file, folder=folder, name=file_name)))
    writer.put_failure(failure_of("scan"))
    writer.publish()
    return reader.view()


@pytest.mark.parametrize(
    ("wall", "left"),
    [
        (Wall(), {"supply", "lease", "memo", "typo", "nda"}),
        (Wall(documents=frozenset({"lease", "nowhere"})), {"supply", "memo", "typo", "nda"}),
        (Wall(folders=frozenset({"clients"})), {"lease", "memo"}),
        (Wall(folders=frozenset({"Clients/Orion"})), {"lease", "memo", "typo", "nda"}),
        (Wall(folders=frozenset({"client"})), {"supply", "lease", "memo", "typo", "nda"}),
        # As read, as it is misspelt, and where only the file's name has it; another firm of that name stays.
        (Wall(parties=frozenset({"orion holdings"})), {"lease", "nda"}),
        (Wall(parties=frozenset({"Hill Street Estates"}), folders=frozenset({"Clients"})), {"memo"}),
    ],
)
def test_a_wall_hides_documents_folders_and_parties_from_whoever_stands_before_it(view: View, wall: Wall, left: set[str]) -> None:
    screened = view.behind(frozenset({wall}))
    assert ids(screened, everything(screened)) == left
    for name in ("supply", "lease", "memo", "typo", "nda"):
        if name in left:
            assert screened.key_of(name, EVERYONE) == view.key_of(name, EVERYONE)
        else:
            with pytest.raises(UnknownDocument) as hidden:
                screened.key_of(name, EVERYONE)
            with pytest.raises(UnknownDocument) as never:
                view.key_of(f"no {name}", EVERYONE)
            assert str(hidden.value) == str(never.value).replace(f"no {name}", name)
    assert ids(view, everything(view)) == {"supply", "lease", "memo", "typo", "nda"}


def test_walls_add_up_and_none_opens_what_another_hides(view: View) -> None:
    first, second = Wall(documents=frozenset({"lease"})), Wall(folders=frozenset({"Clients"}))
    for screened in (view.behind(frozenset({first, second})), view.behind(frozenset({first})).behind(frozenset({second}))):
        assert ids(screened, everything(screened)) == {"memo"}


@pytest.mark.parametrize(
    "wall",
    [
        Wall(documents=frozenset({"scan"})),
        Wall(folders=frozenset({"Clients/Acme"})),
        Wall(parties=frozenset({"Scan Ltd"})),
    ],
)
def test_a_file_that_could_not_be_read_lies_behind_a_wall_too(view: View, wall: Wall) -> None:
    assert len(view.failures(EVERYONE)) == 1
    assert view.behind(frozenset({wall})).failures(EVERYONE) == []


def test_what_moves_behind_a_wall_is_hidden_with_the_next_generation(view: View, writer: WritableIndex, reader: Index) -> None:
    wall = frozenset({Wall(folders=frozenset({"Sealed"}))})
    assert "lease" in ids(view, everything(view.behind(wall)))
    writer.describe(file_of("lease", folder="Sealed"))
    writer.publish()
    screened = reader.view().behind(wall)
    assert "lease" not in ids(screened, everything(screened))


def test_a_view_behind_walls_outlives_the_view_that_it_came_from(view: View, writer: WritableIndex, tmp_path: Path) -> None:
    screened = view.behind(frozenset({Wall(documents=frozenset({"lease"}))}))
    del view
    for number in range(4):
        writer.put(bundle_of("supply", f"{LEASE}{number}"))
        writer.publish()
    assert screened.text(screened.key_of("supply", EVERYONE)) == SUPPLY


def test_a_name_that_fits_better_hides_none_that_fits() -> None:
    names = ["Orion Holdings plc", "Oriom Holdings", "Nordic Holdings", "Orion Holding Group", "Bank of America", "Orionholdings"]
    book = name_book([name_key(name) for name in names])
    assert [names[at] for at in each_like("Orion Holdings", book)] == [
        "Orion Holdings plc",
        "Oriom Holdings",
        "Orion Holding Group",
        "Orionholdings",
    ]
    assert [names[at] for at in each_like("Bank of Amerika", book)] == ["Bank of America"]
    assert [names[at] for at in each_like("BOA", book)] == ["Bank of America"]
    assert each_like("", book) == []


def test_a_wall_hides_what_comes_later_with_its_party(view: View, writer: WritableIndex, reader: Index) -> None:
    wall = frozenset({Wall(parties=frozenset({"Orion Holdings"}))})
    assert ids(view.behind(wall), everything(view.behind(wall))) == {"lease", "nda"}
    for name, party in (("late", "ORION HOLDINGS LTD"), ("other", "Northwind Paper GmbH")):
        writer.put(bundle_of(name, SUPPLY, contract=contract_of(party=party)))
        writer.publish()
        screened = reader.view().behind(wall)
        assert "late" not in ids(screened, everything(screened))
    assert ids(screened, everything(screened)) == {"lease", "nda", "other"}


def test_a_name_that_is_hidden_pushes_out_none_that_is_seen(writer: WritableIndex, reader: Index) -> None:
    readers = {"seen": EVERYONE, "hidden": frozenset({"user:partner"})}
    for name, party in (("seen", "Acme Robotics"), ("hidden", "Acme Robotix")):
        bundle = bundle_of(name, SUPPLY, contract=contract_of(party=party))
        writer.put(replace(bundle, file=replace(bundle.file, readers=readers[name])))
    writer.publish()
    view = reader.view()
    typed = "Acme Robotix"
    partner, everyone = frozenset({"user:partner", "anyone"}), EVERYONE
    assert "hidden" in ids(view, view.select(Filter(partner, party=typed), TODAY))
    assert ids(view, view.select(Filter(everyone, party=typed), TODAY)) == {"seen"}
