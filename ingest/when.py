"""When a contract was made and from when it holds: the dates of its preamble, its definitions and its signatures."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from index.records import Extracted
from ingest.anatomy import Anatomy
from ingest.dates import Found, find_dates, writes_day_first

_MADE = re.compile(
    r"\b(?:made|entered|dated|executed|signed|concluded|as of|effective|date|on this|dates?:?|vom|am|geschlossen|le"
    r"|del)\b[^.;]{0,60}$",
    re.IGNORECASE,
)
# Words after which a date is another paper's or event's, unless "this agreement" comes between.
_PAST = re.compile(
    r"\b(?:that certain|under (?:the|that|an?) (?:[\w-]+ ){1,5}agreement|amend(?:s|ed|ing)"
    r"|amendment (?:no\. ?\d+ )?to (?:the|that)|pursuant to|order dated|reference is"
    r"|reference to|power of attorney|established|incorporated|registered|born|filed|patent|expir\w+"
    r"|terminat\w+|no later than|prior to|ending|until|through|before|(?:lease|letter|licen[cs]e|contract"
    r"|proposal) dated|(?:to|under|in|by|of) (?:the|an?) (?:[A-Z][\w-]* ){1,6}agreements?,?"
    r"(?:\s?\([^()]{0,60}\)|ref\.|[^.;()]){0,60}? (?:dated|executed|entered|made)|schedules? 13[dg]\b)\b",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"\bthis\b|\(?(?:the )?\"(?:agreement|amendment|contract|addendum)\"|\b(?:is|are) (?:made|entered)", re.IGNORECASE
)
_NAME = r"(?:effective|commencement|start|contract|beginning|inception)[ -]?(?:effective )?date\"?"
_EFFECTIVE_NAME = rf"\"?(?:the )?{_NAME}"
_AFTER_IS_EFFECTIVE = re.compile(
    rf"^\W{{0,6}}(?:\(?\s?(?:[^()\"]{{0,60}})?[\"(]\s?(?:the |an? )?(?:\w+ )?{_NAME})", re.IGNORECASE
)
_LABEL_BEFORE = re.compile(rf"{_NAME}\s?:\s?$", re.IGNORECASE)
_DEFINED = re.compile(
    rf"(?:{_EFFECTIVE_NAME}\s?(?:(?:of|for) (?:this|the) (?:agreement"
    rf"|contract)\s)?(?:,?\s?(?:as used herein\s)?(?:shall\s|will\s)?(?:means?|be|is|has)\b|:|-|\bof\b|\)?,? which is)"
    r"|\beffective\s(?:as\s(?:of|from)|on|from|date of)?|\bwith effect (?:from|as of|on)|\b(?:commenc\w+|beginn\w+"
    r"|begins?|start\w*|takes? effect|runs|(?:comes?|enters?) into (?:force|effect)|in Kraft|becomes? effective"
    r"|shall be effective)\s(?:on"
    r"|as of|from|upon|with|at|am)?|\b(?:tritt|beginnt|gilt)\s(?:am|ab|zum|mit Wirkung (?:vom|zum|ab))(?:\sdem)?)"
    r"\s?(?:the date (?:of\s)?|the\s)?\W{0,3}",
    re.IGNORECASE,
)
_LEADS_TO_DATE = re.compile(
    r"[\s\"'(:,-]*(?:(?:for all purposes )?(?:as of|of|on|from|is)?\s?(?:the|this)?(?: day of)?)[\s\"'(:,-]*"
    r"|(?:day of |[^.;]{0,70}\bi\.e\.,?\s|\d{1,2}[:.]\d\d ?[ap]\.?m\.?,? (?:[\w ]{1,30}? time,? )?(?:on |of )?)",
    re.IGNORECASE,
)
# Of "effective June 1, 2025 (the "MSA")" the date is the MSA's.
_NAMES_A_PAPER = re.compile(r"\W{0,2}\((?:the |as amended[^()\"]{0,40})\"(?![^\"]*date)", re.IGNORECASE)
_BY_SIGNATURE = re.compile(
    rf"{_EFFECTIVE_NAME}[^.;]{{0,80}}?\b(?:date|day)\b[^.;]{{0,80}}?\b(?:last|later|latest|final|both|signature|signed"
    rf"|executed|execution|signing)\b"
    r"|\beffective[^.;]{0,60}?\b(?:last|later|latest)\b[^.;]{0,60}?\b(?:signature|signed|execut\w+|sign)\b"
    r"|\blater of the (?:two )?(?:signature )?dates\b|\bdate of (?:the )?last signature",
    re.IGNORECASE,
)
_DAY_AFTER = re.compile(r"\bday (?:immediately )?(?:after|following)\b", re.IGNORECASE)
_SIGNED_ON = re.compile(r"\b(?:dated?|date signed|datum|on|as of|this|signed|executed)\W{0,6}(?:\w+\W){0,3}$", re.IGNORECASE)
# The register's line at the foot of a page: "Source: ACME INC, 10-K, 3/14/2018".
_SOURCE_LINE = re.compile(r"\bSource:\s[^.;]{0,80}$", re.IGNORECASE)
_NOT_STATED = "no date is stated"


@dataclass(frozen=True, slots=True)
class When:
    """Both dates with their proof, the candidates that lost, and why a date is not known."""

    agreement: Extracted[date] | None
    effective: Extracted[date] | None
    others: tuple[Extracted[str], ...]
    unknown: dict[str, str]
    day_first: bool


def read_dates(paper: Anatomy) -> When:
    """The date of the agreement and the date it takes effect on."""
    day_first = writes_day_first(paper.text)
    preamble = _preamble_dates(paper, day_first)
    signing = _signature_dates(paper, day_first)
    agreement, why = _agreement(paper, preamble, signing, day_first)
    effective, why_effective = _effective(paper, preamble, signing, agreement, day_first)
    if agreement is None and effective is not None and why == _NOT_STATED:
        agreement = replace(effective, confidence=0.6, note="no other date is stated: the date it takes effect on")
    unknown = {}
    if agreement is None:
        unknown["agreement_date"] = why
    if effective is None:
        unknown["effective_date"] = why_effective or why
    taken = {value.value for value in (agreement, effective) if value}
    losers = [found for found in (*preamble, *signing) if found.value and found.value not in taken]
    others = tuple(_proof(paper, found, str(found.value), 0.2) for found in losers[:6])
    return When(agreement, effective, others, unknown, day_first)


def _proof(paper: Anatomy, found: Found, value: str, confidence: float) -> Extracted[str]:
    span = paper.view.span(found.start, found.end)
    return Extracted(value, span, span.of(paper.source), confidence)


def _dated(paper: Anatomy, found: Found, confidence: float, note: str | None = None) -> Extracted[date] | None:
    if found.value is None:
        return None
    span = paper.view.span(found.start, found.end)
    return Extracted(found.value, span, span.of(paper.source), confidence, note)


def _preamble_dates(paper: Anatomy, day_first: bool) -> list[Found]:
    """The dates of the preamble that are its own, and not another paper's."""
    start, end = paper.preamble
    return [
        found
        for found in find_dates(paper.text, start, end, day_first=day_first)
        if not _of_another(paper.text, max(start, found.start - 130), found.start)
        and not _SOURCE_LINE.search(paper.text, max(start, found.start - 90), found.start)
    ]


