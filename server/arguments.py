"""What the tools take: types, bounds and descriptions that a model can use, forgiving where the meaning is plain."""

import re
import unicodedata
from datetime import date, datetime
from typing import Annotated, Literal, Self, get_args
from urllib.parse import unquote

from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase
from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from index.metadata import Sort
from index.records import Filter, Signed, Status

ContractType = Literal[
    "nda", "msa", "sow", "services", "vendor", "supply", "purchase", "license", "distribution", "reseller", "manufacturing",
    "development", "collaboration", "joint_venture", "strategic_alliance", "marketing", "promotion", "co_branding", "sponsorship",
    "endorsement", "affiliate", "agency", "consulting", "employment", "non_compete", "franchise", "hosting", "maintenance",
    "outsourcing", "transportation", "intellectual_property", "lease", "loan", "merger", "amendment", "other",
]  # fmt: skip
CONTRACT_TYPES: tuple[str, ...] = get_args(ContractType)


# Control characters, and halves of characters, which no file name, text or database holds.
_UNWRITABLE = {"Cc", "Cs"}


def _clean(given: object) -> object:
    if not isinstance(given, str):
        return given
    return " ".join("".join(" " if unicodedata.category(letter) in _UNWRITABLE else letter for letter in given).split())


def _choice(given: object) -> object:
    return re.sub(r"[\s-]+", "_", given.strip().casefold()) if isinstance(given, str) else given


def _day(given: object) -> object:
    if isinstance(given, str) and re.match(r"\d{4}-\d{2}-\d{2}([T ]|$)", given.strip()):
        return datetime.fromisoformat(given.strip()).date()
    raise ValueError("not a date")


def _whole(given: object) -> object:
    if isinstance(given, bool):
        raise ValueError("not a number")
    return given


def _identity(given: object) -> object:
    if not isinstance(given, str):
        return given
    given = given.strip()
    if any(unicodedata.category(letter) in _UNWRITABLE for letter in given):
        raise ValueError("not a document_id")
    # An answer gives the address beside the id, and models take the one for the other.
    return unquote(given.removeprefix("contract://").split("/")[0]) if given.startswith("contract://") else given


def _page_range(given: object) -> object:
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


Words = Annotated[str, BeforeValidator(_clean)]
Day = Annotated[date, BeforeValidator(_day)]
WHOLE = BeforeValidator(_whole)
Cursor = Annotated[str | None, Field(min_length=1, max_length=300, description="next_cursor of the page before.")]


