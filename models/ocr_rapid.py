"""Read page images with RapidOCR: PP-OCR's networks, which come inside its package, in ONNX Runtime."""

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.ocr import OcrMissing, ReadPage
from models.ocr_order import Piece, Row, in_reading_order
from models.ocr_page import read_page

# Lines are looked for on a copy whose longer side has so many points, and read from the image itself.
_FIND_SIDE = 1_408
_READ_SIDE = 3_600
# The networks know Chinese, and at times print its full-width signs for ours.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x3001: ",", 0x3002: "."}


class Rapid:
    """RapidOCR on this machine's processor, with `threads` threads. Nothing is ever downloaded."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._engine: Any = None

    @property
    def name(self) -> str:
        """Engine and version."""
        return f"rapidocr {version('rapidocr')}"

    def read(self, image: NDArray[np.uint8]) -> ReadPage:
        """Read one grey page, shape (height, width), 0 black."""
        return read_page(image, self._find)

    def _find(self, image: NDArray[np.uint8]) -> Sequence[Row]:
        if self._engine is None:
            self._engine = _opened(self._threads)
        found = self._engine(np.repeat(image[:, :, None], 3, axis=2))
        return in_reading_order(list(_pieces(found))) if found.txts else []


def _pieces(found: Any) -> Iterator[Piece]:
    for box, text, confidence in zip(found.boxes, found.txts, found.scores, strict=True):
        (left, top), (right, bottom) = np.min(box, axis=0), np.max(box, axis=0)
        if words := " ".join(text.translate(_FULL_WIDTH).split()):
            yield Piece(words, float(left), float(top), float(right), float(bottom), float(confidence))


def _opened(threads: int) -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.use_cls": False,
            "Global.max_side_len": _READ_SIDE,
            "Det.limit_type": "max",
            "Det.limit_side_len": _FIND_SIDE,
            # Named files are opened as they are; without a name the package would fetch what it misses.
            "Det.model_path": _model("det"),
            "Rec.model_path": _model("rec"),
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _model(task: str) -> str:
    package = find_spec("rapidocr")
    folder = Path(package.origin).parent / "models" if package and package.origin else Path()
    found = sorted(folder.glob(f"*_{task}_*.onnx"))
    if not found:
        raise OcrMissing("rapidocr")
    return str(found[-1])
