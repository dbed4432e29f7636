"""Transactions are whole or not there, whenever a signal stops them."""

import sqlite3
from pathlib import Path
from typing import Any, cast

import pytest

from index.connections import connect, transaction
from index.ledger import Ledger


class _Rung:
    """A connection on which an alarm rings as soon as a transaction has begun, once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._rings = 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        done = self._connection.execute(statement, *values)
        if statement.startswith("BEGIN") and self._rings:
            self._rings -= 1
            raise KeyboardInterrupt
        return done


def test_a_transaction_that_is_stopped_as_it_begins_leaves_none_open(tmp_path: Path) -> None:
    connection = connect(tmp_path / "some.db", writing=True)
    rung = cast("sqlite3.Connection", _Rung(connection))
    with pytest.raises(KeyboardInterrupt), transaction(rung):
        pass
    with transaction(rung):
        connection.execute("CREATE TABLE kept (it INTEGER)")
    assert not connection.in_transaction
    connection.close()


def test_a_ledger_that_is_stopped_as_a_transaction_begins_keeps_what_is_written_next(tmp_path: Path) -> None:
    with Ledger(tmp_path / "notes.db") as ledger:
        ledger._connection = cast("sqlite3.Connection", _Rung(ledger._connection))
        with pytest.raises(KeyboardInterrupt), ledger.transaction():
            pass
        with ledger.transaction():
            ledger.put("kind", "key", 1)
        with Ledger(tmp_path / "notes.db") as other:
            assert other.get("kind", "key") == 1
