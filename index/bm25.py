"""BM25 as tantivy reckons it, over a part of the texts as if there were no others."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log

from index.words import Ranked, Words, terms_in, terms_of

Counts = Mapping[str, int]

# Robertson and Zaragoza, 2009, with tantivy's constants.
_K1, _B = 1.2, 0.75
# tantivy keeps a text's length in a byte: exact up to 40, then with four bits of precision.
_FREE = 24


@dataclass(frozen=True, slots=True)
class Corpus:
    """The texts that count: how many, how long on average, and how many of them have a term."""

    count: int
    average: float
    having: Callable[[str], int]


def corpus_of(words: Words, groups: Sequence[int]) -> Corpus:
    """The texts of some groups."""
    count, tokens = words.tally(groups)
    return Corpus(count, tokens / count if count else 1.0, lambda term: words.having(term, groups))


def counted(text: str) -> Counts:
    """How often each term stands in a text."""
    return Counter(terms_in(text))


def rescored(question: str, texts: Mapping[int, Counts], corpus: Corpus) -> Ranked:
    """Texts by number with their scores for a question, best first; one without any of its terms is left out."""
    weights = {term: _rarity(corpus.count, corpus.having(term)) for term in terms_of(question)}
    scores = ((number, _score(counts, weights, corpus.average)) for number, counts in texts.items())
    return sorted(((number, score) for number, score in scores if score > 0), key=lambda hit: (-hit[1], hit[0]))


def _rarity(count: int, having: int) -> float:
    return (1 + _K1) * log(1 + (count - having + 0.5) / (having + 0.5))


def _score(counts: Counts, weights: Mapping[str, float], average: float) -> float:
    norm = _K1 * (1 - _B + _B * rounded(sum(counts.values())) / average)
    found = ((weight, counts[term]) for term, weight in weights.items() if term in counts)
    return sum(weight * count / (count + norm) for weight, count in found)


def rounded(length: int) -> int:
    """A text's length as tantivy remembers it: never more than it is."""
    if length <= _FREE:
        return length
    rest = length - _FREE
    shift = max(0, rest.bit_length() - 4)
    return _FREE + (rest >> shift << shift)
