"""The ledger keeps its notes whole, whatever happens to who writes them."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import StoreError
from index.ledger import Ledger

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(value=JSON)
def test_a_note_comes_back_as_it_was_put(value: object, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("ledger") / "notes.db"
    with Ledger(path) as ledger:
        ledger.put("file", "a", value)
    with Ledger(path) as ledger:
        assert ledger.get("file", "a") == json.loads(json.dumps(value))


def test_notes_of_one_kind_come_in_the_order_of_their_keys_and_no_others(tmp_path: Path) -> None:
    with Ledger(tmp_path / "notes.db") as ledger:
        ledger.put("file", "b", 2)
        ledger.put("token", "a", "t")
        ledger.put("file", "a", 1)
        ledger.put("file", "a", 3)
        assert ledger.items("file") == [("a", 3), ("b", 2)]
        ledger.drop("file", "a")
        ledger.drop("file", "nobody")
        assert ledger.get("file", "a") is None
        ledger.drop_all("file")
        assert (ledger.items("file"), ledger.items("token")) == ([], [("a", "t")])


def test_what_fails_inside_a_transaction_leaves_nothing(tmp_path: Path) -> None:
    with Ledger(tmp_path / "notes.db") as ledger:

        def fail() -> None:
            with ledger.transaction():
                ledger.put("file", "a", 1)
                with ledger.transaction():
                    ledger.put("file", "b", 1)
                raise KeyError

        with pytest.raises(KeyError):
            fail()
        assert ledger.items("file") == []
        with ledger.transaction():
            ledger.put("file", "c", 1)
        assert ledger.items("file") == [("c", 1)]


def test_a_process_that_dies_inside_a_transaction_leaves_what_was_before(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from index.ledger import Ledger\n"
        "ledger = Ledger(Path(sys.argv[1])); ledger.put('token', 'user', 1)\n"
        "with ledger.transaction():\n"
        "    ledger.put('token', 'user', 2); ledger.put('file', 'a', 2); os._exit(9)\n"
    )
    path = tmp_path / "notes.db"
    assert subprocess.run([sys.executable, "-c", program, str(path)], check=False, cwd=Path(__file__).parents[1]).returncode == 9
    with Ledger(path) as ledger:
        assert (ledger.get("token", "user"), ledger.get("file", "a")) == (1, None)


def test_threads_write_side_by_side(tmp_path: Path) -> None:
    with Ledger(tmp_path / "notes.db") as ledger:

        def write(name: str) -> None:
            for number in range(50):
                with ledger.transaction():
                    ledger.put("file", f"{name}{number}", number)

        threads = [Thread(target=write, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(ledger.items("file")) == 200


def test_the_tide_changes_when_another_writes_and_not_when_one_does_so_oneself(tmp_path: Path) -> None:
    with Ledger(tmp_path / "notes.db") as ledger, Ledger(tmp_path / "notes.db") as other:
        tide = ledger.tide()
        ledger.put("file", "a", 1)
        assert ledger.tide() == tide
        other.put("file", "a", 2)
        assert ledger.tide() != tide


def test_a_file_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.close()
    with pytest.raises(StoreError, match="another program"):
        Ledger(path)
    (tmp_path / "text.db").write_text("this is no database, only a long enough line of words")
    with pytest.raises(StoreError, match="delete it"):
        Ledger(tmp_path / "text.db")
