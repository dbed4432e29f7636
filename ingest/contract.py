"""Reads the facts of a contract: title, type, parties, dates, term, renewal, law, signatures, each with its proof."""

from collections.abc import Mapping

from index.records import Clause, Contract, Extracted, Span
from ingest.amounts import read_amounts
from ingest.anatomy import anatomy
from ingest.contract_type import read_contract_type
from ingest.law import read_law, read_venue
from ingest.parties import read_parties
from ingest.relations import read_amends, read_supersedes
from ingest.renewal import read_renewal
from ingest.signature import read_signed
from ingest.term import read_term
from ingest.title import read_title
from ingest.when import read_dates


def read_contract(
    text: str, clauses: tuple[Clause, ...], furniture: tuple[Span, ...], properties: Mapping[str, str], file_name: str
) -> Contract:
    """The facts of one contract, as far as its text gives them.

    `clauses` and `furniture` are spans of `text` and help to see through it; `properties` is what the file says of itself.
    Every value's span lies in `text` and its quote is exactly what stands there. What is not known is `None`, with the
    reason in `unknown`.
    """
    paper = anatomy(text, clauses, furniture)
    title, other_titles = read_title(paper, furniture, properties)
    contract_type, other_types = read_contract_type(paper, title, file_name)
    parties, other_parties = read_parties(paper, furniture)
    when = read_dates(paper)
    term = read_term(paper, when)
    law, other_laws = read_law(paper)
    unknown = dict(when.unknown) | _reasons(
        {
            "title": None if title else "no heading names it",
            "parties": None if parties else "no party is named",
            "expiration_date": None if term.expiration else term.unknown,
            "governing_law": None if law else "no clause says which law governs",
        }
    )
    return Contract(
        title=title,
        contract_type=contract_type,
        parties=parties,
        agreement_date=when.agreement,
        effective_date=when.effective,
        expiration_date=term.expiration,
        expires=term.expires,
        renewal=read_renewal(paper, term.expiration),
        governing_law=law,
        venue=read_venue(paper),
        signed=read_signed(paper, properties),
        amends=read_amends(paper, title),
        supersedes=read_supersedes(paper),
        amounts=read_amounts(paper),
        unknown=unknown,
        others=_others(
            title=other_titles,
            contract_type=other_types,
            parties=other_parties,
            agreement_date=when.others,
            expiration_date=term.others,
            governing_law=other_laws,
        ),
    )


def _reasons(reasons: Mapping[str, str | None]) -> dict[str, str]:
    return {field: reason for field, reason in reasons.items() if reason}


def _others(**candidates: tuple[Extracted[str], ...]) -> dict[str, tuple[Extracted[str], ...]]:
    return {field: found for field, found in candidates.items() if found}
