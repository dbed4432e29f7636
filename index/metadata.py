"""From what is known of contracts to a list of them: filters, free words, order and pages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

import numpy as np

from index.kinds import tokens_of
from index.name_books import name_book
from index.names import GENERIC, match_names, name_key, name_words
from index.records import Filter, Passage, Summary
from index.relevance import Evidence, rank_documents, stem, understood
from index.store import Encoder, Selection, View

Sort = Literal["relevance", "expiration_date", "effective_date", "notice_deadline", "modified"]

# So many of a party's contracts are put in order by how well the name fits; the rest follow, newest first.
_MOST_COMPARED = 2000
# A list in the order of dates does not show what fits best: what fits far worse is left out of it.
_FAR_WORSE = 0.6
_MOST_MENTIONS = 50
# In which order somebody looks at a party's contracts that fit alike.
_STANDING = ("active", "not_yet_effective", "unknown", "expired")
_MENTIONED = 0.3
# Where parties stand in a text: at its opening, and where it is signed. A name met elsewhere may be anybody's.
_LOOKED_THROUGH, _OPENING = 200, 3000


@dataclass(frozen=True, slots=True)
class Row:
    """One contract of a list; `matched` says in words which arguments it met, `score` is 0–1 where words were given."""

    summary: Summary
    score: float | None
    matched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list; `next_offset` is where the next one starts."""

    rows: tuple[Row, ...]
    total: int
    next_offset: int | None


@dataclass(frozen=True, slots=True)
class _Ranked:
    """One page of keys, how long the whole list is, and how well the documents fit the words."""

    keys: list[int]
    total: int
    evidence: Mapping[int, Evidence] = field(default_factory=dict)


def find(
    view: View,
    encoder: Encoder,
    wanted: Filter,
    query: str | None,
    sort: Sort | None,
    today: date,
    offset: int = 0,
    limit: int = 10,
) -> Listing:
    """The contracts that the filter leaves, by relevance where words were given, else newest modified first.

    A party is words too: the names that fit best come first, of those that fit alike the contracts in force, then the newest;
    at the end stands what has the name in its file name, folder or title alone. With `query` the list holds only what the
    words have something to do with, some hundreds at most. Dates are sorted soonest first, unknown ones last.
    """
    within = view.select(wanted, today)
    by = sort or ("relevance" if query or wanted.party else "modified")
    if query:
        ranked = _by_words(view, rank_documents(view, encoder, wanted, query, within, today), by, offset, limit)
    elif wanted.party and by == "relevance":
        ranked = _by_party(view, wanted, within, today, offset, limit)
    else:
        ranked = _Ranked(view.ordered(within, "modified" if by == "relevance" else by, offset, limit), len(within))
    rows = tuple(_row(summary, wanted, ranked.evidence.get(summary.key), today) for summary in view.summaries(ranked.keys))
    end = offset + len(ranked.keys)
    return Listing(rows, ranked.total, end if rows and end < ranked.total else None)


def _by_words(view: View, evidence: Mapping[int, Evidence], by: Sort, offset: int, limit: int) -> _Ranked:
    if by == "relevance" or not evidence:
        return _Ranked(list(evidence)[offset : offset + limit], len(evidence), evidence)
    least = _FAR_WORSE * max(found.score for found in evidence.values())
    near = sorted(key for key, found in evidence.items() if found.score >= least)
    return _Ranked(view.ordered(Selection(np.array(near, dtype=np.int64)), by, offset, limit), len(near), evidence)


def _by_party(view: View, wanted: Filter, within: Selection, today: date, offset: int, limit: int) -> _Ranked:
    typed = wanted.party or ""
    newest = view.summaries(view.ordered(within, "modified", 0, _MOST_COMPARED))
    evidence = {summary.key: Evidence(_fit(typed, summary), ()) for summary in newest}
    keys = [summary.key for summary in sorted(newest, key=lambda each: _precedence(evidence[each.key].score, typed, each, today))]
    if len(within) > len(keys):
        page = keys[offset : offset + limit] if offset < len(keys) else view.ordered(within, "modified", offset, limit)
        return _Ranked(page, len(within), evidence)
    mentions = {key: mention for key, mention in _mentions(view, wanted, today) if key not in evidence}
    return _Ranked([*keys, *mentions][offset : offset + limit], len(keys) + len(mentions), {**evidence, **mentions})


