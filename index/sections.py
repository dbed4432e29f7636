"""Finds the section that a question names by its number: "section 12.2", "Article IV", "clause 7(b)"."""

import re
from collections.abc import Iterator, Sequence

from index.records import Clause, Span

_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_NUMERALS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv")
_NO_SENSE = re.compile(r"[^a-z0-9.]+")
# No chain of numbers is longer: "12.2(a)(iv)(B)".
_DEEPEST = 6


def section_spans(text: str, clauses: Sequence[Clause], number: Sequence[str]) -> list[Span]:
    """Where the section of this number stands, with all that is below it: ("12.2", "(a)") is (a) of 12.2.

    Several spans where the document counts more than once (exhibits with their own numbers), in its order; none where it
    has no such section. Tables of contents are left out.
    """
    first, *below = (normal_number(part) for part in number[:_DEEPEST])
    spans = [span for at in _numbered(clauses, first) if (span := _within(text, clauses, at, below))]
    # "12.2(a)" may be printed as one number.
    return spans or [_with_below(clauses, at) for at in _numbered(clauses, "".join((first, *below)))]


def normal_number(number: str) -> str:
    """A clause's number as it compares: "12.2." and "12.2" are one, "(a)" and "a" are one, "IV" and "4" are one."""
    bare = _NO_SENSE.sub("", number.lower()).strip(".")
    return str(_from_roman(bare)) if len(bare) > 1 and set(bare) <= set(_ROMAN) else bare


def _from_roman(letters: str) -> int:
    values = [_ROMAN[letter] for letter in letters]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))


def _numbered(clauses: Sequence[Clause], number: str) -> Iterator[int]:
    for at, clause in enumerate(clauses):
        if clause.kind != "contents" and clause.number is not None and normal_number(clause.number) == number:
            yield at


def _within(text: str, clauses: Sequence[Clause], at: int, below: Sequence[str]) -> Span | None:
    """Where the parts named one below the other stand in a clause: as clauses of their own, or as items of its text."""
    span = _with_below(clauses, at)
    for part in below:
        own = [place for place in range(at + 1, _end(clauses, at)) if normal_number(clauses[place].number or "") == part]
        found = _with_below(clauses, own[0]) if own else _item(text, span, part)
        if found is None:
            return None
        at, span = own[0] if own else at, found
    return span


def _item(text: str, span: Span, marker: str) -> Span | None:
    """An item of a clause's text from its marker, "(b)", up to the next one, "(c)", or the clause's end."""
    start = _marked(text, span, marker)
    if start is None:
        return None
    rest = Span(start + 1, span.end)
    ends = [end for after in _following(marker) if (end := _marked(text, rest, after)) is not None]
    return Span(start, min(ends, default=span.end))


def _marked(text: str, span: Span, marker: str) -> int | None:
    printed = "|".join({marker, *_NUMERALS[int(marker) - 1 : int(marker)]} if marker.isdigit() and marker != "0" else {marker})
    match = re.compile(rf"(?<![\w)])\((?:{printed})\)", re.IGNORECASE).search(text, span.start, span.end)
    return match.start() if match else None


def _following(marker: str) -> Iterator[str]:
    """What may come after a marker: (h) is followed by (i), and (i) by (j) or (ii)."""
    if marker.isdigit():
        yield str(int(marker) + 1)
    else:
        yield chr(ord(marker[-1]) + 1)
        if marker in _NUMERALS[:-1]:
            yield _NUMERALS[_NUMERALS.index(marker) + 1]


def _end(clauses: Sequence[Clause], above: int) -> int:
    """The first clause after one that is not below it."""
    for at in range(above + 1, len(clauses)):
        if clauses[at].level <= clauses[above].level:
            return at
    return len(clauses)


def _with_below(clauses: Sequence[Clause], at: int) -> Span:
    return Span(clauses[at].span.start, clauses[_end(clauses, at) - 1].span.end)
