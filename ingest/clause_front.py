"""Where a contract's front ends: its title, who enters into it and why."""

import re
from collections.abc import Sequence

from ingest.clause_lines import Line

_BETWEEN = re.compile(r"\b(?:between|among|by and between|zwischen|with)\b", re.I)
_BETWEEN_ALONE = re.compile(r"(?:by\s+and\s+)?(?:between|among|zwischen)\W*$", re.I)
_NAMES = re.compile(r"\b(?:agreement|contract|lease|amendment|license|licence|vertrag|deed|addendum|undersigned)\b", re.I)
_AGREED = re.compile(
    r"(?:\b(?:agrees?|agreed|covenants?|undertakes?|contract|vereinbaren|provided)\b[^.;]{0,60}|\bas follows|wie folgt|"
    r"following[^.;]{0,30})[:.]\s*$",
    re.I,
)
_RECITES = re.compile(
    r"(?:and\s+)?\b(?:now,?\s+)?(?:whereas|therefore|in consideration|witnesseth|intending to be|folgendes)\b", re.I
)
_RECITALS = re.compile(
    r"\W*(?:recitals?|background|whereas|w\s*i\s*t\s*n\s*e\s*s\s*s\s*e\s*t\s*h|preamble|pr[äa]ambel|introduction)\W*$", re.I
)
_FARTHEST = 250


def front_end(lines: Sequence[Line], first: int, last: int) -> tuple[int, bool]:
    """The character at which the front of a document ends that begins on line `first`; it lasts until `last` at the most.

    The front ends behind the words "agree as follows"; then the answer is certain. Where there are none it ends behind the
    paragraph that names the parties, or else behind the title.
    """
    named = None
    recital = None
    for at in range(first, min(last, first + _FARTHEST)):
        text = lines[at].text
        if lines[at].fresh and (_RECITES.match(text) or _RECITALS.match(text)):
            recital = at
        if named is None and _names_parties(lines, at, first):
            named = at
        opened = recital is not None or named is not None or "follow" in text
        if opened and _AGREED.search(text) and at + 1 < last and lines[at + 1].fresh:
            return lines[at + 1].start, True
    if named is None and recital is None:
        prose = next((at for at in range(first, min(last, first + _FARTHEST)) if len(lines[at].text) > 70), first)
        return lines[prose].start, False
    return _paragraph_end(lines, max(named or first, recital or first), last), False


def _names_parties(lines: Sequence[Line], at: int, first: int) -> bool:
    """Whether a line is of the sentence that says who contracts: "This Lease is made between"."""
    if _BETWEEN_ALONE.match(lines[at].text):
        return True
    if len(lines[at].text) < 40 or not _BETWEEN.search(lines[at].text):
        return False
    return any(_NAMES.search(line.text) for line in lines[max(first, at - 3) : at + 1])


def _paragraph_end(lines: Sequence[Line], at: int, last: int) -> int:
    """Where the paragraph ends that a line belongs to."""
    at += 1
    while at < last and not (lines[at].gap or (lines[at].fresh and lines[at].short)):
        at += 1
    return lines[at].start if at < last else lines[at - 1].end
