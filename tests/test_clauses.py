"""Clauses: they tile the text, carry their path, and a number that does not count on heads nothing."""

import json
from pathlib import Path

import pytest
from clause_texts import LEASE, kinds, outline, prose
from hypothesis import given, settings
from hypothesis import strategies as st

from index.records import Page, Span
from index.spans import legible
from ingest.clauses import split_clauses

SHARED = Path(__file__).parents[2] / "shared"


@pytest.mark.parametrize(
    "text", [LEASE, "no numbers at all", "1. Only\n", "", "\n\n \n", "7\n", "(a)", "EXHIBIT A\n", "\f", "By:"]
)
def test_clauses_together_are_the_whole_text(text: str) -> None:
    assert "".join(clause.span.of(text) for clause in split_clauses(text)) == text


def test_a_clause_knows_the_headings_above_it_as_printed() -> None:
    assert [clause.path for clause in split_clauses(LEASE) if clause.path] == [
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


def test_every_part_of_a_contract_has_its_kind() -> None:
    assert kinds(LEASE) == [
        ("front", "LEASE THIS"),
        ("clause", "1. DEFINITIONS"),
        ("definition", '"Premises" means'),
        ("definition", '"Rent" means'),
        ("clause", "2. RENT"),
        ("clause", "2.1 The"),
        ("clause", "2.2 Interest."),
        ("clause", "3. TERM"),
        ("signature", "IN WITNESS"),
        ("exhibit", "SCHEDULE 1"),
        ("clause", "1. The"),
        ("clause", "2. Two"),
    ]


def test_a_list_within_a_clause_does_not_count_with_the_clauses() -> None:
    items = "1. first good;\n2. second good;\n3. third good;\n4. fourth good.\n"
    text = "".join(f"{number}. {title}\n\n{prose()}\n\n" for number, title in [(1, "Supply"), (2, "Goods")])
    text += items + "".join(f"\n{number}. {title}\n\n{prose()}\n" for number, title in [(3, "Price"), (4, "Term"), (5, "Law")])
    assert outline(text) == ["1. Supply", "2. Goods", "3. Price", "4. Term", "5. Law"]


def test_short_items_of_a_sentence_stay_with_it_and_long_ones_stand_alone() -> None:
    short = "(a) in writing;\n(b) by post; and\n(c) by hand."
    long = f"(a) {prose()}\n\n(b) {prose()}"
    text = f"1. Notices\n\nNotice may be given\n{short}\n\n2. Duties\n\nEach party has these duties:\n\n{long}\n"
    assert outline(text) == ["1. Notices", "2. Duties", "  (a)", "  (b)"]


def test_a_section_that_lost_its_heading_still_holds_its_numbers() -> None:
    text = f"1. Supply\n\n1.1 {prose()}\n\n2. Price\n\n2.1 {prose()}\n\n3.1 {prose()}\n\n3.2 {prose()}\n\n4. Law\n\n{prose()}\n"
    assert outline(text) == ["1. Supply", "  1.1", "2. Price", "  2.1", "3.1", "3.2", "4. Law"]


def test_a_reserved_number_does_not_end_the_count() -> None:
    text = f"1. Supply\n\n{prose()}\n\n2. Price\n\n{prose()}\n\n5. Law\n\n{prose()}\n\n6. Notices\n\n{prose()}\n"
    assert outline(text) == ["1. Supply", "2. Price", "5. Law", "6. Notices"]


def test_a_clause_runs_on_over_the_page_and_furniture_heads_nothing() -> None:
    before, after = prose(times=5).split("\n", 2)[:2], prose(times=3)
    first = "1. Supply\n\n" + "\n".join(before)
    header = "\n14\nMASTER AGREEMENT\n"
    text = f"{first}{header}{after}\n\n2. Price\n\n{prose()}\n"
    turn = len(first)
    furniture = (Span(turn + 1, turn + len(header) - 1),)
    clauses = split_clauses(text, (Page(1, Span(0, turn + 1)), Page(2, Span(turn + 1, len(text)))), furniture)
    assert [clause.path for clause in clauses] == [("1. Supply",), ("2. Price",)]
    assert "MASTER AGREEMENT" in clauses[0].span.of(text)
    assert after in clauses[0].span.of(text)


@pytest.mark.parametrize("leader", [" ........ {0}", "   {0}"])
def test_a_table_of_contents_is_not_the_clauses_it_lists(leader: str) -> None:
    titles = ["Supply of Goods", "Price and Payment", "Term and Termination", "Liability", "Governing Law"]
    listed = "\n".join(f"{at}. {title}{leader.format(at + 2)}" for at, title in enumerate(titles, 1))
    body = "\n\n".join(f"{at}. {title}\n\n{prose()}" for at, title in enumerate(titles, 1))
    text = f"SUPPLY AGREEMENT\n\nTABLE OF CONTENTS\n\n{listed}\n\nThis Agreement is made between A and B.\n\n{body}\n"
    clauses = split_clauses(text)
    assert [clause.kind for clause in clauses] == ["front", "contents", "front", *["clause"] * 5]
    assert outline(text) == [f"{at}. {title}" for at, title in enumerate(titles, 1)]


def test_an_exhibit_mentioned_at_the_start_of_a_line_is_no_exhibit() -> None:
    text = (
        f"1. Supply\n\n{prose(times=4).removesuffix('.')}, as listed in\nExhibit A. {prose(times=2)}\n\n2. Price\n\n{prose()}\n\n"
    )
    clauses = split_clauses(text + f"EXHIBIT A\nLIST OF GOODS\n\n1. {prose(times=1)}\n\n2. {prose(times=1)}\n")
    assert [clause.kind for clause in clauses] == ["clause", "clause", "exhibit", "clause", "clause"]
    assert clauses[2].path == ("EXHIBIT A LIST OF GOODS",)
    assert clauses[2].number == "A"


def test_a_title_does_not_swallow_a_paragraph_in_capitals() -> None:
    loud = prose("EXCEPT AS SET OUT HERE NEITHER PARTY GIVES ANY WARRANTY AND EACH OF THEM DISCLAIMS ALL OTHERS", 3).upper()
    text = f"1. Supply\n\n{prose()}\n\n2. Warranty. {loud}\n\n3. DISCLAIMER\n\n{loud}\n\n4. Law\n\n{prose()}\n"
    assert outline(text) == ["1. Supply", "2. Warranty.", "3. DISCLAIMER", "4. Law"]


def test_a_second_sequence_of_clauses_after_the_first_is_not_nested_in_it() -> None:
    first = "\n\n".join(f"{at}. {title}\n\n{prose()}" for at, title in enumerate(["Supply", "Price", "Law"], 1))
    second = "\n\n".join(f"{at}. {title}\n\n{prose()}" for at, title in enumerate(["Orders", "Returns", "Taxes", "Notices"], 1))
    titles = ["1. Supply", "2. Price", "3. Law", "1. Orders", "2. Returns", "3. Taxes", "4. Notices"]
    assert outline(f"{first}\n\n{second}\n") == titles


def test_definitions_without_quotation_marks_are_found_among_definitions() -> None:
    text = (
        f"1. Definitions\n\nAffiliate means a company that controls another.\n\nFee: {prose(times=1)}\n\n"
        f"Term has the meaning given in clause 2.\n\n2. Term\n\n{prose()}\n\n3. Law\n\n{prose()}\n"
    )
    assert [clause.path[-1] for clause in split_clauses(text) if clause.kind == "definition"] == ["Affiliate", "Fee", "Term"]


def test_what_is_agreed_without_a_heading_is_not_the_front() -> None:
    text = f"This letter is written by Alder Ltd to Birch plc. The parties agree as follows:\n\n{prose()}\n\n{prose()}\n"
    assert [clause.kind for clause in split_clauses(text)] == ["front", "clause"]


SHORT = """CONSULTING AGREEMENT

This Agreement is made as of May 12, 2026 by and between Larch, Inc. (the "Company"), and Ivo Marek (the "Consultant").

1. What is done

The Consultant advises the Company on the firmware of its next sensor for up to forty hours a month.

2. Fee

The Company pays the Consultant $190 an hour within twenty days after receipt of a monthly invoice.

3. Law

New York law governs.

LARCH INSTRUMENTS, INC.
By: /s/ Tobias Renner

CONSULTANT
/s/ Ivo Marek

THE SCHEDULE

Rates: $190 an hour. Travel: at cost.
"""


def test_the_title_and_the_names_of_those_who_sign_head_no_clause() -> None:
    assert kinds(SHORT) == [
        ("front", "CONSULTING AGREEMENT"),
        ("clause", "1. What"),
        ("clause", "2. Fee"),
        ("clause", "3. Law"),
        ("signature", "LARCH INSTRUMENTS,"),
        ("exhibit", "THE SCHEDULE"),
    ]


def test_a_title_of_its_own_paragraph_need_not_be_capitalised() -> None:
    assert outline(SHORT) == ["1. What is done", "2. Fee", "3. Law", "THE SCHEDULE"]


def test_titles_alone_head_clauses_behind_the_parties() -> None:
    text = f"TRANSPORT CONTRACT\n\nbetween\n\nAlder GmbH, 12 Hafenstrasse\n\nand\n\nBirch GmbH\n\nSubject\n\n{prose()}\n\n"
    text += f"Remuneration\n\n{prose()}\n\nTerm\n\n{prose()}\n"
    assert outline(text) == ["Subject", "Remuneration", "Term"]


_LINES = st.sampled_from(
    [
        *LEASE.splitlines(),
        "",
        "(a) first;",
        "(b) second",
        "ARTICLE II",
        "TERM",
        "14",
        "\f",
        "§ 3 Laufzeit",
        "2.1",
        "TABLE OF CONTENTS",
    ]
)


@settings(max_examples=40, deadline=None)
@given(st.lists(_LINES, max_size=60), st.sampled_from(["\n", "\r\n", "\n\n", "\r"]), st.data())
def test_any_mixture_of_contract_lines_is_tiled(lines: list[str], end: str, data: st.DataObject) -> None:
    text = end.join(lines)
    cut = data.draw(st.integers(0, len(text)))
    pages = (Page(1, Span(0, cut)), Page(2, Span(cut, len(text))))
    hole = data.draw(st.integers(0, len(text)))
    furniture = (Span(min(cut, hole), max(cut, hole)),) if hole != cut else ()
    clauses = split_clauses(text, pages, furniture)
    assert "".join(clause.span.of(text) for clause in clauses) == text
    assert all(len(clause.span) for clause in clauses)
    assert all(clause.level == 0 for clause in clauses if clause.kind in {"front", "contents"})


def test_what_experts_marked_in_real_contracts_stands_in_one_clause() -> None:
    if not (SHARED / "cuad" / "pdf").is_dir():
        pytest.skip("the real contracts of ../shared/cuad are not here")
    from ingest.pdf import read_pdf

    inside = total = 0
    for record in json.loads((SHARED / "cuad" / "labels.json").read_text())[::80]:
        transcript = read_pdf((SHARED / "cuad" / "pdf" / record["file"]).read_bytes(), None)
        clauses = split_clauses(transcript.text, transcript.pages, transcript.furniture)
        shown = [legible(transcript.text, clause.span, transcript.furniture) for clause in clauses]
        for quote in (" ".join(part.split()) for marked in record["spans"].values() for parts in marked for part in parts):
            if len(quote) > 40 and quote in " ".join(shown):
                total += 1
                inside += any(quote in words for words in shown)
    assert total > 30
    assert inside / total > 0.96
