"""Finds the contracts that a question names in its own words: "the cap on liability in the Acme MSA"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from index.kinds import kinds_in, tokens_of
from index.names import name_core
from index.phrasings import phrases, telling_terms
from index.records import Filter
from index.relevance import understood
from index.store import Selection, View
from index.words import terms_of

_BEFORE_A_NAME = re.compile(r"\b(in|of|with|under|from|for|between|by|to)\s+(?=\S)", re.IGNORECASE)
# A word of a name is written large; small words may stand between two of them.
_NAME = r"[A-Z0-9][\w.&'’-]*(?:,?\s(?:(?:and|of|the|de|&)\s)?[A-Z0-9][\w.&'’-]*){0,5}"
_WRITTEN_LARGE = re.compile(_NAME)
# "Has Acme signed an NDA?", "Acme's notice period"
_AS_SUBJECT = re.compile(
    rf"\b(?i:has|have|had|did|does|do|is|are|was|can|could|may|must|will|would|should)\s+(?P<name>(?>{_NAME}))(?![\w.&'’-]|(?:\s(?:or|and)\s\S+)?\s+law\b)"
)
_AS_OWNER = re.compile(rf"(?P<name>{_NAME}?)['’]s\b")
# Other words lead to places and things too: after them a contract must be spoken of, as in "under the Acme lease".
_WITH_SOMEBODY = frozenset({"with", "between"})
_A_CONTRACT = frozenset({"agreement", "agreements", "contract", "contracts", "deal", "deals"})
_LONGEST_TAIL, _LONGEST_NAME = 100, 4
_SMALL = re.compile(r"\b[a-z]+\b")
_FEW_CONTRACTS = 100
# Every try looks through all names.
_MOST_TRIES = 12


@dataclass(frozen=True, slots=True)
class Addressed:
    """The party that a question names, what it asks apart from that, and the contracts it leaves."""

    name: str
    rest: str
    within: Selection


def addressed(
    view: View, question: str, wanted: Filter, within: Selection, today: date, clause_type: str | None
) -> Addressed | None:
    """Which of the selected contracts a question is about by a party that it names; None where it names none of them.

    Words that belong to the clause type that is meant name nobody: "change of control" is not about Control Systems Inc.
    """
    if wanted.document_id or wanted.party or len(within) < 2:
        return None
    own = frozenset[str]().union(*(phrase.terms for phrase in phrases() if phrase.name == clause_type and phrase.role != "other"))
    tried: set[str] = set()
    for said, rest in _named(question):
        name = understood(said).name
        if not name or name in tried or telling_terms(name) & own:
            continue
        if len(tried) == _MOST_TRIES:
            return None
        tried.add(name)
        left = view.select(replace(wanted, party=name), today)
        if 0 < len(left) < len(within) and (not _is_everyday(said) or _is_whole_name(view, name, left)):
            return Addressed(name, rest, left)
    return None


def _is_everyday(said: str) -> bool:
    """Whether what may be a name is written small, in nothing but words that people ask questions with."""
    return said == said.lower() and frozenset(terms_of(said)) <= _asked_with()


@cache
def _asked_with() -> frozenset[str]:
    """The terms of the words that are written small in the questions that the taxonomy knows."""
    return frozenset(term for phrase in phrases() for word in _SMALL.findall(phrase.text) for term in terms_of(word))


def _is_whole_name(view: View, name: str, within: Selection) -> bool:
    """Whether that is all of a party's name, legal form apart: "target" of Target Corporation, not of Target Logistics."""
    summaries = view.summaries(within.keys.tolist()[:_FEW_CONTRACTS])
    return any(name_core(party.name) == name_core(name) for summary in summaries for party in summary.parties)


def _named(question: str) -> Iterator[tuple[str, str]]:
    """What may name somebody, and the question without it; what leaves the least of the question comes first."""
    for match in _BEFORE_A_NAME.finditer(question):
        head, tail = question[: match.start()].strip(), question[match.end() :].strip(" ?.!")
        somebody = match[1].lower() in _WITH_SOMEBODY
        said_of_one = somebody and _is_contract(head.split()[-1:])
        for said in _beginnings(tail, said_of_one) if tail and len(tail) <= _LONGEST_TAIL else ():
            if somebody or _is_contract(said.split()):
                yield said, f"{head} {tail[len(said) :].strip()}".strip()
    for match in (*_AS_SUBJECT.finditer(question), *_AS_OWNER.finditer(question)):
        yield match["name"], f"{question[: match.start('name')]}{question[match.end() :]}".strip()


def _beginnings(tail: str, after_contract: bool) -> list[str]:
    """How far a name may reach: as far as it is written large, to the end, to a word for a contract.

    After "a contract with" a few words of any kind may be one.
    """
    words = list(re.finditer(r"\S+", tail))
    ends = [match.end() for match in [_WRITTEN_LARGE.match(tail)] if match]
    ends.append(len(tail))
    ends += [word.end() for word in words[1:] if _is_contract([word[0]])]
    ends += [word.end() for word in reversed(words[:_LONGEST_NAME])] if after_contract else []
    return list(dict.fromkeys(tail[:end] for end in ends))


def _is_contract(words: Sequence[str]) -> bool:
    tokens = tokens_of(" ".join(words))
    return bool(kinds_in(tokens) or _A_CONTRACT & set(tokens))
