"""Finds where a name begins and ends: of a company by its capitals and its legal form, of a person by the capitals alone."""

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from index import names

_FORMS = tomllib.loads(Path(names.__file__).with_name("names.toml").read_text("utf-8"))["legal_forms"]
_WORDS = tomllib.loads(Path(__file__).with_name("naming.toml").read_text("utf-8"))
_JOINERS, _STOPS, _ABBREVIATIONS = (frozenset(_WORDS[kind]) for kind in ("joiners", "stops", "abbreviations"))
_CAPITAL_FORMS, _SOFT, _WEAK = (frozenset(_WORDS[kind]) for kind in ("capital_forms", "soft_forms", "weak_forms"))
_INSTITUTIONS, _ERRANDS = frozenset(_WORDS["institutions"]), frozenset(_WORDS["errands"])
# Nothing but words that stand in capitals without being anybody's name.
NOBODY = re.compile(rf"^(?:(?:{'|'.join(_WORDS['nobody'])})\b[\s.,:;\-]*)+$", re.IGNORECASE)
_FORM_WORDS = frozenset(word for form in _FORMS for word in form.split() if len(word) > 1) - frozenset(_WORDS["not_forms"])
_WORDLIKE = frozenset(word for word in _FORM_WORDS if len(word) <= 2) - frozenset(_WORDS["plain_short_forms"]) | frozenset(
    _WORDS["wordlike_forms"]
)
_BETWEEN_FORMS, _AFTER_JOINERS = ("&", "und", "and", "de", "z", "di"), ("co", "rl", "cv", "oo", "company")
# "settings, e.g. the fee", "Philadelphia, PA".
_NO_FORMS = ("e.g", "e.g.", "E.g.", "PA")
# A word with the signs around it; an opening bracket or quotation mark always begins a new one.
_TOKEN = re.compile(r"[(\[\"]*[^\s(\[\"]+[\")\].,;:]*|[(\[\"]+")
_LONGEST = 14  # words


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it stands in the text; `form` says whether it bears a legal form."""

    start: int
    end: int
    text: str
    form: bool


@lru_cache(maxsize=8192)
def is_form(word: str) -> bool:
    """Whether a printed word is a legal form or a part of one: "Inc.", "S.p.A.", "GmbH"."""
    bare = word.strip("\"',;:()[]*")
    folded = "".join(c for c in unicodedata.normalize("NFKD", bare.casefold()) if c.isalnum())
    if folded not in _FORM_WORDS or (folded in _CAPITAL_FORMS and bare[:1].islower()) or bare in _NO_FORMS:
        return False
    return folded not in _WORDLIKE or bare.isupper() or "." in bare[:-1] or "/" in bare or bare in ("Oy", "Ab", "As", "Se", "SpA")


def name_at(text: str, start: int, limit: int, evidence: str | None = None) -> Name | None:
    """The name that begins at a place of the text, or `None` where none does; nothing after `limit` is looked at.

    "X and Y Inc." is one name where `evidence` (the whole text in small letters) has it more than once; without evidence it is.
    """
    tokens = [(match.start(), match.group()) for match in _tokens(text, start, limit)]
    if not tokens or not _opens(tokens):
        return None
    count, form = _extent(tokens, evidence)
    if not count:
        return None
    first, last = tokens[0], tokens[count - 1]
    begin = first[0] + len(first[1]) - len(first[1].lstrip("\"'([*_"))
    end = last[0] + len(_bare_end(last[1], form))
    return Name(begin, end, text[begin:end], form) if end - begin >= 2 else None


def _tokens(text: str, start: int, limit: int) -> list[re.Match[str]]:
    found = []
    for match in _TOKEN.finditer(text, start, limit):
        found.append(match)
        if len(found) > _LONGEST:
            break
    return found


def _bare_end(token: str, form: bool) -> str:
    bare = token.rstrip("\"',;:*_")
    if bare.endswith(")") and "(" not in bare:
        bare = bare.rstrip(")\"',;:.")
    # The dot of "Inc." belongs to the name, that of a sentence does not.
    if (
        bare.endswith(".")
        and not (form and is_form(bare))
        and bare.rstrip(".").casefold() not in _ABBREVIATIONS
        and not re.search(r"\b\w\.$", bare)
    ):
        bare = bare.rstrip(".")
    return bare


def _capital(word: str) -> bool:
    bare = word.lstrip("\"'([*_")
    return bool(bare) and (
        bare[0].isupper() or (bare[0].isdigit() and any(c.isalpha() for c in bare)) or (bare[0].isdigit() and len(bare) <= 4)
    )


def _brand(word: str) -> bool:
    """A name that is written small on purpose: "drkoop.com", "eBay", "i3"."""
    bare = word.strip("\"',;:()[]*.")
    return len(bare) > 1 and bare[0].islower() and ("." in bare or any(c.isupper() or c.isdigit() for c in bare[1:]))


def _opens(tokens: Sequence[tuple[int, str]]) -> bool:
    word = tokens[0][1]
    bare = word.strip("\"',;:()[]*_.").casefold()
    if bare in ("and", "und", "or"):
        return False
    if (
        bare in _STOPS
        or (bare in _JOINERS and bare not in ("the", "la", "le", "de", "van", "von", "el", "da", "du"))
        or not any(c.isalpha() for c in word)
    ):
        rest = [token for _, token in tokens[1:]]
        # "2205925 Ontario Limited", while five digits before a name are a postal code.
        numbered = bool(re.fullmatch(r"\d{6,10}", word)) and _leads_to_form(rest, 4) and not is_form(rest[0])
        return numbered or (word[0].isdigit() and bool(rest) and _capital(rest[0]) and is_form(rest[-1]))
    following_form = len(tokens) > 1 and is_form(tokens[1][1])
    return _capital(word) or _brand(word) or (following_form and word[0].islower() and word.endswith(","))


def _extent(tokens: Sequence[tuple[int, str]], evidence: str | None) -> tuple[int, bool]:
    """How many tokens belong to the name, and whether it has a legal form."""
    count, form = 0, False
    for at in range(len(tokens)):
        rest = [token for _, token in tokens[at + 1 :]]
        part = _part(tokens, at, rest, form, evidence)
        if part == "stop":
            break
        form = form or part in ("form", "last form")
        if part != "joiner":
            count = at + 1
        if part in ("last form", "last"):
            break
    return count, form


_Part = Literal["word", "joiner", "form", "last form", "last", "stop"]


def _part(tokens: Sequence[tuple[int, str]], at: int, rest: Sequence[str], form: bool, evidence: str | None) -> _Part:
    """What a token is to the name that the tokens before it began."""
    word = tokens[at][1]
    bare = word.strip("\"',;:()[]*_.").casefold()
    if at == 0:
        return "last" if _closes(word, rest) else "word"
    if word[0] in '("[':
        return "word" if _inside(word, rest) else "stop"
    if word.endswith(")") and any(token.startswith("(") for _, token in tokens[1:at]) and rest and _leads_to_form(rest, 6):
        return "word"
    if is_form(word) and not _plain_here(word, bare, rest):
        return "form" if _goes_on(word, bare, rest) else "last form"
    if word in ("&", "+"):
        # Behind a legal form an ampersand was already found to go on: "GmbH & Co. KG".
        return "joiner" if rest and _capital(rest[0]) else "stop"
    return _plain_part(tokens, at, rest, evidence)


def _inside(word: str, rest: Sequence[str]) -> bool:
    """Whether a name goes on through a bracket: "Acme (Hong Kong) Trading Limited", but not "Acme (the Company)"."""
    bracket = [word, *rest[:2]]
    closing = next((at for at, token in enumerate(bracket) if token.rstrip(",").endswith(")")), None)
    if closing is None or not all(_capital(token) for token in bracket[: closing + 1]):
        return False
    content, after = " ".join(bracket[: closing + 1]), rest[closing:]
    if '"' in content or len(content) > 24 or not after:
        return False
    return is_form(after[0]) or is_form(word) or (not NOBODY.match(content.strip("()[]")) and _leads_to_form(after, 6))


def _leads_to_form(rest: Sequence[str], most: int) -> bool:
    """Whether words in capitals lead to a legal form within so many words: "Security Technology Co., Ltd."."""
    for at, word in enumerate(rest[:most]):
        if is_form(word):
            return True
        if not _capital(word) or word.strip(".").casefold() in _STOPS or word.endswith((";", ":", ".", ")", '"')):
            return False
        if word.endswith(","):
            return bool(rest[at + 1 : at + 2]) and is_form(rest[at + 1])
    return False


def _plain_here(word: str, bare: str, rest: Sequence[str]) -> bool:
    """Whether letters that may be a legal form are a word of the name: "White Hat SP GP LLC", "DEFINITIONS As used"."""
    if word in ("As", "Se"):
        return bool(rest) and rest[0][0].islower()
    return bare in _WEAK and "." not in word and not word.endswith((",", ";")) and _leads_to_form(rest, 5)


def _plain_part(tokens: Sequence[tuple[int, str]], at: int, rest: Sequence[str], evidence: str | None) -> _Part:
    word = tokens[at][1]
    bare = word.strip("\"',;:()[]*_.").casefold()
    if bare in ("and", "und"):
        return "joiner" if _and_belongs(tokens, at, evidence) else "stop"
    if bare in _JOINERS and word.islower():
        return "joiner" if _joins(rest) else "stop"
    if bare == "a" and word[0] == "A" and tokens[at - 1][1] in ("S", "S."):
        return "last form"
    if word in ("For", "In", "To", "On") and tokens[at - 1][1].casefold() not in _ERRANDS and _leads_to_form(rest, 4):
        return "word"
    # "Position The Company" are two, "Bank of The West" is one.
    if bare in _STOPS or not _capital(word) or (word == "The" and tokens[at - 1][1].casefold() not in _JOINERS):
        return "stop"
    return "last" if _closes(word, rest) else "word"


def _and_belongs(tokens: Sequence[tuple[int, str]], at: int, evidence: str | None) -> bool:
    """Whether an "and" joins words of one name, "Oil and Gas Ltd.", rather than two names."""
    if tokens[at - 1][1].endswith((",", ";", ":")):
        return False
    right = []
    for _, word in tokens[at + 1 :]:
        right.append(word.strip(",;:"))
        if not _capital(word) or is_form(word) or word.endswith((",", ";", ":")):
            break
    if not right or not _capital(right[0]):
        return False
    joined = " ".join([*(word for _, word in tokens[: at + 1]), *right]).casefold().strip("\"'(")
    after = " ".join(right).casefold()
    if not is_form(right[-1]):
        # "Federal Savings and Loan Association" is one where nobody is called "Loan Association" alone.
        known = evidence is not None and right[-1].casefold() in _INSTITUTIONS
        return (
            known
            and evidence is not None
            and evidence.count(joined) >= 2
            and evidence.count(after) == evidence.count(f"and {after}")
        )
    if evidence is None:
        return True
    # "Acme and Company" are two where somebody is called "the Company".
    alias = len(right) == 1 and (f'"{after}"' in evidence or f'"the {after}"' in evidence)
    return not alias and evidence.count(joined) >= 2


def _joins(rest: Sequence[str]) -> bool:
    """Whether a small word leads to more of a name, "Bank of America", and not to an address: "of 12 Elm Road"."""
    following = next((word for word in rest if word.casefold() not in _JOINERS), "")
    return following[:1].isupper()


def _goes_on(word: str, bare: str, rest: Sequence[str]) -> bool:
    """Whether a name goes on after a legal form: "Ltd. & Co. KG", "Company of America", "S.A. de C.V."."""
    if not rest or word.endswith((";", ":", ")")):
        return False
    following, second = rest[0], rest[1] if len(rest) > 1 else ""
    if is_form(following) and not following.startswith("("):
        return True
    if (following in _BETWEEN_FORMS or following == "DE") and is_form(second):
        return second.strip(".,").casefold() in _AFTER_JOINERS or following != "and"
    if word.endswith(",") or following[0] == "(":
        return False
    if following == "of":
        return bare in ("company", "corporation", "co") and _capital(second)
    liability = bare == "limited" and following.casefold() in ("liability", "partnership")
    return liability or (bare in _SOFT and _capital(following) and following.strip(".,").casefold() not in _STOPS)


def _closes(word: str, rest: Sequence[str]) -> bool:
    """Whether a word is the last one of a name by the sign after it."""
    if word.endswith((";", ":")):
        return True
    if word.endswith(","):
        return not (
            rest
            and is_form(rest[0])
            and not (len(rest) > 1 and re.match(r"\d{5}\b", rest[1]))
            and not (rest[0].casefold().strip(".,") in ("limited", "company") and len(rest) > 1 and rest[1].islower())
        )
    if word.endswith(")") and "(" not in word:
        return True
    if word.endswith("."):
        bare = word.rstrip(".").casefold()
        return bare not in _ABBREVIATIONS and len(bare) > 2 and "." not in bare
    return word.endswith('"')
