"""What happens at the end of a term: whether a contract renews by itself, for how long, and by when that must be stopped."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from index.records import Extracted, Renewal
from ingest.anatomy import Anatomy
from ingest.durations import Length, find_lengths

_AUTOMATIC = re.compile(
    r"\bautomatic(?:ally)?\b[^.;]{0,60}\b(?:renew\w*|exten[ds]\w*|prolong\w*|continu\w*|annual)"
    r"|\b(?:renew\w*|exten(?:ded|sion|d|sions)|prolong\w*|continue[sd]?|roll(?:s"
    r"|ed)? over)\b[^.;]{0,50}\b(?:automatic(?:ally)?|year[- ]to[- ]year|month[- ]to[- ]month|from year to year"
    r"|successive|without further)\b"
    r"|\b(?:shall|will)\s(?:be\s)?(?:thereafter\s)?(?:renewed?|extended?"
    r"|continue(?![^.;]{0,60}\b(?:until|through|for)\b))\b[^.]{0,220}?\bunless\b(?! (?:earlier|sooner|otherwise))"
    r"[^.]{0,120}?\b(?:noti\w+"
    r"|terminat\w+|cancel\w+|elect\w*)"
    r"|\b(?:(?:is|are)\s(?:thereafter\s)?(?:renewed|extended|prolonged)|renews)\b[^.]{0,160}?\bunless\b(?! (?:earlier|sooner"
    r"|otherwise))[^.]{0,120}?\b(?:noti\w+|terminat\w+|cancel\w+|elect\w*)"
    r"|\brenews? (?:by itself|itself|for (?:further|another|successive|additional))\b|\b(?:and|then"
    r"|thereafter)\b[^.;]{0,24}\byear to year\b"
    r"|\bthen continue\b[^.;]{0,40}\buntil\b"
    r"|\bevergreen\b|\bthereafter\b[^.;]{0,40}\b(?:continue|renew)\w*\b[^.;]{0,90}\buntil\b[^.;]{0,30}\bterminat"
    r"|\bstillschweigend\b[^.;]{0,40}\bverläng|\bverlängert sich\b"
    r"|\bcontinue\b[^.;]{0,60}\bthereafter\b[^.;]{0,40}\b(?:until|unless)\b",
    re.IGNORECASE,
)
_NEVER = re.compile(r"\b(?:not|no|never|nor|neither|without)(?:\s(?:be|so|any|an|further))*\s$", re.IGNORECASE)
_OPTION = re.compile(
    r"(?<!unless )\b(?:option|right|may|elect\w*|mutual(?:ly)?|agree\w*|consent|request)\b[^.;]{0,90}\b(?:renew\w*|exten(?:d|ded"
    r"|sion))\b|\b(?:renew\w*|exten(?:d|ded|sion)s?)\b[^.;]{0,80}\b(?:mutual(?:ly)?"
    r"|upon (?:the )?(?:written )?(?:agreement|consent)|by (?:written|amendment)|option|request|subject to)\b"
    r"|\brenewable\b",
    re.IGNORECASE,
)
_SUBJECT = re.compile(r"\b(?:agreement|contract|term|terms|appointment|engagement|vertrag\w*|laufzeit)\b", re.IGNORECASE)
_NOT_THE_CONTRACT = re.compile(
    r"\b(?:registration|domain|insurance|polic(?:y|ies)|trademarks?|patents?|permits?|warrant(?:y|ies)|letter of credit"
    r"|lease of the|statement of work|sow|copyrights?|certificate|purchase orders?|deadline|delivery)\b",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"\b(?:unless|not(?:ice|if\w+)|terminat\w+|cancel\w+|non-?renewal|intent\w*|kündig\w*"
    r"|gekündigt)\b[^.]{0,260}?\b(?:prior|before|in advance|advance|preceding|notice|vor)\b",
    re.IGNORECASE,
)
_LENGTH_IS_NOTICE = re.compile(
    r"^\W{0,2}(?:\([^()]{0,20}\)\s?)?(?:'\s?)?(?:calendar\s|business\s|working\s)?(?:\([^()]{0,8}\)\s)?(?:or more\s"
    r"|but not more than [^,.]{0,30}\s)?(?:(?:written|advance|prior|advanced)\s){0,3}(?:notice|notification|prior|before"
    r"|in advance|advance|preceding|from the end|of (?:the )?(?:expir|end|termination)|vor|zum)",
    re.IGNORECASE,
)
_BEFORE_NOTICE = re.compile(
    r"\b(?:at least|least|less than|later than|minimum of|within|of|upon|given|by|giving|mindestens|frist von|any"
    r"|providing|delivering)\W{0,4}(?:a\s|an\s|period of\s)?$",
    re.IGNORECASE,
)


_PERIODIC = re.compile(
    r"\b(?:year[- ]to[- ]year|month[- ]to[- ]month|(?:annual|monthly|yearly)(?:ly)? (?=renew|period|exten|term|basis"
    r"|thereafter)|annually)\b",
    re.IGNORECASE,
)
_NOTICE_OF = re.compile(r"\bnotice\b[^.;]{0,60}\b(?:of|least|than)\W{0,3}$", re.IGNORECASE)

_SUCCESSIVE = re.compile(r"successive|consecutive|each|terms|periods|subsequent|year[- ]to[- ]year|jeweils", re.IGNORECASE)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Passage:
    start: int
    end: int
    automatic: bool
    score: float
    mark: tuple[int, int]


def read_renewal(paper: Anatomy, expiration: Extracted[date] | None) -> Renewal | None:
    """What a contract says of its renewal; `None` where it says nothing."""
    best = max(_passages(paper), key=lambda passage: passage.score, default=None)
    if best is None or best.score < 1.0:
        return None
    mark = paper.view.span(*best.mark)
    confidence = min(0.95, 0.55 + 0.1 * best.score)
    automatic = Extracted(best.automatic, mark, mark.of(paper.source), confidence)
    notice = _notice(paper, best)
    term = _term(paper, best, notice)
    days = _extracted(paper, notice, notice.days, confidence) if notice else None
    return Renewal(
        automatic,
        _extracted(paper, term, _wording(paper.text, term, best), confidence) if term else None,
        days,
        _deadline(notice, days, expiration, best),
    )


def _extracted(paper: Anatomy, length: Length, value: T, confidence: float) -> Extracted[T]:
    span = paper.view.span(length.start, length.end)
    return Extracted(value, span, span.of(paper.source), confidence)


def _deadline(
    notice: Length | None, days: Extracted[int] | None, expiration: Extracted[date] | None, best: _Passage
) -> Extracted[date] | None:
    """The last day on which the first renewal can still be stopped."""
    if notice is None or days is None or expiration is None or not best.automatic:
        return None
    last = notice.before(expiration.value)
    if last is None:
        return None
    return Extracted(
        last, days.span, days.quote, min(days.confidence, expiration.confidence), f"{notice} before {expiration.value}"
    )


def _passages(paper: Anatomy) -> Iterator[_Passage]:
    """The sentences that speak of renewal, each with how much it is the contract's own."""
    text = paper.text
    for start, stop in paper.stretches(
        (
            "renew",
            "exten",
            "automatic",
            "thereafter",
            "year to year",
            "verläng",
            "evergreen",
            "successive",
            "prolong",
            "then continue",
        ),
        130,
        260,
    ):
        for pattern, says in ((_AUTOMATIC, True), (_OPTION, False)):
            for match in pattern.finditer(text, start, stop):
                denied = bool(_NEVER.search(text, max(0, match.start() - 24), match.start()))
                automatic = says and not denied
                begin, end = _sentence(text, match.start(), match.end())
                sentence = text[begin:end]
                lead = text[max(begin, match.start() - 100) : match.end() + 40]
                score = (
                    1.5 * says
                    + 0.8 * bool(_SUBJECT.search(lead))
                    + 0.7 * bool(re.search(r"\b(?:term|renewal term|initial term)\b", sentence, re.IGNORECASE))
                )
                score += 0.6 * bool(
                    re.search(r"\bthis (?:\w+ ){0,2}?(?:agreement|contract)|initial|vertrag", sentence, re.IGNORECASE)
                )
                score += 0.8 * bool(_STOP.search(sentence)) + 0.4 * bool(
                    re.search(r"\b(?:additional|successive|consecutive|further|subsequent)\b", sentence, re.IGNORECASE)
                )
                score -= 1.6 * bool(_NOT_THE_CONTRACT.search(lead)) + 0.4 * match.start() / (len(text) + 1)
                # An option needs to be about the term, since much else may be extended.
                if says or re.search(r"\brenew|\bterm\b|\bagreement\b", lead, re.IGNORECASE):
                    yield _Passage(begin, end, automatic, score, (match.start(), match.end()))


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """About the sentence around a place, and no further than 500 characters either way."""
    begin = max(text.rfind(". ", max(0, start - 500), start) + 2, start - 500, 0)
    stop = text.find(". ", end, end + 500)
    while stop > 0 and re.search(r"\b(?:Sec|No|Inc|Art|Ltd|Corp|\d)$", text[max(0, stop - 4) : stop]):
        stop = text.find(". ", stop + 1, end + 500)
    return begin, stop if stop > 0 else min(len(text), end + 500)


