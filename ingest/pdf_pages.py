"""Read one page of a PDF: its text layer with the fields of its forms, or else the picture of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import pypdfium2 as pdfium2
import pypdfium2.raw as pdfium

from ingest.ocr import Ocr
from ingest.pdf_hidden import unseen_characters
from ingest.pdf_lines import Line, read_layer
from ingest.pdf_order import in_reading_order
from ingest.pdf_scan import is_garbled, is_scan, scan

Trouble = Literal["failed", "second", "picture", "wordless", "garbled", "hidden", "struck", "comments"]

# Annotations that belong to what a page says: typed text, stamps, the fields of a form. Others are said about it.
_SAYING = {pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_STAMP, pdfium.FPDF_ANNOT_WIDGET}
_SAID: dict[int, Trouble] = {pdfium.FPDF_ANNOT_STRIKEOUT: "struck", pdfium.FPDF_ANNOT_TEXT: "comments"}
_MOST_ANNOTATIONS = 10_000
# Fewer hidden characters than this are the anchors that signing services leave.
_ANCHOR = 20
_UNSURE = 0.5


@dataclass(frozen=True, slots=True)
class PageRead:
    """What a page gave: its lines as they are read, OCR's confidence where it was asked, and what a person should know.

    `typed` says that somebody filled in a form or typed on the page.
    """

    lines: Sequence[Line] = ()
    confidence: float | None = None
    troubles: frozenset[Trouble] = frozenset()
    typed: bool = False


def read_page(document: pdfium2.PdfDocument, index: int, ocr: Ocr | None) -> PageRead:
    """Read a page, counted from 0. One that pdfium can't make out has no lines, and is in trouble `failed`."""
    try:
        page, kinds = _with_annotations(document, index)
    except pdfium2.PdfiumError:
        return PageRead(troubles=frozenset({"failed"}))
    try:
        found = _read(page, ocr)
    finally:
        page.close()
    said = frozenset(_SAID[kind] for kind in kinds if kind in _SAID)
    return PageRead(found.lines, found.confidence, found.troubles | said, bool(kinds & _SAYING))


def _read(page: pdfium2.PdfPage, ocr: Ocr | None) -> PageRead:
    layer = read_layer(page)
    lines = in_reading_order(layer.lines)
    if is_scan(page, layer):
        return _scanned(page, lines, "picture", ocr)
    if is_garbled(layer.lines, layer.meaningless):
        return _scanned(page, lines, "garbled", ocr)
    hidden = unseen_characters(page, lines) >= _ANCHOR if lines else False
    return PageRead(lines, troubles=frozenset({"hidden"} if hidden else ()))


def _scanned(page: pdfium2.PdfPage, lines: Sequence[Line], why: Trouble, ocr: Ocr | None) -> PageRead:
    """The page as OCR reads it, or what there is of it without."""
    if ocr is None:
        return PageRead(lines, troubles=frozenset({why}))
    read, confidence = scan(page, ocr)
    better = _letters(read) > 0.7 * _letters(lines) if why == "picture" else not is_garbled(read, 0.0)
    if not read or not better or confidence < _UNSURE:
        return PageRead(lines, troubles=frozenset({"wordless" if why == "picture" else why}))
    return PageRead(in_reading_order(read), confidence)


def _letters(lines: Sequence[Line]) -> int:
    return sum(len(line.text) for line in lines)


def _with_annotations(document: pdfium2.PdfDocument, index: int) -> tuple[pdfium2.PdfPage, set[int]]:
    """A page with the annotations that say something drawn into it, and the kinds of all it has."""
    page = document[index]
    kinds = set(_annotations(page))
    if kinds & _SAYING:
        pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY)
        page.close()
        page = document[index]
    return page, kinds


def _annotations(page: pdfium2.PdfPage) -> Iterator[int]:
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page.raw), _MOST_ANNOTATIONS)):
        if annotation := pdfium.FPDFPage_GetAnnot(page.raw, index):
            yield pdfium.FPDFAnnot_GetSubtype(annotation)
            pdfium.FPDFPage_CloseAnnot(annotation)
