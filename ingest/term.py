"""How long a contract runs: until a date, for a time that is reckoned from one, or until somebody ends it."""

import re
from dataclasses import dataclass
from datetime import date

from index.records import Expires, Extracted, Span
from ingest.anatomy import Anatomy
from ingest.reckoning import reckoned
from ingest.term_ends import End, possible_ends
from ingest.term_signs import is_beside, subject_weight
from ingest.when import When

_PERPETUAL = re.compile(
    r"\b(?:(?:continu\w*|remain\w*|endur\w*|be(?:come)?|is|valid|force|effect|term|full force and effect"
    r"|last)\b[^.;]{0,120}?\b(?:(?:in|for) perpetuity|perpetual(?:ly)?|indefinite(?:ly)?(?: period)?|for an indefinite"
    r"|unlimited (?:duration|period|time)|unbestimmte)"
    r"|(?:continu\w*|remain\w*|in effect|in force|binding|force and effect|effective|effect|end|ends|valid"
    r"|hereof)\b[^.;]{0,110}?\b(?:until|unless and until|unless or until|when|till)\b(?:[^.;]{0,70}?"
    r"|[^.]{0,20}\bearl[^.]{0,170}?)\b(?:terminat\w+|cancel\w+|expires in accordance|revoked)"
    r"|no (?:fixed|definite|set) term|auf unbestimmte (?:zeit|dauer)|shall not be terminable"
    r"|may be terminated (?:by (?:either|any) party |at any time ){1,2}|shall be perpetual|has no expiration"
    r"|(?:continu\w*|remain\w*|in effect|in force)\b[^.;]{0,60}\b(?:for so long as|as long as)\b)",
    re.IGNORECASE,
)
_CAN_END = re.compile(
    r"\b(?:either|any|each) party (?:may|shall have the right to|can) (?:\w+ )?(?:terminate|cancel) this agreement\b"
    r"|\b(?:the parties|licensor|company|client|customer) (?:may|shall have the right to|can) (?:\w+ )?(?:terminate"
    r"|cancel) this agreement\b(?! (?:if|in the event|upon (?:a |any |the )?(?:\w+ )?breach|for cause|immediately))"
    r"|\bthis agreement (?:may be terminated|shall terminate|terminates|shall be terminated)\b",
    re.IGNORECASE,
)


# Terms that follow the first one, but not "perpetually thereafter".
_AGAIN = re.compile(r"(?<!perpetually )(?<!indefinitely )\bthereafter\b|\b(?:renew\w*|extended)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Term:
    """What is known of a contract's end; `unknown` says why no day is."""

    expiration: Extracted[date] | None
    expires: Extracted[Expires] | None
    others: tuple[Extracted[str], ...]
    unknown: str | None


def read_term(paper: Anatomy, when: When) -> Term:
    """The end of a contract, computed where it is a length of time, with the words it was read from."""
    found = sorted(possible_ends(paper, when), key=lambda candidate: (-candidate.score, candidate.start))
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
        expires = _ends("perpetual", span, span.of(paper.source), confidence, "it runs until somebody ends it")
        return Term(None, expires, others, "it has no fixed end")
    return Term(None, None, others, "no term is stated")


def _ends(how: Expires, span: Span, quote: str, confidence: float, note: str | None = None) -> Extracted[Expires]:
    return Extracted(how, span, quote, confidence, note)


def _other(paper: Anatomy, candidate: End) -> Extracted[str]:
    span = paper.view.span(candidate.start, candidate.end)
    value = candidate.until.value if candidate.until else candidate.length
    return Extracted(str(value), span, span.of(paper.source), 0.2)


def _fixed(paper: Anatomy, best: End, when: When, others: tuple[Extracted[str], ...]) -> Term:
    value, note, sure = reckoned(paper, best, when)
    span = paper.view.span(best.start, best.end)
    quote = span.of(paper.source)
    if value is None:
        expires = _ends("unknown", span, quote, 0.6, note)
        return Term(None, expires, others, note)
    confidence = min(0.95, sure * (0.55 + 0.08 * best.score))
    return Term(Extracted(value, span, quote, confidence, note), _ends("fixed", span, quote, confidence), others, None)


def _perpetual(paper: Anatomy) -> tuple[float, int, int] | None:
    """The plainest words that a contract runs until it is ended, with how plain they are."""
    text = paper.text
    best: tuple[float, int, int] | None = None
    for start, stop in paper.stretches(("termina", "indefinite", "perpetu", "cancel", "unbestimmte", "no fixed"), 260, 120):
        for match in _PERPETUAL.finditer(text, start, stop):
            before = text[max(0, match.start() - 200) : match.start()]
            # The subject may reach into the match: "this Agreement shall | continue until terminated".
            sentence = before[before.rfind(". ") + 1 :] + match.group()[:12]
            score = subject_weight(sentence, 0.8)
            score += 0.8 * bool(
                re.search(r"no (?:fixed|definite|set) term|indefinite|perpetu|unbestimmt", match.group(), re.IGNORECASE)
            ) + 0.4 * bool(re.search(r"\bterm\b", before, re.IGNORECASE))
            score -= 1.5 * is_beside(sentence[-90:]) + 0.5 * bool(
                re.search(r"\blicen[sc]e|\bright\b|granted", sentence, re.IGNORECASE)
            )
            score -= 1.0 * bool(_AGAIN.search(sentence))
            if score >= 1.4 and (best is None or score > best[0]):
                best = score, match.start(), match.end()
    return best or _can_end(paper)


def _can_end(paper: Anatomy) -> tuple[float, int, int] | None:
    """Where no term is stated at all, a contract that either side may end runs until then."""
    for start, stop in paper.stretches(("terminat",), 80, 60):
        if match := _CAN_END.search(paper.text, start, stop):
            return 1.0, match.start(), match.end()
    return None