def _of_another(text: str, start: int, end: int) -> bool:
    """Whether the words before a date make it another paper's: "amends that certain agreement dated"."""
    past = max((match.end() for match in _PAST.finditer(text, start, end)), default=-1)
    return past >= 0 and not any(match.start() >= past for match in _OWN.finditer(text, start, end))


def _signature_dates(paper: Anatomy, day_first: bool) -> list[Found]:
    if paper.closing is None:
        return []
    start, end = paper.closing
    found = find_dates(paper.text, start, end, day_first=day_first)
    return [
        each
        for each in found
        if not _of_another(paper.text, max(start, each.start - 60), each.start)
        and not _SOURCE_LINE.search(paper.text, max(start, each.start - 90), each.start)
    ]


def _agreement(
    paper: Anatomy, preamble: list[Found], signing: list[Found], day_first: bool
) -> tuple[Extracted[date] | None, str]:
    made = [found for found in preamble if _MADE.search(paper.text, max(0, found.start - 70), found.start)] or preamble
    if made and made[0].value:
        return _dated(paper, made[0], 0.95), ""
    blank = bool(made)
    if witness := _witness_date(paper, signing):
        return _dated(paper, witness, 0.6 if blank else 0.88, "from the words before the signatures"), ""
    if not blank and (cover := _cover_date(paper, day_first)):
        return _dated(paper, cover, 0.8, "from the cover"), ""
    if blank:
        return None, _left_blank(paper, made[0])
    if last := _last(signing):
        return _dated(paper, last, 0.7, "the last date beside a signature"), ""
    return None, _NOT_STATED


def _witness_date(paper: Anatomy, signing: list[Found]) -> Found | None:
    """A date in the sentence before the signatures: "executed as of June 5, 2014"."""
    if paper.closing is None:
        return None
    start = paper.closing[0]
    first = next((found for found in signing if found.value), None)
    if first and first.start - start < 420 and not re.search(r"\bDate\W{0,3}$|/s/|\bBy\b", paper.text[start : first.start]):
        return first
    return None


