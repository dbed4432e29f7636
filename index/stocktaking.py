"""What the catalogue holds, for the operator of the machine: it asks nobody's principals."""

import sqlite3

from index.catalog import readers
from index.forms import file_of
from index.store import Failure, Inventory, Manifest

_LIVE = "live_from <= :generation AND (live_to IS NULL OR live_to > :generation)"


def inventory(connection: sqlite3.Connection) -> Inventory:
    """Everything of the published generation."""
    state = connection.execute("SELECT generation, encoder, dimensions, recipe FROM state").fetchone()
    at = {"generation": state["generation"]}
    documents, chunks = connection.execute(
        f"SELECT count(*), ifnull(sum(chunk_count), 0) FROM documents WHERE failure IS NULL AND {_LIVE}",  # noqa: S608  # our own words
        at,
    ).fetchone()
    failed = connection.execute(
        f"SELECT * FROM documents WHERE failure IS NOT NULL AND {_LIVE} ORDER BY folder, name, document_id",  # noqa: S608  # our own words
        at,
    ).fetchall()
    failures = tuple(
        Failure(file_of(row, readers(connection, row["file"])), row["stamp"], row["failure"], row["reason"]) for row in failed
    )
    manifest = Manifest(state["encoder"], state["dimensions"], state["recipe"])
    return Inventory(manifest, state["generation"], documents, chunks, failures)
