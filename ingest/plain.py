"""Reads plain text files, and holds what is a character worth keeping."""

import codecs
import re

from charset_normalizer import from_bytes

from index.records import Transcript
from ingest.breaks import joined, split
from ingest.source import UnreadableDocument

NO_TEXT = "holds no text: look whether it was saved empty"
_SAMPLE = 1 << 16
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Controls, soft hyphens and characters of no width say nothing and would break words for a search.
_DROPPED = (
    *range(9),
    0x0B,
    *range(0x0E, 0x20),
    *range(0x7F, 0xA0),
    0xAD,
    0x200B,
    *range(0x200E, 0x2010),
    0x2060,
    0xFEFF,
    0xFFFE,
    0xFFFF,
)
_SPACES = (0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)
_CHARACTERS: dict[int, str | None] = (
    dict.fromkeys(_DROPPED) | dict.fromkeys(_SPACES, " ") | {0x2011: "-", 0x2028: "\n", 0x2029: "\n"}
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_END = re.compile(r"\r\n?|\x85")
_BLANKS = re.compile(r"\n{3,}")

# Filings of the 1990s are plain text with a few tags of their own (EDGAR Filer Manual, 5.2.1.3).
_EDGAR_PAGE = re.compile(r"(?im)^[ \t]*<PAGE>[ \t]*\d*[ \t]*$")
_EDGAR_TAG = re.compile(
    r"(?im)^[ \t]*</?(?:TABLE|CAPTION|TEXT|DOCUMENT|FN)>[ \t]*$|<(?:S|C|F\d{1,2})>|^<(?:TYPE|SEQUENCE|FILENAME|DESCRIPTION)>.*$"
)


def clean(text: str) -> str:
    """The same words with one kind of space, hyphen and line end, and without characters that print nothing."""
    return _SURROGATE.sub("\ufffd", _LINE_END.sub("\n", text).translate(_CHARACTERS))


def tidy(text: str) -> str:
    """Clean text without white space at the ends of lines and with one blank line at most."""
    lines = (line.rstrip(" \t") for line in clean(text).split("\n"))
    return _BLANKS.sub("\n\n", "\n".join(lines)).strip("\n")


def decode(data: bytes, declared: str | None = None) -> str:
    """Bytes as text: by their mark, as UTF-8, as declared, or as they most likely are."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data.decode(name, "replace")
    if (wide := _wide(data)) is not None:
        return data.decode(wide, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        # One broken character, or a file cut in the middle of one, makes no other encoding likely.
        if error.start > _SAMPLE or (error.end >= len(data) - 3 and error.start > 64):
            return data.decode("utf-8", "replace")
    return data.decode(_encoding(declared) or _likely(data), "replace")


def read_plain(data: bytes) -> Transcript:
    """Read a text file; form feeds part its pages. Raises UnreadableDocument where there are no words."""
    text = decode(data)
    if _EDGAR_PAGE.search(text):
        text = _EDGAR_PAGE.sub("\f", _EDGAR_TAG.sub("", text))
    return paged(text)


def paged(text: str) -> Transcript:
    """A transcript of text whose pages are parted by form feeds."""
    parts = [tidy(part) for part in split(text)]
    if not parts:
        raise UnreadableDocument(NO_TEXT)
    return joined(parts)


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: half of the bytes of Western words in it are zero, all on one side."""
    sample = data[:_SAMPLE]
    zeros = sample.count(0)
    if zeros * 4 < len(sample) or not zeros:
        return None
    return "utf-16-be" if sample[::2].count(0) > sample[1::2].count(0) else "utf-16-le"


def _encoding(name: str | None) -> str | None:
    try:
        found = codecs.lookup(name or "").name
    except (LookupError, ValueError):
        return None
    # What pages declare as Latin-1 is Windows' own, as every browser reads it (WHATWG Encoding, 4.2).
    return "cp1252" if found in {"iso8859-1", "ascii"} else found


def _likely(data: bytes) -> str:
    try:
        data.decode("cp1252")
        western = True
    except UnicodeDecodeError:
        western = False
    # Quotes, dashes and section signs alone make Windows' Western encoding far the likeliest for a contract.
    if western and not re.search(rb"[\x80-\xff]{3}", data[: 4 * _SAMPLE]):
        return "cp1252"
    best = from_bytes(data[: 4 * _SAMPLE]).best()
    return best.encoding if best else "cp1252"
