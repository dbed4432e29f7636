"""Read a page image with any engine: level, the right way up, its pieces put into lines."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from models.ocr import ReadLine, ReadPage
from models.ocr_image import straightened
from models.ocr_order import Row, joined

# A page read with less confidence may be upside down, and is tried that way too.
_DOUBTFUL = 0.85

Find = Callable[[NDArray[np.uint8]], Sequence[Row]]


def read_page(image: NDArray[np.uint8], find: Find) -> ReadPage:
    """Read one grey page, shape (height, width), 0 black; `find` gives the rows of a level image in reading order."""
    level = straightened(image)
    page = _page(find(level), level.shape)
    if page.confidence >= _DOUBTFUL or (level < np.median(level) - 48).mean() < 1e-4:
        return page
    turned = np.ascontiguousarray(level[::-1, ::-1])
    return max(page, _page(find(turned), level.shape), key=_worth)


def _page(rows: Sequence[Row], shape: tuple[int, ...]) -> ReadPage:
    height, width = shape
    lines = [joined(row) for row in rows]
    letters = sum(len(line.text) for line in lines)
    edges = np.clip([(p.left / width, p.top / height, p.right / width, p.bottom / height) for p in lines], 0.0, 1.0).tolist()
    return ReadPage(
        tuple(ReadLine(line.text, tuple(box)) for line, box in zip(lines, edges, strict=True)),
        sum(line.confidence * len(line.text) for line in lines) / max(letters, 1),
    )


def _worth(page: ReadPage) -> float:
    return page.confidence * sum(len(line.text) for line in page.lines)
