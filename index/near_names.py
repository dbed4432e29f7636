"""Names that may be meant, when none of them may be overlooked."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from index.name_books import NameBook, name_book
from index.names import GENERIC, match_names, name_key

_ERRORS, _RATIO = 2, 88
_NUMERAL = re.compile(r"\d+|\b[ivx]+\b")


def each_like(typed: str, book: NameBook) -> list[int]:
    """Places in the book of all names that a person may mean, each looked at as if there were no other.

    `match_names` looks for the best: a name that is spelt as typed ends the search for misspelt ones. Here it does not.
    """
    key = name_key(typed)
    near = set(_sharing_a_word(key.split(), book))
    whole = process.extract(key, book.keys, scorer=fuzz.ratio, score_cutoff=_RATIO, processor=None, limit=None)
    near.update(at for _, _, at in whole)
    return sorted(at for at in near if match_names(typed, name_book([book.keys[at]])))


def spelled_alike(one: str, other: str) -> bool:
    """Whether two normal forms (`name_key`) of one document are one name, written with a slip: "acme brand", "acme brands".

    A name of fewer than eight letters, or one with another number in it, is another name.
    """
    first, second = one.replace(" ", ""), other.replace(" ", "")
    if min(len(first), len(second)) < 8 or sorted(_NUMERAL.findall(one)) != sorted(_NUMERAL.findall(other)):
        return False
    return OSA.distance(first, second, score_cutoff=_ERRORS) <= (_ERRORS if min(len(first), len(second)) >= 16 else 1)


def _sharing_a_word(tokens: Sequence[str], book: NameBook) -> Iterator[int]:
    telling = [token for token in tokens if token not in GENERIC] or tokens
    initials = "".join(token[0] for token in tokens)
    for token in (*telling, initials, *(left + right for left, right in pairwise(tokens))):
        words = book.vocabulary.get(token[:1], ())
        like = process.extract(token, words, scorer=OSA.distance, score_cutoff=_ERRORS, processor=None, limit=None)
        starting = [word for word in words if word.startswith(token)]
        for word in (*(word for word, _, _ in like), *starting):
            yield from book.holders[word]
        yield from book.pairs.get(token, ())
        yield from book.initials.get(token, ())
