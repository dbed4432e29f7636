"""Makes the PDFs of the tests."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pypdf import PdfReader, PdfWriter
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

Draw = Callable[[Canvas], None]
WIDTH, HEIGHT = 595, 842


def pdf(*pages: Draw, **settings: Any) -> bytes:
    """A PDF with a page for each function, which draws on it in 12-point Helvetica."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT), **settings)
    for draw in pages:
        canvas.setFont("Helvetica", 12)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def written(*lines: str, left: float = 72, top: float = 770, pitch: float = 14) -> Draw:
    """Draw lines below each other; an empty one leaves room."""

    def draw(canvas: Canvas) -> None:
        for number, line in enumerate(lines):
            canvas.drawString(left, top - number * pitch, line)

    return draw


def both(*draws: Draw) -> Draw:
    """Draw one after the other on the same page."""

    def draw(canvas: Canvas) -> None:
        for each in draws:
            each(canvas)

    return draw


def photographed(data: bytes, dpi: float = 100) -> list[Image.Image]:
    """The pages of a PDF as grey pictures."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    return [page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L") for page in document]


def scanned(*images: Image.Image) -> bytes:
    """A PDF whose pages are nothing but pictures."""
    return pdf(*(pictured(image) for image in images))


def pictured(image: Image.Image) -> Draw:
    """Draw a picture over the whole page."""
    return lambda canvas: canvas.drawImage(ImageReader(image), 0, 0, WIDTH, HEIGHT) and None


def rewritten(data: bytes, change: Callable[[PdfWriter], object]) -> bytes:
    """The same PDF after a change made with pypdf."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(data)))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


class Recited:
    """An OCR engine that recites its lines whatever it is shown."""

    name = "recited 1.0"

    def __init__(self, *lines: str, confidence: float = 0.9) -> None:
        self.lines = tuple(RecitedLine(line, at / 60) for at, line in enumerate(lines, start=3))
        self.confidence = confidence
        self.shown: list[tuple[int, ...]] = []

    def read(self, image: NDArray[np.uint8]) -> "Recited":
        self.shown.append(image.shape)
        return self


class RecitedLine:
    """A line of it, a sixtieth of the page high."""

    def __init__(self, text: str, top: float) -> None:
        self.text = text
        self.box = (0.1, top, 0.1 + 0.008 * len(text), top + 1 / 70)