def _fit(typed: str, summary: Summary) -> float:
    names = name_book([name_key(name) for party in summary.parties for name in (party.name, *party.former_names)])
    return round(max((score for _, score in match_names(typed, names)), default=0.0), 4)


def _precedence(fit: float, typed: str, summary: Summary, today: date) -> tuple[float, int, bool, int]:
    """Of contracts that fit alike, one with all who were typed comes first, then a name spelt just so, then one in force."""
    names = [name for party in summary.parties for name in (party.name, *party.former_names)]
    asked, written = set(name_key(typed).split()) - GENERIC, name_words(typed)
    met = len(asked & {word for name in names for word in name_key(name).split()})
    return -fit, -met, all(name_words(name) != written for name in names), _STANDING.index(summary.status(today))


def _mentions(view: View, wanted: Filter, today: date) -> Iterator[tuple[int, Evidence]]:
    """Documents with a name in their file name, folder or title, or where parties stand: one may have been overlooked."""
    typed = wanted.party or ""
    asked = {stem(token) for token in understood(typed).name.split()}
    if not asked:
        return
    everyone = view.select(replace(wanted, party=None), today)
    places = dict.fromkeys(_naming(view, typed, everyone), "text")
    for summary in view.summaries([key for key, _ in view.matching_documents(typed, everyone, _MOST_MENTIONS)]):
        for place, text in (("file name", summary.file_name), ("title", summary.title or ""), ("folder", summary.folder)):
            if asked <= {stem(token) for token in tokens_of(text)}:
                places[summary.key] = place
                break
    for key, place in places.items():
        yield key, Evidence(_MENTIONED, (f"{place}: {typed} (not among the parties that were read)",))


def _naming(view: View, name: str, within: Selection) -> list[int]:
    """Documents that have a name, word for word, at their opening or where they are signed; at most `_MOST_MENTIONS`."""
    said = f" {name_key(name)} "
    telling = [word for word in said.split() if len(word) > 3] or said.split()
    hits = view.matching(name, within, _LOOKED_THROUGH)
    found: dict[int, None] = {}
    for passage in view.passages([hit.chunk for hit in hits]):
        if (
            passage.document not in found
            and _may_say(passage.words.casefold(), telling)
            and said in f" {name_words(passage.words)} "
            and (passage.span.start < _OPENING or _signed_there(view, passage))
        ):
            found[passage.document] = None
    return list(found)[:_MOST_MENTIONS]


def _may_say(text: str, telling: Sequence[str]) -> bool:
    """Whether it is worth while to make a text's words alike; accents may hide one of a name's words, hardly all."""
    met = sum(word in text for word in telling)
    return met == len(telling) or (not text.isascii() and (met > 0 or len(telling) == 1))


def _signed_there(view: View, passage: Passage) -> bool:
    return any(clause.kind == "signature" and clause.span.overlaps(passage.span) for clause in view.clauses(passage.document))


def _row(summary: Summary, wanted: Filter, evidence: Evidence | None, today: date) -> Row:
    score = evidence.score if evidence else None
    matched = dict.fromkeys([*_met(summary, wanted, today), *(evidence.matched if evidence else ())])
    return Row(summary, score, tuple(matched))


def _met(summary: Summary, wanted: Filter, today: date) -> Iterator[str]:
    """Which fields of the filter a document met, and with which value."""
    if wanted.party and (names := _names_met(wanted.party, summary)):
        yield f"party: {'; '.join(names)}"
    if wanted.contract_type:
        yield f"contract type: {summary.contract_type}"
    if wanted.governing_law:
        yield f"governing law: {summary.governing_law}"
    if wanted.status:
        yield f"status: {summary.status(today)}"
    if wanted.signed:
        yield f"signed: {summary.signed}"
    if wanted.effective_after or wanted.effective_before:
        yield f"effective: {summary.effective_date}"
    if wanted.expires_after or wanted.expires_before:
        yield f"expires: {summary.expiration_date}"
    if wanted.notice_deadline_after or wanted.notice_deadline_before:
        yield f"notice deadline: {summary.notice_deadline}"
    if wanted.modified_after:
        yield f"modified: {summary.modified.date()}"
    if wanted.folder:
        yield f"folder: {summary.folder}"


def _names_met(typed: str, summary: Summary) -> list[str]:
    keys = [(name_key(name), party.name) for party in summary.parties for name in (party.name, *party.former_names)]
    hits = match_names(typed, name_book([key for key, _ in keys]))
    return list(dict.fromkeys(keys[at][1] for at, _ in hits))
