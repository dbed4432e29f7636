"""Reckons the day on which a contract ends from how long it runs and from when."""

import re
from datetime import date, timedelta

from ingest.anatomy import Anatomy
from ingest.dates import find_dates
from ingest.durations import Length
from ingest.term_ends import End
from ingest.when import When

_FROM = re.compile(
    r"\b(?:from(?: and (?:after|including))?|after|following|commenc\w+(?: (?:on|upon|with|as of|from|at))?"
    r"|beginn\w+(?: (?:on|upon|with|as of|from|at))?|begins?(?: (?:on|upon|as of))?|starting(?: (?:on|from|as of))?|of"
    r"|subsequent to|measured from|ab|seit)\s(?:and including\s)?(?=(?P<what>(?:the\s|such\s|its\s|dem\s)?[^,.;()]{2,70}))",
    re.IGNORECASE,
)
_OWN_START = re.compile(
    r"\b(?:effective(?: ?\(\w+\))? ?date|date hereof|date of (?:this|the|its|signature|execution|signing)"
    r"|date (?:first )?(?:above|set forth|written|stated|indicated)|first (?:above|set forth|written|stated|date)"
    r"|execution|commencement date|agreement date|above"
    r"|signing|start date|hereof|such date|that date|date (?:on which )?(?:it|this) |contract date|inkrafttreten"
    r"|unterzeichnung|contract year|dated? (?:first|last)|initial|beginning of the term|commencement|last signature)\b",
    re.IGNORECASE,
)
_AGREEMENTS_DATE = re.compile(
    r"\b(?:date (?:of (?:this|the) (?:\w+ ){0,2}?(?:agreement|contract|amendment)|hereof|first|above|set forth|written"
    r"|stated)|hereof|above|execution|signing)\b",
    re.IGNORECASE,
)
_EVENT = re.compile(
    r"\b(?:launch|release|sale|delivery|approval|closing|opening|acceptance|completion|installation|first|receipt"
    r"|go-live|registration|season|event)\b",
    re.IGNORECASE,
)
# What may stand between "commencing on" and the date: "the tentative launch date of".
_CALLS = re.compile(r".{0,7}|\W{0,3}(?:the |an? |its )?(?:\w+ ){0,3}date (?:of|on|which is) (?:the )?", re.IGNORECASE)
_LATER_OF = re.compile(r"\b(?:longer|later|latest|longest|greater) (?:of|to occur of)\b", re.IGNORECASE)
_DAY_BEFORE = re.compile(r"\b(?:day|date) (?:immediately )?(?:prior to|before|preceding)\b", re.IGNORECASE)


def reckoned(paper: Anatomy, best: End, when: When) -> tuple[date | None, str | None, float]:
    """The day, how it was reckoned (or why it can't be), and how sure that is."""
    length = best.length
    if length is None:
        value = best.until.value if best.until else None
        return value, None if value else "the date of its end is left blank", 1.0
    if _LATER_OF.search(paper.text, max(0, length.start - 60), length.start):
        return None, f"{length}, or later: the end depends on what happens", 0.0
    start, origin, sure = _start_of(paper, length, when)
    if start is None:
        return None, f"{length} from {origin}", 0.0
    value = length.after(start)
    note = f"{length} from {origin} {start}" if origin else f"{length} from {start}"
    if value and _DAY_BEFORE.search(paper.text, max(0, best.start - 60), length.start):
        return value - timedelta(days=1), f"the day before {note}", sure
    return value, note, sure


def _start_of(paper: Anatomy, length: Length, when: When) -> tuple[date | None, str, float]:
    """From which day a length is reckoned (one named beside it, else the effective date), what it is, and how sure that is."""
    text = paper.text
    sentence = max(length.start - 260, text.rfind(". ", 0, length.start) + 1, 0)
    stop = text.find(". ", length.end, length.end + 150)
    behind = _FROM.search(text, length.end, stop if stop > 0 else min(len(text), length.end + 150))
    for match in (behind, *reversed(list(_FROM.finditer(text, sentence, length.start)))):
        found = _named_start(paper, match, when, behind=match is behind) if match else None
        if found:
            return found
    return *_effective(when), 0.8


def _named_start(paper: Anatomy, match: re.Match[str], when: When, *, behind: bool) -> tuple[date | None, str, float] | None:
    named = find_dates(paper.text, match.end(), min(len(paper.text), match.end() + 70), day_first=when.day_first)
    if named and named[0].value and _CALLS.fullmatch(paper.text, match.end(), named[0].start):
        return named[0].value, "", 1.0
    what = match["what"].strip()
    if own := _defined_start(paper, what, when.day_first):
        return own, f"{what!r},", 0.95
    if when.agreement and _AGREEMENTS_DATE.search(what):
        return when.agreement.value, "the date of the agreement", 0.95
    if _OWN_START.search(what):
        return *_effective(when), 0.95
    if behind and _EVENT.search(what):
        return None, f"{what!r}, which this document does not date", 0.0
    return None


def _effective(when: When) -> tuple[date | None, str]:
    if when.effective is None:
        return None, "its effective date, which is not known"
    return when.effective.value, "its effective date"


def _defined_start(paper: Anatomy, what: str, day_first: bool) -> date | None:
    """The day that a name stands for which the contract gives it elsewhere: "Launch Date" means June 1, 1999."""
    name = re.search(r"\b(?!Effective)[A-Z]\w+(?: [A-Z]\w+){0,3} Date\b", what)
    if name is None:
        return None
    place = paper.folded.find(f'"{name.group().casefold()}"')
    if place < 0:
        return None
    end = place + len(name.group()) + 2
    after = find_dates(paper.text, end, min(len(paper.text), end + 50), day_first=day_first)
    if after and re.fullmatch(
        r"\W{0,3}(?:(?:shall )?means?|shall be|is|:)\W{0,3}(?:the date of )?", paper.text[end : after[0].start]
    ):
        return after[0].value
    before = find_dates(paper.text, max(0, place - 50), place, day_first=day_first)
    if before and re.fullmatch(r"\W{0,4}(?:the |hereinafter |such date,? )?", paper.text[before[-1].end : place]):
        return before[-1].value
    return None
