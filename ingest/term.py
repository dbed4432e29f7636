"""How long a contract runs: until a date, for a time that is reckoned from one, or until somebody ends it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from index.records import Expires, Extracted, Span
from ingest.anatomy import Anatomy
from ingest.dates import Found, find_dates
from ingest.durations import Length, find_anniversaries, find_lengths
from ingest.when import When

_SUBJECT = (
    (
        3.0,
        re.compile(
            r"\b(?:initial |basic |primary |original )?(?:term|duration|period) (?:and duration )?of (?:this"
            r"|the) (?:\w+ ){0,3}?(?:agreement|contract|lease|amendment|addendum|license|appointment|engagement"
            r"|employment)\b",
            re.IGNORECASE,
        ),
    ),
    (
        2.6,
        re.compile(
            r"\bthis (?:\w+ ){0,3}?(?:agreement|contract|addendum|amendment|lease|letter|oma"
            r"|license)(?:\W{1,3}\w+){0,12}?\W{1,3}(?:shall|will|is|may|commences?|begins?|expires?|terminates?"
            r"|continues?|remains?|takes?|becomes?|comes?)\b",
            re.IGNORECASE,
        ),
    ),
    (
        2.4,
        re.compile(
            r"\binitial[ -](?:\w+ )?(?:term|period)\b|\"term\"|\bcontract term\b|\bagreement term\b|\bdieser vertrag\b"
            r"|\bvertragslaufzeit\b|\b(?:services?|license|sponsorship|project) term\b",
            re.IGNORECASE,
        ),
    ),
    (
        1.6,
        re.compile(
            r"\b(?:the|its) term\b|\bterm\s?[:.\-]|\bterm (?:and|&) termination\b|\bduration\b|\blaufzeit\b"
            r"|\bagreement (?:shall|will)\b",
            re.IGNORECASE,
        ),
    ),
    (1.6, re.compile(r"\b(?:employment|appointment|engagement|services)\b[^.;]{0,70}\b(?:shall|will)\b", re.IGNORECASE)),
    (1.0, re.compile(r"\bterm\b", re.IGNORECASE)),
)
_NOT_THE_TERM = re.compile(
    r"\b(?:surviv\w+|after (?:the )?(?:\w+ ){0,4}?(?:termination|expiration|expiry)"
    r"|following (?:the )?(?:\w+ ){0,3}?(?:termination|expiration)|warrant\w+|confidential\w*|records?|insurance"
    r"|royalt\w+|compet\w+|solicit\w*"
    r"|notice|notify|within|prior|cure|days? of|invoices?|payment|audit|inspect\w*|escrow|bankrupt\w+|patents?|delay\w*"
    r"|force majeure|option period|guarant\w+|earn-?out|vest\w*|non-disclosure|statute|previous|preceding|last|lock-?up"
    r"|indemni\w+|exclusiv\w+)\b",
    re.IGNORECASE,
)
_RENEWAL = re.compile(
    r"\b(?:renew\w*|extend(?:ed)?(?! for)|extensions?|additional|successive|thereafter|further|subsequent|consecutive"
    r"|option|second|next|roll\w*)\b",
    re.IGNORECASE,
)
# "During the term and for two years", "the first six months", "each one year": not how long it runs.
_BESIDE = re.compile(
    r"\b(?:and for(?: a)?(?: period of)?(?: (?:up to|at least))?|during(?: the)?(?: (?:first|last|initial))?|first|last"
    r"|each|every|on or before|more than|less than|exceed|within(?: the)?|per|any|every|once|for up to)\s?\W?$",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"\b(?:until|through|thru|till|to|ending(?: on)?|ends?(?: on| as of)?|expir(?:es?|ing|e automatically)(?: on| at"
    r"| as of)?|terminat(?:es?|ing|e automatically)(?: on| as of| at| effective)?|bis(?: zum)?|up to|later than"
    r"|period ending|(?<=\d\d\d\d) ?-)"
    r"\s?(?:and including\s|and through\s)?(?:on\s)?(?:the\s(?:close of business on\s|end of (?:the day on\s)?"
    r"|earlier of\W{1,3}(?:\(?\w{1,2}\)\s)?|last day (?:of|in)\s)?)?(?:midnight\s(?:on\s)?(?:of\s)?"
    r"|close of business on\s|11:59 ?p\.?m\.?[^.;]{0,30}?on\s|12:00[^.;]{0,30}?on\s)?\W{0,2}$",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:19|20)(?:\d\d|_)|[/-]\d\d\b|\]")
_LABEL = re.compile(
    r"\b(?:expiration|expiry|termination|end|ending|term end)[ -]date\"?\)?\s?(?::|-|means|shall mean|is|shall be"
    r"|of this agreement (?:is|shall be))\s?\W{0,3}(?:on\s)?$",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"\b(?:from(?: and (?:after|including))?|after|following|commenc\w+(?: (?:on|upon|with|as of|from|at))?"
    r"|beginn\w+(?: (?:on|upon|with|as of|from|at))?|begins?(?: (?:on|upon|as of))?|starting(?: (?:on|from|as of))?|of"
    r"|subsequent to|measured from|ab|seit)\s(?:and including\s)?(?P<what>(?:the\s|such\s|its\s|dem\s)?[^,.;()]{2,70})",
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
_PERPETUAL = re.compile(
    r"\b(?:(?:continu\w*|remain\w*|endur\w*|be(?:come)?|is|valid|force|effect|term|full force and effect"
    r"|last)\b[^.;]{0,120}?\b(?:in perpetuity|perpetual(?:ly)?|indefinite(?:ly)?(?: period)?|for an indefinite"
    r"|unlimited (?:duration|period|time)|unbestimmte)"
    r"|(?:continu\w*|remain\w*|in effect|in force|binding|force and effect|effective|effect|end|ends|valid"
    r"|hereof)\b[^.;]{0,110}?\b(?:until|unless and until|unless or until|when|till)\b(?:[^.;]{0,70}?"
    r"|[^.]{0,20}\bearl[^.]{0,170}?)\b(?:terminat\w+|cancel\w+|expires in accordance|revoked)"
    r"|no (?:fixed|definite|set) term|auf unbestimmte (?:zeit|dauer)|shall not be terminable"
    r"|may be terminated (?:by (?:either|any) party |at any time ){1,2}|shall be perpetual|has no expiration)",
    re.IGNORECASE,
)
_CAN_END = re.compile(
    r"\b(?:(?:either|any|each) party|the parties|licensor|company|client|customer) (?:may|shall have the right to"
    r"|can) (?:\w+ )?(?:terminate|cancel) this agreement\b|\bthis agreement (?:may be terminated|shall terminate"
    r"|terminates|shall be terminated)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Term:
    """What is known of a contract's end; `length` is the initial term where it is one, `until` where its words end in the view."""

    expiration: Extracted[date] | None
    expires: Extracted[Expires] | None
    length: Length | None
    until: int | None
    others: tuple[Extracted[str], ...]
    unknown: str | None


