"""Put a page image straight before it is read: out of its side position, and out of its skew."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# The search works on a small copy, and on so many dark points of it at most.
_SIDE = 900
_POINTS = 60_000
_STEEPEST = 4.0
# Skew below this many degrees does no harm, and turning would blur.
_LEVEL = 0.15


def straightened(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A grey page with its lines level, though it may still be upside down. Shape (height, width), 0 black.

    The angle is the one at which the rows of ink are sharpest (projection profile, Postl 1986).
    """
    rows, columns = _ink(image)
    if len(rows) < 200:
        return image
    level, skew = _sharpest(rows, columns)
    level_sideways, skew_sideways = _sharpest(columns, -rows)
    if level_sideways > 1.3 * level:
        image, skew = np.rot90(image).copy(), skew_sideways
    if abs(skew) < _LEVEL:
        return image
    turned = Image.fromarray(image).rotate(skew, resample=Image.Resampling.BICUBIC, fillcolor=int(np.median(image)))
    return np.asarray(turned, dtype=np.uint8)


def _ink(image: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows and columns of the dark points of a small copy."""
    height, width = image.shape
    scale = min(1.0, _SIDE / max(height, width))
    small = Image.fromarray(image).resize((max(1, round(width * scale)), max(1, round(height * scale))), Image.Resampling.BOX)
    grey = np.asarray(small, dtype=np.int16)
    # The frame of a scan is often black, and has no lines.
    edge = max(2, min(grey.shape) // 40)
    grey = grey[edge:-edge, edge:-edge]
    rows, columns = np.nonzero(grey < np.median(grey) - 48) if grey.size else (np.empty(0), np.empty(0))
    step = max(1, len(rows) // _POINTS)
    return rows[::step].astype(np.float64), columns[::step].astype(np.float64)


def _sharpest(rows: NDArray[np.float64], columns: NDArray[np.float64]) -> tuple[float, float]:
    """How sharp the rows of ink are at best, and at which skew in degrees (positive where lines fall to the right)."""
    best = (0.0, 0.0)
    for width, step in ((_STEEPEST, 0.5), (0.4, 0.1)):
        best = max(_sharpness(rows, columns, skew) for skew in np.arange(best[1] - width, best[1] + width + step / 2, step))
    return best


def _sharpness(rows: NDArray[np.float64], columns: NDArray[np.float64], skew: float) -> tuple[float, float]:
    level = np.rint(rows - columns * np.tan(np.radians(skew))).astype(np.int64)
    profile = np.bincount(level - level.min()).astype(np.float64)
    return float(np.square(np.diff(profile)).sum()), float(skew)
