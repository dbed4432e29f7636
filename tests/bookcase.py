"""A real index with a few contracts, divided as the pipeline divides them, for the tests of search."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import numpy as np

from index.local import LocalIndex, open_for_writing, open_index
from index.records import Contract, Extracted, File, Filter, Finding, Page, Party, Span, Transcript
from index.store import Bundle, Manifest, Vectors
from ingest.chunks import make_chunks
from ingest.clauses import split_clauses

TODAY = date(2026, 11, 22)
ANNA, EVERYONE = "user:anna@firm.example", "anyone"
ANYONE = Filter(frozenset({EVERYONE}))


class WordEncoder:
    """Words hashed into 128 numbers: texts that share words are near each other, and nothing needs to be loaded."""

    name, dimensions, max_tokens = "words@search", 128, 96

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) + 2 for text in texts]

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self.encode_question(text) for text in texts])

    def encode_question(self, text: str) -> Vectors:
        vector = np.full(self.dimensions, 1e-3, np.float32)
        for word in text.casefold().split():
            vector[sha256(word.strip(".,?:;()").encode()).digest()[0] % self.dimensions] += 1
        normal: Vectors = vector / np.linalg.norm(vector)
        return normal


ENCODER = WordEncoder()


def bundle_of(
    name: str,
    text: str,
    contract: Contract | None = None,
    readers: frozenset[str] = frozenset({EVERYONE}),
    found: Mapping[str, tuple[str, float]] | None = None,
    furniture: tuple[Span, ...] = (),
    folder: str = "",
    age: int = 0,
) -> Bundle:
    """A document as the pipeline would hand it in; `found` names words that the scorer takes for a clause type."""
    clauses = split_clauses(text, (), furniture)
    chunks = make_chunks(text, clauses, furniture, ENCODER.count_tokens, ENCODER.max_tokens)
    modified = datetime(2026, 1, 1, tzinfo=UTC) - timedelta(days=age)
    middle = len(text) // 2
    return Bundle(
        file=File(name, "1", f"{name}.pdf", folder, "application/pdf", len(text), modified, None, readers),
        stamp="1",
        transcript=Transcript(text, (Page(1, Span(0, middle)), Page(2, Span(middle, len(text)))), furniture),
        clauses=clauses,
        chunks=chunks,
        contract=contract or Contract(),
        findings=tuple(
            Finding(kind, Span(text.index(words), text.index(words) + len(words)), None, probability)
            for kind, (words, probability) in (found or {}).items()
        ),
        vectors=ENCODER.encode([chunk.words for chunk in chunks]),
    )


def facts(title: str, kind: str, *parties: str, **dates: date) -> Contract:
    """A contract's facts by bare values."""
    return Contract(
        title=Extracted(title, None, "", 0.9),
        contract_type=Extracted(kind, None, "", 0.9),
        parties=tuple(Extracted(Party(party), None, "", 0.9) for party in parties),
        **{name: Extracted(day, None, "", 0.9) for name, day in dates.items()},  # type: ignore[arg-type]  # names of dates
    )


def shelve(place: Path, bundles: Sequence[Bundle]) -> LocalIndex:
    """An index of these documents, open for reading."""
    with open_for_writing(place, Manifest(ENCODER.name, ENCODER.dimensions, "test")) as index:
        for bundle in bundles:
            index.put(bundle)
        index.publish()
    return open_index(place)
