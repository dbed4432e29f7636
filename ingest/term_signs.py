"""What words around a date or a length of time say: that it is the contract's term, or something else's."""

import re

from ingest.durations import Length

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
            r"|license|sow|statement of work|sublease|order|deed)(?:\W{1,3}\w+){0,12}?\W{1,3}(?:shall|will|is|may"
            r"|commences?|begins?|expires?|terminates?"
            r"|continues?|remains?|takes?|becomes?|comes?|ends?|runs?|starts?|enters?|has an?)\b",
            re.IGNORECASE,
        ),
    ),
    (
        2.4,
        re.compile(
            r"\binitial[ -](?:\w+ )?(?:term|period)\b|\"term\"|\bcontract term\b|\bagreement term\b|\bdieser vertrag\b"
            r"|\bvertragslaufzeit\b|\"(?:\w+ )?(?:term|period)\" (?:shall )?means?\b"
            r"|\b(?:initial )?term (?:shall )?means?\b|\b(?:services?|license|sponsorship"
            r"|project) term\b",
            re.IGNORECASE,
        ),
    ),
    (
        1.6,
        re.compile(
            r"\b(?:the|its) term\b|\bterm\s?[:.\-]|\bterm (?:and|&) termination\b|\bduration\b|\blaufzeit\b"
            r"|\b(?:agreement|contract) (?:shall|will|starts|begins|commences|runs|continues|ends|expires|is concluded"
            r"|enters into)\b",
            re.IGNORECASE,
        ),
    ),
    (1.6, re.compile(r"\b(?:employment|appointment|engagement|services)\b[^.;]{0,70}\b(?:shall|will)\b", re.IGNORECASE)),
    (
        1.4,
        re.compile(
            r"\b(?:project|venture|relationship|arrangement|license|appointment)s?\b[^.;]{0,50}\b(?:shall|will) (?:commence"
            r"|be effective|continue|remain|begin)\b|\bterms? of the project\b",
            re.IGNORECASE,
        ),
    ),
    (1.0, re.compile(r"\bterm\b", re.IGNORECASE)),
)
_NOT_THE_TERM = re.compile(
    r"\b(?:surviv\w+|after (?:the )?(?:\w+ ){0,4}?(?:termination|expiration|expiry)"
    r"|following (?:the )?(?:\w+ ){0,3}?(?:termination|expiration)|upon (?:an?|any|the) (?:\w+ ){0,2}?(?:termination|expiration)"
    r"|spare parts|depreciat\w+|warrant\w+|confidential\w*|records?|insurance"
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
_RENEWS = re.compile(r"\b(?:renew\w*|to extend|extension)\b[^.;,]{0,60}$", re.IGNORECASE)
# "During the term and for two years", "the first six months", "each one year": not how long it runs.
_BESIDE = re.compile(
    r"\b(?:and for(?: a)?(?: period of)?(?: (?:up to|at least))?|during(?: the)?(?: (?:first|last|initial))?|first|last"
    r"|each|every|on or before|more than|less than|exceed|within(?: the)?|per|any|every|once|for up to)\s?\W?$",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<!Inc)(?<!Corp)(?<!Ltd)(?<!Co)(?<!No)(?<!Sec)(?<!Art)\.\s+(?=[A-Z\"(]|\d{1,2}\.\d)")
# The sentence right under a heading: "5. Term This SOW ends on".
_HEADED = re.compile(r"\b(?:Term|TERM|Duration|DURATION|Laufzeit|Term and Termination)\W{1,4}(?=[A-Z])[^.;]{0,110}$")


def subject_weight(sentence: str, default: float) -> float:
    """How plainly a sentence is about the contract's own term: 3 for "the term of this agreement"."""
    return max((weight for weight, subject in _SUBJECT if subject.search(sentence)), default=default)


def is_beside(words: str) -> bool:
    """Whether words are about notices, warranties, payments and the like."""
    return bool(_NOT_THE_TERM.search(words))


def plainness(text: str, start: int, end: int, *, late: bool) -> float:
    """How much speaks for a date or a length being the end of the term, from about -3 to 6; `late` is after the signatures."""
    before = text[max(0, start - 230) : start]
    starts = [0, *(match.end() for match in _SENTENCE_END.finditer(before))]
    # "The term of this Lease is ten years. It commences on": it goes on with what the sentence before spoke of.
    sentence = before[starts[-2 if len(starts) > 1 and before.startswith("It ", starts[-1]) else -1] :]
    near, whole = sentence[-70:], sentence + text[start:end]
    score = subject_weight(whole, -1.0)
    score += 0.8 * bool(
        re.search(r"\b(?:term|duration)\b[^a-z]{0,12}$|\bterm\s?[.:]", before[-120:], re.IGNORECASE) or _HEADED.search(before)
    )
    score += 0.6 * bool(
        re.search(
            r"\b(?:commenc\w+|begin\w*|effective|continue\w*|remain\w*|in effect|expires?)\b",
            sentence + text[start:end],
            re.IGNORECASE,
        )
    )
    score += 0.9 * bool(
        re.match(
            r"[^.;]{0,90}?\(?(?:the |collectively,? )?\"(?:initial |contract |services? |license |restricted )?(?:term|period)\"",
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
    score -= 2.2 * bool(_NOT_THE_TERM.search(near)) + 1.6 * bool(_RENEWAL.search(near[-45:])) + 1.4 * bool(_RENEWS.search(near))
    score -= 2.0 * bool(_BESIDE.search(before[-60:]))
    return score - 0.9 * late - 0.4 * start / (len(text) + 1)


def length_plainness(text: str, length: Length) -> float:
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
    score += 1.0 * bool(
        re.match(r"\W{0,3}from (?:the date (?:of this agreement|hereof)|the effective date)\b", after, re.IGNORECASE)
    )
    return score + 0.5 * bool(
        re.match(
            r"\W{0,3}(?:from|after|following|commencing|beginning|of the effective|anniversary|term|\(|,? unless)",
            after,
            re.IGNORECASE,
        )
    )
