"""What a writer does to the catalogue: each function is one change, and belongs inside a transaction."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import numpy as np

from index.connections import batches, marks
from index.errors import StoreError, UnknownDocument
from index.forms import (
    CLAUSES,
    CONTRACT,
    FURNITURE,
    PAGES,
    PROPERTIES,
    WARNINGS,
    contract_columns,
    file_columns,
    moment,
    text_parts,
)
from index.names import name_key
from index.records import Contract, File, Span
from index.store import Bundle, Failure, Vectors, words_hash


def generation_of(connection: sqlite3.Connection) -> int:
    """The published generation."""
    return int(connection.execute("SELECT generation FROM state").fetchone()[0])


def put_bundle(connection: sqlite3.Connection, bundle: Bundle, dimensions: int, now: datetime) -> None:
    """Store a document as the newest revision."""
    vectors = checked(bundle, dimensions)
    content = _add_content(connection, bundle)
    first = _add_chunks(connection, content, bundle, vectors)
    _add_findings(connection, content, bundle)
    _add_names(connection, content, bundle.contract)
    row = {
        **contract_columns(bundle.contract),
        "content": content,
        "first_chunk": first,
        "chunk_count": len(bundle.chunks),
        "revision": sha256(bundle.transcript.text.encode()).hexdigest()[:16],
    }
    _add_revision(connection, bundle.file, bundle.stamp, now, row)


def put_failure(connection: sqlite3.Connection, failure: Failure, now: datetime) -> None:
    """List a file that could not be indexed as the newest revision."""
    row = {"failure": failure.kind, "reason": failure.reason, "first_chunk": 0, "chunk_count": 0}
    _add_revision(connection, failure.file, failure.stamp, now, row)


def describe(connection: sqlite3.Connection, file: File) -> bool:
    """Give a document's newest revision another name, folder, url and date, as a revision of the same content.

    Answers whether anything of it, or who may see it, differed.
    """
    row = connection.execute("SELECT * FROM documents WHERE document_id = ? AND live_to IS NULL", (file.id,)).fetchone()
    if row is None:
        raise UnknownDocument(file.id)
    facts = {name: value for name, value in file_columns(file).items() if name != "version"}
    differs = any(row[name] != value for name, value in facts.items())
    if differs:
        kept = {name: row[name] for name in row.keys() if name != "key"}  # noqa: SIM118  # a Row is no mapping
        _retire(connection, file.id)
        insert(connection, "documents", {**kept, **facts, "live_from": generation_of(connection) + 1})
    return set_readers(connection, file.id, file.readers) or differs


def set_readers(connection: sqlite3.Connection, document_id: str, readers: frozenset[str]) -> bool:
    """Who may see a document from now on; answers whether that differs from before."""
    file = connection.execute("SELECT number FROM files WHERE id = ?", (document_id,)).fetchone()
    if file is None:
        raise UnknownDocument(document_id)
    before = {row[0] for row in connection.execute("SELECT principal FROM readers WHERE file = ?", (file[0],))}
    if before == readers:
        return False
    connection.execute("DELETE FROM readers WHERE file = ?", (file[0],))
    _add_readers(connection, file[0], readers)
    _note_access(connection)
    return True


def drop(connection: sqlite3.Connection, document_id: str) -> None:
    """Forget a document: its revisions belong to no file any more, so that nobody can be among their readers."""
    _retire(connection, document_id)
    if connection.execute("DELETE FROM files WHERE id = ?", (document_id,)).rowcount:
        _note_access(connection)


def known_vectors(connection: sqlite3.Connection, hashes: Sequence[bytes]) -> dict[bytes, tuple[int, bytes]]:
    """Number and bytes of the vectors that are there, by their words' hash."""
    found: dict[bytes, tuple[int, bytes]] = {}
    for batch in batches(hashes):
        rows = connection.execute(f"SELECT hash, number, vector FROM vectors WHERE hash IN ({marks(len(batch))})", batch)  # noqa: S608  # only question marks
        found.update((row[0], (row[1], row[2])) for row in rows)
    return found


def keep_vectors(connection: sqlite3.Connection, hashes: Sequence[bytes], vectors: Vectors) -> None:
    """Store vectors that no document has yet."""
    since = generation_of(connection) + 1
    for words, vector in zip(hashes, vectors, strict=True):
        made = connection.execute("INSERT OR IGNORE INTO vectors (hash, vector) VALUES (?, ?)", (words, vector.tobytes()))
        if made.rowcount:
            connection.execute("INSERT INTO loose (vector, since) VALUES (?, ?)", (made.lastrowid, since))


def checked(bundle: Bundle, dimensions: int) -> Vectors:
    """A bundle's vectors; StoreError where the bundle contradicts itself."""
    text, name = bundle.transcript.text, bundle.file.name
    vectors = np.ascontiguousarray(bundle.vectors, np.float32)
    if vectors.shape != (len(bundle.chunks), dimensions) and len(bundle.chunks):
        raise StoreError(f"{name!r} has vectors of shape {vectors.shape}, not ({len(bundle.chunks)}, {dimensions})")
    if not np.isfinite(vectors).all():
        raise StoreError(f"{name!r} has a vector that is not finite")
    for span in _spans(bundle):
        if not 0 <= span.start <= span.end <= len(text):
            raise StoreError(f"{name!r} has a span {span.start}–{span.end} outside its text of {len(text)} characters")
    return vectors


