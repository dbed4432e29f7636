"""How records lie in the catalogue: JSON for what is read whole, columns for what is filtered, sorted or listed."""

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

from index.records import Clause, Contract, Extracted, File, Page, Party, Span, Summary

T = TypeVar("T")

# So many characters of a text lie in one part: a citation reads one part or two, however long the contract is.
PART = 16_384


class Form(Generic[T]):
    """A record as compressed JSON."""

    def __init__(self, adapter: TypeAdapter[T]) -> None:
        self._adapter = adapter

    def pack(self, value: T) -> bytes:
        """The record as bytes."""
        return zlib.compress(self._adapter.dump_json(value), 1)

    def unpack(self, data: bytes) -> T:
        """The record that was packed."""
        return self._adapter.validate_json(zlib.decompress(data))


CONTRACT = Form(TypeAdapter(Contract))
CLAUSES = Form(TypeAdapter(tuple[Clause, ...]))
PAGES = Form(TypeAdapter(tuple[Page, ...]))
FURNITURE = Form(TypeAdapter(tuple[Span, ...]))
PROPERTIES = Form(TypeAdapter(dict[str, str]))
WARNINGS = Form(TypeAdapter(tuple[str, ...]))
_PARTIES = TypeAdapter(tuple[Party, ...])


def text_parts(text: str) -> Iterator[tuple[int, bytes]]:
    """A text cut into numbered, compressed parts of PART characters."""
    for number, start in enumerate(range(0, len(text), PART)):
        yield number, zlib.compress(text[start : start + PART].encode(), 1)


def joined(parts: Iterable[bytes]) -> str:
    """What `text_parts` cut."""
    return "".join(zlib.decompress(part).decode() for part in parts)


def moment(value: datetime) -> str:
    """A time as UTC in a form that sorts; a time without a zone is taken to be UTC."""
    zoned = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return zoned.replace(tzinfo=None).isoformat(timespec="microseconds")


def moment_of(stored: str) -> datetime:
    """The time that `moment` wrote."""
    return datetime.fromisoformat(stored).replace(tzinfo=UTC)


def file_columns(file: File) -> dict[str, Any]:
    """What a listing says of a file."""
    return {
        "version": file.version,
        "name": file.name,
        "folder": file.folder,
        "mime_type": file.mime_type,
        "size": file.size,
        "modified": moment(file.modified),
        "url": file.url,
    }


def file_of(row: sqlite3.Row, readers: frozenset[str]) -> File:
    """The file of a row of documents."""
    return File(
        row["document_id"],
        row["version"],
        row["name"],
        row["folder"],
        row["mime_type"],
        row["size"],
        moment_of(row["modified"]),
        row["url"],
        readers,
    )


def _value(extracted: Extracted[T] | None) -> T | None:
    return extracted.value if extracted else None


def _day(extracted: Extracted[date] | None) -> str | None:
    return extracted.value.isoformat() if extracted else None


def contract_columns(contract: Contract) -> dict[str, Any]:
    """What lists and filters need of a contract."""
    renewal = contract.renewal
    return {
        "title": _value(contract.title),
        "contract_type": _value(contract.contract_type),
        "parties": _PARTIES.dump_json(tuple(party.value for party in contract.parties)).decode(),
        "agreement_date": _day(contract.agreement_date),
        "effective_date": _day(contract.effective_date),
        "expiration_date": _day(contract.expiration_date),
        "expires": _value(contract.expires) or ("fixed" if contract.expiration_date else "unknown"),
        "auto_renews": _value(renewal.auto_renews) if renewal else None,
        "renewal_term": _value(renewal.term) if renewal else None,
        "notice_days": _value(renewal.notice_days) if renewal else None,
        "notice_deadline": _day(renewal.notice_deadline) if renewal else None,
        "governing_law": _value(contract.governing_law),
        "signed": _value(contract.signed) or "unknown",
    }


def _day_of(stored: str | None) -> date | None:
    return date.fromisoformat(stored) if stored else None


def summary_of(row: sqlite3.Row) -> Summary:
    """The summary of a row of documents."""
    return Summary(
        key=row["key"],
        document_id=row["document_id"],
        revision=row["revision"],
        title=row["title"],
        file_name=row["name"],
        folder=row["folder"],
        contract_type=row["contract_type"],
        parties=_PARTIES.validate_json(row["parties"]),
        agreement_date=_day_of(row["agreement_date"]),
        effective_date=_day_of(row["effective_date"]),
        expiration_date=_day_of(row["expiration_date"]),
        expires=row["expires"],
        auto_renews=None if row["auto_renews"] is None else bool(row["auto_renews"]),
        renewal_term=row["renewal_term"],
        notice_days=row["notice_days"],
        notice_deadline=_day_of(row["notice_deadline"]),
        governing_law=row["governing_law"],
        signed=row["signed"],
        modified=moment_of(row["modified"]),
        source_url=row["url"],
    )


def counts_json(counts: Mapping[str, int]) -> str:
    """Counts of a run as JSON."""
    return json.dumps(dict(counts), sort_keys=True)
