"""Sample contracts as PDF: printed with running headers and footers, in one or two columns, or as a scan of that."""

import io
import random
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from scripts.sample_markup import Block

_MARGIN = 72


def printed(title: str, contents: Sequence[Block], columns: int) -> bytes:
    """A text PDF with a running header and page numbers; the same bytes each time."""
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

    out = io.BytesIO()
    document = BaseDocTemplate(out, pagesize=(595, 842), title=title, author="Larkfield Instruments, Inc.", invariant=1)
    gap = 18
    width = (595 - 2 * _MARGIN - gap * (columns - 1)) / columns
    frames = [Frame(_MARGIN + each * (width + gap), _MARGIN, width, 842 - 2 * _MARGIN, id=f"c{each}") for each in range(columns)]
    document.addPageTemplates([PageTemplate(frames=frames, onPage=lambda canvas, it: _furniture(canvas, it, title))])
    document.build(list(_flow(contents, width)))
    return out.getvalue()


def scanned(title: str, contents: Sequence[Block]) -> bytes:
    """The same as pictures of its pages, a little grey and a little askew, without a text layer."""
    import pypdfium2
    from PIL import Image

    pages = []
    noise = random.Random(title)  # noqa: S311 - dust on paper, not a secret
    with pypdfium2.PdfDocument(printed(title, contents, 1)) as document:
        for page in document:
            image = page.render(scale=200 / 72).to_pil().convert("L")
            image = image.rotate(noise.uniform(-0.5, 0.5), fillcolor=255, resample=Image.Resampling.BILINEAR)
            pages.append(image.point(lambda grey: min(250, 12 + grey)))
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=200, quality=45, creationDate=None, modDate=None)
    return out.getvalue()


def _furniture(canvas: Any, document: Any, title: str) -> None:
    canvas.saveState()
    canvas.setFont("Times-Italic", 9)
    canvas.drawString(_MARGIN, 842 - 40, title)
    canvas.drawRightString(595 - _MARGIN, 842 - 40, "Larkfield contract file")
    canvas.drawCentredString(595 / 2, 36, f"Page {document.page}")
    canvas.restoreState()


def _flow(contents: Sequence[Block], width: float) -> Iterator[Any]:
    from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph, Table

    body = ParagraphStyle("body", fontName="Times-Roman", fontSize=11, leading=14, spaceAfter=9, alignment=TA_JUSTIFY)
    lines = ParagraphStyle("lines", parent=body, alignment=0)
    heading = ParagraphStyle("heading", parent=body, fontName="Times-Bold", spaceBefore=8, keepWithNext=1, alignment=0)
    title = ParagraphStyle("title", parent=heading, fontSize=15, leading=19, alignment=TA_CENTER, spaceAfter=16)
    styles = {"title": title, "heading": heading}
    rows: list[list[str]] = []
    for block in contents:
        if block.kind == "row":
            rows.append(block.text.split("\t"))
            continue
        if rows:
            yield Table(rows, colWidths=[width / len(rows[0])] * len(rows[0]), spaceAfter=9)
            rows = []
        style = styles.get(block.kind, lines if "\n" in block.text else body)
        yield Paragraph(escape(block.text).replace("\n", "<br/>"), style)
    if rows:
        yield Table(rows, colWidths=[width / len(rows[0])] * len(rows[0]))
