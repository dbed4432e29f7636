"""Reads web pages, and filings that are web pages."""

import re
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from index.records import Transcript
from ingest.breaks import joined
from ingest.html_css import Element, Sheet, read_sheet
from ingest.html_flow import Writer
from ingest.plain import NO_TEXT, clean, decode, tidy
from ingest.source import UnreadableDocument

_MAX_PROPERTY = 1_000
_DECLARED = re.compile(rb"""(?i)<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?([\w.:-]{1,40})""")
# EDGAR wraps each page in lines of its own, and files pictures as text behind it.
_SGML = re.compile(r"(?im)^<(?:TYPE|SEQUENCE|FILENAME|DESCRIPTION)>.*$")
_STYLING = re.compile(r"(?i)</?(?:font|b|i|u|big|small|strong|em|tt|nobr)(?:\s[^<>]*)?>")
_UUENCODED = re.compile(r"\nbegin \d{3} [^\n]{1,200}\n(?:M[^\n]{60,62}\n)*+(?:[^\n]{0,62}\n){0,3}?end(?=\s)")


def read_html(data: bytes) -> Transcript:
    """Read a web page. Raises UnreadableDocument where it shows no words."""
    declared = _DECLARED.search(data[:8192])
    return shown(decode(data, declared[1].decode("ascii") if declared else None))


def shown(page: str) -> Transcript:
    """What a browser would show of a page, as a transcript."""
    root = _parsed(_UUENCODED.sub("", _SGML.sub("", page.replace("\0", "").replace("\f", " "))))
    sheet = read_sheet(root)
    writer = Writer(sheet)
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            writer.start(element)
        else:
            writer.end(element)
    parts = [tidy("\n\n".join(blocks)) for blocks in writer.finish()]
    if not parts:
        raise UnreadableDocument(NO_TEXT)
    transcript = joined(parts, numbered_only=True)
    return replace(transcript, properties=dict(_properties(root)), warnings=tuple(_warnings(writer, sheet)))


def _parsed(page: str) -> Element:
    # libxml2 drops all that comes after the 2,048th open element; those that filings leave open by the thousand only style words.
    root = _whole(page)
    if root is None:
        root = _whole(_STYLING.sub("", page))
    if root is None:
        raise UnreadableDocument("is nested too deeply to be read: open it in a browser and print it as PDF")
    return root


def _whole(page: str) -> Element | None:
    """The root of a page, or `None` where the parser gave up before its end."""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = etree.fromstring(page.encode("utf-8", "replace"), parser)
    except etree.ParserError as error:
        raise UnreadableDocument(NO_TEXT) from error
    if root is None:
        raise UnreadableDocument(NO_TEXT)
    return None if parser.error_log.filter_from_fatals() else root


def _properties(root: Element) -> Iterator[tuple[str, str]]:
    title = root.find(".//title")
    if title is not None and (words := clean(" ".join((title.text or "").split()))):
        yield "title", words[:_MAX_PROPERTY]
    for meta in root.iter("meta"):
        name, words = meta.get("name", "").lower(), clean(meta.get("content", "")).strip()
        if name in {"author", "generator"} and words:
            yield {"author": "author", "generator": "producer"}[name], words[:_MAX_PROPERTY]


def _warnings(writer: Writer, sheet: Sheet) -> Iterator[str]:
    if writer.deleted:
        yield f"has passages marked as deleted ({writer.deleted}), which were left out"
    if sheet.counts and writer.items:
        yield "has lists that the page's own style numbers: their numbers may differ from those here; save it as PDF to have them"
    if writer.struck:
        yield f"has passages that are struck through ({writer.struck}), which are part of the text"