@dataclass(frozen=True, slots=True)
class _Candidate:
    start: int
    end: int
    score: float
    until: Found | None = None
    length: Length | None = None


def read_term(paper: Anatomy, when: When) -> Term:
    """The end of a contract, computed where it is a length of time, with the words it was read from."""
    found = sorted(_candidates(paper, when.day_first), key=lambda candidate: (-candidate.score, candidate.start))
    fixed = [candidate for candidate in found if candidate.score >= 2.0]
    perpetual = _perpetual(paper)
    others = tuple(_other(paper, candidate) for candidate in found[1:4])
    if not fixed and found and found[0].score >= 1.6 and (perpetual is None or perpetual[0] <= 1.0):
        fixed = found[:1]
    if fixed and (perpetual is None or fixed[0].score + 0.8 >= perpetual[0]):
        return _fixed(paper, fixed[0], when, others)
    if perpetual:
        score, start, end = perpetual
        span = paper.view.span(start, end)
        confidence = min(0.92, 0.4 + 0.13 * score)
        return Term(
            None,
            _ends("perpetual", span, span.of(paper.source), confidence, "it runs until somebody ends it"),
            None,
            None,
            others,
            "it has no fixed end",
        )
    return Term(None, None, None, None, others, "no term is stated")


def _ends(how: Expires, span: Span, quote: str, confidence: float, note: str | None = None) -> Extracted[Expires]:
    return Extracted(how, span, quote, confidence, note)


def _other(paper: Anatomy, candidate: _Candidate) -> Extracted[str]:
    span = paper.view.span(candidate.start, candidate.end)
    value = candidate.until.value if candidate.until else candidate.length
    return Extracted(str(value), span, span.of(paper.source), 0.2)


def _fixed(paper: Anatomy, best: _Candidate, when: When, others: tuple[Extracted[str], ...]) -> Term:
    value, note, sure = _reckoned(paper, best, when)
    span = paper.view.span(best.start, best.end)
    quote = span.of(paper.source)
    if value is None:
        expires = _ends("unknown", span, quote, 0.6, note)
        return Term(None, expires, best.length, best.end, others, note)
    confidence = min(0.95, sure * (0.55 + 0.08 * best.score))
    return Term(
        Extracted(value, span, quote, confidence, note),
        _ends("fixed", span, quote, confidence),
        best.length,
        best.end,
        others,
        None,
    )


