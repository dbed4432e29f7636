"""What the catalogue answers about documents and chunks whose numbers are known."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import islice

from index.connections import batches, marks
from index.errors import IndexCorrupt, UnknownDocument
from index.forms import (
    CLAUSES,
    CONTRACT,
    FURNITURE,
    PAGES,
    PART,
    PROPERTIES,
    WARNINGS,
    Form,
    T,
    file_of,
    joined,
    moment_of,
    summary_of,
)
from index.records import Clause, Finding, Page, Passage, Span, Summary
from index.store import Card, Failure, Run


def rows_by_number(
    connection: sqlite3.Connection, columns: str, table: str, number: str, numbers: Sequence[int]
) -> Iterator[sqlite3.Row]:
    """Rows whose number is among some, in no order. The names are this package's own."""
    for batch in batches(numbers):
        query = f"SELECT {columns} FROM {table} WHERE {number} IN ({marks(len(batch))})"  # noqa: S608  # no caller's words
        yield from connection.execute(query, [int(one) for one in batch])


def nearest_id(connection: sqlite3.Connection, document_id: str, generation: int) -> tuple[str, int]:
    """The document of this id, or else the one that stands in its place in the order of ids, and its key, 0 where it has none.

    Whether there is such an id, as many rows are read.
    """
    rows = connection.execute(_NEAREST_ID, {"wanted": document_id}).fetchall()
    live = [row for row in rows if _lives(row, generation)]
    return (live[-1]["document_id"], live[-1]["key"]) if live else ("", 0)


# The last id stands before the first.
_NEAREST_ID = """
SELECT document_id, key, live_from, live_to, failure FROM documents WHERE document_id = coalesce(
    (SELECT document_id FROM documents WHERE document_id >= :wanted ORDER BY document_id LIMIT 1),
    (SELECT document_id FROM documents ORDER BY document_id LIMIT 1)
)"""


def _lives(row: sqlite3.Row, generation: int) -> bool:
    return row["failure"] is None and row["live_from"] <= generation and (row["live_to"] is None or row["live_to"] > generation)


def summaries(connection: sqlite3.Connection, keys: Sequence[int]) -> dict[int, Summary]:
    """Summaries by key."""
    return {row["key"]: summary_of(row) for row in rows_by_number(connection, "*", "documents", "key", keys)}


def card(connection: sqlite3.Connection, key: int) -> Card:
    """All that is known of a document."""
    row = connection.execute(
        "SELECT * FROM documents JOIN contents ON contents.content = documents.content WHERE key = ?", (key,)
    ).fetchone()
    if row is None:
        raise UnknownDocument(str(key))
    return Card(
        summary=summary_of(row),
        contract=CONTRACT.unpack(row["contract"]),
        pages=PAGES.unpack(row["pages"]),
        clauses=CLAUSES.unpack(row["clauses"]),
        properties=PROPERTIES.unpack(row["properties"]),
        warnings=WARNINGS.unpack(row["warnings"]),
        mime_type=row["mime_type"],
        size=row["size"],
        characters=row["characters"],
        indexed_at=moment_of(row["indexed_at"]),
    )


def text(connection: sqlite3.Connection, content: int, span: Span | None) -> str:
    """A text, or the part of it that a span covers."""
    if span is None:
        rows = connection.execute("SELECT part FROM texts WHERE content = ? ORDER BY number", (content,))
        return joined(row[0] for row in rows)
    start, end = max(0, span.start), max(0, span.end)
    first, last = start // PART, max(0, end - 1) // PART
    rows = connection.execute(
        "SELECT part FROM texts WHERE content = ? AND number BETWEEN ? AND ? ORDER BY number", (content, first, last)
    )
    return joined(row[0] for row in rows)[start - first * PART : end - first * PART]


def pages(connection: sqlite3.Connection, content: int) -> tuple[Page, ...]:
    """The pages of a content."""
    return _form(connection, "pages", PAGES, content)


def furniture(connection: sqlite3.Connection, content: int) -> tuple[Span, ...]:
    """The running headers, footers and page numbers of a content."""
    return _form(connection, "furniture", FURNITURE, content)


def clauses(connection: sqlite3.Connection, content: int) -> tuple[Clause, ...]:
    """The clauses of a content."""
    return _form(connection, "clauses", CLAUSES, content)


