"""Reading page images: with the real engines, and the steps before and after them."""

import logging
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pdf_files import both, pdf, photographed, scanned, written
from PIL import Image, ImageDraw
from rapidfuzz.distance import Levenshtein

from ingest.pdf import read_pdf
from models.ocr import Engine, OcrMissing, ReadPage, find_ocr, open_ocr
from models.ocr_image import straightened
from models.ocr_order import Piece, in_reading_order, joined

LINES = ["12. Term and Termination", "This Agreement is made on 1 March 2024", "and ends on 31 December 2027."]
TEXT = "\n".join(LINES)
ENGINES = ["rapidocr", pytest.param("tesseract", marks=pytest.mark.needs("tesseract"))]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return open_ocr("rapidocr")


def page(*lines: str, dpi: float = 150) -> NDArray[np.uint8]:
    """The upper part of a page with a few lines, as a scanner sees it."""
    image = photographed(pdf(written(*lines, pitch=24)), dpi)[0]
    return np.asarray(image.crop((0, 0, image.width, image.height // 4)), dtype=np.uint8)


def words(read: ReadPage) -> str:
    return "\n".join(line.text for line in read.lines)


def errors(read: ReadPage) -> float:
    """The share of characters that are wrong."""
    return Levenshtein.distance(words(read), TEXT) / len(TEXT)


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_reads_lines_with_their_places_and_its_confidence(name: str) -> None:
    read = open_ocr(name).read(page(*LINES))
    assert errors(read) < 0.03
    assert 0.85 < read.confidence <= 1
    tops = [line.box[1] for line in read.lines]
    assert tops == sorted(tops)
    assert all(
        0 <= left < right <= 1 and 0 <= top < bottom <= 1 for left, top, right, bottom in (line.box for line in read.lines)
    )


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_page_that_lies_on_its_side_or_its_head_is_read(engine: Engine, turns: int) -> None:
    assert errors(engine.read(np.rot90(page(*LINES), turns).copy())) < 0.05


def test_a_skewed_and_noisy_scan_is_read(engine: Engine) -> None:
    image = Image.fromarray(page(*LINES)).rotate(1.8, resample=Image.Resampling.BICUBIC, fillcolor=250)
    noise = np.random.default_rng(5).normal(0, 12, (image.height, image.width))
    assert errors(engine.read((np.asarray(image) * 0.9 + noise).clip(0, 255).astype(np.uint8))) < 0.05


def test_a_blank_page_has_no_lines_and_no_confidence(engine: Engine) -> None:
    read = engine.read(np.full((600, 500), 255, dtype=np.uint8))
    assert read == ReadPage((), 0.0)


def test_a_scanned_pdf_is_read_to_its_words(engine: Engine) -> None:
    found = read_pdf(scanned(*photographed(pdf(written(*LINES, pitch=24)), 150)), engine)
    assert "ends on 31 December 2027" in found.text
    assert (found.pages[0].ocr_confidence or 0) > 0.85
    assert "rapidocr" in found.warnings[0]


def test_reading_asks_nothing_of_the_network_and_prints_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("went to the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with caplog.at_level(logging.INFO):
        assert open_ocr("rapidocr").read(page(*LINES)).lines
    assert capfd.readouterr() == ("", "")
    assert not caplog.records


def test_looking_for_an_engine_and_opening_it_import_nothing_heavy() -> None:
    program = (
        "import sys; from models.ocr import find_ocr, open_ocr; open_ocr(find_ocr());"
        "print(sorted({'rapidocr', 'onnxruntime', 'cv2', 'torch'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1]
    )
    assert done.stdout.strip() == "[]"


def test_the_engine_from_its_package_is_found_first() -> None:
    assert find_ocr() == "rapidocr"


@pytest.mark.parametrize("name", ["tesseract", "eyes"])
def test_an_engine_that_is_not_there_says_how_to_have_one(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(OcrMissing, match=f"no OCR engine '{name}' on this machine: apt install tesseract-ocr"):
        open_ocr(name)


def drawn_lines(skew: float) -> NDArray[np.uint8]:
    image = Image.new("L", (800, 1000), 250)
    draw = ImageDraw.Draw(image)
    for top in range(100, 900, 40):
        for left in range(80, 700, 30):
            draw.rectangle((left, top, left + 22, top + 14), fill=20)
    return np.asarray(image.rotate(skew, resample=Image.Resampling.BICUBIC, fillcolor=250), dtype=np.uint8)


def sharpness(image: NDArray[np.uint8]) -> float:
    return float(np.abs(np.diff((image < 128).mean(axis=1))).sum())


@pytest.mark.parametrize("skew", [-3.0, -0.7, 1.4, 3.5])
def test_lines_that_fall_or_rise_are_made_level(skew: float) -> None:
    assert sharpness(straightened(drawn_lines(skew))) > 0.8 * sharpness(drawn_lines(0))


def test_a_level_page_is_left_as_it_is_and_a_sideways_one_is_turned() -> None:
    level = drawn_lines(0)
    assert straightened(level) is level
    assert straightened(np.rot90(level).copy()).shape == level.shape


def piece(text: str, left: float, top: float, width: float = 200) -> Piece:
    return Piece(text, left, top, left + width, top + 20, 0.9)


def order(*pieces: Piece) -> list[str]:
    return [joined(row).text for row in in_reading_order(pieces)]


def test_two_columns_of_a_scan_are_not_interleaved() -> None:
    left = [piece(f"the left column has line {number} here", 50, 100 + 30 * number, 300) for number in range(8)]
    right = [piece(f"the right column has line {number} here", 400, 102 + 30 * number, 300) for number in range(8)]
    heading, foot = piece("MASTER AGREEMENT", 200, 20, 350), piece("7", 370, 500, 10)
    mixed = [each for pair in zip(left, right, strict=True) for each in pair]
    expected = ["MASTER AGREEMENT", *(each.text for each in left), *(each.text for each in right), "7"]
    assert order(foot, *mixed, heading) == expected


def test_a_table_of_a_scan_is_read_row_by_row() -> None:
    rows = [
        (piece(f"Item {number}", 50, 30.0 * number, 80), piece(f"{number}00.00", 400, 30.0 * number, 80)) for number in range(9)
    ]
    assert order(*(each for row in rows for each in row)) == [f"Item {number}   {number}00.00" for number in range(9)]


def test_pieces_of_one_line_are_joined_from_left_to_right() -> None:
    assert order(piece("Term", 120, 101, 60), piece("12.", 50, 100, 40), piece("next line", 50, 130)) == ["12. Term", "next line"]


@given(st.lists(st.builds(piece, st.just("word"), st.integers(0, 900), st.integers(0, 900), st.integers(10, 400)), max_size=40))
def test_every_piece_is_read_once(pieces: list[Piece]) -> None:
    assert sorted(piece for row in in_reading_order(pieces) for piece in row) == sorted(pieces)


def test_lines_of_a_two_column_scan_come_column_by_column(engine: Engine) -> None:
    left = [f"the left column has line number {number}" for number in range(7)]
    right = [f"the right column has line number {number}" for number in range(7)]
    image = photographed(pdf(both(written(*left, left=50, pitch=20), written(*right, left=330, pitch=20))), 120)[0]
    cut = np.asarray(image.crop((0, 0, image.width, image.height // 4)), dtype=np.uint8)
    read = words(engine.read(cut)).splitlines()
    assert [("left" in line, "right" in line) for line in read] == [(True, False)] * 7 + [(False, True)] * 7
