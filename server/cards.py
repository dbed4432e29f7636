"""A contract's card: every value with the words it was read from, and what is not known, with the reason."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date
from typing import Any, TypeVar

from index.records import Clause, Contract, Extracted, Page, Party, Renewal
from index.spans import pages_of
from index.store import Card, View
from server.shown import line, uri_of

log = logging.getLogger(__name__)
T = TypeVar("T")

_MOST_PROPERTIES, _MOST_HEADINGS = 40, 200
_FIELDS = (
    "title",
    "contract_type",
    "agreement_date",
    "effective_date",
    "expiration_date",
    "expires",
    "governing_law",
    "venue",
    "signed",
    "amends",
    "supersedes",
)
_TERMS = ("auto_renews", "term", "notice_days", "notice_deadline")


def card_of(view: View, key: int, today: date) -> dict[str, Any]:
    """The card as JSON. Every quote in it is the stored text at its offsets; one that is not stays out."""
    card = view.card(key)
    it = card.summary
    proof = _Proof(it.document_id, view.text(key), card.pages)
    return {
        "document_id": it.document_id,
        "file_name": it.file_name,
        "folder": it.folder,
        "source_url": it.source_url,
        "mime_type": card.mime_type,
        "bytes": card.size,
        "modified": it.modified.astimezone(UTC).isoformat(),
        "version": it.revision,
        "indexed_at": card.indexed_at.astimezone(UTC).isoformat(),
        "status": it.status(today),
        "status_as_of": today.isoformat(),
        "characters": card.characters,
        "pages": len(card.pages) or None,
        "text_uri": f"{uri_of(it.document_id)}/text",
        "fields": dict(_fields(card.contract, proof)),
        "unknown": dict(card.contract.unknown),
        "others": {name: [proof.of(each) for each in losers] for name, losers in card.contract.others.items()},
        "warnings": list(card.warnings),
        "scanned_pages": [
            {"page": page.number, "confidence": page.ocr_confidence} for page in card.pages if page.ocr_confidence is not None
        ],
        "printed_page_numbers": _labels(card.pages),
        "properties": _properties(card),
        "outline": _outline(card.clauses, card.pages),
    }


class _Proof:
    """Puts a value beside its quote, once the quote is found to be the text's own words."""

    def __init__(self, document_id: str, text: str, pages: Sequence[Page]) -> None:
        self._document_id, self._text, self._pages = document_id, text, pages

    def of(self, found: Extracted[T] | None, shown: Callable[[T], Any] = lambda value: value) -> dict[str, Any] | None:
        if found is None:
            return None
        span, quote, note = found.span, found.quote, found.note
        if span is not None and span.of(self._text) != quote:
            log.error("quote dropped, not the stored text: document=%s at=%s", self._document_id, span)
            span, quote, note = None, "", "the words that this was read from could not be verified"
        first, last = (pages_of(self._pages, span) if span else None) or (None, None)
        value = shown(found.value)
        return {
            "value": value.isoformat() if isinstance(value, date) else value,
            "quote": quote or None,
            "page_start": first,
            "page_end": last,
            "char_start": span.start if span else None,
            "char_end": span.end if span else None,
            "confidence": round(found.confidence, 4),
            "note": note,
        }


def _fields(contract: Contract, proof: _Proof) -> Iterator[tuple[str, Any]]:
    for name in _FIELDS:
        yield name, proof.of(getattr(contract, name))
    yield "parties", [proof.of(party, _party) for party in contract.parties]
    renewal = contract.renewal or Renewal()
    yield "renewal", {name: proof.of(getattr(renewal, name)) for name in _TERMS}
    yield "amounts", [proof.of(amount) for amount in contract.amounts]


def _party(party: Party) -> dict[str, Any]:
    return {
        "name": party.name,
        "role": party.role,
        "entity_kind": party.entity_kind,
        "jurisdiction": party.jurisdiction,
        "address": party.address,
        "former_names": list(party.former_names),
    }


def _labels(pages: Sequence[Page]) -> dict[str, str]:
    return {str(page.number): line(page.label, 20) for page in pages if page.label and page.label != str(page.number)}


def _properties(card: Card) -> Mapping[str, str]:
    return {line(name, 80): line(value, 300) for name, value in list(card.properties.items())[:_MOST_PROPERTIES]}


def _outline(clauses: Sequence[Clause], pages: Sequence[Page]) -> list[dict[str, Any]]:
    starts = [clause for clause in clauses if clause.level == 1 and clause.heading][:_MOST_HEADINGS]
    return [
        {
            "heading": line(clause.heading),
            "page": (pages_of(pages, clause.span) or (None,))[0],
            "char_start": clause.span.start,
            "char_end": clause.span.end,
        }
        for clause in starts
    ]
