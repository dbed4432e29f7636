"""How much of an answer fits: whole rows, within what an assistant can take in at once."""

import json
import re
from collections.abc import Iterable
from itertools import accumulate, takewhile
from typing import Any

# Claude Code refuses answers over 25,000 tokens, and other clients less; a model reads a page of this size well.
CHARACTERS = 20_000
# The frame of an answer: names of fields, marks, links, the sentence above the rows.
FRAME = 1_500

_END = re.compile(r"[.;:!?]\s+|\n\s*")
_SPACE = re.compile(r"\s+")


def size(value: Any) -> int:
    """How many characters a JSON value takes."""
    return len(json.dumps(value, ensure_ascii=False))


def fitting(costs: Iterable[int], room: int) -> int:
    """How many rows, from the first, fit into so many characters."""
    return sum(1 for _ in takewhile(lambda used: used <= room, accumulate(costs)))


def fits(text: str, room: int) -> int:
    """How many characters of a text fit where it is told twice, for programs and for people."""
    if _twice(text) <= room:
        return len(text)
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _twice(text[:middle]) <= room else (low, middle - 1)
    return low


def whole(text: str, length: int, ends: bool) -> int:
    """Where to end within the first `length` characters: never inside a word.

    The last sentence's or line's end in the last fifth, or else the last space. `ends` says that the text may end where it does.
    """
    if ends and length == len(text):
        return length
    sentences = [match.end() for match in _END.finditer(text, length * 4 // 5, length)]
    spaces = [match.end() for match in _SPACE.finditer(text, 0, length)]
    return (sentences or spaces or [length])[-1]


def _twice(text: str) -> int:
    return 2 * size(text)
