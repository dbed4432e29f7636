"""Lists page by page: a cursor that holds its place in a list that may change under it."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Generic, TypeVar

from server.errors import BadArgument

L = TypeVar("L")
T = TypeVar("T")

_LONGEST = 300
_FARTHEST = 10_000_000
# How far a contract may have moved in the list since the page before and still be found again.
_SEARCHED = 100
_NEWER = "the list has changed since the page before: begin without cursor to see what is new"
_LOST = "the list has changed since the page before, and a row may be missing or come twice: begin again without cursor"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the next page starts: after the row whose key's digest is `after`, which stood just before `offset`.

    `question` is a digest of what was asked, `total` how long the list was then: what the caller was told anyway, so that nothing
    which is hidden from them shows. There is nothing to forge in it: who may see what is decided anew for each page.
    """

    offset: int
    after: str
    total: int
    question: str


def digest(value: object) -> str:
    """A short name for a JSON value."""
    return sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]


def cursor_of(place: Place) -> str:
    """A place as the opaque string that a client gives back."""
    fields = [place.offset, place.after, place.total, place.question]
    return base64.urlsafe_b64encode(json.dumps(fields, separators=(",", ":")).encode()).decode().rstrip("=")


def place_of(cursor: str, question: str) -> Place:
    """The place that a cursor stands for; raises BadArgument where it is none, or was given for another question."""
    place = _read(cursor)
    if place is None:
        raise BadArgument("cursor: this is not a cursor of this server; give next_cursor of the page before, or leave it out")
    if place.question != question:
        raise BadArgument(
            "cursor: it belongs to other arguments; repeat those of the page before unchanged, or leave the cursor out"
        )
    return place


@dataclass(frozen=True, slots=True)
class Continued(Generic[L, T]):
    """A page: what was fetched for it, its rows, where they start, and what to say if the list was found changed."""

    fetched: L
    rows: Sequence[T]
    offset: int
    note: str | None = None


def page_from(
    cursor: str | None,
    question: str,
    limit: int,
    fetch: Callable[[int, int], L],
    total: Callable[[L], int],
    rows: Callable[[L], Sequence[T]],
    key: Callable[[T], str],
) -> Continued[L, T]:
    """The first page, or the one that a cursor stands for.

    `fetch(offset, limit)` gets a part of the list as it is now, `total` says how long the whole is, `rows` gives its rows, `key`
    a row's own name. Raises BadArgument.
    """
    if cursor is None:
        first = fetch(0, limit)
        return Continued(first, rows(first), 0)
    place = place_of(cursor, question)
    at = place.offset
    part = fetch(at - 1, limit + 1)
    note = _NEWER if total(part) != place.total else None
    if not _stands(place, rows(part), key):
        start = max(0, at - 1 - _SEARCHED)
        nearby = [digest(key(row)) for row in rows(fetch(start, 2 * _SEARCHED + 1))]
        if place.after not in nearby:
            part = fetch(at, limit)
            return Continued(part, rows(part), at, _LOST)
        at, note = start + nearby.index(place.after) + 1, _NEWER
        part = fetch(at - 1, limit + 1)
    return Continued(part, rows(part)[1:], at, note)


def _stands(place: Place, rows: Sequence[T], key: Callable[[T], str]) -> bool:
    return bool(rows) and digest(key(rows[0])) == place.after


def _read(cursor: str) -> Place | None:
    if len(cursor) > _LONGEST:
        return None
    try:
        fields = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        return None
    match fields:
        case [int() as offset, str() as after, int() as total, str() as question] if 0 < offset <= _FARTHEST:
            return Place(offset, after, total, question)
    return None
