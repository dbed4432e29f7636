"""From a clause or a question to cited excerpts: words, vectors and clause scores, fused."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from index.addressing import addressed
from index.definitions import definitions_of
from index.excerpts import Leaves, Stretch, cited, joined, stretches
from index.fusion import Candidate, Inquiry, belief, candidates, chance, inquiry_of, promise
from index.lenses import lens_of
from index.phrasings import phrasings
from index.question import Understanding, understand
from index.records import Excerpt, Filter, Span
from index.relevance import rank_documents
from index.sections import section_spans
from index.store import Encoder, Selection, View

# A contract whose best excerpt has at least this probability is said to have what was asked for: on CUAD, where three questions
# in four have no answer, it says so as rightly where there is one as where there is none.
_FOUND = 0.225
# How many chunks are looked up each way and read closely, in one contract and in many. None of it hangs on how many excerpts
# are asked for, so that the next page goes on where the last one ended.
_LOOKED_UP, _READ = 60, 16
_LOOKED_UP_AMONG_MANY, _DOCUMENTS, _READ_OF_EACH = 200, 40, 2
_DOCUMENTS_WITH_SECTIONS = 20
# A section is shown whole up to so many characters, a longer one clause by clause.
_WHOLE_SECTION = 3000
_NAMED = 0.95
_MOST_JOINED = 120


@dataclass(frozen=True, slots=True)
class Answer:
    """What the contracts say to one question, best first; excerpts never overlap.

    `found` is false where the best candidate is not good enough to be what was asked for; `note` then says so. `clause_type` is
    the taxonomy's name of the clause that the question was understood as.
    """

    found: bool
    clause_type: str | None
    excerpts: tuple[Excerpt, ...]
    documents_searched: int
    note: str | None


def extract(view: View, encoder: Encoder, question: str, wanted: Filter, today: date, limit: int = 5) -> Answer:
    """The contracts' own words on a clause or a question, from all documents that the filter leaves.

    Among several contracts the best excerpt of each comes first. A question may name a section, or a party whose contracts
    alone are then searched; the note says so, and where terms of the best excerpt are defined. The score of a contract's
    best excerpt is the probability that it has what was asked for.
    """
    within = view.select(wanted, today)
    if not len(within):
        return Answer(False, None, (), 0, "no contract is left to be searched: leave out or widen some of the arguments")
    asked = understand(question, encoder)
    notes = []
    if about := addressed(view, asked.rest, wanted, within, today, asked.clause_type):
        notes.append(
            f"searched only the contracts with {about.name!r}, which the question names: {len(about.within)} of {len(within)}"
        )
        within, asked = about.within, replace(understand(about.rest, encoder), section=asked.section)
    found: list[Stretch] = []
    if asked.section:
        number = "".join(asked.section)
        found = list(_sections(view, encoder, asked, wanted, within, today))
        notes.append(f"section {number} as the contract numbers it" if found else f"no section {number} was recognised")
    if not found:
        found = _answers(view, within, asked, encoder)
    excerpts = excerpts_of(view, found, limit)
    sure = bool(excerpts) and excerpts[0].score >= _FOUND
    if not sure:
        notes.append(
            "nothing was found that is clearly what was asked for" + ("; the nearest passages follow" if excerpts else "")
        )
    if sure:
        notes += map(str, definitions_of(view, excerpts[0]))
    return Answer(sure, asked.clause_type, excerpts, len(within), "; ".join(notes) or None)


def _answers(view: View, within: Selection, asked: Understanding, encoder: Encoder) -> list[Stretch]:
    words = asked.rest or "".join(asked.section)
    known = phrasings(encoder)
    places = {it.name: at for at, it in enumerate(known.types)}
    lenses = [lens_of(it, share, known.middles[places[it.name]]) for it, share in asked.shares]
    inquiry = inquiry_of(words, encoder.encode_question(words), lenses)
    return in_one(view, within, inquiry) if len(within) == 1 else _in_many(view, within, inquiry)


def in_one(view: View, within: Selection, inquiry: Inquiry) -> list[Stretch]:
    """The stretches of one contract that may answer, best first."""
    return _closely(view, promising_in_one(view, within, inquiry), inquiry)


def promising_in_one(view: View, within: Selection, inquiry: Inquiry) -> list[Candidate]:
    """The chunks of one contract that are worth reading closely, best first."""
    return _promising(candidates(view, within, inquiry, _LOOKED_UP, 1), inquiry)[:_READ]


def _in_many(view: View, within: Selection, inquiry: Inquiry) -> list[Stretch]:
    """The best of each contract first, then the second best of each, and so on."""
    read: dict[int, list[Candidate]] = {}
    for candidate in _promising(candidates(view, within, inquiry, _LOOKED_UP_AMONG_MANY, _DOCUMENTS), inquiry):
        of_document = read.setdefault(candidate.passage.document, [])
        if len(of_document) < _READ_OF_EACH:
            of_document.append(candidate)
    chosen = [candidate for of_document in list(read.values())[:_DOCUMENTS] for candidate in of_document]
    seen: dict[int, int] = {}
    turns = []
    for stretch in _closely(view, chosen, inquiry):
        seen[stretch.document] = turn = seen.get(stretch.document, -1) + 1
        turns.append((turn, stretch))
    return [stretch for _, stretch in sorted(turns, key=lambda pair: pair[0])]


def _promising(found: Iterable[Candidate], inquiry: Inquiry) -> list[Candidate]:
    return sorted(found, key=lambda candidate: (-promise(candidate, inquiry), candidate.passage.chunk))


def _closely(view: View, chosen: Sequence[Candidate], inquiry: Inquiry) -> list[Stretch]:
    """What the chunks have to offer, best first.

    The score of a document's best stretch is the probability that it has what was asked for; the others' are as much less as
    they are less likely to be the answer.
    """
    leaves = Leaves(view)
    of_document: dict[int, tuple[Candidate, list[Stretch]]] = {}
    for candidate in chosen:
        found = stretches(leaves, candidate, lambda one, words, span: chance(one, inquiry, words, span))
        of_document.setdefault(candidate.passage.document, (candidate, []))[1].extend(found)
    believed = []
    for candidate, found in of_document.values():
        best = max((stretch.score for stretch in found), default=1.0)
        share = belief(candidate, inquiry, best) / best
        believed += [replace(stretch, score=share * stretch.score) for stretch in found]
    return sorted(believed, key=lambda stretch: (-stretch.score, stretch.document, stretch.span))


def _sections(
    view: View, encoder: Encoder, asked: Understanding, wanted: Filter, within: Selection, today: date
) -> Iterator[Stretch]:
    """The section that the question names, of the one contract or of those that its other words fit best."""
    keys = within.keys.tolist()
    if len(keys) > 1:
        ranked = list(rank_documents(view, encoder, wanted, asked.rest, within, today)) if asked.rest else []
        keys = (ranked or view.ordered(within, "modified", 0, _DOCUMENTS_WITH_SECTIONS))[:_DOCUMENTS_WITH_SECTIONS]
    for key in keys:
        clauses = view.clauses(key)
        for whole in section_spans(view.text(key), clauses, asked.section):
            parts = [clause for clause in clauses if whole.start <= clause.span.start < whole.end]
            heading = next(clause.heading for clause in clauses if clause.span.overlaps(whole))
            if len(whole) <= _WHOLE_SECTION or len(parts) < 2:
                yield Stretch(key, _trimmed(view, key, whole), heading, _NAMED)
            else:
                yield from (Stretch(key, _trimmed(view, key, clause.span), clause.heading, _NAMED) for clause in parts)


def _trimmed(view: View, key: int, span: Span) -> Span:
    text = view.text(key, span)
    return Span(span.start + len(text) - len(text.lstrip()), span.end - (len(text) - len(text.rstrip())))


def excerpts_of(view: View, found: Iterable[Stretch], limit: int) -> tuple[Excerpt, ...]:
    """The first stretches as excerpts, put together where they go on from each other, without those that are not whole."""
    # All of them are joined, so that the first excerpts are the same however many are asked for.
    chosen = joined(Leaves(view), islice(found, _MOST_JOINED))[:limit]
    summaries = {summary.key: summary for summary in view.summaries(list({stretch.document for stretch in chosen}))}
    excerpts = (cited(view, summaries[one.document], one) for one in chosen if one.document in summaries)
    return tuple(excerpt for excerpt in excerpts if excerpt)
