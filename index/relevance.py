"""How well free words fit what is known of a contract: its title, parties, kind, file name, folder, and what it says."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from math import log

from index.kinds import kinds_in, tokens_of
from index.name_books import NameBook, name_book
from index.names import match_names, name_key
from index.records import Filter, Summary
from index.store import Encoder, Selection, View

# Words of a request that say nothing of the contract wanted.
_EMPTY = frozenset(
    """a about all an and any are at between by can contract contracts did do does document documents every file files find for
    from get give has have how i in is it list me my of on or our please search show that the their them there these this to was
    we were what when where which who whose with you your""".split()  # noqa: SIM905 words read better as words
)
# Words that tell no two companies apart: alone they are not taken for a party's name.
_NAMELESS = frozenset(
    """agreement agreements client clients company copy current customer deal deals draft expired final latest mutual new old
    party signed terms""".split()  # noqa: SIM905 words read better as words
)
# Words that stand for somebody without naming them, whom a longer name may have in it: "us", but "US Foods".
_NOBODY = frozenset(
    """affiliate affiliates agent agents anybody anyone anything bank borrower both buyer buyers consultant consultants contractor
    contractors counterparties counterparty distributor distributors each either employee employees employer everybody everyone
    he her him it its landlord lender lessee lessor licensee licensees licensor manufacturer nobody one ones other others
    outsiders owner parties partner partners people person purchaser reseller resellers seller she side sides somebody someone
    staff subcontractor subcontractors subsidiaries subsidiary supplier suppliers tenant them they third us user users vendor
    vendors we whoever yourself""".split()  # noqa: SIM905 words read better as words
)
_CANDIDATES = 200
# What the parts of a score weigh together: the words met, what the contract says, and a title that says nothing else.
_MET, _MEANT, _TITLED = 0.8, 0.1, 0.1
# A word met in the title or a party's name counts whole, in other places a little less.
_PLACES = {"title": 1.0, "party": 1.0, "file name": 0.9, "folder": 0.8}
# A cosine between a request and a chunk: up to the first it means nothing, from the second on the two say the same.
_FAR, _NEAR = 0.25, 0.75
# Rows under this share of the best row's score have next to nothing to do with the words.
_FAINT = 0.2


@dataclass(frozen=True, slots=True)
class Evidence:
    """How well a document fits (0–1), and in which respects, in words."""

    score: float
    matched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """Free words, understood: those that tell something, the kinds of contract they name, and what may be a party's name."""

    tokens: tuple[str, ...]
    kinds: Mapping[str, frozenset[str]]
    name: str


def understood(query: str) -> Request:
    """What free words ask for. What is left when the words for a kind of contract are taken away may name a party."""
    typed = tokens_of(query)
    telling = [token for token in typed if token not in _EMPTY] or typed
    kinds = kinds_in(telling)
    of_kinds = frozenset[str]().union(*kinds.values())
    name = [token for token in telling if token not in of_kinds | _NAMELESS]
    named = not frozenset(name) <= _NOBODY | _EMPTY
    return Request(tuple(dict.fromkeys(telling)), kinds, " ".join(name) if named else "")


def rank_documents(
    view: View, encoder: Encoder, wanted: Filter, query: str, within: Selection, today: date
) -> dict[int, Evidence]:
    """The documents that free words have something to do with: key → evidence, best first, some hundreds at most."""
    request = understood(query)
    if not request.tokens:
        return {}
    keys = [key for key, _ in view.matching_documents(query, within, _CANDIDATES)]
    if request.name and not wanted.party:
        keys += _newest(view, replace(wanted, party=request.name), today)
    if not wanted.contract_type:
        for kind in request.kinds:
            keys += _newest(view, replace(wanted, contract_type=kind), today)
    cosines: dict[int, float] = {}
    for hit in view.nearest(encoder.encode_question(query), within, _CANDIDATES):
        cosines[hit.document] = max(hit.score, cosines.get(hit.document, 0.0))
    summaries = view.summaries(list(dict.fromkeys([*keys, *cosines])))
    evidence = _judged(request, summaries, cosines)
    best = sorted(evidence, key=lambda key: -evidence[key].score)
    return {key: evidence[key] for key in best if evidence[key].score > _FAINT * evidence[best[0]].score}


def _newest(view: View, wanted: Filter, today: date) -> list[int]:
    return view.ordered(view.select(wanted, today), "modified", 0, _CANDIDATES)


def _judged(request: Request, summaries: Sequence[Summary], cosines: Mapping[int, float]) -> dict[int, Evidence]:
    places = [_places(summary) for summary in summaries]
    having = Counter(token for found in places for token in frozenset[str]().union(*found.values()))
    weights = {token: log(1 + (len(summaries) + 1) / (having[stem(token)] + 0.5)) for token in request.tokens}
    names = name_book([name_key(party.name) for summary in summaries for party in summary.parties])
    fits = _name_fits(request.name, summaries, names)
    return {
        summary.key: _evidence(request, summary, found, weights, fits.get(summary.key, 0.0), cosines.get(summary.key, 0.0))
        for summary, found in zip(summaries, places, strict=True)
    }


def _name_fits(name: str, summaries: Sequence[Summary], names: NameBook) -> dict[int, float]:
    """How well a name fits the best of each document's parties."""
    owners = [summary.key for summary in summaries for _ in summary.parties]
    fits: dict[int, float] = {}
    for at, score in match_names(name, names, limit=len(owners)) if name and owners else []:
        fits[owners[at]] = max(score, fits.get(owners[at], 0.0))
    return fits


def _evidence(
    request: Request,
    summary: Summary,
    found: Mapping[str, frozenset[str]],
    weights: Mapping[str, float],
    name_fit: float,
    cosine: float,
) -> Evidence:
    of_kind = request.kinds.get(summary.contract_type or "", frozenset())
    of_name = frozenset(request.name.split()) if name_fit else frozenset()
    met = 0.0
    for token, weight in weights.items():
        by_place = max((_PLACES[place] for place, stems in found.items() if stem(token) in stems), default=0.0)
        met += weight * max(by_place, float(token in of_kind), name_fit if token in of_name else 0.0)
    meant = min(1.0, max(0.0, (cosine - _FAR) / (_NEAR - _FAR)))
    asked = {stem(token) for token in request.tokens}
    titled = len(found["title"] & asked) / len(found["title"]) if found["title"] else 0.0
    score = _MET * met / sum(weights.values()) + _MEANT * meant + _TITLED * titled
    matched = [f"{place}: {', '.join(sorted(stems & asked))}" for place, stems in found.items() if stems & asked]
    if name_fit and not found["party"] & asked:
        matched.append(f"party: like {request.name}")
    if of_kind:
        matched.append(f"contract type: {summary.contract_type}")
    return Evidence(round(score, 4), tuple(matched) or ("meaning",))


def _places(summary: Summary) -> dict[str, frozenset[str]]:
    parties = " ".join(party.name for party in summary.parties)
    texts = {"title": summary.title or "", "party": parties, "file name": summary.file_name, "folder": summary.folder}
    return {place: _stems(text) for place, text in texts.items()}


@lru_cache(maxsize=1 << 16)
def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(token) for token in tokens_of(text) if token not in _EMPTY)


@lru_cache(maxsize=1 << 16)
def stem(token: str) -> str:
    """A word without the s of its plural."""
    return token[:-1] if len(token) > 3 and token.endswith("s") and not token.endswith("ss") else token
