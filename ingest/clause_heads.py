"""Headings without numbers: lines of capitals, titles that stand alone or run in, and the terms that definitions begin with."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from ingest.clause_lines import Line
from ingest.clause_marks import Mark, Reading
from ingest.headings import is_capitals, is_title, run_in_title, stands_alone

_TERM = re.compile(
    r"[\"“”„'‘]{1,2}(?P<term>[^\"“”'’\n]{1,80})[\"”“'’]{1,2}(?:\s*\((?:or|the|collectively)?[^)\n]{0,80}\))?"
    r"(?:\s*(?:,|and|or)\s*[\"“'‘][^\"“”'’\n]{1,80}[\"”'’]+)*"
    r"(?P<verb>.{0,60}?\b(?:mean(?:s|ing)?|has the|have the|shall have|refers? to|is defined|includes?|is\b|are\b|bedeutet))?",
)
_PLAIN = re.compile(
    r"(?P<term>[A-Z][\w’'&/-]*(?:\s[\w’'&/()-]+){0,6}?)(?:\s(?:shall\s+mean|means?|shall\s+have\s+the\s+meaning|"
    r"has\s+the\s+meaning)\b|:\s)"
)
_MEANS = re.compile(r"\b(?:mean(?:s|ing)?|refers? to|is defined|bedeutet)\b")
_WORDY = re.compile(r"[^\W\d_]{3,}")
_SIGNED = re.compile(r"by\s*:|/s/|name\s*:|title\s*:|_{4,}", re.I)
_COMMON = 3  # a heading that comes this often is no heading, but something printed on the pages


def heads_in(lines: Sequence[Line], taken: frozenset[int]) -> Mapping[str, list[Mark]]:
    """The unnumbered headings of a text by style, in order; `taken` are the lines that belong to numbers.

    CAP are lines of capitals, TTL titles that stand alone, RUN titles that run in, DEF terms in quotation marks that are
    defined, and TERM those and terms without quotation marks, as they stand among definitions.
    """
    free = [at for at in range(len(lines)) if at not in taken and lines[at].fresh]
    return {
        "CAP": _rare(_capital_heads(lines, free)),
        "TTL": _rare(_standing_heads(lines, free)),
        "RUN": _rare(_run_in_heads(lines, free)),
        "DEF": _definition_heads(lines, plain=False),
        "TERM": _definition_heads(lines, plain=True),
    }


def _capital_heads(lines: Sequence[Line], free: Sequence[int]) -> list[Mark]:
    """Lines of capitals that head the text below them."""
    heads: list[Mark] = []
    for at in free:
        if not _is_loud(lines, at):
            continue
        if heads and heads[-1].line == at - 1:
            heads[-1] = _mark(lines[at - 1], at - 1, f"{heads[-1].title} {lines[at].text}", lines[at].end, "CAP")
        else:
            heads.append(_mark(lines[at], at, lines[at].text, lines[at].end, "CAP"))
    return heads


def _is_loud(lines: Sequence[Line], at: int) -> bool:
    line = lines[at]
    if line.listed or not 4 <= len(line.text) <= 80 or line.text[-1] in ",;" or at + 1 >= len(lines):
        return False
    if not is_capitals(line.text) or not is_title(line.text, strict=True) or not _worded(line.text):
        return False
    above, below = lines[at - 1] if at else None, lines[at + 1]
    if _SIGNED.match(below.text):
        return False
    if above and not line.gap and is_capitals(above.text) and len(above.text) > 60:
        return False
    return stands_alone(lines, at) and len(below.text) > 1 and not below.text[0].islower()


def _standing_heads(lines: Sequence[Line], free: Sequence[int]) -> list[Mark]:
    """Short capitalised titles that stand in a paragraph of their own over prose."""
    heads = []
    for at in free:
        line, below = lines[at], lines[min(at + 1, len(lines) - 1)]
        apart = line.gap and below is not line and (below.gap or line.text.endswith(":"))
        if not apart or not 4 <= len(line.text) <= 60 or line.text[-1] in ".,;":
            continue
        if is_title(line.text.rstrip(":"), strict=True) and _worded(line.text) and _is_prose(lines, at + 1):
            heads.append(_mark(line, at, line.text, line.end, "TTL"))
    return heads


def _is_prose(lines: Sequence[Line], at: int) -> bool:
    """Whether a paragraph of running text begins at a line."""
    long = len(lines[at].text) > 90 or (at + 1 < len(lines) and not lines[at + 1].short)
    return long and lines[at].text[0].isupper()


def _run_in_heads(lines: Sequence[Line], free: Sequence[int]) -> list[Mark]:
    """Paragraphs that begin with a short title and a full stop, as "Governing Law. This Agreement"."""
    heads = []
    for at in free:
        line = lines[at]
        if not (line.gap or line.short) or len(line.text) < 40:
            continue
        if (found := run_in_title(line.text, stops=".")) and len(found[0]) <= 60 and _worded(found[0]):
            heads.append(_mark(line, at, found[0], line.start + found[1], "RUN"))
    return heads


def _definition_heads(lines: Sequence[Line], plain: bool) -> list[Mark]:
    """Paragraphs that define a term; where `plain`, also one without quotation marks."""
    heads = []
    for at, line in enumerate(lines):
        if not line.fresh:
            continue
        match = _TERM.match(line.text)
        below = lines[at + 1].text if at + 1 < len(lines) else ""
        if match and (match["verb"] or _MEANS.search(f"{line.text} {below}"[: match.end() + 120])):
            heads.append(_mark(line, at, line.text[: match.end("term") + 1].strip(), line.start + match.end("term") + 1, "DEF"))
        elif plain and (match := _PLAIN.match(line.text)):
            heads.append(_mark(line, at, match["term"], line.start + match.end("term"), "DEF"))
    return heads


def defines(text: str, start: int) -> bool:
    """Whether the words that begin at `start` define a term."""
    words = text[start : start + 260].lstrip()
    return bool((match := _TERM.match(words)) and (match["verb"] or _MEANS.search(words[: match.end() + 100])))


def _worded(title: str) -> bool:
    """Whether a title is made of words, not of figures and initials."""
    return bool(_WORDY.search(title)) and sum(letter.isdigit() for letter in title) * 4 < len(title)


def _rare(heads: list[Mark]) -> list[Mark]:
    often = Counter(head.title for head in heads)
    return [head for head in heads if often[head.title] < _COMMON]


def _mark(line: Line, at: int, title: str, end: int, style: str) -> Mark:
    return Mark(line.start, end, at, "", title, (Reading(style, (), at),), 1.0)
