"""From a filter to the condition that SQLite answers."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from index.records import Filter

Condition = tuple[str, tuple[Any, ...]]

# The same as Summary.status: a comparison with an unknown date is not true.
STATUS = """CASE WHEN effective_date > ? THEN 'not_yet_effective' WHEN expires = 'perpetual' THEN 'active'
 WHEN expiration_date IS NULL THEN 'unknown' WHEN expiration_date >= ? THEN 'active'
 WHEN auto_renews THEN 'unknown' ELSE 'expired' END"""


@dataclass(frozen=True, slots=True)
class Known:
    """What the index knows of: looked up only when a filter asks for it."""

    names: Callable[[str], list[int]]
    laws: Callable[[], Sequence[str]]
    folders: Callable[[], Sequence[str]]


def conditions_of(wanted: Filter, today: date, known: Known) -> list[Condition]:
    """What a row of documents must meet for every field but the principals."""
    return [*_of_names(wanted, known), *_of_values(wanted, today), *_of_dates(wanted)]


def _of_names(wanted: Filter, known: Known) -> Iterator[Condition]:
    if wanted.party is not None:
        names = "SELECT content FROM parties WHERE name IN (SELECT value FROM json_each(?))"
        yield f"content IN ({names})", (json.dumps(known.names(wanted.party)),)
    if wanted.governing_law is not None:
        laws = [law for law in known.laws() if same_law(wanted.governing_law, law)]
        yield "governing_law IN (SELECT value FROM json_each(?))", (json.dumps(laws),)
    if wanted.folder is not None:
        folders = [folder for folder in known.folders() if in_folder(wanted.folder, folder)]
        yield "folder IN (SELECT value FROM json_each(?))", (json.dumps(folders),)


def _of_values(wanted: Filter, today: date) -> Iterator[Condition]:
    if wanted.document_id is not None:
        yield "document_id = ?", (wanted.document_id,)
    if wanted.contract_type is not None:
        yield "contract_type = ?", (wanted.contract_type,)
    if wanted.signed is not None:
        yield "signed = ?", (wanted.signed,)
    if wanted.status is not None:
        yield f"{STATUS} = ?", (today.isoformat(), today.isoformat(), wanted.status)


def _of_dates(wanted: Filter) -> Iterator[Condition]:
    bounds = (
        ("effective_date >= ?", wanted.effective_after),
        ("effective_date <= ?", wanted.effective_before),
        ("expiration_date >= ?", wanted.expires_after),
        ("expiration_date <= ?", wanted.expires_before),
        ("notice_deadline >= ?", wanted.notice_deadline_after),
        ("notice_deadline <= ?", wanted.notice_deadline_before),
        # A moment of a day sorts behind the day alone.
        ("modified >= ?", wanted.modified_after),
    )
    yield from ((condition, (day.isoformat(),)) for condition, day in bounds if day is not None)


_NO_LETTER = re.compile(r"[^\w\s,;/&]|_")
_OF = re.compile(r"^(?:(?:the )?(?:laws?|state|commonwealth|province|republic|kingdom) of )+(?:the )?|^the ")
_AND = re.compile(r"\s*(?:[,;/&]|\band\b|\bor\b)\s*")


def same_law(typed: str, stored: str) -> bool:
    """Whether a law that a person names is the stored one: "State of New York" is, "England" is "England and Wales"."""
    wanted, there = _law(typed), _law(stored)
    # "New York, USA" is New York: what comes after the comma only says where that is.
    return not _laws(wanted.split(",")[0], wanted).isdisjoint(_laws(there, there))


def _laws(joint: str, whole: str) -> set[str]:
    return {whole, *(_law(part) for part in _AND.split(joint))} - {""}


def _law(name: str) -> str:
    plain = " ".join(_NO_LETTER.sub(" ", name.casefold()).split())
    return _OF.sub("", plain)


def in_folder(typed: str, folder: str) -> bool:
    """Whether a folder is the one that a person names by its path, its own name or the end of its path, or lies in it."""
    wanted = "/".join(part.strip() for part in typed.casefold().split("/") if part.strip())
    return f"/{wanted}/" in f"/{folder.casefold().strip('/')}/" if wanted else not folder.strip("/")
