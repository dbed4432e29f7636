"""What a contract's own words say of a name: whether its words are like any other, and whether it owes anything."""

import math
import re
from collections.abc import Iterable

from ingest.anatomy import Anatomy
from ingest.name_words import is_form

# So much of a contract tells how it writes and who owes what in it.
_READ = 300_000
_SMALL = re.compile(r"(?<![\w'-])[a-z]{3,}(?![\w'-])")
_WORD = re.compile(r"[^\W\d_]{3,}")
_OWES = (" shall", " will", " agrees", " may", " must", " hereby", " represents", " warrants", " desires")


def small_words(paper: Anatomy) -> frozenset[str]:
    """The words that the contract writes in small letters anywhere: a person's or a company's name is hardly made of them."""
    return frozenset(_SMALL.findall(paper.text, 0, _READ))


def usual(name: str, small: frozenset[str]) -> float:
    """The share of a name's words that are words like any other: 1 for "Affiliate Program", 0 for "Mario Rossi"."""
    words = [word for word in _WORD.findall(name) if not is_form(word)]
    return sum(word.lower() in small for word in words) / len(words) if words else 0.0


def obligations(paper: Anatomy, names: Iterable[str]) -> float:
    """How often the contract says that somebody of these names shall or may do something, 0–1."""
    read = paper.folded[:_READ]
    count = sum(read.count(name.casefold() + owes) for name in set(names) if len(name) > 1 for owes in _OWES)
    return math.log1p(min(count, 20)) / math.log1p(20)
