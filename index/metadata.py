"""From what is known of contracts to a list of them: filters, free words, order and pages."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from index.records import Filter, Summary
from index.store import Encoder, View

Sort = Literal["relevance", "expiration_date", "effective_date", "modified"]


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
    """The contracts that the filter leaves, by relevance where words were given, else newest modified first."""
    raise NotImplementedError