def _spans(bundle: Bundle) -> Iterator[Span]:
    yield from (chunk.span for chunk in bundle.chunks)
    yield from (clause.span for clause in bundle.clauses)
    yield from (finding.span for finding in bundle.findings)
    yield from (page.span for page in bundle.transcript.pages)
    yield from bundle.transcript.furniture


def insert(connection: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> int:
    """Add a row; answers its number."""
    made = connection.execute(
        f"INSERT INTO {table} ({','.join(row)}) VALUES ({marks(len(row))})",  # noqa: S608  # names from this package alone
        tuple(row.values()),
    )
    return int(made.lastrowid or 0)


def _add_revision(connection: sqlite3.Connection, file: File, stamp: str, now: datetime, row: Mapping[str, Any]) -> None:
    _retire(connection, file.id)
    new = connection.execute("INSERT OR IGNORE INTO files (id) VALUES (?)", (file.id,)).rowcount
    number = connection.execute("SELECT number FROM files WHERE id = ?", (file.id,)).fetchone()[0]
    facts = {
        "file": number,
        "document_id": file.id,
        "live_from": generation_of(connection) + 1,
        "stamp": stamp,
        "indexed_at": moment(now),
    }
    insert(connection, "documents", {**facts, **file_columns(file), **row})
    if new:
        # No published document is any reader's by this, so nobody's rights need to be looked up again.
        _add_readers(connection, number, file.readers)
    else:
        set_readers(connection, file.id, file.readers)


def _retire(connection: sqlite3.Connection, document_id: str) -> None:
    """Let the newest revision end with the published generation; one that was never published is then seen by none."""
    until = generation_of(connection) + 1
    connection.execute("UPDATE documents SET live_to = ? WHERE document_id = ? AND live_to IS NULL", (until, document_id))


def _add_readers(connection: sqlite3.Connection, file: int, readers: frozenset[str]) -> None:
    connection.executemany("INSERT INTO readers (principal, file) VALUES (?, ?)", [(name, file) for name in readers])


def _note_access(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE state SET access = access + 1")


def _add_content(connection: sqlite3.Connection, bundle: Bundle) -> int:
    transcript = bundle.transcript
    row = {
        "characters": len(transcript.text),
        "contract": CONTRACT.pack(bundle.contract),
        "clauses": CLAUSES.pack(bundle.clauses),
        "pages": PAGES.pack(transcript.pages),
        "furniture": FURNITURE.pack(transcript.furniture),
        "properties": PROPERTIES.pack(dict(transcript.properties)),
        "warnings": WARNINGS.pack(transcript.warnings),
    }
    content = insert(connection, "contents", row)
    parts = [(content, number, part) for number, part in text_parts(transcript.text)]
    connection.executemany("INSERT INTO texts (content, number, part) VALUES (?, ?, ?)", parts)
    return content


def _add_chunks(connection: sqlite3.Connection, content: int, bundle: Bundle, vectors: Vectors) -> int:
    """The chunks of a document are numbered in one run; answers the first number."""
    last = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'chunks'").fetchone()
    first = (last[0] if last else 0) + 1
    numbers = _vector_numbers(connection, [words_hash(chunk.words) for chunk in bundle.chunks], vectors)
    rows = [
        (at, content, chunk.span.start, chunk.span.end, chunk.heading, chunk.words, vector)
        for at, (chunk, vector) in enumerate(zip(bundle.chunks, numbers, strict=True), start=first)
    ]
    connection.executemany(
        "INSERT INTO chunks (chunk, content, span_start, span_end, heading, words, vector) VALUES (?, ?, ?, ?, ?, ?, ?)", rows
    )
    return first


def _vector_numbers(connection: sqlite3.Connection, hashes: Sequence[bytes], vectors: Vectors) -> list[int]:
    known = {words: number for words, (number, _) in known_vectors(connection, hashes).items()}
    connection.executemany("DELETE FROM loose WHERE vector = ?", [(number,) for number in known.values()])
    for words, vector in zip(hashes, vectors, strict=True):
        if words not in known:
            known[words] = insert(connection, "vectors", {"hash": words, "vector": vector.tobytes()})
    return [known[words] for words in hashes]


def _add_findings(connection: sqlite3.Connection, content: int, bundle: Bundle) -> None:
    rows = [
        (content, found.clause_type, found.probability, found.span.start, found.span.end, found.heading)
        for found in bundle.findings
    ]
    connection.executemany(
        "INSERT INTO findings (content, clause_type, probability, span_start, span_end, heading) VALUES (?, ?, ?, ?, ?, ?)", rows
    )


def _add_names(connection: sqlite3.Connection, content: int, contract: Contract) -> None:
    for name in set(_names_of(contract)):
        connection.execute("INSERT OR IGNORE INTO names (name, normal) VALUES (?, ?)", (name, name_key(name)))
        connection.execute("INSERT INTO parties (name, content) SELECT number, ? FROM names WHERE name = ?", (content, name))


def _names_of(contract: Contract) -> Iterable[str]:
    for party in contract.parties:
        yield party.value.name
        yield from party.value.former_names
