"""Little documents for the tests of the store, and an encoder that needs no weights."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from hashlib import sha256

import numpy as np

from index.records import Chunk, Clause, Contract, Extracted, File, Finding, Page, Party, Renewal, Span, Transcript
from index.store import Bundle, Failure, Manifest, Vectors, View

DIMENSIONS = 16
MANIFEST = Manifest("words@test", DIMENSIONS, "recipe-1")
TODAY = date(2026, 11, 22)
MODIFIED = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
EVERYONE = frozenset({"anyone"})
CAP = "Cap on Liability"


def encode(texts: Sequence[str]) -> Vectors:
    """Each word adds one to one of 16 numbers, so that texts with the same words are near each other."""
    rows = np.full((len(texts), DIMENSIONS), 1e-3, np.float32)
    for row, text in zip(rows, texts, strict=True):
        for word in text.casefold().split():
            row[sha256(word.strip(".,;?").encode()).digest()[0] % DIMENSIONS] += 1
    normal: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return normal


def file_of(document_id: str, readers: frozenset[str] = EVERYONE, **facts: object) -> File:
    known: dict[str, object] = {
        "version": "v1",
        "name": f"{document_id}.pdf",
        "folder": "Clients/Acme",
        "mime_type": "application/pdf",
        "size": 1234,
        "modified": MODIFIED,
        "url": f"https://files.example/{document_id}",
    }
    return File(id=document_id, readers=readers, **{**known, **facts})  # type: ignore[arg-type]  # the tests name real fields


def extracted(value: object) -> Extracted[object]:
    return Extracted(value, None, "", 0.9, "made up for the test")


def contract_of(**fields: object) -> Contract:
    """A contract by bare values: `party="Acme"`, `auto_renews=True`, and the fields of `Contract`."""
    known = dict(fields)
    party, renews = known.pop("party", None), known.pop("auto_renews", None)
    made = {name: extracted(value) for name, value in known.items() if value is not None}
    return Contract(
        parties=(extracted(Party(str(party))),) if party else (),  # type: ignore[arg-type]  # a party
        renewal=None if renews is None else Renewal(auto_renews=extracted(renews)),  # type: ignore[arg-type]  # a truth value
        **made,  # type: ignore[arg-type]  # the tests name real fields
    )


def bundle_of(
    document_id: str,
    text: str,
    contract: Contract | None = None,
    readers: frozenset[str] = EVERYONE,
    stamp: str = "v1/r1",
    **facts: object,
) -> Bundle:
    """A document with a chunk, a clause and a finding for every line of its text, and two pages."""
    spans = lines(text)
    middle = len(text) // 2
    chunks = tuple(Chunk(span, f"Line {at}", " ".join(span.of(text).split())) for at, span in enumerate(spans, start=1))
    return Bundle(
        file=file_of(document_id, readers, **facts),
        stamp=stamp,
        transcript=Transcript(
            text,
            (Page(1, Span(0, middle), "i"), Page(2, Span(middle, len(text)), None, 0.8)),
            furniture=(Span(0, min(3, len(text))),),
            properties={"title": document_id},
            warnings=("one image was left out",),
        ),
        clauses=tuple(Clause(span, "clause", 1, str(at), (f"Line {at}",)) for at, span in enumerate(spans, start=1)),
        chunks=chunks,
        contract=contract or contract_of(title=f"Agreement {document_id}"),
        findings=tuple(Finding(CAP, span, None, 1 / (1 + len(span))) for span in spans),
        vectors=encode([chunk.words for chunk in chunks]),
    )


def failure_of(document_id: str, reason: str = "its pages can't be read", readers: frozenset[str] = EVERYONE) -> Failure:
    return Failure(file_of(document_id, readers), "v1/r1", "unreadable", reason)


def lines(text: str) -> list[Span]:
    """The spans of the lines that say something; together with their line ends they are the whole text."""
    spans, at = [], 0
    for line in text.splitlines(keepends=True):
        spans.append(Span(at, at + len(line)))
        at += len(line)
    return [span for span in spans if span.of(text).strip()]


def chunks_of(view: View, key: int) -> list[int]:
    """All chunks of one document, in the text's order."""
    return view.chunks_at([(key, at) for at in range(len(view.text(key)))])