def _notice(paper: Anatomy, best: _Passage) -> Length | None:
    """How long before the end notice must be given: in the sentence of the renewal, or in the one after it."""
    text = paper.text
    for start, end in (
        (best.start, best.end),
        (best.end, min(len(text), best.end + 420)),
        (max(0, best.start - 350), best.start),
    ):
        found = []
        for length in find_lengths(text, start, end):
            after = text[length.end : length.end + 90]
            before = text[max(start, length.start - 140) : length.start]
            if not (
                _LENGTH_IS_NOTICE.match(after)
                or _NOTICE_OF.search(before)
                or (_BEFORE_NOTICE.search(before) and re.match(r"[^.;]{0,60}\b(?:prior|before|advance)\b", after))
            ):
                continue
            about = before + after
            score = 2.0 * bool(
                re.search(r"\b(?:notice|notif\w+|noti|terminat\w+|cancel\w+|renew\w*|intent\w*)\b", about, re.IGNORECASE)
            )
            score += 1.0 * bool(
                re.match(r"[^.;]{0,70}\b(?:end|expir\w+|renewal|term|anniversary|termination|ablauf)\b", after, re.IGNORECASE)
            )
            score += 0.8 * bool(_BEFORE_NOTICE.search(before)) - 1.5 * bool(
                re.search(r"\b(?:cure|breach|default|insolven\w+|bankrupt\w+|payment|negotiat\w+)\b", about, re.IGNORECASE)
            )
            score += 1.0 * bool(
                re.search(
                    r"\b(?:following|after|during) the (?:initial|extended|renewal) (?:term|period)",
                    text[start : length.start],
                    re.IGNORECASE,
                )
            )
            outside = (start, end) != (best.start, best.end)
            if score >= (3.0 if outside else 1.5):
                found.append((score, -length.start, length))
        if found:
            return max(found, key=lambda each: each[:2])[2]
    return None


