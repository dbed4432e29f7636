"""Read the lines of a PDF page with pdfium: their words, and where on the page they stand."""

import ctypes
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pypdfium2 as pdfium2
import pypdfium2.raw as pdfium

from ingest.source import UnreadableDocument

# pdfium puts this in place of a hyphen at a line's end, and drops the line's end.
_HYPHEN = "\ufffe"
_RUN = re.compile(rf"(\S(?:[^\r\n{_HYPHEN}]*[^\s{_HYPHEN}])?)({_HYPHEN})?")
# What a font that does not say what its letters are comes out as: controls, private use, replacement characters.
_MEANINGLESS = re.compile("[\x00-\x08\x0e-\x1f\x7f\ue000-\uf0a6\uf0a8-\uf0b6\uf0b8-\uf8ff\ufffd\uffff]")
_WORD = re.compile(r"\S+")
# Hebrew, Arabic and their kin are read from right to left.
_LEFTWARD = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_MOST_CHARACTERS = 1_000_000
_BULLETS = frozenset("•●○▪■◦·")
_SPACES = dict.fromkeys((0x09, 0x0B, 0x0C, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " ")
_NOTHING = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, 0xFFFE, 0xFFFF), "")
# Windows' own quotation marks and dashes, where a font names them by their byte.
_WINDOWS = {code: bytes((code,)).decode("cp1252") for code in range(0x80, 0xA0) if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
# Signs that stand for another: a Greek question mark that looks like a semicolon, ligatures, Symbol's bullets.
_SIGNS = {0x037E: ";", 0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xF0B7: "•", 0xF0A7: "▪"}
_CHARACTERS = _NOTHING | _WINDOWS | _SPACES | _SIGNS


@dataclass(frozen=True, slots=True)
class Word:
    """Characters without a space between them, and where they begin and end, in points along their line."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page, with at least one word.

    Coordinates are in points from the lower left, as the page stands once its text is upright. `upright` is false
    for what is written across the rest of the page's text: a stamp, a note in the margin.
    """

    words: tuple[Word, ...]
    bottom: float
    top: float
    baseline: float
    upright: bool = True

    @property
    def left(self) -> float:
        """Where its first word begins."""
        return self.words[0].left

    @property
    def right(self) -> float:
        """Where its last word ends."""
        return self.words[-1].right

    @property
    def height(self) -> float:
        """From the lowest to the highest that its letters may reach."""
        return self.top - self.bottom

    @property
    def text(self) -> str:
        """The words, with one space between them, and three where the page leaves room for a column."""
        wide = 2.5 * self.height
        parts = [self.words[0].text]
        for before, word in pairwise(self.words):
            parts += ("   " if word.left - before.right > wide else " ", word.text)
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class Layer:
    """The lines of a page in the order in which the file draws them, and the share of its characters that mean nothing."""

    lines: tuple[Line, ...]
    meaningless: float


def clean(text: str) -> str:
    """The same words without control characters and with one kind of space."""
    return text.translate(_CHARACTERS)


def characters(textpage: Any) -> str:
    """The text of a page, one character for each of pdfium's, so that an offset is pdfium's index; bounded."""
    count = pdfium.FPDFText_CountChars(textpage)
    if count <= 0:
        return ""
    if count > _MOST_CHARACTERS:
        raise UnreadableDocument(f"has a page of over {_MOST_CHARACTERS:,} characters, which is more than is read: split it")
    buffer = (ctypes.c_ushort * (count * 2 + 2))()
    written = pdfium.FPDFText_GetText(textpage, 0, count, buffer)
    text = bytes(buffer)[: 2 * max(written - 1, 0)].decode("utf-16-le", "replace")
    if len(text) == count:
        return text
    # Signs outside the basic plane, or without a place in the text: only a walk gives them their index.
    codes = (pdfium.FPDFText_GetUnicode(textpage, i) for i in range(count))
    return "".join(_HYPHEN if code == 2 else chr(code) if code < 0x110000 else "\ufffd" for code in codes)


def read_layer(page: pdfium2.PdfPage) -> Layer:
    """The text layer of a page, which is turned until most of its text stands upright and stays so."""
    textpage = page.get_textpage()
    text = characters(textpage.raw)
    if text.isspace() or not text:
        return Layer((), 0.0)
    runs = _runs(textpage, text)
    turned = _main_angle(runs)
    if (turned + page.get_rotation() // 90) % 4:
        # pdfium puts lines in order as they stand on the screen.
        page.set_rotation(-turned % 4 * 90)
        textpage = page.get_textpage()
        text = characters(textpage.raw)
        runs = _runs(textpage, text)
    found = (_line(textpage.raw, match, angle, angle == turned) for match, angle in runs)
    signs = sum(len(match.group(1)) for match, _ in runs)
    return Layer(tuple(line for line in found if line is not None), len(_MEANINGLESS.findall(text)) / signs)


def _runs(textpage: pdfium2.PdfTextPage, text: str) -> list[tuple[re.Match[str], int]]:
    """The stretches of text on one line each, with their direction in quarter turns clockwise (0–3)."""
    return [(match, _angle(textpage.raw, match.start(1))) for match in _RUN.finditer(text)]


def _main_angle(runs: Sequence[tuple[re.Match[str], int]]) -> int:
    weights: Counter[int] = Counter()
    for match, angle in runs:
        weights[angle] += len(match.group())
    return weights.most_common(1)[0][0]


def _angle(textpage: Any, index: int) -> int:
    radians = pdfium.FPDFText_GetCharAngle(textpage, index)
    return round(radians / (math.pi / 2)) % 4 if radians >= 0 else 0


def _line(textpage: Any, match: re.Match[str], angle: int, upright: bool) -> Line | None:
    start, run, rect = match.start(1), match.group(1), pdfium.FS_RECTF()
    plain = run.isascii() and run.isprintable()
    words, bottom, top = [], math.inf, -math.inf
    for word in _WORD.finditer(run):
        text = word.group() if plain else clean(word.group())
        if not text:
            continue
        left, low, right, high = _box(textpage, start + word.start(), angle, rect)
        if word.end() - word.start() > 1:
            right = _box(textpage, start + word.end() - 1, angle, rect)[2]
        words.append(Word(text, left, right))
        bottom, top = min(bottom, low), max(top, high)
    if not words:
        return None
    if any(after.left < word.left for word, after in pairwise(words)) and not _LEFTWARD.search(run):
        # A bullet that the file draws after its line stands before it all the same.
        words.sort(key=lambda word: (word.text not in _BULLETS, word.left))
    if match.group(2):
        words[-1] = Word(words[-1].text + "-", words[-1].left, words[-1].right)
    return Line(tuple(words), bottom, top, _baseline(textpage, start, angle), upright)


def _box(textpage: Any, index: int, angle: int, rect: Any) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of a character's cell, as the page stands once its text is upright; `rect` is overwritten."""
    pdfium.FPDFText_GetLooseCharBox(textpage, index, rect)
    x0, y0, x1, y1 = rect.left, rect.bottom, rect.right, rect.top
    if angle == 0:
        return x0, y0, x1, y1
    return ((-y1, x0, -y0, x1), (-x1, -y1, -x0, -y0), (y0, -x1, y1, -x0))[angle - 1]


def _baseline(textpage: Any, index: int, angle: int) -> float:
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(textpage, index, x, y)
    return (y.value, x.value, -y.value, -x.value)[angle]
