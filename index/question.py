"""What a question asks for: which clause types it may mean, with what certainty, and which section it names."""

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.phrasings import Phrase, Phrasings, phrases, phrasings, standing_words, telling_terms, vocabulary, weight_of
from index.softmax import shares, utilities
from index.store import Encoder
from index.taxonomy import ClauseType

Features = npt.NDArray[np.float64]

# A conditional logit over the clause types and "none of them" (McFadden, 1974), fitted by scripts/fit_search.py to the taxonomy's
# phrases (each as if it were not known) and the `tune` part of tests/questions.toml. None has the classifier's word alone.
FEATURES = ("vocabulary", "standing words", "classifier")
_WEIGHTS = np.array([3.58, 2.79, 0.93])
_NONE = np.array([4.38, 0.87])

# Under this certainty a clause type is not worth looking for; from the other on it is what the question is said to be about.
_LEAST, _SURE = 0.1, 0.5
_MOST_TYPES = 3
_LONGEST = 1000

_SECTION = re.compile(
    r"(?:\b(?:sub)?(?:sections?|clauses?|articles?|paragraphs?|sec|art|para)\b\.?|§{1,2})\s*"
    r"(?P<number>\d{1,3}(?:\.\d{1,3}){0,5}[a-z]?|[ivxlc]{1,7}\b|[a-z]\b)(?P<below>(?:\s?\([a-z0-9]{1,5}\))*)",
    re.IGNORECASE,
)
_BARE_SECTION = re.compile(r"\s*(?P<number>\d{1,3}(?:\.\d{1,3}){1,5})(?P<below>(?:\s?\([a-z0-9]{1,5}\))*)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a question was understood as.

    `shares` are the clause types it may mean with the certainty (0–1) of each, best first; `section` the number it names with
    those below it: "section 12.2(a)" is ("12.2", "(a)"); `rest` are its words without that.
    """

    shares: tuple[tuple[ClauseType, float], ...]
    section: tuple[str, ...]
    rest: str

    @property
    def clause_type(self) -> str | None:
        """The clause type that the question is about, by its name in the taxonomy."""
        return self.shares[0][0].name if self.shares and self.shares[0][1] >= _SURE else None


def understand(question: str, encoder: Encoder) -> Understanding:
    """Read a question. One that is about no clause type has no shares."""
    question = question[:_LONGEST]
    section, rest = _section(question)
    asked = telling_terms(rest)
    if not asked:
        return Understanding((), section, rest)
    known = phrasings(encoder)
    chances = _chances(rest, asked, encoder, known)
    best = [at for at in np.argsort(-chances, kind="stable") if at < len(known.types) and chances[at] >= _LEAST]
    return Understanding(tuple((known.types[at], float(chances[at])) for at in best[:_MOST_TYPES]), section, rest)


def _chances(rest: str, asked: frozenset[str], encoder: Encoder, known: Phrasings) -> Features:
    """How probable every type is, and in the last place that none is meant."""
    if (put := _put_so(asked)) is not None:
        certain = np.zeros(len(known.types) + 1)
        certain[put] = 1.0
        return certain
    said = utilities(known.classifier, encoder.encode_question(rest))[0]
    table = features(asked, said)
    return np.asarray(shares(np.append(table @ _WEIGHTS, _NONE @ (1.0, said[-1]))), np.float64)


def _put_so(asked: frozenset[str]) -> int | None:
    """The one type that has a name, or is put in words, of exactly these terms; its own name goes before what is another's."""
    put = [phrase for phrase in phrases() if phrase.terms == asked and (phrase.role == "name" or len(asked) > 1)]
    for chosen in (lambda it: it.text == it.name, lambda it: it.role == "name", lambda it: True):
        if owners := {phrase.of for phrase in put if chosen(phrase)}:
            return owners.pop() if len(owners) == 1 else None
    return None


def features(asked: frozenset[str], said: npt.NDArray[np.float32], but: Phrase | None = None) -> Features:
    """How a question of these terms looks from every clause type, shape (types, len(FEATURES)).

    `said` is what the classifier has to say for each type and for none. A phrase of the taxonomy is looked at as a question by
    leaving itself out (`but`).
    """
    whole = weight_of(asked) or 1.0
    table = np.zeros((len(said) - 1, len(FEATURES)))
    for term in asked:
        having = vocabulary().get(term, Counter())
        own = but.of if but and term in but.terms else -1
        table[[of for of, count in having.items() if count > (of == own)], 0] += weight_of(frozenset({term})) / whole
    for of, words in standing_words():
        if words <= asked:
            table[of, 1] = max(table[of, 1], weight_of(words) / whole)
    table[:, 2] = said[:-1]
    return table


def _section(question: str) -> tuple[tuple[str, ...], str]:
    match = _SECTION.search(question) or _BARE_SECTION.fullmatch(question)
    if match is None:
        return (), question
    below = re.findall(r"\([^)]*\)", match["below"])
    return (match["number"], *below), " ".join(f"{question[: match.start()]} {question[match.end() :]}".split())