def _reckoned(paper: Anatomy, best: _Candidate, when: When) -> tuple[date | None, str | None, float]:
    """The day, how it was reckoned (or why it can't be), and how sure that is."""
    if best.until:
        return best.until.value, None if best.until.value else "the date of its end is left blank", 1.0
    assert best.length is not None
    if re.search(
        r"\b(?:longer|later|latest|longest|greater) (?:of|to occur of)\b",
        paper.text[max(0, best.length.start - 60) : best.length.start],
        re.IGNORECASE,
    ):
        return None, f"{best.length}, or later: the end depends on what happens", 0.0
    start, origin, sure = _start_of(paper, best, when)
    if start is None:
        return None, f"{best.length} from {origin}", 0.0
    value = best.length.after(start)
    before = paper.text[max(0, best.start - 60) : best.length.start].casefold()
    if value and re.search(r"\bday (?:prior to|before|preceding)\b|\bdate (?:immediately )?(?:prior to|preceding)\b", before):
        return value - timedelta(days=1), f"the day before {best.length} after {origin} {start}", sure
    return value, f"{best.length} from {origin} {start}", sure


def _start_of(paper: Anatomy, best: _Candidate, when: When) -> tuple[date | None, str, float]:
    """From which day a length is reckoned: one that is named beside it, else the effective date."""
    assert best.length is not None
    text = paper.text
    after = text[best.length.end : best.length.end + 150].split(". ")[0]
    before = text[max(0, best.length.start - 260) : best.length.start]
    sentence_start = len(before) - len(before.rsplit(". ", 1)[-1])
    effective = when.effective.value if when.effective else None
    for match in (_FROM.search(after), *reversed(list(_FROM.finditer(before, sentence_start)))):
        if match is None:
            continue
        named = find_dates(match["what"], 0, len(match["what"]), day_first=when.day_first)
        if not named:
            wide = (
                text[best.length.end + match.start("what") :][:40]
                if match.string is after
                else before[match.start("what") : match.start("what") + 40]
            )
            named = [date_ for date_ in find_dates(wide, 0, len(wide), day_first=when.day_first) if date_.start < 8]
        if named and named[0].value:
            return named[0].value, "", 1.0
        what = match["what"].strip()
        if own := _defined_start(paper, what, when.day_first):
            return own, f"{what!r},", 0.95
        if (
            re.search(
                r"\b(?:date (?:of (?:this|the) (?:\w+ ){0,2}?(?:agreement|contract|amendment)|hereof|first|above"
                r"|set forth|written|stated)|hereof|above|execution|signing)\b",
                what,
                re.IGNORECASE,
            )
            and when.agreement
        ):
            return when.agreement.value, "the date of the agreement", 0.95
        if _OWN_START.search(what):
            return effective, "its effective date" if effective else "its effective date, which is not known", 0.95
        if match.string is after and re.search(
            r"\b(?:launch|release|sale|delivery|approval|closing|opening|acceptance|completion|installation|first"
            r"|receipt|launch|go-live|registration|season|event)\b",
            what,
            re.IGNORECASE,
        ):
            return None, f"{what!r}, which this document does not date", 0.0
    return effective, "its effective date" if effective else "its effective date, which is not known", 0.8


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


def _candidates(paper: Anatomy, day_first: bool) -> Iterator[_Candidate]:
    """Dates and lengths that may be the contract's end, each with how much speaks for it."""
    text = paper.text
    closing = paper.closing[0] if paper.closing else len(text)
    lengths = [
        length for length in (*find_anniversaries(text, 0, len(text)), *find_lengths(text, 0, len(text))) if length.days >= 28
    ]
    for found in _dates_in(text, day_first):
        window = text[max(0, found.start - 110) : found.start]
        match = _LABEL.search(window) or _UNTIL.search(window)
        if match:
            begin = found.start - len(window) + match.start()
            score = 2.6 if match.re is _LABEL else 0.4 * (match.group()[:2].lower() != "to")
            score += _plainness(text, begin, found.end, late=begin > closing) - 1.2 * (found.value is None)
            # "for three years expiring May 31, 2001": the day itself says more than the length.
            score += 1.2 * any(0 <= begin - length.end < 30 for length in lengths)
            yield _Candidate(begin, found.end, score, until=found)
    for length in lengths:
        score = _plainness(text, length.start, length.end, late=length.start > closing) + _length_score(text, length)
        yield _Candidate(_phrase_start(text, length.start), length.end, score, length=length)


def _dates_in(text: str, day_first: bool) -> Iterator[Found]:
    """All dates of a contract with a year, looked for only around what may be one."""
    last = 0
    for sign in _YEAR.finditer(text):
        if sign.start() >= last:
            for found in find_dates(text, max(last, sign.start() - 44), min(len(text), sign.end() + 4), day_first=day_first):
                last = max(last, found.end)
                yield found


