"""Reads what a DOCX file only carries for Word to import when it opens it (`w:altChunk`), as web programs make them."""

from collections import Counter
from collections.abc import Callable

from index.records import Transcript
from ingest.docx_package import Package
from ingest.docx_xml import Element, R
from ingest.html import read_html
from ingest.mhtml import read_mhtml
from ingest.plain import read_plain
from ingest.rtf import read_rtf
from ingest.sniff import Kind, sniff
from ingest.source import UnreadableDocument

_READERS: dict[Kind, Callable[[bytes], Transcript]] = {
    "html": read_html,
    "mhtml": read_mhtml,
    "rtf": read_rtf,
    "text": read_plain,
}


def importer(package: Package, main: str, found: Counter[str]) -> Callable[[Element], str]:
    """What gives the text of an import by its element; one that can't be read is empty, and counted as `unread`."""
    targets = {relation.id: relation.target for relation in package.relations(main) if relation.kind == "aFChunk"}

    def text(element: Element) -> str:
        target = targets.pop(element.get(R + "id", ""), "")
        data = package.part(target)
        reader = None if data is None else _READERS.get(sniff(data, target))
        try:
            if reader and data is not None:
                return reader(data).text
        except UnreadableDocument:
            pass  # it is counted like one of another kind
        found["unread"] += 1
        return ""

    return text
