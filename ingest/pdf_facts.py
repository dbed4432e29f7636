"""Read with pypdf what a PDF says of itself: document information, outline, form fields and signature fields."""

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from itertools import islice
from typing import Any, TypeVar

from pypdf import PdfReader

_LONGEST = 2_000
_LONGEST_LIST = 20_000
_MOST_FIELDS = 5_000
_KNOWN = {"title": "/Title", "author": "/Author", "subject": "/Subject", "keywords": "/Keywords"}
_MADE_BY = {"creator": "/Creator", "producer": "/Producer"}
# A common name in a certificate: its object identifier, then a string of under 128 bytes.
_COMMON_NAME = re.compile(rb"\x06\x03\x55\x04\x03[\x0c\x13\x14\x1e](.)", re.DOTALL)
_PDF_DATE = re.compile(r"D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:([+-])(\d\d)'?(\d\d)|Z)?")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Filled:
    """What somebody typed into a form field, or without a `name` onto the page itself (from 1)."""

    page: int
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a PDF says of itself; empty where it says nothing, or where pypdf can't make it out."""

    properties: Mapping[str, str] = field(default_factory=dict)
    filled: tuple[Filled, ...] = ()


def read_facts(data: bytes, *, typed: bool) -> Facts:
    """Read a PDF's own account of itself, and where something was `typed` into it, that too.

    A part that is malformed is left out; the text does not depend on it.
    """
    reader = attempt(lambda: opened(data))
    if reader is None:
        return Facts()
    properties = {name: value[:_LONGEST] for name, value in (attempt(lambda: dict(_information(reader))) or {}).items()}
    fields = attempt(reader.get_fields) or {}
    lists = {
        "outline": attempt(lambda: "\n".join(_outline(reader.outline, 0))),
        "signature_fields": attempt(lambda: "\n".join(_signatures(fields))),
    }
    properties |= {name: value[:_LONGEST_LIST] for name, value in lists.items() if value}
    filled = attempt(lambda: tuple(islice(_filled(reader), _MOST_FIELDS))) if typed else None
    return Facts(properties, filled or ())


def opened(data: bytes) -> PdfReader:
    """A document in pypdf, with the empty password where it is encrypted. Raises what pypdf raises."""
    # Its warnings quote the document, which no log may do.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = PdfReader(BytesIO(data))
    if reader.is_encrypted:
        reader.decrypt("")
    return reader


def attempt(read: Callable[[], T]) -> T | None:
    """What `read` gives, or None where it fails in any way that malformed objects lead to."""
    try:
        return read()
    except Exception:  # noqa: BLE001 - pypdf raises what a malformed object leads to, of any kind
        return None


def _information(reader: PdfReader) -> Iterator[tuple[str, str]]:
    information = reader.metadata
    if information is None:
        return
    for name, key in (_KNOWN | _MADE_BY).items():
        if text := str(information.get(key) or "").replace("\x00", "").strip():
            yield name, text
    for name, key in (("created", "/CreationDate"), ("modified", "/ModDate")):
        if moment := attempt(lambda key=key: _moment(str(information.get(key) or ""))):  # type: ignore[misc]
            yield name, moment


def _moment(text: str) -> str | None:
    """A PDF's date in ISO 8601, with its offset from UTC where it has one."""
    match = _PDF_DATE.match(text)
    if not match:
        return None
    year, month, day, hour, minute, second, sign, hours, minutes = match.groups()
    offset = f"{sign}{hours}:{minutes}" if sign else "+00:00" if match.group().endswith("Z") else ""
    return datetime.fromisoformat(f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}{offset}").isoformat()


def _outline(entries: Any, depth: int) -> Iterator[str]:
    for entry in entries:
        if isinstance(entry, list):
            yield from _outline(entry, depth + 1)
        else:
            yield "  " * depth + " ".join(str(entry.title).split())


def _signatures(fields: Mapping[str, Any]) -> Iterator[str]:
    """A line for each signature field: "Buyer: signed by Anna Berg at 2024-03-01T10:00:00+01:00", or "Buyer: unsigned"."""
    for name, found in fields.items():
        if found.get("/FT") == "/Sig":
            value = found.get("/V")
            signature = value.get_object() if value is not None else None
            yield f"{name}: {_signed(signature) if signature else 'unsigned'}"


def _signed(signature: Any) -> str:
    contents = getattr(signature.get("/Contents"), "original_bytes", b"")
    who = str(signature.get("/Name") or "") or _signer(contents) or "somebody unnamed"
    when = attempt(lambda: _moment(str(signature.get("/M") or "")))
    return f"signed by {who}" + (f" at {when}" if when else "")


def _signer(contents: bytes) -> str | None:
    """The name in the signer's certificate: of all common names in a signature, the first that names no issuer.

    Issuers are named in each certificate they issued, and in their own. The signature itself is not verified.
    """
    names = []
    for match in _COMMON_NAME.finditer(contents):
        raw = contents[match.end() : match.end() + match.group(1)[0]]
        names.append(raw.decode("utf-16-be" if contents[match.start() + 5] == 0x1E else "utf-8", "replace"))
    times = Counter(names)
    return min(names, key=lambda name: times[name], default=None)


def _filled(reader: PdfReader) -> Iterator[Filled]:
    for number, page in enumerate(reader.pages, start=1):
        for annotation in page.get("/Annots") or ():
            note = annotation.get_object()
            if note.get("/Subtype") == "/FreeText" and (typed := str(note.get("/Contents") or "").strip()):
                yield Filled(number, "", typed)
            elif note.get("/Subtype") == "/Widget" and (value := _value(note)):
                yield Filled(number, str(_inherited(note, "/TU") or _inherited(note, "/T") or "field"), value)


def _value(widget: Any) -> str:
    """What was typed or chosen; a box that is ticked, a button and a signature have none that reads as words."""
    value = _inherited(widget, "/V")
    if value is None or _inherited(widget, "/FT") not in {"/Tx", "/Ch"}:
        return ""
    return " ".join(str(part) for part in value) if isinstance(value, list) else str(value).strip()


def _inherited(widget: Any, key: str) -> Any:
    for _ in range(8):
        if key in widget:
            return widget[key].get_object()
        if "/Parent" not in widget:
            return None
        widget = widget["/Parent"].get_object()
    return None
