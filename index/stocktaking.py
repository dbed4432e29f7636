"""What the catalogue holds, for the operator of the machine: it asks nobody's principals."""

import sqlite3
from collections import defaultdict

from index.catalog import readers
from index.forms import file_of
from index.records import File
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


def files(connection: sqlite3.Connection) -> list[File]:
    """Every file that is known, what could not be indexed and what is not yet published included, by id."""
    allowed: defaultdict[int, set[str]] = defaultdict(set)
    for file, principal in connection.execute("SELECT file, principal FROM readers"):
        allowed[file].add(principal)
    rows = connection.execute(
        "SELECT document_id, version, name, folder, mime_type, size, modified, url, file FROM documents "
        "WHERE live_to IS NULL AND file IS NOT NULL ORDER BY document_id"
    )
    return [file_of(row, frozenset(allowed[row["file"]])) for row in rows]
