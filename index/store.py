"""The seam of the house: what an index takes in and what it answers, whatever engine stands behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from index.records import (
    Chunk,
    Clause,
    Contract,
    File,
    Filter,
    Finding,
    Hit,
    Page,
    Passage,
    Span,
    Summary,
    Transcript,
)
from index.walls import Wall

Vectors = npt.NDArray[np.float32]
Keys = npt.NDArray[np.int64]


class Encoder(Protocol):
    """Turns words into vectors of length one, so that a dot product is a cosine."""

    @property
    def name(self) -> str:
        """Which model, and which weights: "all-MiniLM-L6-v2@53aa5117"."""

    @property
    def dimensions(self) -> int:
        """How long a vector is."""

    @property
    def max_tokens(self) -> int:
        """How many tokens it reads of one text; the rest it ignores."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text is, the special ones included, however long it is."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, shape (len(texts), dimensions), float32, each of length one."""

    def encode_question(self, text: str) -> Vectors:
        """The vector of one question, shape (dimensions,)."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Who built the index."""

    encoder: str
    dimensions: int
    recipe: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """One document, ready to be stored whole or not at all.

    `vectors` has one row a chunk. `stamp` is what `WritableIndex.stamps` gives back: the file's version and the recipe's
    fingerprint.
    """

    file: File
    stamp: str
    transcript: Transcript
    clauses: tuple[Clause, ...]
    chunks: tuple[Chunk, ...]
    contract: Contract
    findings: tuple[Finding, ...]
    vectors: Vectors


