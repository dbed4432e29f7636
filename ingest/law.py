"""Which law governs a contract, and where disputes are decided."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.records import Extracted
from ingest.anatomy import Anatomy
from ingest.jurisdictions import place_at, place_before

# The places after one "laws of": "the laws of the State of New York", "of England and Wales", "of Texas and Louisiana".
_REGION = (
    r"(?:(?:the|federal|internal|substantive|sovereign|special administrative)\s?)*(?:(?:state|states|commonwealth|province"
    r"|republic|federal republic|kingdom|country|government|region|territory)\s?(?:of\s?)?(?:the\s)?)?"
)
_LAWS_OF = re.compile(
    r"\b(?:laws?|legislation|statutes|regulations|recht|gesetzen?)\b(?:(?:,|\s\(?(?!of|laws?\b)[a-z'-]+\)?){0,8}?)"
    rf"\s(?:of|in|in force in|from|der|des|von)\s?(?:,\s)?{_REGION}(?=[A-Z])",
    re.IGNORECASE,
)
_LAW_BEHIND = re.compile(
    r"(?:\sstate)?(?:\s(?:substantive|internal|state|contract|commercial|civil|domestic|materielle[ms]))?\s(?:laws?|recht)\b",
    re.IGNORECASE,
)
_TABLE = re.compile(
    rf"\b(?:governing law|applicable law|choice of law|anwendbares recht)\b\s?[:.\-]{{0,3}}\s?{_REGION}(?=[A-Z])", re.IGNORECASE
)
_MORE = re.compile(
    rf"\s?(?:,|and|or|and/or|;|, and)\s(?:(?:the laws of\s)?(?:of\s)?(?:the\s)?{_REGION})?(?=[A-Z])", re.IGNORECASE
)

_LAWS_THEREOF = re.compile(
    r"\blaws?\s(?:thereof|of\s(?:that|such|said|the\ssame)\s(?:state|province|commonwealth|country|jurisdiction))\b",
    re.IGNORECASE,
)
_STATE_OF = re.compile(r"\b(?:state|province|commonwealth|republic)\sof\s(?=[A-Z])|\b(?:in|at|within)\s(?=[A-Z])", re.IGNORECASE)

# Where to look at all; the rest of a contract is passed over at the speed of the engine.
_WHERE = ("law", "recht", "gesetz", "legislation", "regulations of the ")
_WHERE_VENUE = ("court", "arbitrat", "venue", "seat of", "gerichtsstand")

_GOVERNS = re.compile(
    r"\b(?:govern(?:ed|s|ing)?|constru(?:ed|ction)|interpret(?:ed|ation)|enforced|apply|applies|subject to|applicable"
    r"|unterlieg\w+|gilt|made under|determined|entered into)\b",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"\b(?:governing law|applicable law|choice of law|governing\slaws|law and jurisdiction|controlling law|law;? "
    r"|jurisdiction|anwendbares recht|rechtswahl)\b",
    re.IGNORECASE,
)
_THIS = re.compile(
    r"\b(?:this|dieser?|hereof|hereto|hereunder|the) (?:\w+ ){0,3}?(?:agreement|contract|amendment|lease|license|letter"
    r"|addendum|vertrag|guarantee|deed|undertaking|terms|memorandum)\b",
    re.IGNORECASE,
)
_STATUS = re.compile(
    r"\b(?:organi[sz]ed|existing|incorporated|formed|established|good standing|qualified|chartered|registered|duly"
    r"|created|corporation|admitted|licensed)\b[^.;]{0,60}$",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\b(?:compl(?:y|iance|ies)|violat\w+|permitted|required|export|securities|tax|bankruptcy|patent|trademark|labor"
    r"|employment|privacy|intellectual property|income|antitrust|arbitrat\w+|incurred|remed\w+)\b[^.;]{0,80}$",
    re.IGNORECASE,
)

_PLACE_WORD = r"(?:(?:[A-Z]\.){2,3}|St\.|[A-Z][\w'-]+)"
_VENUE = re.compile(
    r"\b(?:courts?\s(?:of competent jurisdiction\s)?(?:(?:located|sitting|situated|of general jurisdiction"
    r"|having jurisdiction)\s)?(?:in|of|at|for)\s(?:or nearest to\s)?(?:the\s(?:city|county|state|district|province"
    r"|commonwealth)\s(?:and county\s)?of\s)?"
    r"|(?:arbitration|arbitrated|proceedings?|hearings?|venue|seat|place of arbitration)\b[^.;]{0,100}?\b(?:in|at"
    r"|be)\s(?:the\s(?:city|county|state)\sof\s)?|[Gg]erichtsstand\s(?:ist\s|für [^.;]{0,60} ist\s)?)"
    rf"(?P<place>{_PLACE_WORD}(?:,?\s(?:{_PLACE_WORD}|of|and|de|the(?= [A-Z]))){{0,6}})"
)
# The law of the whole country stands beside that of a state, hardly ever for it.
_FEDERAL = frozenset({"United States", "Canada", "Australia", "United Kingdom"})
# A score that only "this agreement is governed by the laws of" reaches.
_PLAIN = 3.5


@dataclass(frozen=True, slots=True)
class _Candidate:
    start: int
    end: int
    place: str
    score: float


def read_law(paper: Anatomy) -> tuple[Extracted[str] | None, tuple[Extracted[str], ...]]:
    """The governing law in its normal form, several joined by "; ", and what was considered beside it."""
    found = sorted(_candidates(paper), key=lambda candidate: (-candidate.score, candidate.start))
    if not found or found[0].score < 1.7:
        return None, tuple(_extracted(paper, candidate, [candidate.place]) for candidate in found[:3])
    best = found[0]
    places, end = _with_more(paper.text, best)
    if best.score < _PLAIN:
        # Where several are as good, the contract leaves it to which of them applies.
        places += [other.place for other in found if other.score > best.score - 0.4 and other.score >= 2.0]
        places = list(dict.fromkeys(place for _, place in sorted((_first(found, place), place) for place in places)))
    winner = _extracted(paper, _Candidate(best.start, end, best.place, best.score), places)
    losers = {candidate.place: candidate for candidate in reversed(found) if candidate.place not in places}
    return winner, tuple(_extracted(paper, candidate, [candidate.place]) for candidate in list(losers.values())[::-1][:3])


def _first(found: list[_Candidate], place: str) -> int:
    return min((candidate.start for candidate in found if candidate.place == place), default=0)


def _extracted(paper: Anatomy, candidate: _Candidate, places: list[str]) -> Extracted[str]:
    span = paper.view.span(candidate.start, candidate.end)
    confidence = min(0.98, max(0.05, 0.35 + 0.13 * candidate.score))
    return Extracted("; ".join(places), span, span.of(paper.source), confidence)


def _candidates(paper: Anatomy) -> Iterator[_Candidate]:
    text = paper.text
    body_end = paper.closing[1] if paper.closing else len(text)
    seen: set[tuple[int, int]] = set()
    for start, end in paper.stretches(_WHERE, 30, 170):
        if not _GOVERNS.search(text, max(0, start - 200), end + 60):
            continue
        for begin, finish, place, base in _places(text, start, end):
            if (begin, finish) not in seen:
                seen.add((begin, finish))
                score = base + _context(text, begin, finish) - 0.8 * (begin > body_end) - 1.0 * (place in _FEDERAL)
                yield _Candidate(begin, finish, place, score)


def _places(text: str, start: int, end: int) -> Iterator[tuple[int, int, str, float]]:
    """The places that stand with "law" in a stretch: from where, to where, which, and how telling the form is."""
    for pattern, base in ((_LAWS_OF, 1.0), (_TABLE, 2.6)):
        for match in pattern.finditer(text, start, end):
            if text[match.end()].isupper() and (found := place_at(text, match.end())):
                yield match.start(), found[1], _precise(text, match.end(), found[0]), base
    for match in _LAWS_THEREOF.finditer(text, start, end):
        if place := _named_before(text, match.start()):
            yield match.start(), match.end(), place, 1.0
    for match in _LAW_BEHIND.finditer(text, start, end):
        if found := place_before(text, match.start()):
            yield found[1], match.end(), found[0], 0.7


def _named_before(text: str, place: int) -> str | None:
    """The state that "the laws thereof" are of: the last one that the sentence names before."""
    begin = max(place - 320, text.rfind(". ", 0, place) + 1)
    found = [place_at(text, match.end()) for match in _STATE_OF.finditer(text, begin, place)]
    return next((named[0] for named in reversed(found) if named), None)


def _precise(text: str, start: int, place: str) -> str:
    """The country of Georgia is not the state."""
    return (
        "Republic of Georgia"
        if place == "Georgia" and text[max(0, start - 12) : start].casefold().endswith("republic of ")
        else place
    )


def _context(text: str, start: int, end: int) -> float:
    before = text[max(0, start - 260) : start]
    sentence = before[max(before.rfind(". "), before.rfind("; ")) + 1 :] if len(before) > 60 else before
    after = text[end : end + 160]
    score = 1.2 * bool(_GOVERNS.search(sentence[-140:])) + 0.9 * bool(
        re.match(r"[^.;]{0,90}\b(?:govern|apply|applies|control)", after, re.IGNORECASE)
    )
    score += 0.8 * bool(_THIS.search(sentence)) + 0.7 * bool(_HEADING.search(before[-200:]))
    score += 0.5 * bool(
        re.search(
            r"conflicts?[- ](?:of[- ])?laws?|choice[- ]of[- ]laws?|principles of conflict|kollisionsrecht|CISG"
            r"|International Sale",
            after,
            re.IGNORECASE,
        )
    )
    score += 0.9 * bool(re.match(r"\W{0,3}(?:shall |will )?(?:govern|appl)", after))
    score += 0.3 * bool(re.search(r"construed|interpreted", sentence, re.IGNORECASE))
    score -= 2.5 * bool(_STATUS.search(sentence[-110:]))
    return score - 0.9 * bool(_OTHER.search(sentence[-110:]))


def _with_more(text: str, best: _Candidate) -> tuple[list[str], int]:
    """Further places named in the same breath: "the laws of Texas and Singapore"."""
    places, end = [best.place], best.end
    while match := _MORE.match(text, end):
        named = place_at(text, match.end())
        if named is None:
            break
        place, end = named
        # "Ontario, Canada" is one place, not two.
        if place not in places and place not in _FEDERAL | {"China"}:
            places.append(place)
    return [place for place in places if place not in _FEDERAL] or places, end


def read_venue(paper: Anatomy) -> Extracted[str] | None:
    """Where courts or arbitrators decide, as the contract writes it, from the clause that says so most plainly."""
    best: tuple[float, re.Match[str]] | None = None
    for match in _venues(paper):
        around = paper.text[max(0, match.start() - 200) : match.end() + 120]
        score = sum(
            bool(re.search(sign, around, re.IGNORECASE))
            for sign in (
                r"exclusive",
                r"jurisdiction|venue|seat",
                r"submit|consent|brought|settled|resolved|held|conducted",
                r"\bthis agreement|hereunder|disputes?",
            )
        )
        score += 2 * match.group().lower().startswith("gerichtsstand")
        score -= bool(
            re.match(r"(?:Section|Article|Exhibit|Schedule|Arbitration|Competent|The|This|Any|Such|If|In|Law)\b", match["place"])
        )
        if score >= 2 and (best is None or score > best[0]):
            best = score, match
    if best is None:
        return None
    span = paper.view.span(best[1].start(), best[1].end())
    return Extracted(best[1]["place"].strip(" ,."), span, span.of(paper.source), 0.5 + 0.1 * best[0])


def _venues(paper: Anatomy) -> Iterator[re.Match[str]]:
    for start, end in paper.stretches(_WHERE_VENUE, 0, 220):
        if start >= paper.preamble[0]:
            yield from _VENUE.finditer(paper.text, start, end)
