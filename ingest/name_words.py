"""The words that names of companies and people are made of: legal forms, capitals, small words between, and nobody's words."""

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from index import names

_FORMS = tomllib.loads(Path(names.__file__).with_name("names.toml").read_text("utf-8"))["legal_forms"]
_WORDS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
JOINERS, STOPS, ABBREVIATIONS = (frozenset[str](_WORDS[kind]) for kind in ("joiners", "stops", "abbreviations"))
SOFT_FORMS, WEAK_FORMS = frozenset[str](_WORDS["soft_forms"]), frozenset[str](_WORDS["weak_forms"])
LEADING_FORMS = frozenset[str](_WORDS["leading_forms"])
INSTITUTIONS, ERRANDS = frozenset[str](_WORDS["institutions"]), frozenset[str](_WORDS["errands"])
SMALL_OPENERS, SMALL_ENDS = frozenset[str](_WORDS["small_openers"]), frozenset[str](_WORDS["small_ends"])
# Nothing but words that stand in capitals without being anybody's name.
NOBODY = re.compile(rf"^(?:(?:{'|'.join(_WORDS['nobody'])})\b[\s.,:;\-]*)+$", re.IGNORECASE)
_CAPITAL_FORMS = frozenset(_WORDS["capital_forms"])
_FORM_WORDS = frozenset(word for form in _FORMS for word in form.split() if len(word) > 1) - frozenset(_WORDS["not_forms"])
_WORDLIKE = frozenset(word for word in _FORM_WORDS if len(word) <= 2) - frozenset(_WORDS["plain_short_forms"]) | frozenset(
    _WORDS["wordlike_forms"]
)
# "settings, e.g. the fee", "Philadelphia, PA".
_NO_FORMS = ("e.g", "e.g.", "E.g.", "PA")
_INITIALS = re.compile(r"(?:[A-Z]\.)+")


@lru_cache(maxsize=8192)
def is_form(word: str) -> bool:
    """Whether a printed word is a legal form or a part of one: "Inc.", "S.p.A.", "GmbH"."""
    bare = word.strip("\"',;:()[]*")
    folded = "".join(c for c in unicodedata.normalize("NFKD", bare.casefold()) if c.isalnum())
    if folded not in _FORM_WORDS or (folded in _CAPITAL_FORMS and bare[:1].islower()) or bare in _NO_FORMS:
        return False
    return folded not in _WORDLIKE or bare.isupper() or "." in bare[:-1] or "/" in bare or bare in ("Oy", "Ab", "As", "Se", "SpA")


def folded(word: str) -> str:
    """A printed word in small letters, without the signs around it."""
    return word.strip("\"',;:()[]*_.").casefold()


def capital(word: str) -> bool:
    """Whether a word begins like one of a name: with a capital or a digit."""
    bare = word.lstrip("\"'([*_")
    return bool(bare) and (
        bare[0].isupper() or (bare[0].isdigit() and any(c.isalpha() for c in bare)) or (bare[0].isdigit() and len(bare) <= 4)
    )


def brand(word: str) -> bool:
    """A name that is written small on purpose: "drkoop.com", "eBay", "i3"."""
    bare = word.strip("\"',;:()[]*.")
    return len(bare) > 1 and bare[0].islower() and ("." in bare or any(c.isupper() or c.isdigit() for c in bare[1:]))


def leads_to_form(rest: Sequence[str], most: int) -> bool:
    """Whether words in capitals lead to a legal form within so many words: "Security Technology Co., Ltd."."""
    for at, word in enumerate(rest[:most]):
        if is_form(word):
            return True
        if (
            not capital(word)
            or word.strip(".").casefold() in STOPS
            or (word.endswith((";", ":", ".", ")", '"')) and not _INITIALS.fullmatch(word))
        ):
            return False
        if word.endswith(","):
            return bool(rest[at + 1 : at + 2]) and is_form(rest[at + 1])
    return False
