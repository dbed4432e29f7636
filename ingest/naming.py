"""Finds where a name begins and ends: of a company by its capitals and its legal form, of a person by the capitals alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from ingest.name_words import (
    ABBREVIATIONS,
    ERRANDS,
    INSTITUTIONS,
    JOINERS,
    LEADING_FORMS,
    NOBODY,
    SMALL_ENDS,
    SMALL_OPENERS,
    SOFT_FORMS,
    STOPS,
    WEAK_FORMS,
    brand,
    capital,
    folded,
    is_form,
    leads_to_form,
)

_BETWEEN_FORMS, _AFTER_JOINERS = ("&", "und", "and", "de", "z", "di"), ("co", "rl", "cv", "oo", "company")
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


def name_at(text: str, start: int, limit: int, evidence: str | None = None) -> Name | None:
    """The name that begins at a place of the text, or `None` where none does; nothing after `limit` is looked at.

    "X and Y Inc." is one name where `evidence` (the whole text in small letters) has it more than once; without evidence it is.
    """
    tokens = [(match.start(), match.group()) for match in _tokens(text, start, limit)]
    if not tokens or not (_opens(tokens) or _opens_small(text, tokens)):
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
    bare = re.sub(r"\.{2,}$", ".", token.rstrip("\"',;:*_"))
    if bare.endswith(")") and "(" not in bare:
        bare = bare.rstrip(")\"',;:.")
    # The dot of "Inc." belongs to the name, that of a sentence does not.
    if (
        bare.endswith(".")
        and not (form and is_form(bare))
        and bare.rstrip(".").casefold() not in ABBREVIATIONS
        and not re.search(r"\b\w\.$", bare)
    ):
        bare = bare.rstrip(".")
    return bare


def _opens(tokens: Sequence[tuple[int, str]]) -> bool:
    word = tokens[0][1]
    bare = folded(word)
    if bare in ("and", "und", "or"):
        return False
    if (
        bare in STOPS
        or (bare in JOINERS and bare not in ("the", "la", "le", "de", "van", "von", "el", "da", "du"))
        or not any(c.isalpha() for c in word)
    ):
        rest = [token for _, token in tokens[1:]]
        # "2205925 Ontario Limited", while five digits before a name are a postal code.
        numbered = bool(re.fullmatch(r"\d{6,10}", word)) and leads_to_form(rest, 4) and not is_form(rest[0])
        return numbered or (word[0].isdigit() and bool(rest) and capital(rest[0]) and is_form(rest[-1]))
    following_form = len(tokens) > 1 and is_form(tokens[1][1])
    return capital(word) or brand(word) or (following_form and word[0].islower() and word.endswith(","))


def _opens_small(text: str, tokens: Sequence[tuple[int, str]]) -> bool:
    """Whether a name begins with a small word in capitals: "by and between the At Rest Corporation"."""
    start, word = tokens[0]
    led = re.search(r"\b(?:the|between|among|and|with) $", text[max(0, start - 10) : start], re.IGNORECASE)
    return bool(led) and word.istitle() and folded(word) in SMALL_OPENERS and leads_to_form([token for _, token in tokens[1:]], 2)


def _extent(tokens: Sequence[tuple[int, str]], evidence: str | None) -> tuple[int, bool]:
    """How many tokens belong to the name, and whether it has a legal form."""
    count, form = 0, tokens[0][1] in LEADING_FORMS and len(tokens) > 1 and capital(tokens[1][1])
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
    bare = folded(word)
    if at == 0:
        return "last" if _closes(word, rest) and not _partners(tokens, at, rest) else "word"
    if word[0] in '("[':
        return "word" if _inside(word, rest) else "stop"
    if word.endswith(")") and any(token.startswith("(") for _, token in tokens[1:at]) and rest and leads_to_form(rest, 6):
        return "word"
    if is_form(word) and not _plain_here(word, bare, rest):
        return "form" if _goes_on(word, bare, rest) else "last form"
    if word in ("&", "+"):
        # Behind a legal form an ampersand was already found to go on: "GmbH & Co. KG".
        return "joiner" if rest and capital(rest[0]) else "stop"
    return _plain_part(tokens, at, rest, evidence)


def _inside(word: str, rest: Sequence[str]) -> bool:
    """Whether a name goes on through a bracket: "Acme (Hong Kong) Trading Limited", but not "Acme (the Company)"."""
    bracket = [word, *rest[:2]]
    closing = next((at for at, token in enumerate(bracket) if token.rstrip(",").endswith(")")), None)
    if closing is None or not all(capital(token) for token in bracket[: closing + 1]):
        return False
    content, after = " ".join(bracket[: closing + 1]), rest[closing:]
    if '"' in content or len(content) > 24 or not after:
        return False
    return is_form(after[0]) or is_form(word) or (not NOBODY.match(content.strip("()[]")) and leads_to_form(after, 6))


def _plain_here(word: str, bare: str, rest: Sequence[str]) -> bool:
    """Whether letters that may be a legal form are a word of the name: "White Hat SP GP LLC", "DEFINITIONS As used"."""
    if word in ("As", "Se"):
        return bool(rest) and rest[0][0].islower()
    if word == "AS" and rest and rest[0].isalpha() and rest[0].isupper() and not is_form(rest[0]):
        return True
    return bare in WEAK_FORMS and "." not in word and not word.endswith((",", ";")) and leads_to_form(rest, 5)


def _plain_part(tokens: Sequence[tuple[int, str]], at: int, rest: Sequence[str], evidence: str | None) -> _Part:
    word = tokens[at][1]
    bare = folded(word)
    if bare in ("and", "und"):
        return "joiner" if _and_belongs(tokens, at, evidence) else "stop"
    if bare in JOINERS and word.islower():
        return "joiner" if _joins(rest) else "stop"
    if bare == "a" and word[0] == "A" and tokens[at - 1][1] in ("S", "S."):
        return "last form"
    if bare in STOPS and word[0].isupper() and _in_name(tokens, at, rest, evidence):
        return "word"
    # "Position The Company" are two, "Bank of The West" is one.
    if bare in STOPS or not capital(word) or (word == "The" and tokens[at - 1][1].casefold() not in JOINERS):
        return "stop"
    return "last" if _closes(word, rest) and not _partners(tokens, at, rest) else "word"


def _in_name(tokens: Sequence[tuple[int, str]], at: int, rest: Sequence[str], evidence: str | None) -> bool:
    """Whether a small word in capitals is one of a name: "Food For Athletes, Inc.", "Rivers Now, Inc."."""
    word = tokens[at][1]
    if word in ("For", "In", "To", "On"):
        return tokens[at - 1][1].casefold() not in ERRANDS and leads_to_form(rest, 4)
    if not word.isupper() or evidence is None or not leads_to_form(rest, 4):
        return bool(rest) and is_form(rest[0]) and word.istitle() and folded(word) in SMALL_ENDS
    end = next(place for place, token in enumerate(rest) if is_form(token)) + 1
    joined = " ".join([*(token for _, token in tokens[: at + 1]), *rest[:end]]).casefold().strip("\"'(,;:")
    return evidence.count(joined) >= 2


def _partners(tokens: Sequence[tuple[int, str]], at: int, rest: Sequence[str]) -> bool:
    """Whether a comma parts the names of partners: "Lee, Doe & Roe, Inc."."""
    if not all(token.endswith(",") for _, token in tokens[: at + 1]):
        return False
    place = rest[:4].index("&") if "&" in rest[:4] else 0
    if not place or not all(capital(token) and not is_form(token) for token in rest[:place]):
        return False
    return all(token.endswith(",") for token in rest[: place - 1]) and leads_to_form(rest[place + 1 :], 4)


def _and_belongs(tokens: Sequence[tuple[int, str]], at: int, evidence: str | None) -> bool:
    """Whether an "and" joins words of one name, "Oil and Gas Ltd.", rather than two names."""
    if tokens[at - 1][1].endswith((",", ";", ":")):
        return False
    right = []
    rest = [word for _, word in tokens[at + 1 :]]
    for place, word in enumerate(rest):
        right.append(word.strip(",;:"))
        formal = evidence is None and is_form("".join(rest[place + 1 : place + 2]))
        closes = word.endswith((";", ":")) or (word.endswith(",") and not formal)
        if not capital(word) or is_form(word) or closes:
            break
    if not right or not capital(right[0]):
        return False
    joined = " ".join([*(word for _, word in tokens[: at + 1]), *rest[: len(right)]]).casefold().strip("\"'(,;:")
    after = " ".join(rest[: len(right)]).casefold().strip(",;:")
    if not is_form(right[-1]):
        # "Federal Savings and Loan Association" is one where nobody is called "Loan Association" alone.
        alone = evidence is None or evidence.count(after) != evidence.count(f"and {after}")
        if evidence is None or alone:
            return False
        return _is_institution(tokens[:at]) or (right[-1].casefold() in INSTITUTIONS and evidence.count(joined) >= 2)
    if evidence is None:
        return True
    # "Acme and Company" are two where somebody is called "the Company".
    alias = len(right) == 1 and (f'"{after}"' in evidence or f'"the {after}"' in evidence)
    return not alias and evidence.count(joined) >= 2


def _is_institution(tokens: Sequence[tuple[int, str]]) -> bool:
    """Whether a name begins like "Centre for Isotopes" or "Institute of Meadows"."""
    small = [folded(word) for _, word in tokens]
    return any(word in INSTITUTIONS and following in ("of", "for") for word, following in pairwise(small))


def _joins(rest: Sequence[str]) -> bool:
    """Whether a small word leads to more of a name, "Bank of America", and not to an address: "of 12 Elm Road"."""
    following = next((word for word in rest if word.casefold() not in JOINERS), "")
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
        return bare in ("company", "corporation", "co") and capital(second)
    liability = bare == "limited" and following.casefold() in ("liability", "partnership")
    return liability or (bare in SOFT_FORMS and capital(following) and following.strip(".,").casefold() not in STOPS)


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
        return bare not in ABBREVIATIONS and len(bare) > 2 and "." not in bare
    return word.endswith('"')
