"""Made-up contracts for measuring: as many as wanted, the same ones each time."""

from datetime import UTC, date, datetime, timedelta

import numpy as np

from index.records import Chunk, Clause, Contract, Extracted, File, Finding, Page, Party, Renewal, Span, Transcript
from index.store import Bundle, Vectors

KINDS = ("nda", "msa", "lease", "services", "license", "other")
LAWS = ("New York", "Delaware", "England and Wales", "Germany", None)
TYPES = [f"Clause type {number}" for number in range(37)]
CLUSTERS, VOCABULARY, WORDS = 2_000, 30_000, 90


class Contracts:
    """Contracts by number, the same ones each time."""

    def __init__(self, chunks: int, dimensions: int) -> None:
        chance = np.random.default_rng(1)
        self.chunks, self.dimensions = chunks, dimensions
        self.centres = chance.normal(size=(CLUSTERS, dimensions)).astype(np.float32)
        weights = 1 / np.arange(1, VOCABULARY + 1)
        self.weights = np.cumsum(weights / weights.sum())
        self.pieces = [self.words(chance, WORDS) for _ in range(10_000)]

    def vectors(self, chance: np.random.Generator, count: int) -> Vectors:
        """Near one of the centres each."""
        noise = chance.normal(size=(count, self.dimensions)).astype(np.float32)
        rows = self.centres[chance.integers(0, CLUSTERS, count)] + 0.8 * noise
        normal: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return normal

    def words(self, chance: np.random.Generator, count: int) -> str:
        """Common ones often, rare ones rarely."""
        ranks = np.searchsorted(self.weights, chance.random(count))
        return " ".join(f"{'bcdfghjklm'[rank % 10]}a{rank:x}o" for rank in ranks.tolist())

    def bundle(self, number: int, version: int = 1) -> Bundle:
        """A contract as the pipeline would hand it in."""
        chance = np.random.default_rng((number, version))
        pieces = chance.integers(0, len(self.pieces), self.chunks)
        parts = [f"{number} {version} {at} {self.pieces[piece]}.\n" for at, piece in enumerate(pieces)]
        ends = np.cumsum([len(part) for part in parts]).tolist()
        spans = [Span(start, end) for start, end in zip([0, *ends], ends, strict=False)]
        found = zip(chance.integers(0, 37, 60).tolist(), chance.random(60).tolist(), strict=True)
        return Bundle(
            file=self.file(number, version),
            stamp=str(version),
            transcript=Transcript("".join(parts), tuple(Page(at, span) for at, span in enumerate(spans, 1))),
            clauses=tuple(Clause(span, "clause", 1, str(at), (f"{at}. Heading",)) for at, span in enumerate(spans)),
            chunks=tuple(Chunk(span, "1. Heading", part) for span, part in zip(spans, parts, strict=True)),
            contract=_contract(number, chance),
            findings=tuple(Finding(TYPES[kind], spans[at % self.chunks], None, sure) for at, (kind, sure) in enumerate(found)),
            vectors=self.vectors(chance, self.chunks),
        )

    @staticmethod
    def file(number: int, version: int) -> File:
        """Its file."""
        day = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=number)
        # One in a hundred is for the partners alone.
        readers = frozenset({"group:partners"} if number % 100 == 0 else {"group:all", f"group:{number % 50}"})
        return File(f"d{number}", str(version), f"{number}.pdf", f"Clients/{number % 2000}", None, 9, day, None, readers)


def _contract(number: int, chance: np.random.Generator) -> Contract:
    def known(value: object) -> Extracted[object]:
        return Extracted(value, None, "", 0.9)

    law = LAWS[number % len(LAWS)]
    names = [f"Company {chance.integers(20_000)} {suffix}" for suffix in ("Inc.", "GmbH")]
    made = {
        "title": known(f"Agreement {number}"),
        "contract_type": known(KINDS[number % len(KINDS)]),
        "parties": tuple(known(Party(name)) for name in names),
        "effective_date": known(date(2019, 1, 1) + timedelta(days=number % 3000)),
        "expiration_date": known(date(2024, 1, 1) + timedelta(days=number % 3000)),
        "renewal": Renewal(auto_renews=Extracted(number % 3 == 0, None, "", 0.9)),
        "governing_law": known(law) if law else None,
    }
    return Contract(**made)  # type: ignore[arg-type]  # built by name
