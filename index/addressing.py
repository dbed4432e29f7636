"""Finds the contracts that a question names in its own words: "the cap on liability in the Acme MSA"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from index.kinds import tokens_of
from index.phrasings import phrases, telling_terms
from index.records import Filter
from index.relevance import understood
from index.store import Selection, View

_BEFORE_A_NAME = re.compile(r"\b(in|of|with|under|from|for|between|by|to)\s+(?=\S)", re.IGNORECASE)
# Other words lead to places and things too: after them a contract must be spoken of, as in "under the Acme lease".
_WITH_SOMEBODY = frozenset({"with", "between"})
_A_CONTRACT = frozenset({"agreement", "agreements", "contract", "contracts", "deal", "deals"})
_LONGEST_TAIL = 100


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
    own = frozenset[str]().union(*(phrase.terms for phrase in phrases() if phrase.name == clause_type))
    for head, tail, before in _tails(question):
        said = understood(tail)
        of_contract = said.kinds or _A_CONTRACT & set(tokens_of(tail)) or before in _WITH_SOMEBODY
        if not said.name or not of_contract or telling_terms(said.name) & own:
            continue
        left = view.select(replace(wanted, party=said.name), today)
        if 0 < len(left) < len(within):
            return Addressed(said.name, head, left)
    return None


def _tails(question: str) -> Iterator[tuple[str, str, str]]:
    """What stands before and after each word that may lead to a name, and the word; the longest rest first."""
    for match in _BEFORE_A_NAME.finditer(question):
        tail = question[match.end() :].strip(" ?.!")
        if tail and len(tail) <= _LONGEST_TAIL:
            yield question[: match.start()].strip(), tail, match[1].lower()
