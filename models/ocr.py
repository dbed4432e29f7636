"""Read the words off page images on this machine: with RapidOCR from its package, or Tesseract where that is installed."""

import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.weights import ModelError

ENGINES = ("rapidocr", "tesseract")


class OcrMissing(ModelError):
    """The engine that was named is not installed."""

    def __init__(self, name: str) -> None:
        remedy = "pip install rapidocr onnxruntime" if name == "rapidocr" else "apt install tesseract-ocr, or name rapidocr"
        super().__init__(f"no OCR engine {name!r} on this machine: {remedy}")


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One line of words; `box` is left, top, right, bottom as shares (0–1) of the upright image's width and height."""

    text: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class ReadPage:
    """The lines of one image in reading order, and how sure the engine is of them (0–1; 0 where there are none)."""

    lines: tuple[ReadLine, ...]
    confidence: float


class Engine(Protocol):
    """What reads page images."""

    @property
    def name(self) -> str:
        """Engine and version, for a person: "rapidocr 3.10.0"."""

    def read(self, image: NDArray[np.uint8]) -> ReadPage:
        """Read one page: grey, shape (height, width), 0 black; sideways, upside down and skew are put right."""


def find_ocr() -> str | None:
    """The engine that is used where none is named: the first of `ENGINES` that is installed. Imports none of them."""
    return next((name for name in ENGINES if _installed(name)), None)


def open_ocr(name: str, threads: int = 1) -> Engine:
    """Open an engine by its name in `ENGINES`. Weights are loaded at the first page. Raises OcrMissing."""
    if name not in ENGINES or not _installed(name):
        raise OcrMissing(name)
    if name == "tesseract":
        from models.ocr_tesseract import Tesseract

        return Tesseract(threads)
    from models.ocr_rapid import Rapid

    return Rapid(threads)


def _installed(name: str) -> bool:
    if name == "tesseract":
        return shutil.which("tesseract") is not None
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None
