"""What this room asks of whoever reads the words off a page that is only an image."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class OcrLine(Protocol):
    """One line of words and where it stands.

    `box` is left, top, right, bottom as shares (0–1) of the upright image's width and height.
    """

    @property
    def text(self) -> str:
        """The words of the line, from left to right."""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""


class OcrPage(Protocol):
    """What was read off one image: its lines in reading order, and how sure the engine is of them (0–1)."""

    @property
    def lines(self) -> Sequence[OcrLine]:
        """The lines, column by column."""

    @property
    def confidence(self) -> float:
        """The mean over the words; 0 where there are none."""


class Ocr(Protocol):
    """An engine that reads page images; `name` names it for a person."""

    @property
    def name(self) -> str:
        """For example `rapidocr 3.10`."""

    def read(self, image: NDArray[np.uint8]) -> OcrPage:
        """Read one page from an array of shape (height, width), grey, 0 black; sideways and upside down are put right."""
