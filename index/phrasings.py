"""How the taxonomy puts each clause type, laid out to be compared with a question."""

import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from math import log
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.store import Encoder, Vectors
from index.taxonomy import ClauseType, clause_types
from index.words import terms_of

# Vectors that were computed before, by the encoder named in it: without them the first question would take half a minute.
KEPT = Path(__file__).with_name("phrasings.npz")
ROLES = ("question", "name", "definition")
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


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to put a clause type: a `question`, a `name` (synonyms are names) or its `definition`, with its telling terms."""

    of: int
    role: str
    text: str
    terms: frozenset[str]

    @property
    def name(self) -> str:
        """Which type it puts."""
        return clause_types()[self.of].name

    @property
    def weight(self) -> float:
        """How much its terms tell."""
        return weight_of(self.terms)


@dataclass(frozen=True, slots=True, eq=False)
class Phrasings:
    """Every phrase of the taxonomy with its vector, and the middle of each type's vectors, shape (types, dimensions).

    `of` and `roles` are the place of each phrase's type and of its role in ROLES.
    """

    types: tuple[ClauseType, ...]
    phrases: tuple[Phrase, ...]
    vectors: Vectors
    middles: Vectors
    of: npt.NDArray[np.int64]
    roles: npt.NDArray[np.int64]


def telling_terms(text: str) -> frozenset[str]:
    """The stemmed terms of a text that tell something about what is asked."""
    terms = frozenset(terms_of(text.replace("licence", "license")))
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
            *(("question", question) for question in (*it.questions, *_more().get(it.name, ()))),
            ("definition", it.definition),
        )
    )


@cache
def phrases_with() -> dict[str, tuple[int, ...]]:
    """In which phrases a term stands."""
    places: dict[str, tuple[int, ...]] = {}
    for at, phrase in enumerate(phrases()):
        for term in phrase.terms:
            places[term] = (*places.get(term, ()), at)
    return places


@cache
def standing_words() -> tuple[tuple[int, frozenset[str]], ...]:
    """The headings and cues of the types' clauses as sets of terms, each with the place of its type."""
    pairs = ((at, telling_terms(words)) for at, it in enumerate(clause_types()) for words in (*it.headings, *it.cues))
    return tuple((at, words) for at, words in pairs if words)


@cache
def _weights() -> dict[str, float]:
    types = len(clause_types())
    owners: dict[str, set[int]] = {}
    for phrase in phrases():
        for term in phrase.terms:
            owners.setdefault(term, set()).add(phrase.of)
    return {term: log(1 + types / (len(having) + 0.5)) for term, having in owners.items()}


@lru_cache(maxsize=4096)
def weight_of(terms: frozenset[str]) -> float:
    """How much a few terms tell together: one that few types have tells more."""
    unknown = log(1 + len(clause_types()) / 0.5)
    return sum(_weights().get(term, unknown) for term in terms)


def phrasings(encoder: Encoder) -> Phrasings:
    """The phrases with an encoder's vectors; those that are not kept beside this file are computed, once a process."""
    if encoder.name not in _READY:
        _READY[encoder.name] = _laid_out(encoder)
    return _READY[encoder.name]


def _laid_out(encoder: Encoder) -> Phrasings:
    texts = [phrase.text for phrase in phrases()]
    vectors = _vectors(texts, encoder)
    of = np.array([phrase.of for phrase in phrases()], np.int64)
    sums = np.stack([vectors[of == at].sum(axis=0) for at in range(len(clause_types()))])
    middles = (sums / np.linalg.norm(sums, axis=1, keepdims=True)).astype(np.float32)
    roles = np.array([ROLES.index(phrase.role) for phrase in phrases()], np.int64)
    return Phrasings(clause_types(), phrases(), vectors, middles, of, roles)


def _vectors(texts: list[str], encoder: Encoder) -> Vectors:
    kept = kept_vectors(encoder.name) if KEPT.is_file() else {}
    missing = [text for text in dict.fromkeys(texts) if _key(text) not in kept]
    new = dict(zip(missing, encoder.encode(missing), strict=True)) if missing else {}
    return np.stack([new[text] if text in new else kept[_key(text)] for text in texts])


def kept_vectors(encoder: str) -> dict[bytes, Vectors]:
    """The vectors kept for an encoder, by the hash of their text; none where another encoder's are kept."""
    with np.load(KEPT, allow_pickle=False) as stored:
        if str(stored["encoder"]) != encoder:
            return {}
        vectors = stored["vectors"].astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return {bytes(key): vector for key, vector in zip(stored["keys"], vectors, strict=True)}


def keep_vectors(encoder: Encoder, file: Path = KEPT) -> int:
    """Compute and keep the vectors of all phrases; answers how many. Half precision: a cosine moves by less than 0.001."""
    texts = list(dict.fromkeys(phrase.text for phrase in phrases()))
    keys = np.stack([np.frombuffer(_key(text), np.uint8) for text in texts])
    np.savez(file, encoder=np.array(encoder.name), keys=keys, vectors=encoder.encode(texts).astype(np.float16))
    return len(texts)


def _key(text: str) -> bytes:
    return sha256(text.encode()).digest()
