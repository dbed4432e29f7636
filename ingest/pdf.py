"""Read a PDF: its text page by page, what on its pages is furniture, and what the file says of itself."""

from collections.abc import Iterable, Iterator, Sequence

import pypdfium2 as pdfium2
import pypdfium2.raw as pdfium

from index.records import Transcript
from ingest.ocr import Ocr
from ingest.pdf_facts import Filled, read_facts
from ingest.pdf_lines import Line, Word
from ingest.pdf_pages import PageRead, read_page
from ingest.pdf_second import second_opinion
from ingest.pdf_text import compose
from ingest.pdf_warnings import INSTALL, page_warnings
from ingest.source import UnreadableDocument

_MOST_PAGES = 5_000
_MOST_CHARACTERS = 20_000_000
_XFA = {pdfium.FORMTYPE_XFA_FULL, pdfium.FORMTYPE_XFA_FOREGROUND}


def read_pdf(data: bytes, ocr: Ocr | None) -> Transcript:
    """Read a PDF. Raises UnreadableDocument, with the reason and a remedy, where there is no text to be had.

    Pages without text are read by `ocr`, where there is one. What concerns only some pages is among the warnings.
    """
    if not data.strip(b"\x00\r\n\t "):
        raise UnreadableDocument("is empty: look whether its upload was cut off")
    pages, notes = _pages(data, ocr)
    _require_text(pages, ocr)
    facts = read_facts(data, typed=any(page.typed for page in pages))
    lines = [_with_fields(page.lines, number, facts.filled) for number, page in enumerate(pages, start=1)]
    composed = compose(lines, [page.confidence for page in pages])
    warnings = (*page_warnings(pages, ocr.name if ocr else None), *notes)
    return Transcript(composed.text, composed.pages, composed.furniture, facts.properties, warnings)


def _pages(data: bytes, ocr: Ocr | None) -> tuple[list[PageRead], list[str]]:
    """What each page gave, and what is to be said of the whole file."""
    try:
        document = pdfium2.PdfDocument(data)
    except pdfium2.PdfiumError as error:
        return _unopened(data, str(error)), []
    try:
        _bound_pages(len(document))
        notes = list(_notes(document))
        pages = list(_bounded(read_page(document, index, ocr) for index in range(len(document))))
    finally:
        document.close()
    if any("failed" in page.troubles for page in pages):
        others = second_opinion(data, _MOST_PAGES)
        pages = [_or_else(page, others[at] if at < len(others) else []) for at, page in enumerate(pages)]
    return pages, notes


def _unopened(data: bytes, reason: str) -> list[PageRead]:
    """The pages of a document that pdfium can't open, by the second opinion."""
    if "password" in reason.lower():
        raise UnreadableDocument("is encrypted and needs a password: save it without one")
    if "security" in reason.lower():
        raise UnreadableDocument("is encrypted in a way that can't be opened here: print it to PDF in the program that can")
    pages = [PageRead(lines, troubles=frozenset({"second"})) for lines in second_opinion(data, _MOST_PAGES)]
    if not any(page.lines for page in pages):
        raise UnreadableDocument("is damaged and can't be opened: get it anew from where it came")
    return pages


def _or_else(page: PageRead, other: Sequence[Line]) -> PageRead:
    return PageRead(other, troubles=frozenset({"second"})) if "failed" in page.troubles and other else page


def _notes(document: pdfium2.PdfDocument) -> Iterator[str]:
    if count := pdfium.FPDFDoc_GetAttachmentCount(document.raw):
        yield f"{count} attached file{'s were' if count > 1 else ' was'} not read: save what is attached as files of their own"
    if document.get_formtype() in _XFA:
        yield "is an XFA form, whose words may show only in Adobe Reader: print it to PDF if some are missing"


def _bound_pages(count: int) -> None:
    if not count:
        raise UnreadableDocument("has no pages: look whether its upload was cut off")
    if count > _MOST_PAGES:
        raise UnreadableDocument(f"has {count:,} pages, more than the {_MOST_PAGES:,} that are read: split it")


def _bounded(pages: Iterable[PageRead]) -> Iterator[PageRead]:
    room = _MOST_CHARACTERS
    for page in pages:
        room -= sum(len(word.text) + 1 for line in page.lines for word in line.words)
        if room < 0:
            raise UnreadableDocument(f"has more than {_MOST_CHARACTERS:,} characters: split it")
        yield page


def _require_text(pages: Sequence[PageRead], ocr: Ocr | None) -> None:
    """Raise where no page has words but those that are stamped on pictures."""
    if any(page.lines and not page.troubles & {"picture", "failed"} for page in pages):
        return
    if any("picture" in page.troubles for page in pages):
        raise UnreadableDocument(f"is a scan, and {INSTALL}")
    if any("failed" in page.troubles for page in pages):
        raise UnreadableDocument("is damaged, and none of its pages can be read: get it anew from where it came")
    if any("wordless" in page.troubles for page in pages):
        raise UnreadableDocument("is a scan in which no words were found: look whether it is the right file, or scan it anew")
    raise UnreadableDocument("has no words on any page: look whether it is the right file")


def _with_fields(lines: Sequence[Line], number: int, filled: Iterable[Filled]) -> list[Line]:
    """A page's lines, and below them what was typed into it and it does not show."""
    shown = "".join("".join(line.text for line in lines).split())
    foot = min((line.baseline for line in lines), default=0.0)
    found = list(lines)
    for field in filled:
        if field.page == number and "".join(field.value.split()) not in shown:
            foot -= 24.0
            words = " ".join(f"{field.name + ': ' if field.name else ''}{field.value}".split())
            found.append(Line((Word(words, 0.0, 5.0 * len(words)),), foot - 3.0, foot + 9.0, foot))
    return found
