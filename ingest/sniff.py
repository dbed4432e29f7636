"""Tells what a file is by its bytes; its name only decides where the bytes leave it open."""

import re
import zipfile
from pathlib import PurePath
from typing import Literal

from ingest.plain import decode
from ingest.zips import inflate, open_zip

Kind = Literal[
    "pdf", "docx", "doc", "odt", "rtf", "html", "mhtml", "text", "image", "wordperfect", "flatodt", "wordxml",
    "empty", "protected", "spreadsheet", "presentation", "email", "archive", "media", "pages", "unknown",
]  # fmt: skip

_HEAD = 1 << 16
_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image"), (b"\xff\xd8\xff", "image"), (b"II*\0", "image"), (b"MM\0*", "image"),
    (b"\xffWPC", "wordperfect"), (b"Rar!\x1a", "archive"), (b"7z\xbc\xaf\x27\x1c", "archive"), (b"\x1f\x8b", "archive"),
    (b"ID3\x03", "media"), (b"ID3\x04", "media"), (b"OggS\0", "media"), (b"fLaC\0", "media"), (b"\xff\xfb", "media"),
    (b"\x1aE\xdf\xa3", "media"), (b"GIF89a", "media"), (b"GIF87a", "media"), (b"\x7fELF", "unknown"), (b"MZ\x90\0", "unknown"),
)  # fmt: skip
_BOXES = {b"ftypM4A ", b"ftypisom", b"ftypmp42", b"ftypqt  "}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS: tuple[tuple[str, Kind], ...] = (
    ("EncryptedPackage", "protected"), ("__properties_version1.0", "email"), ("WordDocument", "doc"),
    ("Workbook", "spreadsheet"), ("Book", "spreadsheet"), ("PowerPoint Document", "presentation"),
)  # fmt: skip
_MAIN_PARTS: tuple[tuple[str, Kind], ...] = (
    ("word/", "docx"), ("xl/", "spreadsheet"), ("ppt/", "presentation"), ("index/document.iwa", "pages"), ("index.zip", "pages"),
)  # fmt: skip
_OPEN_DOCUMENTS: dict[str, Kind] = {"text": "odt", "spreadsheet": "spreadsheet", "presentation": "presentation"}
_MAIL = re.compile(rb"(?im)^(received|message-id|mime-version|return-path|delivered-to|x-mailer):")
_ADDRESSED = re.compile(rb"(?im)^(to|received):")
_HEADERS = re.compile(rb"(?:[A-Za-z][A-Za-z0-9-]{0,60}:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*){2,}")
_HTML_START = re.compile(r"(?is)(?>\s+|<\?xml[^>]*>|<!--.*?-->)*+<(?:!doctype\s+html|html|head|body|meta|title)\b")
_HTML_TAG = re.compile(r"(?i)</(?:p|div|td|table|font|span|body|html|b|h[1-6])\s*>|<br\s*/?>")
_EDGAR = re.compile(r"(?is)\s*(?:<SEC-DOCUMENT>|<DOCUMENT>|-----BEGIN PRIVACY-ENHANCED MESSAGE).{0,60000}?<html\b")
_WORD_XML = re.compile(r'(?is)\s*<\?xml.{0,400}(?:<\?mso-application progid="Word|<pkg:package\b|<w:wordDocument\b)')
_FLAT_ODT = re.compile(r"(?is)\s*<\?xml.{0,4000}<office:document\b")
_HTML_NAMES = {".htm", ".html", ".xhtml"}
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")


def sniff(data: bytes, name: str) -> Kind:
    """What a file's bytes are. Raises UnreadableDocument where it is an archive that is damaged or a bomb."""
    head = data[:_HEAD]
    if head.startswith(_OLE):
        return _ole(data)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(data)
    return _by_magic(head) or ("empty" if not data.strip(b"\0 \t\r\n") else _written(head, PurePath(name).suffix.lower()))


def _by_magic(head: bytes) -> Kind | None:
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head[4:12] in _BOXES or (head.startswith(b"RIFF") and head[8:12] in {b"WAVE", b"AVI "}):
        return "media"
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)


def _ole(data: bytes) -> Kind:
    """The kind of a compound file, by the streams that its directory names ([MS-CFB] 2.6: entries of 128 bytes)."""
    for stream, kind in _OLE_STREAMS:
        entry = ole_entry(data, stream)
        if entry is not None:
            return "protected" if kind == "doc" and _encrypted_doc(data, entry) else kind
    return "unknown"


def ole_entry(data: bytes, stream: str) -> int | None:
    """Where in a compound file the directory entry of a stream stands."""
    wanted = stream.encode("utf-16-le")
    length = (len(wanted) + 2).to_bytes(2, "little")
    at = data.find(wanted)
    while at >= 0:
        if at % 128 == 0 and data[at + 64 : at + 66] == length:
            return at
        at = data.find(wanted, at + 1)
    return None


def _encrypted_doc(data: bytes, entry: int) -> bool:
    """Whether the file information block at the head of the Word stream says so ([MS-DOC] 2.5.2, fEncrypted)."""
    sector = 1 << min(int.from_bytes(data[30:32], "little"), 12)
    start = (int.from_bytes(data[entry + 116 : entry + 120], "little") + 1) * sector
    block = data[start : start + 12]
    return block[:2] == b"\xec\xa5" and bool(block[11] & 0x01)


def _zip(data: bytes) -> Kind:
    archive = open_zip(data)
    names = {name.replace("\\", "/").lstrip("/").lower() for name in archive.namelist()}
    if "mimetype" in names and "content.xml" in names:
        return _open_document(archive)
    for part, kind in _MAIN_PARTS:
        if any(name.startswith(part) for name in names):
            return kind
    return "archive"


def _open_document(archive: zipfile.ZipFile) -> Kind:
    declared = (inflate(archive, "mimetype", 1 << 10) or b"").decode("ascii", "replace")
    if b"encryption-data" in (inflate(archive, "META-INF/manifest.xml", 1 << 24) or b""):
        return "protected"
    for word, kind in _OPEN_DOCUMENTS.items():
        if declared.startswith(f"application/vnd.oasis.opendocument.{word}"):
            return kind
    return "archive"


def _written(head: bytes, suffix: str) -> Kind:
    """The kind of a file that may be text of some sort."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{\\rtf"):
        return "rtf"
    if mail := _mail(head, suffix):
        return mail
    text = decode(head)
    if markup := _markup(text, suffix):
        return markup
    return "text" if len(_CONTROLS.findall(text)) * 50 <= len(text) else "unknown"


def _mail(head: bytes, suffix: str) -> Kind | None:
    headers = _HEADERS.match(head.lstrip())
    if not headers:
        return None
    if b"multipart/related" in headers[0].lower() and not _ADDRESSED.search(headers[0]):
        return "mhtml"
    return "email" if suffix == ".eml" or _MAIL.search(headers[0]) else None


def _markup(text: str, suffix: str) -> Kind | None:
    if _FLAT_ODT.match(text):
        return "flatodt"
    if _WORD_XML.match(text):
        return "wordxml"
    if _HTML_START.match(text) or _EDGAR.match(text):
        return "html"
    tags = len(_HTML_TAG.findall(text))
    return "html" if tags >= 5 or (tags > 0 and suffix in _HTML_NAMES) else None
