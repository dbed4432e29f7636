"""The words of a contract's sentences as numbers: n-grams of a vocabulary, and cues that lawyers know a clause by."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

# Stands between rows; `_WORD` finds it as a word of its own.
_BREAK = "\x1e"
_WORD = re.compile(r"[a-z]+|[#$%€£\x1e]")
_NUMBER = re.compile(r"\d+")
_NUMBERING = re.compile(
    r"\W*(?:(?:section|article|clause|paragraph)\s+)?(?:\d[\d.]*|\(?[a-z]{1,2}[.)]|\(?[ivx]+[.)]|[ivx]+\b)?[\s.):–-]*", re.I
)


def words_of(text: str) -> list[str]:
    """The words of a text in lower case; every number is one word, "#", and so is each sign of money."""
    return [word for word in _split(text) if word != _BREAK]


def grams(words: Sequence[str]) -> list[str]:
    """Words and pairs of neighbours, as a vocabulary names them."""
    return [*words, *(f"{first} {second}" for first, second in pairwise(words))]


def bare_heading(heading: str) -> str:
    """A heading without its number: "12.2 Term." → "term"."""
    return " ".join(words_of(_NUMBERING.sub("", heading, count=1)))


def _split(text: str) -> list[str]:
    return _WORD.findall(_NUMBER.sub("#", text.lower()))


@dataclass(frozen=True, slots=True)
class Words:
    """The words of many texts, with a break between each two; `rows` (as long as `words`) says which text each belongs to."""

    words: Sequence[str]
    rows: Ints
    texts: int


def split_all(texts: Sequence[str]) -> Words:
    """The words of each text."""
    words = _split(_BREAK.join(text.replace(_BREAK, " ") for text in texts))
    return Words(words, np.cumsum(np.array([word == _BREAK for word in words], dtype=bool), dtype=np.int64), len(texts))


def laid_out(texts: Sequence[Sequence[str]]) -> Words:
    """Texts that are split into words already."""
    words = [word for text in texts for word in (*text, _BREAK)]
    return Words(words, np.repeat(np.arange(len(texts), dtype=np.int64), [len(text) + 1 for text in texts]), len(texts))


@dataclass(frozen=True, slots=True)
class Bags:
    """Rows of n-gram numbers, laid end to end: row i is `ids[starts[i] : starts[i + 1]]`, each number once a row."""

    ids: Ints
    starts: Ints

    def __len__(self) -> int:
        return len(self.starts) - 1


def no_bags(rows: int) -> Bags:
    """So many rows with nothing in them."""
    return Bags(np.zeros(0, dtype=np.int64), np.zeros(rows + 1, dtype=np.int64))


class Vocabulary:
    """N-grams (a word, or two with a space between) and their numbers, made for finding many at once."""

    def __init__(self, grams: Sequence[str]) -> None:
        self.grams = tuple(grams)
        self._words = {word: number for number, word in enumerate(dict.fromkeys(" ".join(self.grams).split()))}
        # One number more is for every word that is in no n-gram, breaks among them.
        self._unknown = len(self._words)
        self._alone = np.full(self._unknown + 1, -1, dtype=np.int64)
        pairs: list[tuple[int, int]] = []
        for number, gram in enumerate(self.grams):
            first, _, second = gram.partition(" ")
            if second:
                pairs.append((self._words[first] * (self._unknown + 1) + self._words[second], number))
            else:
                self._alone[self._words[first]] = number
        # The last key is that of no pair: a search never ends beyond it.
        pairs.append((np.iinfo(np.int64).max, -1))
        self._keys, self._pairs = np.array(sorted(pairs), dtype=np.int64).T

    def __len__(self) -> int:
        return len(self.grams)

    def bags(self, texts: Words) -> Bags:
        """The n-grams of each text, a row a text."""
        words = np.array([self._words.get(word, self._unknown) for word in texts.words], dtype=np.int64)
        keys = words[:-1] * (self._unknown + 1) + words[1:]
        nearest = np.searchsorted(self._keys, keys)
        first = np.flatnonzero(self._keys[nearest] == keys)
        alone = self._alone[words]
        known = alone >= 0
        # One number holds row and n-gram, so that sorting once orders and thins out all rows.
        size = max(1, len(self))
        found = np.concatenate([texts.rows[known] * size + alone[known], texts.rows[first] * size + self._pairs[nearest[first]]])
        found = np.unique(found)
        return Bags(found % size, np.searchsorted(found, np.arange(texts.texts + 1, dtype=np.int64) * size))


class Lexicon:
    """What lawyers know clauses by: for each type the words that stand in one, and the headings that stand over one."""

    def __init__(self, cues: Sequence[Sequence[str]], headings: Sequence[Sequence[str]]) -> None:
        self.cues = tuple(map(tuple, cues))
        self.headings = tuple(map(tuple, headings))
        self._starts: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        for number, cue in ((number, cue) for number, some in enumerate(self.cues) for cue in some):
            words = tuple(words_of(cue))
            self._starts.setdefault(words[0], []).append((words, number))
        self._headed: dict[str, list[int]] = {}
        for number, heading in ((number, heading) for number, some in enumerate(self.headings) for heading in some):
            self._headed.setdefault(heading, []).append(number)

    def cued(self, texts: Words) -> Floats:
        """How many cues of each type stand in each text, shape (texts, types)."""
        counts = np.zeros((texts.texts, len(self.cues)), dtype=np.float32)
        words = texts.words
        for at, word in enumerate(words):
            for cue, number in self._starts.get(word, ()):
                if len(cue) == 1 or tuple(words[at : at + len(cue)]) == cue:
                    counts[texts.rows[at], number] += 1
        return counts

    def headed(self, paths: Sequence[Sequence[str]]) -> Floats:
        """Whether a heading of each path is one of each type's, shape (paths, types), 0 or 1."""
        marks = np.zeros((len(paths), len(self.headings)), dtype=np.float32)
        known: Mapping[str, list[int]] = self._headed
        for row, path in enumerate(paths):
            for heading in path:
                marks[row, known.get(bare_heading(heading), [])] = 1
        return marks
