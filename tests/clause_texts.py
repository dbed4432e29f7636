"""Contracts of a few lines, and what to see of their clauses."""

import re

from ingest.clauses import split_clauses


def outline(text: str) -> list[str]:
    """The headings of a text's clauses, the level as indentation."""
    return ["  " * (clause.level - 1) + clause.path[-1] for clause in split_clauses(text) if clause.path]


def kinds(text: str) -> list[tuple[str, str]]:
    """Each clause's kind and the first word or two of it."""
    return [(clause.kind, " ".join(clause.span.of(text).split()[:2])) for clause in split_clauses(text)]


def prose(words: str = "The parties shall perform what they have promised", times: int = 6) -> str:
    """A paragraph of hard-wrapped lines of some hundred characters."""
    sentence = f"{words} with the care that a prudent merchant takes in affairs of their own at that time. "
    return re.sub(r"(.{70,100}?) ", r"\1\n", sentence * times).strip()


LEASE = f"""LEASE

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

{prose("The term begins on 1 June 2020 and ends on 31 May 2025 and the tenant keeps the premises", 3)}

IN WITNESS WHEREOF the parties have signed this lease.

By: ______________________
Name: A. Alder
Title: Director

SCHEDULE 1
THE PREMISES

1. The third floor.
2. Two parking spaces.
"""
