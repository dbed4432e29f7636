"""What a question asks for: which clause types it may mean, with what certainty, and which section it names."""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.phrasings import Phrasings, phrases_with, phrasings, standing_words, telling_terms, weight_of
from index.store import Encoder
from index.taxonomy import ClauseType

Features = npt.NDArray[np.float64]

# A conditional logit over the clause types and "none of them" (McFadden, 1974), fitted by scripts/fit_search.py to the taxonomy's
# phrases (each compared with the others alone) and the `tune` part of tests/questions.toml.
FEATURES = ("question", "name", "definition", "whole name", "vocabulary", "phrase", "standing words")
_WEIGHTS = np.array([4.08, 3.37, 3.48, 0.67, 4.57, 1.72, 2.45])
_NONE = 7.43

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
    if (named := _named(asked, known)) is not None:
        certain = np.zeros(len(known.types) + 1)
        certain[named] = 1.0
        return certain
    utilities = np.append(features(rest, known.vectors @ encoder.encode_question(rest), known) @ _WEIGHTS, _NONE)
    chances = np.exp(utilities - utilities.max())
    return np.asarray(chances / chances.sum())


def _named(asked: frozenset[str], known: Phrasings) -> int | None:
    """The one type that has a name of exactly these terms; its own name goes before what is another's synonym."""
    named = [phrase for phrase in known.phrases if phrase.role == "name" and phrase.terms == asked]
    owners = {phrase.of for phrase in named if phrase.text == known.types[phrase.of].name} or {phrase.of for phrase in named}
    return owners.pop() if len(owners) == 1 else None


def features(question: str, cosines: npt.NDArray[np.float32], known: Phrasings, but: int | None = None) -> Features:
    """How a question looks from every clause type, shape (types, len(FEATURES)); `cosines` are those with every phrase.

    A phrase of the taxonomy is looked at as a question by leaving itself out (`but`).
    """
    asked = telling_terms(question)
    whole = weight_of(asked) or 1.0
    table = np.zeros((len(known.types), len(FEATURES)))
    others = np.arange(len(known.phrases)) != (-1 if but is None else but)
    np.maximum.at(table, (known.of[others], known.roles[others]), cosines[others])
    vocabulary: list[frozenset[str]] = [frozenset()] * len(known.types)
    for at in {at for term in asked for at in phrases_with().get(term, ())} - {but}:
        phrase = known.phrases[at]
        shared, row = asked & phrase.terms, table[phrase.of]
        vocabulary[phrase.of] |= shared
        if phrase.role == "name" and shared == phrase.terms:
            row[3] = max(row[3], weight_of(shared) / whole)
        row[5] = max(row[5], 2 * weight_of(shared) / (whole + phrase.weight))
    table[:, 4] = [weight_of(words) / whole for words in vocabulary]
    for of, words in standing_words():
        if words <= asked:
            table[of, 6] = max(table[of, 6], weight_of(words) / whole)
    return table


def _section(question: str) -> tuple[tuple[str, ...], str]:
    match = _SECTION.search(question) or _BARE_SECTION.fullmatch(question)
    if match is None:
        return (), question
    below = re.findall(r"\([^)]*\)", match["below"])
    return (match["number"], *below), " ".join(f"{question[: match.start()]} {question[match.end() :]}".split())
