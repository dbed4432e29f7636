"""Clauses: they tile the text, carry their path, and numbers that do not count on head nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.records import Clause, Page, Span
from ingest.clauses import split_clauses


def outline(text: str) -> list[tuple[str, ...]]:
    return [clause.path for clause in split_clauses(text) if clause.path]


LEASE = """LEASE

THIS LEASE is made on 1 May 2020 between Alder Estates Ltd (the "Landlord") and Birch plc (the "Tenant").

1. DEFINITIONS

"Premises" means the third floor of the building at 4 Long Row, shown edged red on the plan.

"Rent" means the yearly sum of twelve thousand pounds, payable as set out in clause 2.

2. RENT

2.1 The Tenant shall pay the Rent in equal instalments on the usual quarter days within
30 days of each invoice.

2.2 Interest. Sums that are paid late bear interest at four per cent above the base rate from the date on which they were
due, as stated in
Section 4.2. The parties agree that this is no penalty.

3. TERM

The term begins on 1 June 2020 and ends on 31 May 2025.

IN WITNESS WHEREOF the parties have signed this lease.

By: ______________________
Name: A. Alder
Title: Director

SCHEDULE 1
THE PREMISES

1. The third floor.
2. Two parking spaces.
"""


@pytest.mark.parametrize("text", [LEASE, "no numbers at all", "1. Only\n", "", "\n\n \n", "7\n", "(a)", "EXHIBIT A\n"])
def test_clauses_together_are_the_whole_text(text: str) -> None:
    assert "".join(clause.span.of(text) for clause in split_clauses(text)) == text


def test_a_clause_knows_the_headings_above_it_as_printed() -> None:
    assert outline(LEASE) == [
        ("1. DEFINITIONS",),
        ("1. DEFINITIONS", '"Premises"'),
        ("1. DEFINITIONS", '"Rent"'),
        ("2. RENT",),
        ("2. RENT", "2.1"),
        ("2. RENT", "2.2 Interest."),
        ("3. TERM",),
        ("SCHEDULE 1 THE PREMISES",),
        ("SCHEDULE 1 THE PREMISES", "1."),
        ("SCHEDULE 1 THE PREMISES", "2."),
    ]


_LINES = st.sampled_from([*LEASE.splitlines(), "", "(a) first;", "(b) second", "ARTICLE II", "TERM", "14", "\f", "§ 3 Laufzeit"])


@settings(max_examples=60, deadline=None)
@given(st.lists(_LINES, max_size=60), st.sampled_from(["\n", "\r\n", "\n\n", "\r"]), st.data())
def test_any_mixture_of_contract_lines_is_tiled(lines: list[str], end: str, data: st.DataObject) -> None:
    text = end.join(lines)
    cut = data.draw(st.integers(0, len(text)))
    pages = (Page(1, Span(0, cut)), Page(2, Span(cut, len(text))))
    hole = data.draw(st.integers(0, len(text)))
    furniture = (Span(min(cut, hole), max(cut, hole)),) if hole != cut else ()
    clauses = split_clauses(text, pages, furniture)
    assert "".join(clause.span.of(text) for clause in clauses) == text
    assert all(isinstance(clause, Clause) and len(clause.span) for clause in clauses)