class Arguments(ArgModelBase):
    """What one tool takes; anything else is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Narrowing(Arguments):
    """The arguments that narrow which contracts a question is about; they add up, and a missing one does not narrow."""

    party: Annotated[
        Words | None,
        Field(
            min_length=2,
            max_length=200,
            description="A party as a person would type it; case, punctuation, legal form, small typing errors are forgiven.",
        ),
    ] = None
    contract_type: Annotated[
        Annotated[ContractType, BeforeValidator(_choice)] | None, Field(description="The kind of contract.")
    ] = None
    governing_law: Annotated[
        Words | None, Field(min_length=2, max_length=100, description='The law that governs it: "New York", "England".')
    ] = None
    status: Annotated[
        Annotated[Status, BeforeValidator(_choice)] | None,
        Field(description="As of today. A perpetual contract in force is active. unknown: the text does not say."),
    ] = None
    signed: Annotated[
        Annotated[Signed, BeforeValidator(_choice)] | None, Field(description="Whether signatures were found on it.")
    ] = None
    effective_after: Annotated[Day | None, Field(description="Took effect on this day or later (YYYY-MM-DD).")] = None
    effective_before: Annotated[Day | None, Field(description="Took effect on this day or earlier (YYYY-MM-DD).")] = None
    expires_after: Annotated[Day | None, Field(description="Expires on this day or later (YYYY-MM-DD).")] = None
    expires_before: Annotated[Day | None, Field(description="Expires on this day or earlier (YYYY-MM-DD).")] = None
    notice_deadline_after: Annotated[
        Day | None, Field(description="The last day to stop its renewal is this one or later (YYYY-MM-DD).")
    ] = None
    notice_deadline_before: Annotated[
        Day | None, Field(description="The last day to stop its renewal is this one or earlier (YYYY-MM-DD).")
    ] = None
    modified_after: Annotated[Day | None, Field(description="The file changed on this day or later (YYYY-MM-DD).")] = None
    folder: Annotated[
        Words | None, Field(min_length=1, max_length=300, description="A folder's name or the beginning of its path.")
    ] = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for name in ("effective", "expires", "notice_deadline"):
            first, last = getattr(self, f"{name}_after"), getattr(self, f"{name}_before")
            if first and last and first > last:
                raise ValueError(f"{name}_after ({first}) is later than {name}_before ({last}); swap them, or leave one out")
        return self

    def filter(self, principals: frozenset[str], document_id: str | None = None) -> Filter:
        """What the index narrows by, for a caller with these principals."""
        return Filter(
            principals=principals,
            document_id=document_id,
            party=self.party,
            contract_type=self.contract_type,
            governing_law=self.governing_law,
            status=self.status,
            signed=self.signed,
            effective_after=self.effective_after,
            effective_before=self.effective_before,
            expires_after=self.expires_after,
            expires_before=self.expires_before,
            notice_deadline_after=self.notice_deadline_after,
            notice_deadline_before=self.notice_deadline_before,
            modified_after=self.modified_after,
            folder=self.folder,
        )


class SearchArguments(Narrowing):
    """What search_documents_by_metadata takes."""

    query: Annotated[
        Words | None,
        Field(
            min_length=2,
            max_length=200,
            description='Free words, matched with title, parties, file name, folder and meaning: "vendor agreement with Acme".',
        ),
    ] = None
    sort: Annotated[
        Annotated[Sort, BeforeValidator(_choice)] | None,
        Field(description="Default: relevance where words were given, else newest modified first."),
    ] = None
    limit: Annotated[int, Field(ge=1, le=50, description="How many contracts on a page."), WHOLE] = 10
    cursor: Cursor = None


class ClauseArguments(Narrowing):
    """What extract_clause takes."""

    clause: Annotated[
        Words,
        Field(
            min_length=2,
            max_length=300,
            description='A clause or a question: "termination for convenience", "what is the cap on liability?".',
        ),
    ]
    document_id: Annotated[
        Annotated[str, BeforeValidator(_identity)] | None,
        Field(
            min_length=1, max_length=400, description="Ask this contract alone; without it, all that the other arguments leave."
        ),
    ] = None
    limit: Annotated[int, Field(ge=1, le=20, description="How many excerpts."), WHOLE] = 5
    cursor: Cursor = None


class ReadArguments(Arguments):
    """What read_contract takes."""

    document_id: Annotated[
        Annotated[str, BeforeValidator(_identity)],
        Field(min_length=1, max_length=400, description="From an answer of the other tools."),
    ]
    pages: Annotated[
        Annotated[str, Field(pattern=r"^\s*\d{1,6}\s*([-–]\s*\d{1,6}\s*)?$"), BeforeValidator(_page_range)] | None,
        Field(description='One page or a range, counted from 1: "3", "2-4".'),
    ] = None
    offset: Annotated[
        Annotated[int, Field(ge=0, le=1_000_000_000), WHOLE] | None,
        Field(description="Instead of pages: where to begin, in characters from 0."),
    ] = None
    limit: Annotated[
        int, Field(ge=1, le=20_000, description="At most so many characters; an answer may be shorter, see next_offset."), WHOLE
    ] = 8_000

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.pages is not None and self.offset:
            raise ValueError("give either pages or offset, not both")
        return self

    def page_range(self) -> tuple[int, int] | None:
        """The first and last page asked for."""
        if self.pages is None:
            return None
        numbers = [int(number) for number in re.findall(r"\d+", self.pages)]
        return min(numbers), max(numbers)
