"""From a clause or a question to cited excerpts: words, vectors and clause scores, fused."""

from dataclasses import dataclass
from datetime import date

from index.records import Excerpt, Filter
from index.store import Encoder, View


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
    raise NotImplementedError
