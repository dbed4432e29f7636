"""How the taxonomy puts each clause type, and what an encoder makes of that."""

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from math import log
from pathlib import Path

import numpy as np

from index import softmax
from index.store import Encoder, Vectors
from index.taxonomy import ClauseType, clause_types
from index.words import terms_of

# What was computed before, with the encoder named in it: without it the first question would take some minutes.
KEPT = Path(__file__).with_name("phrasings.npz")
# Under this name stand questions about what no type is about.
NOTHING = "none"
# By the encoder's name; what two threads compute at once is the same.
_READY: dict[str, "Phrasings"] = {}

# Words of a question that every other question has too.
_EMPTY = frozenset(
    term
    for word in """a about agreement an and any are as at be by can clause contract could do does find for from get got had has
    have how i if in is it its may me must my no not of on one or other our party parties please provision shall should show side
    tell than that the their them then there these they this to us was we were what when where which who whom whose will with
    would you your""".split()  # noqa: SIM905 words read better as words
    for term in terms_of(word)
)


# How else the same is written: "T4C", "w/o cause".
_SPELLINGS = tuple(
    (re.compile(pattern), written)
    for pattern, written in (("licence", "license"), (r"(?<=[A-Za-z])4(?=[A-Za-z])", " for "), (r"\bw/o\b", "without"))
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to put a clause type: a `name` (synonyms are names), a `question`, the `definition`, or how else people ask."""

    of: int
    role: str
    text: str
    terms: frozenset[str]

    @property
    def name(self) -> str:
        """Which type it puts."""
        return clause_types()[self.of].name


@dataclass(frozen=True, slots=True, eq=False)
class Phrasings:
    """What an encoder makes of the taxonomy: the middle of each type's phrases, shape (types, d), and a classifier.

    The `classifier` (see `index.softmax`) tells the types apart and, as its last class, what is about none of them.
    """

    types: tuple[ClauseType, ...]
    middles: Vectors
    classifier: Vectors


def telling_terms(text: str) -> frozenset[str]:
    """The stemmed terms of a text that tell something about what is asked."""
    for pattern, written in _SPELLINGS:
        text = pattern.sub(written, text)
    terms = frozenset(terms_of(text))
    # "Parties" alone is about the parties.
    return terms - _EMPTY or (terms if len(terms) == 1 else frozenset())


@cache
def _more() -> dict[str, list[str]]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


@cache
def phrases() -> tuple[Phrase, ...]:
    """Every phrase of the taxonomy, type by type."""
    return tuple(
        Phrase(at, role, text, telling_terms(text))
        for at, it in enumerate(clause_types())
        for role, text in (
            ("name", it.name),
            *(("name", name) for name in it.synonyms),
            *(("question", question) for question in it.questions),
            ("definition", it.definition),
            *(("other", question) for question in _more().get(it.name, ())),
        )
    )


def nothing() -> tuple[str, ...]:
    """Questions about what is in contracts and is no clause of any type."""
    return tuple(_more()[NOTHING])


@cache
def vocabulary() -> dict[str, Counter[int]]:
    """In how many phrases of which types each term stands."""
    found: dict[str, Counter[int]] = {}
    for phrase in phrases():
        for term in phrase.terms:
            found.setdefault(term, Counter())[phrase.of] += 1
    return found


@cache
def standing_words() -> tuple[tuple[int, frozenset[str]], ...]:
    """The headings and cues of the types' clauses as sets of terms, each with the place of its type."""
    pairs = ((at, telling_terms(words)) for at, it in enumerate(clause_types()) for words in (*it.headings, *it.cues))
    return tuple((at, words) for at, words in pairs if words)


@cache
def _weights() -> dict[str, float]:
    types = len(clause_types())
    return {term: log(1 + types / (len(having) + 0.5)) for term, having in vocabulary().items()}


@lru_cache(maxsize=4096)
def weight_of(terms: frozenset[str]) -> float:
    """How much a few terms tell together: one that few types have tells more."""
    unknown = log(1 + len(clause_types()) / 0.5)
    return sum(_weights().get(term, unknown) for term in terms)


def phrasings(encoder: Encoder) -> Phrasings:
    """What an encoder makes of the phrases; where it is not kept beside this file, it is computed, once a process."""
    if encoder.name not in _READY:
        _READY[encoder.name] = kept(encoder.name) or laid_out(encoder)
    return _READY[encoder.name]


def laid_out(encoder: Encoder) -> Phrasings:
    """Compute it: every phrase is encoded, and the classifier learns from them."""
    of = np.array([phrase.of for phrase in phrases()], np.int64)
    vectors = encoder.encode([*(phrase.text for phrase in phrases()), *nothing()])
    types = len(clause_types())
    sums = np.stack([vectors[: len(of)][of == at].sum(axis=0) for at in range(types)])
    middles = (sums / np.linalg.norm(sums, axis=1, keepdims=True)).astype(np.float32)
    classes = np.concatenate([of, np.full(len(nothing()), types)])
    return Phrasings(clause_types(), middles, softmax.fitted(vectors, classes, types + 1))


def kept(encoder: str, file: Path = KEPT) -> Phrasings | None:
    """What is kept for an encoder and for these very phrases, or None."""
    if not file.is_file():
        return None
    with np.load(file, allow_pickle=False) as stored:
        if (str(stored["encoder"]), str(stored["phrases"])) != (encoder, _fingerprint()):
            return None
        middles, classifier = stored["middles"].astype(np.float32), stored["classifier"].astype(np.float32)
    return Phrasings(clause_types(), middles / np.linalg.norm(middles, axis=1, keepdims=True), classifier)


def keep(encoder: Encoder, file: Path = KEPT) -> None:
    """Compute it and keep it, in half precision: a cosine moves by less than 0.001."""
    known = laid_out(encoder)
    np.savez(
        file,
        encoder=np.array(encoder.name),
        phrases=np.array(_fingerprint()),
        middles=known.middles.astype(np.float16),
        classifier=known.classifier.astype(np.float16),
    )


def _fingerprint() -> str:
    texts = [(phrase.of, phrase.text) for phrase in phrases()] + [(-1, text) for text in nothing()]
    return sha256(repr(texts).encode()).hexdigest()
