"""The tables of the catalogue, and the numbered steps that lead to them."""

import sqlite3
from pathlib import Path

from index.errors import StoreError

# "MUNI": tells our file from any other SQLite file.
_APPLICATION = 0x4D554E49

# A document's row is a revision of it: readers of generation g see those with live_from <= g and live_to null or > g. Numbers
# are never given twice, so what a cache holds of a row that is gone can never be taken for another row.
_FIRST = """
CREATE TABLE state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    uuid TEXT NOT NULL,
    encoder TEXT NOT NULL,
    dimensions INTEGER NOT NULL,
    recipe TEXT NOT NULL,
    names TEXT NOT NULL,
    generation INTEGER NOT NULL,
    access INTEGER NOT NULL
) STRICT;

CREATE TABLE files (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE readers (
    principal TEXT NOT NULL,
    file INTEGER NOT NULL REFERENCES files ON DELETE CASCADE,
    PRIMARY KEY (principal, file)
) STRICT, WITHOUT ROWID;
CREATE INDEX readers_of_file ON readers (file);

CREATE TABLE contents (
    content INTEGER PRIMARY KEY AUTOINCREMENT,
    characters INTEGER NOT NULL,
    contract BLOB NOT NULL,
    clauses BLOB NOT NULL,
    pages BLOB NOT NULL,
    furniture BLOB NOT NULL,
    properties BLOB NOT NULL,
    warnings BLOB NOT NULL
) STRICT;

CREATE TABLE texts (
    content INTEGER NOT NULL REFERENCES contents ON DELETE CASCADE,
    number INTEGER NOT NULL,
    part BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX texts_of_content ON texts (content, number);

CREATE TABLE vectors (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE,
    vector BLOB NOT NULL
) STRICT;

CREATE TABLE loose (
    vector INTEGER PRIMARY KEY REFERENCES vectors ON DELETE CASCADE,
    since INTEGER NOT NULL
) STRICT;

CREATE TABLE chunks (
    chunk INTEGER PRIMARY KEY AUTOINCREMENT,
    content INTEGER NOT NULL REFERENCES contents ON DELETE CASCADE,
    span_start INTEGER NOT NULL,
    span_end INTEGER NOT NULL,
    heading TEXT,
    words TEXT NOT NULL,
    vector INTEGER NOT NULL REFERENCES vectors
) STRICT;
CREATE INDEX chunks_of_content ON chunks (content);
CREATE INDEX chunks_of_vector ON chunks (vector);

CREATE TABLE findings (
    content INTEGER NOT NULL REFERENCES contents ON DELETE CASCADE,
    clause_type TEXT NOT NULL,
    probability REAL NOT NULL,
    span_start INTEGER NOT NULL,
    span_end INTEGER NOT NULL,
    heading TEXT
) STRICT;
CREATE INDEX findings_of_content ON findings (content, clause_type);
CREATE INDEX findings_by_probability ON findings (clause_type, probability DESC, content);

CREATE TABLE names (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    normal TEXT NOT NULL
) STRICT;

CREATE TABLE parties (
    name INTEGER NOT NULL REFERENCES names,
    content INTEGER NOT NULL REFERENCES contents ON DELETE CASCADE,
    PRIMARY KEY (name, content)
) STRICT, WITHOUT ROWID;
CREATE INDEX parties_of_content ON parties (content);

CREATE TABLE documents (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    file INTEGER REFERENCES files ON DELETE SET NULL,
    document_id TEXT NOT NULL,
    live_from INTEGER NOT NULL,
    live_to INTEGER,
    stamp TEXT NOT NULL,
    indexed_at TEXT NOT NULL,
    failure TEXT CHECK (failure IN ('unreadable', 'skipped', 'failed')),
    reason TEXT,
    content INTEGER REFERENCES contents,
    first_chunk INTEGER NOT NULL,
    chunk_count INTEGER NOT NULL,
    version TEXT NOT NULL,
    name TEXT NOT NULL,
    folder TEXT NOT NULL,
    mime_type TEXT,
    size INTEGER NOT NULL,
    modified TEXT NOT NULL,
    url TEXT,
    revision TEXT,
    title TEXT,
    contract_type TEXT,
    parties TEXT,
    agreement_date TEXT,
    effective_date TEXT,
    expiration_date TEXT,
    expires TEXT,
    auto_renews INTEGER,
    renewal_term TEXT,
    notice_days INTEGER,
    notice_deadline TEXT,
    governing_law TEXT,
    signed TEXT,
    CHECK ((content IS NULL) = (failure IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX documents_newest ON documents (document_id) WHERE live_to IS NULL;
CREATE INDEX documents_of_id ON documents (document_id);
CREATE INDEX documents_of_file ON documents (file);
CREATE INDEX documents_of_content ON documents (content);
CREATE INDEX documents_since ON documents (live_from);
CREATE INDEX documents_until ON documents (live_to) WHERE live_to IS NOT NULL;
CREATE INDEX documents_facts ON documents (
    live_from, live_to, content, file, first_chunk, chunk_count, contract_type, governing_law, signed, expires, auto_renews,
    effective_date, expiration_date, modified, folder, document_id
);

CREATE TABLE runs (
    run INTEGER PRIMARY KEY,
    started TEXT NOT NULL,
    seconds REAL NOT NULL,
    outcome TEXT NOT NULL,
    counts TEXT NOT NULL
) STRICT;
"""

# A chunk is found by a place in its text without a look at the words of its neighbours.
_PLACES = """
DROP INDEX chunks_of_content;
CREATE INDEX chunks_by_place ON chunks (content, span_start, span_end);
"""

MIGRATIONS = (_FIRST, _PLACES)


def version_of(connection: sqlite3.Connection) -> int:
    """How many of the steps this file has gone, 0 for an empty one; StoreError where it isn't ours or is of a later Muniment."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if application != _APPLICATION and (version or tables):
        raise StoreError("the file is a database of another program: set MUNIMENT_DATA_DIR to a folder of Muniment's own")
    if version > len(MIGRATIONS):
        raise StoreError(
            f"the index has schema {version}, this Muniment knows up to {len(MIGRATIONS)}: update Muniment, or use another folder"
        )
    return version


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables up to date, each step whole or not at all."""
    for number, script in enumerate(MIGRATIONS[version_of(connection) :], start=version_of(connection) + 1):
        try:
            # One script, since sqlite3 would commit before it otherwise.
            connection.executescript(
                f"BEGIN IMMEDIATE; PRAGMA application_id = {_APPLICATION}; {script} PRAGMA user_version = {number}; COMMIT;"
            )
        except sqlite3.Error:
            if connection.in_transaction:
                connection.rollback()
            raise


def database_at(place: Path) -> Path:
    """Where the catalogue of an index lies."""
    return place / "catalogue.db"