FailureKind = Literal["unreadable", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that is known and listed but could not be indexed, and why, in a sentence.

    `unreadable`: its bytes can't be read; trying again needs another version or another recipe. `skipped`: by the
    settings or its kind.
    `failed`: something around it failed; it is tried again at the next run.
    """

    file: File
    stamp: str
    kind: FailureKind
    reason: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the pipeline: when, how long, and what came of it. Seconds and counts."""

    started: datetime
    seconds: float
    outcome: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Inventory:
    """What an index holds, for the operator of the machine and never for a caller: it asks nobody's principals.

    `documents` and `chunks` count what the published `generation` can be asked; `failures` are all files that can't.
    """

    manifest: Manifest
    generation: int
    documents: int
    chunks: int
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """Everything known of one document but its text."""

    summary: Summary
    contract: Contract
    pages: tuple[Page, ...]
    clauses: tuple[Clause, ...]
    properties: Mapping[str, str]
    warnings: tuple[str, ...]
    mime_type: str | None
    size: int
    characters: int
    indexed_at: datetime


@dataclass(frozen=True, slots=True)
class Selection:
    """The documents a question is about: the store's numbers of their revisions, sorted.

    `everything` says that no document of the index is left out, which lets an engine search without a filter. `seen` are all
    documents that the asker may see, where it is not all there are: how rare a word is, is reckoned among those.
    """

    keys: Keys
    everything: bool = False
    seen: Keys | None = None

    def __len__(self) -> int:
        return len(self.keys)


class View(Protocol):
    """One generation of an index. It answers the same however much is written meanwhile; cheap to get, and thread-safe.

    Every answer is about the documents of a `Selection`, and a selection comes from a `Filter` with the caller's principals, so
    nothing can be asked of a document that the caller may not read. Who may read what is never a matter of the
    generation: it holds as it is now.
    """

    @property
    def generation(self) -> int:
        """Counts up with every publication."""

    @property
    def manifest(self) -> Manifest:
        """Who built it."""

    def behind(self, walls: frozenset[Wall]) -> "View":
        """The same as it looks to somebody behind walls: what they hide is not there, whoever granted it."""

    def select(self, wanted: Filter, today: date) -> Selection:
        """The documents that every field of the filter leaves."""

    def summaries(self, keys: Sequence[int]) -> list[Summary]:
        """One a key, in their order; unknown keys are left out."""

    def ordered(
        self,
        within: Selection,
        by: Literal["modified", "expiration_date", "effective_date", "notice_deadline"],
        offset: int,
        limit: int,
    ) -> list[int]:
        """Keys in order: `modified` newest first, the dates soonest first with unknown ones last; ties by document id."""

    def key_of(self, document_id: str, principals: frozenset[str]) -> int:
        """The key of a document; raises UnknownDocument where the principals may not read it or it is not there."""

    def card(self, key: int) -> Card:
        """All that is known of one document."""

    def text(self, key: int, span: Span | None = None) -> str:
        """A document's text, or the part of it that a span covers."""

    def pages(self, key: int) -> tuple[Page, ...]:
        """Its pages."""

    def furniture(self, key: int) -> tuple[Span, ...]:
        """Its running headers, footers and page numbers: part of the text, but no part of what it says; in order."""

    def clauses(self, key: int) -> tuple[Clause, ...]:
        """Its clauses, in order."""

    def passages(self, chunks: Sequence[int]) -> list[Passage]:
        """Stored chunks, one a number, in their order; unknown ones are left out."""

    def chunks_at(self, places: Sequence[tuple[int, int]]) -> list[int]:
        """The chunks in which places in texts stand, each a document's key and an offset; in their numbers' order."""

    def vectors(self, chunks: Sequence[int]) -> Vectors:
        """The stored vectors of chunks, one row each, in their order."""

    def nearest(self, vector: Vectors, within: Selection, limit: int) -> list[Hit]:
        """The chunks nearest to a vector of length one, best first; the score is the cosine. Exact where `within` is small."""

    def matching(self, words: str, within: Selection, limit: int) -> list[Hit]:
        """The chunks that match words by BM25, best first. The words are plain text, never a query language."""

    def matching_documents(self, words: str, within: Selection, limit: int) -> list[tuple[int, float]]:
        """Documents whose title, parties, file name, folder or type match words by BM25, best first: (key, score)."""

    def findings(self, clause_type: str, within: Selection, limit: int) -> list[tuple[int, Finding]]:
        """What the scorer held for a clause of this type, most probable first: (key, finding)."""

    def counts(self, within: Selection, by: Literal["contract_type", "governing_law", "status"], today: date) -> dict[str, int]:
        """How many of the documents have each value (a status is as of `today`); what is not known is not counted."""

    def failures(self, principals: frozenset[str]) -> list[Failure]:
        """What is known but could not be indexed, of what the principals may read."""


class Index(Protocol):
    """An index open for reading; any number of processes may hold one while another writes."""

    def view(self) -> View:
        """The newest published generation."""

    def runs(self, limit: int) -> list[Run]:
        """The last runs, newest first."""

    def inventory(self) -> Inventory:
        """What is there, whoever may read it."""

    def files(self) -> list[File]:
        """Every file that is known, failures included (pending ones too), by id; for the operator, never for a caller."""

    def close(self) -> None:
        """Let go of files."""


class WritableIndex(Index, Protocol):
    """An index open for writing. There is one writer at a time, on any machine that shares the disk."""

    def stamps(self) -> dict[str, str]:
        """Document id → stamp of everything known, failures included (pending ones too, not only published ones)."""

    def known_vectors(self, hashes: Sequence[bytes]) -> dict[bytes, Vectors]:
        """Vectors already computed by this index's encoder, by `words_hash`."""

    def keep_vectors(self, hashes: Sequence[bytes], vectors: Vectors) -> None:
        """Store vectors at once, before the documents they are for, so that no work is lost to a stop."""

    def put(self, bundle: Bundle) -> None:
        """Store one document, the whole of it or nothing, in place of what was there. Seen by readers once published."""

    def put_failure(self, failure: Failure) -> None:
        """List a file that could not be indexed; what was indexed of it goes: a stale clause is worse than a missing one."""

    def describe(self, file: File) -> bool:
        """Update name, folder, url, modified and readers of a document, not its content; answers whether anything differed."""

    def set_readers(self, document_id: str, readers: frozenset[str]) -> None:
        """Who may see a document, from the next question on, published or not."""

    def drop(self, document_id: str) -> None:
        """Forget a document. It is seen by nobody from the next question on."""

    def publish(self) -> int:
        """Make everything written so far the next generation; answers its number. Readers move to it by themselves.

        Where nothing was written, the generation stays what it is.
        """

    def record_run(self, run: Run) -> None:
        """Keep the history of a run."""

    def refill(self) -> None:
        """Rebuild the caches (words, vectors) from the truth."""


def words_hash(words: str) -> bytes:
    """The key under which a text's vector is kept: sha256 of its UTF-8, 32 bytes."""
    return sha256(words.encode()).digest()
