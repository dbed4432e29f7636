"""Brings a document's bytes: in pieces that are resumed and checked, or as an export where it is one of Google's own."""

import hashlib
import re
from collections.abc import Callable, Mapping
from functools import partial

from ingest.drive_records import DOCUMENT, Item
from ingest.google_client import Body, GoogleClient
from ingest.google_faults import Interrupted, Refused
from ingest.source import FetchFailed, Skipped

_PIECE = 8 << 20
# What arrives damaged is asked for once more from its beginning; twice damaged, it is not the way's fault.
_TRIES = 3
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_PDF = "application/pdf"
_NEVER = {
    "fileNotDownloadable": "can't be downloaded: Drive says it has no content",
    "cannotDownloadAbusiveFile": "is held by Google for malware or spam and is not downloaded",
}
_TOO_LARGE = {"exportSizeLimitExceeded"}


def bring(client: GoogleClient, item: Item, max_bytes: int) -> bytes:
    """The bytes of a document. Raises FetchFailed, or Skipped where they are not to be had as long as it stays as it is."""
    try:
        return _export(client, item, max_bytes) if item.mime == DOCUMENT else _download(client, item, max_bytes)
    except Interrupted as error:
        raise FetchFailed(str(error)) from error
    except Refused as error:
        if error.reason in _NEVER:
            raise Skipped(_NEVER[error.reason]) from error
        if error.status == 404:
            raise FetchFailed("was gone from Drive, or from the account's sight, when it was fetched") from error
        raise FetchFailed(str(error)) from error


def _download(client: GoogleClient, item: Item, max_bytes: int) -> bytes:
    wrong = ""
    for _ in range(_TRIES):
        data = _in_pieces(client, item, max_bytes)
        wrong = _what_is_wrong(data, item)
        if not wrong:
            return data
    raise FetchFailed(f"arrived {_TRIES} times other than Drive lists it ({wrong}): it may be changing right now")


def _in_pieces(client: GoogleClient, item: Item, max_bytes: int) -> bytes:
    data = bytearray()
    while not data or len(data) < item.size:
        piece = client.body(
            lambda drive: drive.files().get_media(fileId=item.id, supportsAllDrives=True),
            {"range": f"bytes={len(data)}-{len(data) + _PIECE - 1}", **_key(item)},
        )
        if piece.status == 416:
            break
        if not _append(data, piece):
            break
        if len(data) > max_bytes:
            raise Skipped(
                f"is larger than Drive lists it, over the limit of {max_bytes >> 20} MB: raise MUNIMENT_READING__MAX_MB"
            )
    return bytes(data)


def _append(data: bytearray, piece: Body) -> bool:
    """Put a piece where it belongs; whether there is sense in asking for more."""
    if piece.status == 200:  # all of it, whatever piece was asked for
        data[:] = piece.content
        return False
    told = _RANGE.match(piece.headers.get("content-range", ""))
    if not told or int(told[1]) != len(data) or not piece.content:
        return False
    data += piece.content
    return True


def _what_is_wrong(data: bytes, item: Item) -> str:
    if item.size and len(data) != item.size:
        return f"{len(data)} bytes of {item.size}"
    # Drive's own checksums against damage on the way, not against anybody.
    if item.md5 and hashlib.md5(data, usedforsecurity=False).hexdigest() != item.md5.lower():
        return "another MD5 checksum"
    if item.sha256 and hashlib.sha256(data).hexdigest() != item.sha256.lower():
        return "another SHA-256 checksum"
    return ""


def _export(client: GoogleClient, item: Item, max_bytes: int) -> bytes:
    """As DOCX; what is too large for that by its export link, which has no such limit; as PDF; else Skipped says why."""
    links: Mapping[str, str] | None = None
    silence: Interrupted | None = None
    for mime in (_DOCX, _PDF):
        data = _unless_too_large(partial(_exported, client, item, mime))
        if data is None:
            links = _links(client, item) if links is None else links
            try:
                data = _linked(client, links.get(mime))
            except Interrupted as error:  # links lead to other hosts, which not every network lets us reach
                silence = error
        if data is not None:
            return _bounded(data, mime, max_bytes)
    if silence:
        raise silence
    raise Skipped("is larger than Drive exports, as DOCX and as PDF: split it, or save it in Drive as a PDF")


def _bounded(data: bytes, mime: str, max_bytes: int) -> bytes:
    if len(data) > max_bytes:
        raise Skipped(
            f"is {len(data) >> 20} MB as {mime}, over the limit of {max_bytes >> 20} MB: raise MUNIMENT_READING__MAX_MB"
        )
    return data


def _exported(client: GoogleClient, item: Item, mime: str) -> bytes:
    return client.body(lambda drive: drive.files().export_media(fileId=item.id, mimeType=mime), _key(item)).content


def _links(client: GoogleClient, item: Item) -> Mapping[str, str]:
    told = client.ask(
        lambda drive: drive.files().get(fileId=item.id, supportsAllDrives=True, fields="exportLinks"),
        key=f"{item.id}/{item.key}" if item.key else None,
    )
    return {str(mime): str(link) for mime, link in (told.get("exportLinks") or {}).items()}


def _linked(client: GoogleClient, link: str | None) -> bytes | None:
    if link is None or not client.is_ours(link):
        return None
    return _unless_too_large(lambda: client.body(lambda _: link).content)


def _unless_too_large(ask: Callable[[], bytes]) -> bytes | None:
    try:
        return ask()
    except Refused as error:
        if error.reason in _TOO_LARGE:
            return None
        raise


def _key(item: Item) -> dict[str, str]:
    return {"X-Goog-Drive-Resource-Keys": f"{item.id}/{item.key}"} if item.key else {}
