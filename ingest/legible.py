"""A view of a contract that rules can read: running words with single spaces, each of them traced back to its place."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.records import Span
from index.spans import without

# One character for one, so that offsets stay: quotation marks, apostrophes, dashes, white space.
_PLAIN = {
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("‘’‚‛`´ʼ′", "'"),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\t\n\x0b\x0c\r\x85\u00a0\u1680\u2028\u2029\u202f\u205f\u3000", " "),
    **{chr(code): " " for code in range(0x2000, 0x200B)},
}
# Doubled spaces; hyphens at a line's end; what is invisible; and rules drawn with dashes, as old filings underline headings
# with them. It begins with one set of characters, because that is what the engine can skip to.
_UNEVEN = re.compile(
    r"[ \-=~*\u200b-\u200f\u00ad\ufeff\ufffe\u2060]"
    r"(?:(?<= ) +|(?<=[a-z]-) +(?=[a-z])|(?<=([\u200b-\u200f\u00ad\ufeff\ufffe\u2060]))|(?<=([-=~*]))\2{4,})"
)

_LINE_END = re.compile(r"\n\s*")
# Between two columns, and between two paragraphs.
_APART = re.compile(r"(?<=\S)(?:[ \t\u00a0]{3,}|\t[ \t]*)(?=\S)|\n[^\S\n]*\n\s*")


@dataclass(frozen=True, slots=True)
class Legible:
    """A contract's words as one line of text; `lines` are the places in it where a line of the document begins.

    `cells` are those where a column or a paragraph does. `text[starts[i]:starts[i + 1]]` stands in the document from
    `origins[i]` on, character for character.
    """

    text: str
    lines: tuple[int, ...]
    cells: tuple[int, ...]
    starts: tuple[int, ...]
    origins: tuple[int, ...]

    def span(self, start: int, end: int) -> Span:
        """Where the words `text[start:end]` stand in the document, without the space around them."""
        while start < end and self.text[start] == " ":
            start += 1
        while end > start and self.text[end - 1] == " ":
            end -= 1
        if start == end:
            return Span(self._origin(start), self._origin(start))
        return Span(self._origin(start), self._origin(end - 1) + 1)

    def place(self, offset: int) -> int:
        """Where a character of the document stands in the view, or where the next one that is in it does."""
        low, high = 0, len(self.text)
        while low < high:
            middle = (low + high) // 2
            if self._origin(middle) < offset:
                low = middle + 1
            else:
                high = middle
        return low

    def line_spans(self, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
        """The lines that begin between two places, each as (start, end) in the view."""
        stop = len(self.text) if end is None else end
        at = bisect_right(self.lines, start - 1)
        while at < len(self.lines) and self.lines[at] < stop:
            yield self.lines[at], self.lines[at + 1] if at + 1 < len(self.lines) else len(self.text)
            at += 1

    def line_end(self, place: int) -> int:
        """Where the line ends that a place stands in."""
        after = bisect_right(self.lines, place)
        return self.lines[after] if after < len(self.lines) else len(self.text)

    def cell_end(self, place: int) -> int:
        """Where the next column or paragraph begins after a place."""
        after = bisect_right(self.cells, place)
        return self.cells[after] if after < len(self.cells) else len(self.text)

    def cell_start(self, place: int) -> int:
        """Where the column or paragraph begins that a place stands in."""
        at = bisect_right(self.cells, place) - 1
        return self.cells[at] if at >= 0 else 0

    def line_start(self, place: int) -> int:
        """Where the line begins that a place stands in."""
        return self.lines[max(0, bisect_right(self.lines, place) - 1)]

    def _origin(self, place: int) -> int:
        run = bisect_right(self.starts, place) - 1
        return self.origins[run] + place - self.starts[run] if run >= 0 else 0


def legible_view(text: str, furniture: Iterable[Span] = ()) -> Legible:
    """See through furniture, line ends, hyphens at them and doubled spaces; typographic signs become plain ones."""
    plain = text
    for sign, usual in _PLAIN.items():
        # Far quicker than `translate`: hardly any of these is in a text.
        if sign in plain:
            plain = plain.replace(sign, usual)
    parts: list[str] = []
    starts, origins = [], []
    length = 0
    for start, end, gap in _runs(text, plain, furniture):
        # A space stands once, whatever it was made of.
        if gap and (not parts or parts[-1].endswith(" ")):
            continue
        begin = start
        if not gap and parts and parts[-1].endswith(" ") and plain[start] == " ":
            begin += 1
        piece = gap or plain[begin:end]
        if piece:
            starts.append(length)
            origins.append(begin)
            parts.append(piece)
            length += len(piece)
    lines = (0, *_places_after(_LINE_END, text, starts, origins, length))
    cells = _places_after(_APART, text, starts, origins, length)
    return Legible("".join(parts), lines, tuple(cells), tuple(starts), tuple(origins))


def _runs(text: str, plain: str, furniture: Iterable[Span]) -> Iterator[tuple[int, int, str]]:
    """Stretches that stay as they are (with no gap), and the gaps between them: a space (`" "`) in place of what is there."""
    for part in without(Span(0, len(plain)), furniture):
        at = part.start
        yield at, at + 1, " "
        for match in _UNEVEN.finditer(plain, part.start, part.end):
            start, end = match.span()
            hyphen = plain[start] == "-" and match[2] is None
            if hyphen and "\n" not in text[start:end]:
                continue
            if start > at:
                yield at, start, ""
            if not hyphen and match[1] is None:
                yield start, end, " "
            at = end
        if at < part.end:
            yield at, part.end, ""


def _places_after(sign: re.Pattern[str], text: str, starts: Sequence[int], origins: Sequence[int], length: int) -> Iterator[int]:
    """Where what follows a sign in the document begins, as places in the view, each once."""
    last = 0
    for match in sign.finditer(text):
        run = bisect_right(origins, match.end()) - 1
        if run < 0:
            continue
        stop = starts[run + 1] if run + 1 < len(starts) else length
        place = min(starts[run] + match.end() - origins[run], stop)
        if last < place < length:
            yield place
            last = place