def _term(paper: Anatomy, best: _Passage, notice: Length | None) -> Length | None:
    """How long a renewal lasts: the length nearest to the words that say it renews, the initial term left out."""
    text = paper.text
    found = []
    periods = [
        Length(match.start(), match.end(), 1, "month" if match.group().lower().startswith("month") else "year")
        for match in _PERIODIC.finditer(text, best.start, best.end)
    ]
    for length in (*find_lengths(text, best.start, best.end), *periods):
        if (
            (notice and length.start == notice.start)
            or length.unit == "day"
            or _LENGTH_IS_NOTICE.match(text[length.end : length.end + 40])
        ):
            continue
        before = text[max(best.start, length.start - 60) : length.start]
        about = text[max(best.start, length.start - 40) : length.end + 30]
        score = 2.0 * bool(
            re.search(
                r"\b(?:renew\w*|exten\w+|additional|successive|consecutive|further|subsequent|another|thereafter|annual"
                r"|jeweils|verlängert)\b",
                about,
                re.IGNORECASE,
            )
        )
        score += (
            1.0 * (length in periods)
            - 1.5 * bool(re.search(r"\binitial\b[^.;]{0,30}$|\bfor an? (?:initial )?(?:term|period) of $", before, re.IGNORECASE))
            + 0.002 * abs(length.start - best.mark[1])
        )
        found.append((score, -length.start, length))
    return max(found, key=lambda each: each[:2])[2] if found and max(found, key=lambda each: each[:2])[0] > 0.5 else None


def _wording(text: str, term: Length, best: _Passage) -> str:
    about = text[max(best.start, term.start - 60) : min(best.end, term.end + 40)]
    return f"successive {term}" if _SUCCESSIVE.search(about) else str(term)
