"""The nouns that every room speaks of: documents, their text, and what was found in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, Literal, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of characters in a document's text: `text[start:end]`."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """The words this span covers, exactly as the contract has them."""
        return text[self.start : self.end]

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share at least one character."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a document. The pages of a document tile its whole text, in order.

    `number` counts from 1 in the file; `label` is the number printed on the page, where it is known.
    `ocr_confidence` (0–1) is set on pages whose text was read from an image.
    """

    number: int
    span: Span
    label: str | None = None
    ocr_confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a reader got out of a file.

    `text` is the document's text from now on: every offset anywhere counts its characters. `pages` is
    empty where the format has none. `furniture` are running headers, footers and page numbers: part of the
    text, but no part of what it says; sorted, without overlaps. `properties` is what the file says of itself (`title`,
    `author`, `created`, `signature_fields`, …). `warnings` are sentences for a person: what could not be read or was left out.
    """

    text: str
    pages: tuple[Page, ...] = ()
    furniture: tuple[Span, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """A file as its source lists it, before anything of it was read.

    `id` is stable as long as the file lives in its source; `version` changes whenever its bytes do. `readers` are the principals
    that may see it (`user:anna@firm.example`, `group:…`, `domain:…`, `anyone`); none means nobody. `folder` is its path within
    the source ("Clients/Acme"), `modified` is in UTC.
    """

    id: str
    version: str
    name: str
    folder: str
    mime_type: str | None
    size: int
    modified: datetime
    url: str | None = None
    readers: frozenset[str] = frozenset()


ClauseKind = Literal["front", "contents", "clause", "definition", "exhibit", "signature"]


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of text that stands on its own under one heading or number. Clauses tile the whole text.

    `path` are the headings from the outermost in, each as printed ("12. Term and Termination", "12.2"); `number` is this
    clause's own, `level` its depth from 1 (0 for the front of the document).
    """

    span: Span
    kind: ClauseKind
    level: int
    number: str | None
    path: tuple[str, ...]

    @property
    def heading(self) -> str | None:
        """The path as one line: "12. Term and Termination > 12.2"."""
        return " > ".join(self.path) or None


@dataclass(frozen=True, slots=True)
class Chunk:
    """What is embedded and searched: one clause, part of a long one, or a few small neighbours.

    `words` is the text as a model reads it: `span` without furniture, hyphens at line ends and broken white
    space, under its heading. What is cited is always `span.of(text)`.
    """

    span: Span
    heading: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A stretch of text that the clause scorer holds for a clause of one type, with its probability (0–1)."""

    clause_type: str
    span: Span
    heading: str | None
    probability: float


@dataclass(frozen=True, slots=True)
class Extracted(Generic[T_co]):
    """A value with its proof: the words it was read from.

    `quote` is exactly `span.of(text)`; both are empty where the value comes from outside the text (a PDF
    signature field, say), and `note` then says from where. `note` also says how a computed value was reached.
    `confidence` is 0–1.
    """

    value: T_co
    span: Span | None
    quote: str
    confidence: float
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """One who entered into the contract, as the contract names it."""

    name: str
    role: str | None = None
    entity_kind: str | None = None
    jurisdiction: str | None = None
    address: str | None = None
    former_names: tuple[str, ...] = ()


Expires = Literal["fixed", "perpetual", "unknown"]
Signed = Literal["signed", "unsigned", "unknown"]
Status = Literal["active", "expired", "not_yet_effective", "unknown"]


@dataclass(frozen=True, slots=True)
class Renewal:
    """What happens at the end of the term. `notice_deadline` is the last day to stop the next renewal."""

    auto_renews: Extracted[bool] | None = None
    term: Extracted[str] | None = None
    notice_days: Extracted[int] | None = None
    notice_deadline: Extracted[date] | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """What was read out of one contract; `None` is "not known", `unknown` says why; `others` has, by field, what lost."""

    title: Extracted[str] | None = None
    contract_type: Extracted[str] | None = None
    parties: tuple[Extracted[Party], ...] = ()
    agreement_date: Extracted[date] | None = None
    effective_date: Extracted[date] | None = None
    expiration_date: Extracted[date] | None = None
    expires: Extracted[Expires] | None = None
    renewal: Renewal | None = None
    governing_law: Extracted[str] | None = None
    venue: Extracted[str] | None = None
    signed: Extracted[Signed] | None = None
    amends: Extracted[str] | None = None
    supersedes: Extracted[str] | None = None
    amounts: tuple[Extracted[str], ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, tuple[Extracted[str], ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that reading one file gives, before anything is embedded."""

    transcript: Transcript
    clauses: tuple[Clause, ...]
    chunks: tuple[Chunk, ...]
    contract: Contract
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents a question is about: every named field narrows, `None` does not.

    `principals` are the caller's, and a document none of whose readers is among them does not exist for this
    question. Dates are inclusive. `party` is as a person would type it. `folder` is a path prefix or a folder's name.
    """

    principals: frozenset[str]
    document_id: str | None = None
    party: str | None = None
    contract_type: str | None = None
    governing_law: str | None = None
    status: Status | None = None
    signed: Signed | None = None
    effective_after: date | None = None
    effective_before: date | None = None
    expires_after: date | None = None
    expires_before: date | None = None
    notice_deadline_after: date | None = None
    notice_deadline_before: date | None = None
    modified_after: date | None = None
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """A document as a list of results shows it. `key` is the store's own number for this revision of it."""

    key: int
    document_id: str
    revision: str
    title: str | None
    file_name: str
    folder: str
    contract_type: str | None
    parties: tuple[Party, ...]
    agreement_date: date | None
    effective_date: date | None
    expiration_date: date | None
    expires: Expires
    auto_renews: bool | None
    renewal_term: str | None
    notice_days: int | None
    notice_deadline: date | None
    governing_law: str | None
    signed: Signed
    modified: datetime
    source_url: str | None

    def status(self, today: date) -> Status:
        """Where the contract stands on a day, from its dates alone.

        An expired fixed term that renews by itself is unknown: the text cannot say whether somebody gave notice.
        """
        if self.effective_date and self.effective_date > today:
            return "not_yet_effective"
        if self.expires == "perpetual":
            return "active"
        if self.expiration_date is None:
            return "unknown"
        if self.expiration_date >= today:
            return "active"
        return "unknown" if self.auto_renews else "expired"


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that answered a query in the store, by the store's number for it; a higher score is better."""

    chunk: int
    document: int
    score: float


@dataclass(frozen=True, slots=True)
class Passage:
    """A stored chunk with what is needed to cite it."""

    chunk: int
    document: int
    span: Span
    heading: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A contract's own words with page and place: `text` is exactly the document's text at `span`."""

    document: Summary
    span: Span
    text: str
    heading: str | None
    page_start: int | None
    page_end: int | None
    score: float
