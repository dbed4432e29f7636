"""Put the lines of a PDF page into the order in which a person reads them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import mean, median

import numpy as np
from numpy.typing import NDArray

from ingest.pdf_lines import Line, Word

# A gutter is looked for in steps of this many points.
_STEP = 8.0
# So many rows with the same white strip through them are columns, if what they hold is prose.
_ROWS = 8
_MARKER = re.compile(r"\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})(?:\.\d{1,3})*[.)\-:]{0,2}\)?|[•●○▪■·–-]")
_RAISED = re.compile(r"st|nd|rd|th|[®™©*]", re.I)
# Beyond so many lines a page is a table or a drawing, and keeps the order of the file.
_MOST_LINES = 1_500


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """The lines of a page as they are read: markers before their paragraphs, columns one after the other.

    The order of the file holds wherever the page does not contradict it: a line that stands above another, and over
    it, comes first (Breuel, 2003).
    """
    ordered = _split_columns(_once(lines))
    if len(ordered) > _MOST_LINES:
        return ordered
    if any(after.baseline > before.baseline + 0.3 * before.height for before, after in pairwise(ordered)):
        ordered = [ordered[index] for index in _by_position(ordered)]
        ordered = _with_strays(ordered)
    return list(_joined_rows(ordered))


def _once(lines: Sequence[Line]) -> list[Line]:
    """Leave out what is printed again over itself, as some programs do to make it bold."""
    places = {(line.words[0].text, line.words[-1].text, round(line.left), round(line.baseline)): line for line in reversed(lines)}
    return list(places.values())[::-1]


def _by_position(lines: Sequence[Line]) -> list[int]:
    """Lines above before lines below, where they share some of their width; else in the order given."""
    before = _comes_before(lines)
    order: list[int] = []
    begun: set[int] = set()
    # A line that lacks one or two lines before it has them fetched; one that lacks more was itself drawn too early.
    for patience in (2, len(lines)):
        for start in range(len(lines)):
            if start not in begun and len(set(before[start]) - begun) <= patience:
                _read_from(start, before, begun, order)
    return order


def _read_from(start: int, before: Sequence[Sequence[int]], begun: set[int], order: list[int]) -> None:
    path = [(start, iter(before[start]))]
    begun.add(start)
    while path:
        missing = next((index for index in path[-1][1] if index not in begun), None)
        if missing is None:
            order.append(path.pop()[0])
        else:
            path.append((missing, iter(before[missing])))
            begun.add(missing)


def _comes_before(lines: Sequence[Line]) -> list[list[int]]:
    """For each line the lines that must be read before it. A line is never before one that is as high or higher."""
    left, right, base, height = (
        np.array([getattr(line, name) for line in lines]) for name in ("left", "right", "baseline", "height")
    )
    shared = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    width = np.maximum(np.minimum((right - left)[:, None], right - left), 1.0)
    above = base[:, None] - base > 0.4 * np.minimum(height[:, None], height)
    upright = np.array([line.upright for line in lines])
    relation: NDArray[np.bool_] = above & (shared > 0.2 * width) & upright[:, None] & upright
    return [np.flatnonzero(relation[:, index]).tolist() for index in range(len(lines))]


def _with_strays(lines: Sequence[Line]) -> list[Line]:
    """Put a number or bullet that the file draws apart in front of its paragraph, and what is raised behind its word."""
    found = list(lines)
    for stray in lines:
        if stray not in found:
            continue
        places: list[tuple[int, Line]] = []
        if all(_RAISED.fullmatch(word.text) for word in stray.words):
            places = _raised(stray, found)
        elif len(stray.words) == 1 and _MARKER.fullmatch(stray.text):
            places = _paragraph(stray, found)
        for index, line in places:
            found[index] = line
        if places:
            found.remove(stray)
    return found


def _paragraph(marker: Line, lines: Sequence[Line]) -> list[tuple[int, Line]]:
    """The line that a marker stands in front of, with the marker in it: the one that follows it, or one at its height."""
    follows = lines.index(marker) + 1
    near = [
        (index != follows, line.left, index)
        for index, line in enumerate(lines)
        if line is not marker
        and abs(line.baseline - marker.baseline) < (1.5 if index == follows else 0.4) * line.height
        and -1 <= line.left - marker.right < 8 * line.height
    ]
    if not near:
        return []
    index = min(near)[2]
    return [(index, replace(lines[index], words=(*marker.words, *lines[index].words)))]


def _raised(stray: Line, lines: Sequence[Line]) -> list[tuple[int, Line]]:
    """The line below in which every one of these has a word to stand behind ("6" for "th"), with them there; or none."""
    for index, line in enumerate(lines):
        if line is stray or not 0 <= stray.baseline - line.baseline < 0.7 * line.height:
            continue
        words = list(line.words)
        for sign in stray.words:
            at = next((at for at, word in enumerate(words) if abs(word.right - sign.left) < 0.25 * line.height), None)
            if at is None or (sign.text.isalpha() and not words[at].text[-1].isdigit()):
                break
            words[at] = Word(words[at].text + sign.text, words[at].left, sign.right)
        else:
            return [(index, replace(line, words=tuple(words)))]
    return []


def _joined_rows(lines: Sequence[Line]) -> Iterator[Line]:
    """Join what the file draws in pieces from left to right on one baseline."""
    row: Line | None = None
    for line in lines:
        if row is not None and _continues(row, line):
            row = replace(row, words=(*row.words, *line.words), bottom=min(row.bottom, line.bottom), top=max(row.top, line.top))
        else:
            if row is not None:
                yield row
            row = line
    if row is not None:
        yield row


def _continues(row: Line, line: Line) -> bool:
    level = abs(row.baseline - line.baseline) < 0.25 * min(row.height, line.height)
    return level and line.left >= row.right - 1 and row.upright == line.upright


def _split_columns(lines: Sequence[Line]) -> list[Line]:
    """Where the file draws two columns of prose row by row, put the left one before the right one."""
    gaps = Counter(place for line in lines for place in _wide_gaps(line))
    stretches = [
        stretch
        for place, count in gaps.items()
        if count + gaps[place - 1] + gaps[place + 1] >= _ROWS
        for stretch in _white_stretches(lines, place * _STEP)
    ]
    if not stretches:
        return list(lines)
    start, end, x = _trimmed(lines, max(stretches))
    sides = [_cut(line, x) for line in lines[start:end]]
    left, right = [side[0] for side in sides if side[0]], [side[1] for side in sides if side[1]]
    return [*lines[:start], *left, *right, *_split_columns(lines[end:])]


def _trimmed(lines: Sequence[Line], stretch: tuple[int, int, int, float]) -> tuple[int, int, float]:
    """A stretch without what stands above and below its columns, apart from them and beside the white strip."""
    _, start, end, x = stretch
    both = [at for at in range(start, end) if all(_cut(lines[at], x))]
    first, last = both[0], both[-1]
    apart = 1.6 * median(lines[at].baseline - lines[after].baseline for at, after in pairwise(both))
    while first > start and lines[first - 1].baseline - lines[first].baseline <= apart:
        first -= 1
    while last + 1 < end and lines[last].baseline - lines[last + 1].baseline <= apart:
        last += 1
    return first, last + 1, x


def _wide_gaps(line: Line) -> Iterator[int]:
    """Where, in steps across the page, a line has white space with enough words on either side to be prose."""
    wide, inner = 1.2 * line.height, line.words[2:-2]
    for before, after in pairwise(inner):
        if after.left - before.right > wide:
            yield round((after.left + before.right) / 2 / _STEP)


def _white_stretches(lines: Sequence[Line], x: float) -> Iterator[tuple[int, int, int, float]]:
    """Stretches of lines with a white strip at `x`: rows of prose on both sides, first line, last line + 1, `x`."""
    start = 0
    for at in range(len(lines) + 1):
        if at == len(lines) or not _white_at(lines[at], x):
            if rows := _columns(lines[start:at], x):
                yield rows, start, at, x
            start = at + 1


def _white_at(line: Line, x: float) -> bool:
    return line.upright and not any(word.left - 2 < x < word.right + 2 for word in line.words)


def _columns(lines: Sequence[Line], x: float) -> int:
    """How many rows have prose on both sides of `x`; 0 where that is a table, a list or a signature block."""
    rows = [side for side in (_cut(line, x) for line in lines) if side[0] and side[1]]
    if len(rows) < _ROWS:
        return 0
    for column in ([left for left, _ in rows if left], [right for _, right in rows if right]):
        widths = [line.right - line.left for line in column]
        if mean(_prose_words(line) for line in column) < 4 or mean(widths) < 0.75 * max(widths):
            return 0
    return len(rows)


def _prose_words(line: Line) -> int:
    return sum(len(word.text) > 1 and word.text.strip(",.;:()").isalpha() for word in line.words)


def _cut(line: Line, x: float) -> tuple[Line | None, Line | None]:
    left = tuple(word for word in line.words if word.right <= x)
    right = line.words[len(left) :]
    return (replace(line, words=left) if left else None), (replace(line, words=right) if right else None)