def _cover_date(paper: Anatomy, day_first: bool) -> Found | None:
    start, end = paper.cover
    for found in find_dates(paper.text, start, min(end, start + 3_000), day_first=day_first):
        before = paper.text[max(start, found.start - 130) : found.start]
        if (
            found.value
            and not _of_another(paper.text, max(start, found.start - 130), found.start)
            and not re.search(r"\bsource\b[^.]{0,80}$|filed|\brule\b", before, re.IGNORECASE)
        ):
            return found
    return None


Answer = tuple[Extracted[date] | None, str]


def _effective(
    paper: Anatomy, preamble: list[Found], signing: list[Found], agreement: Extracted[date] | None, day_first: bool
) -> Answer:
    # Where the agreement has a date of its own, another one must be said more plainly.
    plain = 0.6 if agreement else 0.0
    defined = [(score, found) for score, found in _defined_dates(paper, day_first) if score > plain]
    return (
        _named_in_preamble(paper, preamble)
        or _defined_plainly(paper, defined)
        or _by_signature(paper, signing)
        or _the_agreements(agreement, blank=bool(defined))
    )


def _named_in_preamble(paper: Anatomy, preamble: list[Found]) -> Answer | None:
    """The date that the preamble calls the effective date."""
    for found in preamble:
        label = _LABEL_BEFORE.search(paper.text, max(0, found.start - 40), found.start)
        if label or _AFTER_IS_EFFECTIVE.match(paper.text[found.end : found.end + 120]):
            return _dated(paper, found, 0.96), _left_blank(paper, found)
    return None


def _left_blank(paper: Anatomy, found: Found) -> str:
    return f"its date is left blank: {paper.text[found.start : found.end].strip()!r}"


def _defined_plainly(paper: Anatomy, defined: list[tuple[float, Found]]) -> Answer | None:
    if not defined:
        return None
    _, best = max(defined, key=lambda candidate: (candidate[0], -candidate[1].start))
    dated = _dated(paper, best, 0.85)
    return (dated, "") if dated else None


def _by_signature(paper: Anatomy, signing: list[Found]) -> Answer | None:
    """The last date beside a signature, where the contract says that it takes effect then."""
    reference = _BY_SIGNATURE.search(paper.text)
    if reference is None:
        return None
    last = _last(signing)
    if last is None:
        return None, f"it is the date of the last signature, and none is dated: {reference.group()!r}"
    signed = _dated(paper, last, 0.85, f"the last date beside a signature, since the contract says: {reference.group()!r}")
    if signed and _DAY_AFTER.search(paper.text, max(0, reference.start() - 40), reference.end()):
        return replace(signed, value=signed.value + timedelta(days=1)), ""
    return signed, ""


def _last(dates: list[Found]) -> Found | None:
    return max((found for found in dates if found.value), key=lambda found: found.value or date.min, default=None)


def _the_agreements(agreement: Extracted[date] | None, *, blank: bool) -> Answer:
    if blank or agreement is None:
        return None, "its effective date is left blank" if blank else ""
    note = "no other effective date is stated: the date of the agreement"
    return replace(agreement, confidence=min(0.7, agreement.confidence), note=note), ""


def _defined_dates(paper: Anatomy, day_first: bool) -> Iterator[tuple[float, Found]]:
    """Dates that the contract says it takes effect on, each with how plainly it says so."""
    text = paper.text
    end = paper.closing[0] if paper.closing else len(text)
    for start, stop in paper.stretches(
        (
            "effective",
            "commenc",
            "with effect",
            "begin",
            "start",
            "runs from",
            "into force",
            "into effect",
            "take effect",
            "takes effect",
            "tritt ",
        ),
        40,
        140,
    ):
        for match in _DEFINED.finditer(text, start, stop):
            found = next(iter(find_dates(text, match.end(), min(len(text), match.end() + 110), day_first=day_first)), None)
            if found and _LEADS_TO_DATE.fullmatch(text, match.end(), found.start) and not _NAMES_A_PAPER.match(text, found.end):
                yield _plainness(paper, match, found, end), found


def _plainness(paper: Anatomy, match: re.Match[str], found: Found, end: int) -> float:
    said = match.group().casefold()
    before = paper.text[max(0, match.start() - 160) : match.start()].casefold()
    score = 3.0 * ("date" in said) + 0.5 * said.lstrip('"').startswith("effective")
    score += 1.5 * bool(
        re.search(
            r"\b(?:(?:this|the) (?:agreement|contract|amendment|sow|lease|sublease|order|appointment|(?:joint )?venture)|term"
            r"|dieser vertrag)\b[^.;]{0,100}$"
            r"|\.\s+it $",
            before,
        )
    )
    score += 2.0 * (paper.preamble[0] <= match.start() < paper.preamble[1])
    score -= 1.5 * _of_another(paper.text, max(0, match.start() - 100), match.start())
    score -= 1.0 * (found.value is None) + 3.0 * (match.start() > end and "mean" not in said)
    return score - match.start() / (len(paper.text) + 1)
