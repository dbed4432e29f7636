"""From a clause or a question to cited excerpts: words, vectors and clause scores, fused."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from index.excerpts import Leaves, Stretch, cited, stretches
from index.fusion import Candidate, Inquiry, candidates, chance, inquiry_of, promise
from index.lenses import lens_of
from index.phrasings import phrasings
from index.question import Understanding, understand
from index.records import Excerpt, Filter
from index.store import Encoder, Selection, View

# An excerpt of at least this probability is what was asked for.
_FOUND = 0.3
# Chunks looked up each way, and read closely, in one contract and in many.
_LOOKED_UP, _READ = 60, 16
_LOOKED_UP_AMONG_MANY, _READ_OF_EACH = 200, 2


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
    """The contracts' own words on a clause or a question, from all documents that the filter leaves."""
    within = view.select(wanted, today)
    understanding = understand(question, encoder)
    if not len(within):
        return Answer(False, understanding.clause_type, (), 0, "no contract is left to search: widen the filters")
    inquiry = _inquiry(question, understanding, encoder)
    found = _in_one(view, within, inquiry) if len(within) == 1 else _in_many(view, within, inquiry, limit)
    excerpts = _excerpts(view, found, limit)
    sure = bool(excerpts) and excerpts[0].score >= _FOUND
    note = (
        None
        if sure
        else "nothing found that is clearly what was asked for" + ("; the nearest passages follow" if excerpts else "")
    )
    return Answer(sure, understanding.clause_type, excerpts, len(within), note)


def _inquiry(question: str, understanding: Understanding, encoder: Encoder) -> Inquiry:
    known = phrasings(encoder)
    places = {it.name: at for at, it in enumerate(known.types)}
    lenses = [lens_of(it, share, known.middles[places[it.name]]) for it, share in understanding.shares]
    return inquiry_of(question, encoder.encode_question(question), lenses)


def _in_one(view: View, within: Selection, inquiry: Inquiry) -> list[Stretch]:
    return _closely(view, _promising(candidates(view, within, inquiry, _LOOKED_UP), inquiry)[:_READ], inquiry)


def _in_many(view: View, within: Selection, inquiry: Inquiry, limit: int) -> list[Stretch]:
    """The best of each contract first, in the order of contracts; then the second best."""
    read: dict[int, list[Candidate]] = {}
    for candidate in _promising(candidates(view, within, inquiry, _LOOKED_UP_AMONG_MANY), inquiry):
        of_document = read.setdefault(candidate.passage.document, [])
        if len(of_document) < _READ_OF_EACH:
            of_document.append(candidate)
    chosen = [candidate for of_document in list(read.values())[: 2 * limit] for candidate in of_document]
    places: dict[int, int] = {}
    ranked = []
    for stretch in _closely(view, chosen, inquiry):
        place = places[stretch.document] = places.get(stretch.document, -1) + 1
        ranked.append((place, stretch))
    return [stretch for _, stretch in sorted(ranked, key=lambda pair: pair[0])]


def _promising(found: Iterable[Candidate], inquiry: Inquiry) -> list[Candidate]:
    return sorted(found, key=lambda candidate: (-promise(candidate, inquiry), candidate.passage.chunk))


def _closely(view: View, chosen: Sequence[Candidate], inquiry: Inquiry) -> list[Stretch]:
    leaves = Leaves(view)
    found = [
        stretch
        for candidate in chosen
        for stretch in stretches(leaves, candidate, lambda one, words, span: chance(one, inquiry, words, span))
    ]
    return sorted(found, key=lambda stretch: (-stretch.score, stretch.document, stretch.span))


def _excerpts(view: View, found: Iterable[Stretch], limit: int) -> tuple[Excerpt, ...]:
    summaries = {summary.key: summary for summary in view.summaries(list({stretch.document for stretch in found}))}
    excerpts: list[Excerpt] = []
    for stretch in found:
        if len(excerpts) == limit:
            break
        if any(one.document.key == stretch.document and one.span.overlaps(stretch.span) for one in excerpts):
            continue
        excerpt = cited(view, summaries[stretch.document], stretch) if stretch.document in summaries else None
        if excerpt:
            excerpts.append(excerpt)
    return tuple(excerpts)
