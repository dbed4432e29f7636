"""A small firm's real index on disk, and an encoder that needs no weights, for the tests of the server."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import numpy as np

from index.local import LocalIndex, open_for_writing, open_index
from index.records import (
    Chunk,
    Clause,
    Contract,
    Extracted,
    File,
    Finding,
    Page,
    Party,
    Renewal,
    Span,
    Transcript,
)
from index.store import Bundle, Failure, Manifest, Vectors, WritableIndex

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
EVERYONE = frozenset({"anyone"})
ANNA, BERT = "user:anna@firm.example", "user:bert@firm.example"


class WordEncoder:
    """Words hashed into 64 numbers: passages that share words are near each other, and nothing needs to be loaded."""

    name, dimensions, max_tokens = "words@test", 64, 256

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) + 2 for text in texts]

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self.encode_question(text) for text in texts])

    def encode_question(self, text: str) -> Vectors:
        vector = np.full(self.dimensions, 1e-3, np.float32)
        for word in text.casefold().split():
            vector[sha256(word.strip(".,?:;").encode()).digest()[0] % self.dimensions] += 1
        normal: Vectors = vector / np.linalg.norm(vector)
        return normal


@dataclass(frozen=True)
class Paper:
    """A contract of the small firm: its words, and what a reader made of it."""

    id: str
    title: str
    kind: str
    party: str
    body: str
    folder: str = "Clients"
    effective: date = date(2025, 1, 15)
    expiration: date | None = date(2027, 1, 15)
    law: str = "New York"
    readers: frozenset[str] = EVERYONE
    modified: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    pages: int = 2
    scanned: bool = False


LIABILITY = (
    "8. Limitation of Liability. The total liability of either party under this Agreement shall not exceed the fees paid in the "
    "twelve months before the claim."
)
TERM = "2. Term. This Agreement begins on the Effective Date and ends on the Expiration Date unless it is ended before."
LAW = "9. Governing Law. This Agreement is governed by the laws of the State of New York."
SECRECY = "3. Confidentiality. Each party shall keep the other's Confidential Information secret for five years after it ends."
CONVENIENCE = "5. Termination for Convenience. Either party may terminate this Agreement for convenience on thirty days' notice."

PAPERS = (
    Paper(
        "nda-acme",
        "Mutual Non-Disclosure Agreement",
        "nda",
        "Acme Robotics, Inc.",
        f"{TERM}\n\n{SECRECY}\n\n{LAW}\n",
        "Clients/Acme",
    ),
    Paper(
        "msa-acme", "Master Services Agreement", "msa", "Acme Robotics, Inc.", f"{TERM}\n\n{LIABILITY}\n\n{LAW}\n", "Clients/Acme"
    ),
    Paper(
        "vendor-north",
        "Vendor Agreement",
        "vendor",
        "Northwind Paper GmbH",
        f"{TERM}\n\n{CONVENIENCE}\n\n{LIABILITY}\n",
        "Vendors",
        expiration=date(2026, 3, 31),
        scanned=True,
    ),
    Paper("lease-hill", "Office Lease", "lease", "Hill Street Estates LLC", f"{TERM}\n\n{LAW}\n", "Premises", expiration=None),
    Paper(
        "secret-merger",
        "Merger Agreement Orion",
        "merger",
        "Orion Holdings plc",
        f"{TERM}\n\n{LIABILITY}\n\n9. Governing Law. The laws of England govern this Agreement.\n",
        "Partners only",
        law="England",
        readers=frozenset({ANNA}),
    ),
)
UNREAD = Failure(
    File("broken-scan", "1", "old lease.pdf", "Premises", "application/pdf", 10, NOW, None, EVERYONE),
    "1:r",
    "unreadable",
    "its pages are images and no OCR engine is installed",
)


def bundle_of(paper: Paper) -> Bundle:
    """A paper as the pipeline would hand it in."""
    encoder = WordEncoder()
    text = f"{paper.title}\n\nThis Agreement is made between Muniment LLP and {paper.party} (the Client).\n\n{paper.body}"
    chunks = tuple(Chunk(span, _heading(text, span), span.of(text)) for span in _paragraphs(text))
    clauses = tuple(_clauses(text))
    return Bundle(
        file=File(
            paper.id, "1", f"{paper.id}.pdf", paper.folder, "application/pdf", len(text), paper.modified, None, paper.readers
        ),
        stamp="1:r",
        transcript=Transcript(text, _pages(text, paper), (), {"author": "A. Clerk"}, ()),
        clauses=clauses,
        chunks=chunks,
        contract=_contract(text, paper),
        findings=tuple(_findings(text)),
        vectors=encoder.encode([chunk.words for chunk in chunks]),
    )


def build(place: Path, papers: Sequence[Paper] = PAPERS, failures: Sequence[Failure] = (UNREAD,)) -> None:
    """Write the papers into an index and publish it."""
    with open_for_writing(place, Manifest(WordEncoder.name, WordEncoder.dimensions, "test")) as index:
        fill(index, papers, failures)


def fill(index: WritableIndex, papers: Sequence[Paper], failures: Sequence[Failure] = ()) -> None:
    """Add papers and failures as the next generation."""
    for paper in papers:
        index.put(bundle_of(paper))
    for failure in failures:
        index.put_failure(failure)
    index.publish()


def opened(place: Path) -> LocalIndex:
    """The index open for reading."""
    return open_index(place)


def many(count: int, words: str = LIABILITY) -> list[Paper]:
    """A drawer full of papers that differ in their numbers."""
    model = PAPERS[1]
    return [
        replace(
            model,
            id=f"paper-{number:04}",
            title=f"Services Agreement No. {number}",
            body=f"{TERM}\n\n{words}\n\n{LAW}\n",
            modified=datetime(2026, 1, 1 + number % 28, number % 24, tzinfo=UTC),
        )
        for number in range(count)
    ]


def _paragraphs(text: str) -> list[Span]:
    starts = [0] + [at + 2 for at in range(len(text) - 1) if text[at : at + 2] == "\n\n"]
    return [Span(start, end) for start, end in zip(starts, [*starts[1:], len(text)], strict=True) if start < end]


def _heading(text: str, span: Span) -> str | None:
    words = span.of(text)
    return words.split(". ")[0] + ". " + words.split(". ")[1] if words[:1].isdigit() else None


def _clauses(text: str) -> list[Clause]:
    return [
        Clause(
            span,
            "clause" if _heading(text, span) else "front",
            1 if _heading(text, span) else 0,
            None,
            tuple(filter(None, (_heading(text, span),))),
        )
        for span in _paragraphs(text)
    ]


def _findings(text: str) -> list[Finding]:
    kinds = {"Limitation of Liability": "Cap On Liability", "Governing Law": "Governing Law"}
    return [
        Finding(kind, span, _heading(text, span), 0.95)
        for span in _paragraphs(text)
        for words, kind in kinds.items()
        if words in span.of(text)
    ]


def _pages(text: str, paper: Paper) -> tuple[Page, ...]:
    middle = text.index("\n", len(text) // 2) if paper.pages == 2 else len(text)
    spans = [Span(0, middle), Span(middle, len(text))][: paper.pages]
    return tuple(Page(number, span, None, 0.87 if paper.scanned else None) for number, span in enumerate(spans, start=1))


def _contract(text: str, paper: Paper) -> Contract:
    def read(words: str) -> Span:
        at = text.index(words)
        return Span(at, at + len(words))

    name, title, law = read(paper.party), read(paper.title), "laws"
    return Contract(
        title=Extracted(paper.title, title, paper.title, 0.99),
        contract_type=Extracted(paper.kind, title, paper.title, 0.9),
        parties=(Extracted(Party(paper.party, "Client"), name, paper.party, 0.95),),
        effective_date=Extracted(paper.effective, None, "", 0.6, "from the file's properties"),
        expiration_date=Extracted(paper.expiration, None, "", 0.6) if paper.expiration else None,
        expires=Extracted("fixed", None, "", 0.9) if paper.expiration else None,
        renewal=Renewal(notice_days=Extracted(30, None, "", 0.7)),
        governing_law=Extracted(paper.law, read(law), law, 0.9) if law in text else None,
        unknown={} if paper.expiration else {"expiration_date": "no end is named"},
        others={"title": (Extracted("Agreement", read("Agreement"), "Agreement", 0.2),)},
    )
