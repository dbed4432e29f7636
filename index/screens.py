"""What lies behind an ethical wall in one generation of the catalogue."""

import json
import sqlite3
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from index.connections import batches, marks, numbers
from index.known_names import KnownNames
from index.names import name_key
from index.roll import LIVE, Roll
from index.selecting import in_folder
from index.walls import Wall, party_named
from index.words import Words

Mask = npt.NDArray[np.bool_]


def behind(wall: Wall, connection: sqlite3.Connection, generation: int, roll: Roll, names: KnownNames, words: Words) -> Mask:
    """Which documents of a generation lie behind a wall, in the roll's order; `words` are those of titles and places."""
    found = [*_by_document(wall, connection, generation), *_by_folder(wall, connection, generation)]
    for party in wall.parties:
        found += _with_party(party, connection, generation, names)
        found += _named_after(party, connection, words)
    return np.isin(roll.keys, np.array(found, np.int64))


def _by_document(wall: Wall, connection: sqlite3.Connection, generation: int) -> list[int]:
    return _keys(connection, generation, "document_id", wall.documents) if wall.documents else []


def _by_folder(wall: Wall, connection: sqlite3.Connection, generation: int) -> list[int]:
    if not wall.folders:
        return []
    folders = [row[0] for row in connection.execute("SELECT DISTINCT folder FROM documents")]
    barred = {folder for folder in folders if any(in_folder(named, folder) for named in wall.folders)}
    return _keys(connection, generation, "folder", frozenset(barred))


def _keys(connection: sqlite3.Connection, generation: int, column: str, values: frozenset[str]) -> list[int]:
    rest = f"FROM documents WHERE {LIVE} AND {column} IN (SELECT value FROM json_each(?))"  # noqa: S608  # our own column
    found = numbers(connection, ["key"], rest, (generation, generation, json.dumps(sorted(values))))[0]
    return [int(key) for key in found]


def _with_party(party: str, connection: sqlite3.Connection, generation: int, names: KnownNames) -> list[int]:
    like = "SELECT content FROM parties WHERE name IN (SELECT value FROM json_each(?))"
    rest = f"FROM documents WHERE {LIVE} AND content IN ({like})"  # our own words
    met = json.dumps(names.each_like(connection, party))
    return [int(key) for key in numbers(connection, ["key"], rest, (generation, generation, met))[0]]


def _named_after(party: str, connection: sqlite3.Connection, words: Words) -> Iterator[int]:
    keys = [number for number, _ in words.matching(name_key(party), len(words))]
    for some in batches(keys):
        query = f"SELECT key, name, folder, coalesce(title, '') FROM documents WHERE key IN ({marks(len(some))})"  # noqa: S608  # no caller's words
        for key, *places in connection.execute(query, some):
            if party_named(party, "\n".join(places)):
                yield key
