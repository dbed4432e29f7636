"""Finds the dates and lengths of time that may be the end of a contract."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from ingest.anatomy import Anatomy
from ingest.dates import Found, find_dates
from ingest.durations import Length, find_anniversaries, find_lengths
from ingest.term_signs import length_plainness, plainness
from ingest.when import When

_UNTIL = re.compile(
    r"\b(?:until|through|thru|till|to|ending(?: on)?|ends?(?: on| as of)?|expir(?:es?|ing|e automatically)(?: on| at"
    r"| as of)?|conclud(?:es?|ing)(?: on| at)?"
    r"|terminat(?:es?|ing|e automatically)(?: on| as of| at| effective)?|bis(?: zum)?|up to|later than"
    r"|period ending|(?<=\d\d\d\d) ?-)"
    r"\s?(?:and including\s|and through\s|to\s)?(?:on\s)?(?:the\s(?:close of business on\s|end of (?:the day on\s)?"
    r"|earlier of\W{1,3}(?:\(?\w{1,2}\)\s)?|last day (?:of|in)\s)?)?(?:midnight\s(?:on\s)?(?:of\s)?"
    r"|close of business on\s|11:59 ?p\.?m\.?[^.;]{0,30}?on\s|12:00[^.;]{0,30}?on\s)?(?:the\s)?\W{0,2}$",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:19|20)(?:\d\d|_)|[/-]\d\d\b|\]")
_YEAR_END = re.compile(
    r"\bend of (?:(?:the )?(?:calendar )?(?:year )?(?P<year>(?:19|20)\d\d)\b|the (?:current|then[- ]current|same"
    r"|present) (?:calendar )?year\b)",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"\b(?:from|commenc\w+|beginn\w+|period of time from|between)\b[^.;]{0,12}\b(?:[A-Z]\w+\.? )?\d[^.;]{0,26}$", re.IGNORECASE
)
_LABEL = re.compile(
    r"\b(?:expiration|expiry|termination|end|ending|term end)[ -]date\"?\)?\s?(?::|-|means|shall mean|is|shall be"
    r"|of this agreement (?:is|shall be))\s?\W{0,3}(?:on\s)?$",
    re.IGNORECASE,
)
_LABEL_AFTER = re.compile(
    r"\W{0,4}\((?:the |its )?[\"“](?:maturity|expiration|expiry|termination|end(?:ing)?) date[\"”]", re.IGNORECASE
)
# No contract has more dates or lengths of time than this that could be its end.
_MOST = 2_000


@dataclass(frozen=True, slots=True)
class End:
    """A date or a length that may be the end of the term, and how much speaks for it; `start` to `end` is what to quote."""

    start: int
    end: int
    score: float
    until: Found | None = None
    length: Length | None = None


def possible_ends(paper: Anatomy, when: When) -> Iterator[End]:
    """Dates and lengths that may be the contract's end, each with how much speaks for it."""
    text = paper.text
    closing = paper.closing[0] if paper.closing else len(text)
    lengths = [
        length for length in (*find_anniversaries(text, 0, len(text)), *find_lengths(text, 0, len(text))) if length.days >= 28
    ][:_MOST]
    for found in (*islice(_dates_in(text, when.day_first), _MOST), *_year_ends(text, when)):
        window = text[max(0, found.start - 110) : found.start]
        match = _LABEL.search(window) or _UNTIL.search(window)
        if named := _LABEL_AFTER.match(text, found.end):
            score = 2.6 + max(0.0, plainness(text, found.start, found.end, late=found.start > closing))
            yield End(found.start, named.end(), score, until=found)
        elif match:
            begin = found.start - len(window) + match.start()
            plain = plainness(text, begin, found.end, late=begin > closing)
            score = 3.6 + max(0.0, plain) if match.re is _LABEL else plain + 0.4 * (match.group()[:2].lower() != "to")
            score -= 1.2 * (found.value is None)
            # "for three years expiring May 31, 2001": the day itself says more than the length.
            score += 1.2 * any(0 <= begin - length.end < 30 for length in lengths)
            score += 1.0 * bool(_RANGE.search(window[: match.start()]))
            yield End(begin, found.end, score, until=found)
    for length in lengths:
        score = plainness(text, length.start, length.end, late=length.start > closing) + length_plainness(text, length)
        yield End(_phrase_start(text, length.start), length.end, score, length=length)


def _dates_in(text: str, day_first: bool) -> Iterator[Found]:
    """All dates of a contract with a year, looked for only around what may be one."""
    last = 0
    for sign in _YEAR.finditer(text):
        if sign.start() >= last:
            for found in find_dates(text, max(last, sign.start() - 44), min(len(text), sign.end() + 4), day_first=day_first):
                last = max(last, found.end)
                yield found


def _year_ends(text: str, when: When) -> Iterator[Found]:
    """The last day of a year that is named by its end: "until the end of 2006", "the end of the current calendar year"."""
    for match in _YEAR_END.finditer(text):
        if match["year"]:
            yield Found(match.start(), match.end(), date(int(match["year"]), 12, 31))
        elif when.effective:
            yield Found(match.start(), match.end(), date(when.effective.value.year, 12, 31))


def _phrase_start(text: str, place: int) -> int:
    """Back to the words that lead to a length: "shall continue for a period of"."""
    window = text[max(0, place - 70) : place]
    match = re.search(r"\b(?:for|of|until|through|on|be|is|shall|will|from)\b[^.;,]*$", window)
    return place - len(window) + match.start() if match else place
