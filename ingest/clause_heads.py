"""Headings without numbers: lines of capitals, and the terms that definitions begin with."""

import re
from collections.abc import Sequence

from ingest.clause_lines import Line
from ingest.clause_marks import Mark, Reading
from ingest.headings import is_capitals, is_title

_TERM = re.compile(
    r"[\"“”„'‘]{1,2}(?P<term>[^\"“”'’\n]{1,80})[\"”“'’]{1,2}(?:\s*\((?:or|the|collectively)?[^)\n]{0,80}\))?"
    r"(?:\s*(?:,|and|or)\s*[\"“'‘][^\"“”'’\n]{1,80}[\"”'’]+)*"
    r"(?P<verb>.{0,60}?\b(?:mean(?:s|ing)?|has the|have the|shall have|refers? to|is defined|includes?|is\b|are\b|bedeutet))?",
)
_PLAIN = re.compile(
    r"(?P<term>[A-Z][\w’'&/-]*(?:\s[\w’'&/()-]+){0,6}?)\s(?:shall\s+mean|means?|shall\s+have\s+the\s+meaning|has\s+the\s+meaning)\b"
)
_MEANS = re.compile(r"\b(?:mean(?:s|ing)?|refers? to|is defined|bedeutet)\b")


def capital_heads(lines: Sequence[Line], first: int, last: int, taken: frozenset[int]) -> list[Mark]:
    """Lines of capitals that head the text below them; `taken` are the lines that belong to numbers."""
    heads: list[Mark] = []
    for at in range(first, last):
        if at in taken or not _is_head(lines, at, last):
            continue
        if heads and heads[-1].line == at - 1:
            heads[-1] = _mark(lines[heads[-1].line], at - 1, f"{heads[-1].title} {lines[at].text}", lines[at].end, "CAP")
        else:
            heads.append(_mark(lines[at], at, lines[at].text, lines[at].end, "CAP"))
    return heads


def _is_head(lines: Sequence[Line], at: int, last: int) -> bool:
    line = lines[at]
    if not line.fresh or line.listed or not 4 <= len(line.text) <= 80 or line.text[-1] in ",;":
        return False
    if not is_capitals(line.text) or not is_title(line.text, strict=True) or at + 1 >= last:
        return False
    below = lines[at + 1]
    return below.short and len(below.text) > 1 and not below.text[0].islower()


def definition_heads(lines: Sequence[Line], first: int, last: int, plain: bool) -> list[Mark]:
    """Paragraphs that define a term; where `plain`, also terms without quotation marks, as in a list of definitions."""
    heads = []
    for at in range(first, last):
        line = lines[at]
        if not line.fresh or line.listed:
            continue
        match = _TERM.match(line.text)
        below = lines[at + 1].text if at + 1 < last else ""
        if match and (match["verb"] or _MEANS.search(f"{line.text} {below}"[: match.end() + 120])):
            heads.append(_mark(line, at, line.text[: match.end("term") + 1].strip(), line.start + match.end("term") + 1, "DEF"))
        elif plain and (match := _PLAIN.match(line.text)):
            heads.append(_mark(line, at, match["term"], line.start + match.end("term"), "DEF"))
    return heads


def defines(text: str, start: int) -> bool:
    """Whether the words that begin at `start` define a term."""
    words = text[start : start + 260].lstrip()
    return bool((match := _TERM.match(words)) and (match["verb"] or _MEANS.search(words[: match.end() + 100])))


def _mark(line: Line, at: int, title: str, end: int, style: str) -> Mark:
    return Mark(line.start, end, at, "", title, (Reading(style, (), at),), 1.0)
