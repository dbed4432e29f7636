"""What is drawn on a PDF page beside its text: its frame, its picture in grey, how much of it images cover."""

from collections.abc import Iterator
from ctypes import c_float
from typing import Any

import numpy as np
import pypdfium2 as pdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

# Left, bottom, right, top in points.
Box = tuple[float, float, float, float]
Matrix = tuple[float, float, float, float, float, float]

_AS_IS: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_MOST_OBJECTS = 20_000
_DEEPEST = 4


def frame(page: pdfium2.PdfPage) -> Box:
    """The edges of a page as it stands turned, in the coordinates of its lines."""
    left, bottom, right, top = page.get_bbox()
    turned = {
        0: (left, bottom, right, top),
        90: (bottom, -right, top, -left),
        180: (-right, -top, -left, -bottom),
        270: (-top, left, -bottom, right),
    }
    return turned[page.get_rotation()]


def picture(page: pdfium2.PdfPage, dpi: float, most_points: int) -> NDArray[np.uint8]:
    """A page as it stands turned: shape (height, width), 0 black; at a lower resolution where it would have more points."""
    width, height = page.get_size()
    scale = min(dpi / 72, (most_points / max(width * height, 1.0)) ** 0.5)
    bitmap = page.render(scale=scale, grayscale=True)
    try:
        return np.array(bitmap.to_numpy().reshape(bitmap.height, bitmap.width), dtype=np.uint8)
    finally:
        bitmap.close()


def images_share(page: pdfium2.PdfPage) -> float:
    """The share (0–1) of a page that its images cover; where they overlap, at most all of it."""
    left, bottom, right, top = page.get_bbox()
    covered = 0.0
    for handle, matrix in objects(page):
        if pdfium.FPDFPageObj_GetType(handle) == pdfium.FPDF_PAGEOBJ_IMAGE:
            x0, y0, x1, y1 = _bounds(handle, matrix)
            covered += max(0.0, min(x1, right) - max(x0, left)) * max(0.0, min(y1, top) - max(y0, bottom))
    return float(min(1.0, covered / max((right - left) * (top - bottom), 1.0)))


def objects(page: pdfium2.PdfPage) -> Iterator[tuple[Any, Matrix]]:
    """The objects drawn on a page, also those within forms, each with the matrix that takes it to the page."""
    waiting = [(page.raw, pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject, _AS_IS, 0)]
    seen = 0
    while waiting:
        parent, count, get, matrix, depth = waiting.pop()
        for index in range(count(parent)):
            if (seen := seen + 1) > _MOST_OBJECTS:
                return
            handle = get(parent, index)
            if pdfium.FPDFPageObj_GetType(handle) == pdfium.FPDF_PAGEOBJ_FORM:
                if depth < _DEEPEST:
                    within = _times(_matrix(handle), matrix)
                    waiting.append((handle, pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject, within, depth + 1))
            else:
                yield handle, matrix


def _matrix(handle: Any) -> Matrix:
    found = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(handle, found):
        return _AS_IS
    return found.a, found.b, found.c, found.d, found.e, found.f


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _bounds(handle: Any, matrix: Matrix) -> Box:
    x0, y0, x1, y1 = (c_float() for _ in range(4))
    if not pdfium.FPDFPageObj_GetBounds(handle, x0, y0, x1, y1):
        return 0.0, 0.0, 0.0, 0.0
    a, b, c, d, e, f = matrix
    corners = [(x, y) for x in (x0.value, x1.value) for y in (y0.value, y1.value)]
    xs, ys = [a * x + c * y + e for x, y in corners], [b * x + d * y + f for x, y in corners]
    return min(xs), min(ys), max(xs), max(ys)
