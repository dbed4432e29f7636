"""Reads contracts that are pictures: each frame of the file is a page."""

from collections.abc import Iterator
from io import BytesIO
from warnings import catch_warnings, simplefilter

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, ImageSequence

from index.records import Page, Span, Transcript
from ingest.ocr import Ocr
from ingest.plain import tidy
from ingest.source import UnreadableDocument
from ingest.zips import DAMAGED

_FORMATS = ("PNG", "JPEG", "TIFF", "MPO")
_MAX_FRAMES = 500
# An A3 page at 600 dots an inch has 70 million points; half of them show an engine as much.
_MAX_POINTS = 80_000_000
_ENOUGH_POINTS = 36_000_000
_GAP = "\n\n"
NO_ENGINE = "is a picture, and no OCR engine is installed to read it: `muniment doctor` says what to install"
NO_WORDS = "is a picture in which no words were found: look whether it is the right file, or scan it anew"

TOO_LARGE = f"has a picture of more than {_MAX_POINTS // 1_000_000} million points, too large to read: scan it at 300 dpi"


def read_image(data: bytes, ocr: Ocr | None) -> Transcript:
    """Read a PNG, JPEG or TIFF through OCR. Raises UnreadableDocument where there is no engine or no word."""
    if ocr is None:
        raise UnreadableDocument(NO_ENGINE)
    texts, confidences = [], []
    for frame in _frames(data):
        page = ocr.read(frame)
        texts.append(tidy("\n".join(line.text for line in page.lines)))
        confidences.append(page.confidence)
    if not any(texts):
        raise UnreadableDocument(NO_WORDS)
    pages, at = [], 0
    for number, (text, confidence) in enumerate(zip(texts, confidences, strict=True), start=1):
        end = at + len(text) + (len(_GAP) if number < len(texts) else 0)
        pages.append(Page(number, Span(at, end), ocr_confidence=confidence))
        at = end
    return Transcript(_GAP.join(texts), tuple(pages), warnings=(f"was read from pictures by {ocr.name}",))


def _frames(data: bytes) -> Iterator[NDArray[np.uint8]]:
    try:
        with _opened(data) as image:
            for number, frame in enumerate(ImageSequence.Iterator(image), start=1):
                if number > _MAX_FRAMES:
                    raise UnreadableDocument(f"has more than {_MAX_FRAMES} pages of pictures: split it")
                yield _grey(frame)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadableDocument(TOO_LARGE) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise UnreadableDocument(DAMAGED) from error


def _opened(data: bytes) -> Image.Image:
    with catch_warnings():
        simplefilter("error", Image.DecompressionBombWarning)
        return Image.open(BytesIO(data), formats=_FORMATS)


def _grey(frame: Image.Image) -> NDArray[np.uint8]:
    width, height = frame.size
    if width * height > _MAX_POINTS:
        raise UnreadableDocument(TOO_LARGE)
    upright = ImageOps.exif_transpose(frame)
    if "A" in upright.getbands():
        # What shows through is paper.
        paper = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(paper, upright.convert("RGBA"))
    grey = upright.convert("L")
    if width * height > _ENOUGH_POINTS:
        scale = (_ENOUGH_POINTS / (width * height)) ** 0.5
        grey = grey.resize((max(1, round(grey.width * scale)), max(1, round(grey.height * scale))))
    return np.asarray(grey, dtype=np.uint8)
