"""Put the pieces of text that an engine finds on a page into lines, and the lines into the order of reading."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

# So many rows with the same white strip through them are columns, if they hold prose: so many words of letters on either side.
_ROWS = 5
_PROSE = 4


@dataclass(frozen=True, slots=True, order=True)
class Piece:
    """Words that an engine found together, their edges in points of the image, and how sure it is of them (0–1)."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float

    @property
    def middle(self) -> float:
        """Half way between top and bottom."""
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top


Row = tuple[Piece, ...]


def in_reading_order(pieces: Sequence[Piece]) -> list[Row]:
    """The rows of a level page from top to bottom; two columns of prose one after the other."""
    return _by_columns(list(_rows(pieces)))


def joined(row: Row) -> Piece:
    """A row as one piece, with three spaces where it leaves room for a column."""
    text = row[0].text
    for before, piece in pairwise(row):
        text += ("   " if piece.left - before.right > 2 * piece.height else " ") + piece.text
    weight = sum(len(piece.text) for piece in row)
    sure = sum(piece.confidence * len(piece.text) for piece in row) / max(weight, 1)
    return Piece(text, row[0].left, min(p.top for p in row), row[-1].right, max(p.bottom for p in row), sure)


def _rows(pieces: Sequence[Piece]) -> Iterator[Row]:
    row: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: piece.middle):
        if row and piece.middle - median(other.middle for other in row) > 0.5 * min(piece.height, median(p.height for p in row)):
            yield tuple(sorted(row, key=lambda piece: piece.left))
            row = []
        row.append(piece)
    if row:
        yield tuple(sorted(row, key=lambda piece: piece.left))


def _by_columns(rows: Sequence[Row]) -> list[Row]:
    stretch = max((found for x in _gaps(rows) for found in _stretches(rows, x)), default=None)
    if stretch is None:
        return list(rows)
    start, end, x = _trimmed(rows, stretch)
    left = [part for row in rows[start:end] if (part := tuple(piece for piece in row if piece.right <= x))]
    right = [part for row in rows[start:end] if (part := tuple(piece for piece in row if piece.right > x))]
    return [*_by_columns(rows[:start]), *_by_columns(left), *_by_columns(right), *_by_columns(rows[end:])]


def _trimmed(rows: Sequence[Row], stretch: tuple[int, int, int, float]) -> tuple[int, int, float]:
    """A stretch without what stands above and below its columns, apart from them and beside the white strip."""
    _, start, end, x = stretch
    middles = [median(piece.middle for piece in row) for row in rows]
    both = [at for at in range(start, end) if rows[at][0].right <= x < rows[at][-1].right]
    first, last = both[0], both[-1]
    apart = 1.6 * median(middles[after] - middles[at] for at, after in pairwise(both))
    while first > start and middles[first] - middles[first - 1] <= apart:
        first -= 1
    while last + 1 < end and middles[last + 1] - middles[last] <= apart:
        last += 1
    return first, last + 1, x


def _gaps(rows: Sequence[Row]) -> set[float]:
    """Places across the page, coarsely, where some row leaves room between two pieces."""
    gaps = ((before.right, piece.left, piece.height) for row in rows for before, piece in pairwise(row))
    return {round((right + left) / 2 / height) * height for right, left, height in gaps if left - right > 0.8 * height}


def _stretches(rows: Sequence[Row], x: float) -> Iterator[tuple[int, int, int, float]]:
    """Stretches of rows with a white strip at `x`: rows of prose on both sides, first row, last row + 1, `x`."""
    start = 0
    for at in range(len(rows) + 1):
        if at == len(rows) or any(piece.left < x < piece.right for piece in rows[at]):
            if (found := _prose(rows[start:at], x)) >= _ROWS:
                yield found, start, at, x
            start = at + 1


def _prose(rows: Sequence[Row], x: float) -> int:
    """How many rows have prose on both sides of `x`; 0 where what stands there is a table, a list or a signature block."""
    sides = [[_words(piece for piece in row if (piece.right <= x) == left) for row in rows] for left in (True, False)]
    both = sum(left > 0 and right > 0 for left, right in zip(*sides, strict=True))
    filled = all((full := [count for count in side if count]) and median(full) >= _PROSE for side in sides)
    return both if filled else 0


def _words(pieces: Iterable[Piece]) -> int:
    return sum(len(word) > 1 and word.strip(",.;:()").isalpha() for piece in pieces for word in piece.text.split())
