"""Read a PDF: its text page by page, what is furniture on the pages, and what the file says of itself."""

import pypdfium2 as pdfium2

from index.records import Transcript
from ingest.ocr import Ocr
from ingest.pdf_lines import Line, lines
from ingest.pdf_order import in_reading_order
from ingest.pdf_text import compose
from ingest.source import UnreadableDocument

_MOST_PAGES = 5_000
_MOST_CHARACTERS = 20_000_000


def read_pdf(data: bytes, ocr: Ocr | None) -> Transcript:
    """Read a PDF's text. Raises UnreadableDocument, with the reason, where there is none to be had."""
    document = _open(data)
    try:
        pages = _pages(document)
    finally:
        document.close()
    if not any(pages):
        raise UnreadableDocument("no page of this PDF has text: it is a scan")
    composed = compose(pages, [None] * len(pages))
    return Transcript(composed.text, composed.pages, composed.furniture)


def _open(data: bytes) -> pdfium2.PdfDocument:
    if not data.strip(b"\x00\r\n\t "):
        raise UnreadableDocument("the file is empty (no bytes): ask for it again where it came from")
    try:
        return pdfium2.PdfDocument(data)
    except pdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableDocument("the PDF is encrypted and needs a password: save it without one") from None
        raise UnreadableDocument("the PDF is damaged and can't be opened: save it anew from where it came") from None


def _pages(document: pdfium2.PdfDocument) -> list[list[Line]]:
    if not len(document):
        raise UnreadableDocument("the PDF has no pages")
    if len(document) > _MOST_PAGES:
        raise UnreadableDocument(f"the PDF has {len(document):,} pages, more than the {_MOST_PAGES:,} that are read: split it")
    pages = []
    room = _MOST_CHARACTERS
    for number in range(len(document)):
        page = document[number]
        pages.append(in_reading_order(lines(page)))
        page.close()
        room -= sum(len(line.text) for line in pages[-1])
        if room < 0:
            raise UnreadableDocument(f"the PDF holds more than {_MOST_CHARACTERS:,} characters: split it")
    return pages
