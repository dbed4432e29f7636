"""Read by OCR the pages of a PDF whose text is only in pictures, or in a font that does not say what its letters are."""

import re
from collections.abc import Sequence
from itertools import islice

import numpy as np
import pypdfium2 as pdfium2

from ingest.ocr import Ocr, OcrPage
from ingest.pdf_drawn import images_share, objects, picture
from ingest.pdf_lines import Layer, Line, Word

_DPI = 300.0
_MOST_POINTS = 12_000_000
# A page under images with fewer characters than this is a scan that somebody stamped.
_STAMP = 300
_UNDER_IMAGES = 0.6
# A page without text that has fewer lines drawn on it bears rules and boxes; words drawn as outlines take more.
_DRAWING = 40
# OCR pages are given the size of an A4 page in points, since a turned scan has no other.
_WIDTH, _HEIGHT = 595.0, 842.0
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_VOWEL = re.compile(r"[aeiouyà-æè-ïò-öø-ýÿœ]", re.I)


def is_scan(page: pdfium2.PdfPage, layer: Layer) -> bool:
    """Whether the words of a page are in a picture: it has hardly a text layer, and is covered by images or drawn lines."""
    letters = sum(len(word.text) for line in layer.lines for word in line.words)
    if letters >= _STAMP:
        return False
    images = images_share(page)
    if letters > 0:
        return images >= _UNDER_IMAGES
    drawn = sum(1 for _ in islice(objects(page), _DRAWING))
    return (images > 0 or drawn == _DRAWING) and not _is_blank(page)


def is_garbled(lines: Sequence[Line], meaningless: float) -> bool:
    """Whether a text layer is no text: signs without meaning, or letters put for others, which leaves too few vowels.

    In the languages written in Latin letters more than a third of the letters are vowels; in a font whose
    letters are shifted, about a fifth.
    """
    if meaningless > 0.2:
        return True
    text = "".join(word.text for line in lines for word in line.words)
    letters = len(_LATIN.findall(text))
    return letters >= 200 and len(_VOWEL.findall(text)) < 0.25 * letters


def scan(page: pdfium2.PdfPage, ocr: Ocr) -> tuple[list[Line], float]:
    """The lines that OCR reads off a page in reading order, and how sure it is (0–1)."""
    read = ocr.read(picture(page, _DPI, _MOST_POINTS))
    return list(map(_line, _with_words(read))), read.confidence


def _with_words(read: OcrPage) -> list[tuple[str, tuple[float, float, float, float]]]:
    return [(line.text.strip(), line.box) for line in read.lines if line.text.strip()]


def _line(found: tuple[str, tuple[float, float, float, float]]) -> Line:
    text, (left, top, right, bottom) = found
    foot = (1 - bottom) * _HEIGHT
    return Line((Word(text, left * _WIDTH, right * _WIDTH),), foot, (1 - top) * _HEIGHT, foot)


def _is_blank(page: pdfium2.PdfPage) -> bool:
    """Whether a page bears hardly a spot: a thousandth of its points differs from its paper."""
    grey = picture(page, 36, 1_000_000)
    return bool((np.abs(grey.astype(np.int16) - int(np.median(grey))) > 48).mean() < 0.001)
