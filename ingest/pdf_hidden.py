"""Find words on a PDF page that nobody can see: they could tell a model what no reader is told."""

from collections.abc import Sequence
from ctypes import c_uint
from typing import Any

import numpy as np
import pypdfium2 as pdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from ingest.pdf_drawn import Box, frame, objects, picture
from ingest.pdf_lines import Line, Word

# Letters less high than this, in points, are not read by anybody.
_TINY = 2.5
# Steps of grey that tell ink from what is behind it.
_CONTRAST = 24
_NEARLY_WHITE = 240
_DPI = 108.0
_MOST_POINTS = 4_000_000


def unseen_characters(page: pdfium2.PdfPage, lines: Sequence[Line]) -> int:
    """How many characters of a page can't be seen: without ink, in the colour of what is behind them, tiny, or beside the page.

    Text without ink over a picture of the same words is how OCR is stored, and counts as seen. `lines` are the page's,
    which stands turned as they were read.
    """
    edges = frame(page)
    within = [line for line in lines if line.height >= _TINY and _meets(line, edges)]
    unseen = _letters(lines) - _letters(within)
    if any(_may_be_unseen(handle) for handle, _ in objects(page)):
        image = picture(page, _DPI, _MOST_POINTS)
        upright = ((line, word) for line in within if line.upright for word in line.words)
        unseen += sum(len(word.text) for line, word in upright if not _inked(image, edges, line, word))
    return unseen


def _letters(lines: Sequence[Line]) -> int:
    return sum(len(word.text) for line in lines for word in line.words)


def _meets(line: Line, edges: Box) -> bool:
    left, bottom, right, top = edges
    # What is written across the page has coordinates of its own.
    return not line.upright or (line.left < right and line.right > left and line.bottom < top and line.top > bottom)


def _may_be_unseen(handle: Any) -> bool:
    if pdfium.FPDFPageObj_GetType(handle) != pdfium.FPDF_PAGEOBJ_TEXT:
        return False
    if pdfium.FPDFTextObj_GetTextRenderMode(handle) == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE:
        return True
    red, green, blue, opacity = (c_uint() for _ in range(4))
    if not pdfium.FPDFPageObj_GetFillColor(handle, red, green, blue, opacity):
        return False
    return opacity.value < 16 or min(red.value, green.value, blue.value) > _NEARLY_WHITE


def _inked(image: NDArray[np.uint8], edges: Box, line: Line, word: Word) -> bool:
    """Whether the place of a word has more than one shade of grey."""
    height, width = image.shape
    scale_x, scale_y = width / (edges[2] - edges[0]), height / (edges[3] - edges[1])
    columns = slice(max(0, int((word.left - edges[0]) * scale_x)), max(0, int((word.right - edges[0]) * scale_x) + 1))
    rows = slice(max(0, int((edges[3] - line.top) * scale_y)), max(0, int((edges[3] - line.bottom) * scale_y) + 1))
    place = image[rows, columns]
    return place.size > 0 and int(place.max()) - int(place.min()) >= _CONTRAST
