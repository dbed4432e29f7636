"""Read page images with Tesseract, where the machine has it."""

import shutil
import subprocess
from collections.abc import Sequence
from functools import cached_property
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from models.ocr import OcrMissing, ReadPage
from models.ocr_order import Piece, Row
from models.ocr_page import read_page

_SECONDS = 180
# The columns of its table: level, page, block, paragraph, line, word, left, top, width, height, confidence (0-100), text.
_WORD = "5"


class Tesseract:
    """Tesseract as a program of its own, with `threads` threads; its own analysis of the page orders the lines."""

    def __init__(self, threads: int) -> None:
        self._threads = threads

    @cached_property
    def name(self) -> str:
        """Engine and version."""
        return " ".join(self._run(["--version"], b"").split()[:2])

    def read(self, image: NDArray[np.uint8]) -> ReadPage:
        """Read one grey page, shape (height, width), 0 black."""
        return read_page(image, self._find)

    def _find(self, image: NDArray[np.uint8]) -> Sequence[Row]:
        height, width = image.shape
        table = self._run(["stdin", "stdout", "--psm", "3", "tsv"], b"P5\n%d %d\n255\n" % (width, height) + image.tobytes())
        cells = [line.split("\t") for line in table.splitlines()]
        words = [cell for cell in cells if cell[0] == _WORD and cell[-1].strip()]
        return [tuple(map(_piece, line)) for _, line in groupby(words, key=lambda cell: cell[1:5])]

    def _run(self, arguments: Sequence[str], data: bytes) -> str:
        program, env = shutil.which("tesseract"), shutil.which("env")
        if program is None or env is None:
            raise OcrMissing("tesseract")
        command = [env, f"OMP_THREAD_LIMIT={self._threads}", program, *arguments]
        done = subprocess.run(command, input=data, capture_output=True, check=False, timeout=_SECONDS)  # noqa: S603 - nothing in it comes from a document
        return done.stdout.decode("utf-8", "replace")


def _piece(cell: Sequence[str]) -> Piece:
    left, top, width, height = map(float, cell[6:10])
    return Piece(cell[11], left, top, left + width, top + height, max(0.0, float(cell[10]) / 100))