def _form(connection: sqlite3.Connection, column: str, form: Form[T], content: int) -> T:
    row = connection.execute(f"SELECT {column} FROM contents WHERE content = ?", (content,)).fetchone()  # noqa: S608  # a column's name
    if row is None:
        raise IndexCorrupt(f"content {content} is missing")
    return form.unpack(row[0])


def passages(connection: sqlite3.Connection, documents: dict[int, int]) -> dict[int, Passage]:
    """Chunks by number; `documents` says whose each is."""
    columns = "chunk, span_start, span_end, heading, words"
    rows = rows_by_number(connection, columns, "chunks", "chunk", list(documents))
    return {
        chunk: Passage(chunk, documents[chunk], Span(start, end), heading, words) for chunk, start, end, heading, words in rows
    }


def chunks_at(connection: sqlite3.Connection, places: Sequence[tuple[int, int]]) -> list[int]:
    """The chunks in which places stand, each a content and an offset in its text; in order."""
    rows = connection.execute(
        "SELECT DISTINCT chunk FROM (SELECT value ->> 0 AS text, value ->> 1 AS offset FROM json_each(?)) CROSS JOIN chunks"
        " ON content = text AND span_start <= offset AND span_end > offset ORDER BY chunk",
        (json.dumps([(int(content), int(offset)) for content, offset in places]),),
    )
    return [row[0] for row in rows]


def stored_vectors(connection: sqlite3.Connection, chunks: Sequence[int]) -> dict[int, bytes]:
    """The bytes of chunks' vectors by the chunks' numbers."""
    joint = "chunks JOIN vectors ON vectors.number = chunks.vector"
    return dict(rows_by_number(connection, "chunk, vectors.vector", joint, "chunk", chunks))  # type: ignore[arg-type]  # rows of two


def findings_in(
    connection: sqlite3.Connection, clause_type: str, contents: Sequence[int], limit: int
) -> list[tuple[int, Finding]]:
    """The most probable findings of one type in some contents, with the content of each."""
    rows = connection.execute(
        _FINDINGS_IN + _OF_CONTENTS + _MOST_PROBABLE + " LIMIT ?",
        (clause_type, json.dumps([int(content) for content in contents]), limit),
    )
    return [(row[0], _finding(row)) for row in rows]


def findings_among(connection: sqlite3.Connection, clause_type: str, contents: set[int], limit: int) -> list[tuple[int, Finding]]:
    """The same for so many contents that the most probable findings of all are looked through instead."""
    rows = connection.execute(_FINDINGS + _MOST_PROBABLE, (clause_type,))
    return [(row[0], _finding(row)) for row in islice((row for row in rows if row[0] in contents), limit)]


_FINDINGS = "SELECT content, clause_type, probability, span_start, span_end, heading FROM findings WHERE clause_type = ? "
# Left to itself, SQLite goes through all findings of a type for the few of one document.
_FINDINGS_IN = _FINDINGS.replace("findings WHERE", "findings INDEXED BY findings_of_content WHERE")
_OF_CONTENTS = "AND content IN (SELECT value FROM json_each(?))"
_MOST_PROBABLE = " ORDER BY probability DESC, content, span_start"


def _finding(row: sqlite3.Row) -> Finding:
    return Finding(row["clause_type"], Span(row["span_start"], row["span_end"]), row["heading"], row["probability"])


def failures(connection: sqlite3.Connection, generation: int, principals: Sequence[str]) -> list[Failure]:
    """What could not be indexed, of what the principals may read."""
    rows = connection.execute(
        "SELECT * FROM documents WHERE failure IS NOT NULL AND live_from <= ? AND (live_to IS NULL OR live_to > ?) AND file IN"
        " (SELECT file FROM readers WHERE principal IN (SELECT value FROM json_each(?))) ORDER BY folder, name, document_id",
        (generation, generation, json.dumps(principals)),
    ).fetchall()
    return [Failure(file_of(row, readers(connection, row["file"])), row["stamp"], row["failure"], row["reason"]) for row in rows]


def readers(connection: sqlite3.Connection, file: int) -> frozenset[str]:
    """The principals that may see a file."""
    return frozenset(row[0] for row in connection.execute("SELECT principal FROM readers WHERE file = ?", (file,)))


def runs(connection: sqlite3.Connection, limit: int) -> list[Run]:
    """The last runs, newest first."""
    rows = connection.execute("SELECT started, seconds, outcome, counts FROM runs ORDER BY run DESC LIMIT ?", (limit,))
    return [Run(moment_of(started), seconds, outcome, json.loads(counts)) for started, seconds, outcome, counts in rows]