def _phrase_start(text: str, place: int) -> int:
    """Back to the words that lead to a length: "shall continue for a period of"."""
    window = text[max(0, place - 70) : place]
    match = re.search(r"\b(?:for|of|until|through|on|be|is|shall|will|from)\b[^.;,]*$", window)
    return place - len(window) + match.start() if match else place


def _plainness(text: str, start: int, end: int, *, late: bool) -> float:
    before = text[max(0, start - 230) : start]
    sentence = before[before.rfind(". ") + 1 :] if len(before) - before.rfind(". ") > 25 else before
    near = sentence[-70:]
    score = max((weight for weight, subject in _SUBJECT if subject.search(sentence)), default=-1.0)
    score += 0.8 * bool(re.search(r"\b(?:term|duration)\b[^a-z]{0,12}$|\bterm\s?[.:]", before[-120:], re.IGNORECASE))
    score += 0.6 * bool(
        re.search(r"\b(?:commenc\w+|begin\w*|effective|continue\w*|remain\w*|in effect|expires?)\b", sentence, re.IGNORECASE)
    )
    score += 0.9 * bool(
        re.match(
            r"[^.;]{0,90}?\(?(?:the |collectively,? )?\"(?:initial |contract |services? |license )?(?:term|period)\"",
            text[end : end + 120],
            re.IGNORECASE,
        )
    )
    score += 0.4 * bool(
        re.match(
            r"[^.]{0,80}\b(?:unless|subject to|and (?:shall|will) (?:automatically )?(?:renew|continue))",
            text[end : end + 110],
            re.IGNORECASE,
        )
    )
    score -= 2.2 * bool(_NOT_THE_TERM.search(near)) + 1.6 * bool(_RENEWAL.search(near[-32:]))
    score -= 2.0 * bool(_BESIDE.search(before[-60:]))
    return score - 0.9 * late - 0.4 * start / (len(text) + 1)


def _length_score(text: str, length: Length) -> float:
    """Lengths in days are notices; what follows a length often says what it is."""
    after = text[length.end : length.end + 60]
    score = {"day": -2.0, "week": -1.5, "month": 0.0, "year": 0.4}[length.unit]
    score -= 2.5 * bool(
        re.match(
            r"\W{0,3}(?:prior|advance|written|notice|after (?:the )?(?:termination|expiration|expiry)"
            r"|following (?:the )?(?:termination|expiration)|before|or (?:more|less|older))",
            after,
            re.IGNORECASE,
        )
    )
    score -= 1.5 * bool(re.match(r"\W{0,3}(?:renewal|extension|periods? unless|terms? unless|increments)", after, re.IGNORECASE))
    return score + 0.5 * bool(
        re.match(
            r"\W{0,3}(?:from|after|following|commencing|beginning|of the effective|anniversary|term|\(|,? unless)",
            after,
            re.IGNORECASE,
        )
    )


def _perpetual(paper: Anatomy) -> tuple[float, int, int] | None:
    """The plainest words that a contract runs until it is ended, with how plain they are."""
    text = paper.text
    best: tuple[float, int, int] | None = None
    for start, stop in paper.stretches(("termina", "indefinite", "perpetu", "cancel", "unbestimmte", "no fixed"), 260, 120):
        for match in _PERPETUAL.finditer(text, start, stop):
            before = text[max(0, match.start() - 200) : match.start()]
            # The subject may reach into the match: "this Agreement shall | continue until terminated".
            sentence = before[before.rfind(". ") + 1 :] + match.group()[:12]
            score = max((weight for weight, subject in _SUBJECT if subject.search(sentence)), default=0.8)
            score += 0.8 * bool(re.search(r"indefinite|perpetu|unbestimmt", match.group(), re.IGNORECASE)) + 0.4 * bool(
                re.search(r"\bterm\b", before, re.IGNORECASE)
            )
            score -= 1.5 * bool(_NOT_THE_TERM.search(sentence[-90:])) + 0.5 * bool(
                re.search(r"\blicen[sc]e|\bright\b|granted", sentence, re.IGNORECASE)
            )
            score -= 1.0 * bool(re.search(r"\b(?:thereafter|renew\w*|extended)\b", sentence, re.IGNORECASE))
            if score >= 1.4 and (best is None or score > best[0]):
                best = score, match.start(), match.end()
    return best or _can_end(paper)


def _can_end(paper: Anatomy) -> tuple[float, int, int] | None:
    """Where no term is stated at all, a contract that either side may end runs until then."""
    for start, stop in paper.stretches(("terminat",), 80, 60):
        if match := _CAN_END.search(paper.text, start, stop):
            return 1.0, match.start(), match.end()
    return None
