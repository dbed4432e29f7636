"""What on a page is beside the text, and what only looks so."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pdf_files import pdf, written

from ingest.furniture import Furniture, find_furniture
from ingest.page_numbers import Row
from ingest.pdf import read_pdf

BODY = (
    "The Supplier shall deliver the Goods in time and in full to the place named in the Order and bear their carriage",
    "and the Customer shall pay the Price within thirty days of the invoice by transfer to the account that the Supplier names",
    "unless the Customer has objected to it in writing and in good faith, giving its reasons and the amount that it disputes",
)


def rows(pages: Sequence[Sequence[str]]) -> list[list[Row]]:
    """Pages of lines, the last of each at the same height above the foot."""
    found, offset = [], 0
    for number, lines in enumerate(pages, start=1):
        page = []
        for index, text in enumerate(lines):
            page.append(Row(number, index, text, offset, 40.0 + 14.0 * (len(lines) - index)))
            offset += len(text) + 1
        found.append(page)
    return found


def body(page: int, lines: int = 9) -> list[str]:
    """Lines that no other page has."""
    return [
        f"{BODY[line % 3]} {'abcdefghijklmnopqrstuvwxyz'[page % 26]}{chr(97 + line)}{chr(97 + page // 26)}"
        for line in range(lines)
    ]


def furniture(pages: Sequence[Sequence[str]]) -> list[str]:
    found = find_furniture(rows(pages))
    return [row.text for row in sorted(found.rows, key=lambda row: row.offset)]


def labels(pages: Sequence[Sequence[str]]) -> dict[int, str]:
    return dict(find_furniture(rows(pages)).labels)


def test_a_footer_is_furniture_on_every_page_and_the_text_is_not() -> None:
    pages = [[*body(page), "Source: ACME INC, 10-K, 3/1/2019"] for page in range(4)]
    assert furniture(pages) == ["Source: ACME INC, 10-K, 3/1/2019"] * 4


def test_headers_of_left_and_right_pages_are_both_furniture() -> None:
    pages = [[("Acme" if page % 2 else "Bolt") + " Supply Agreement", *body(page)] for page in range(8)]
    assert len(furniture(pages)) == 7


@pytest.mark.parametrize("form", ["{}", "- {} -", "-{}-", "Page {}", "page {} of 9", "[{}]", "A-{}"])
def test_page_numbers_are_furniture_and_the_pages_bear_them(form: str) -> None:
    pages = [[*body(page), form.format(page + 3)] for page in range(5)]
    assert furniture(pages) == [form.format(page + 3) for page in range(5)]
    assert labels(pages) == {page + 1: ("A-" if "A-" in form else "") + str(page + 3) for page in range(5)}


def test_roman_numbers_of_the_contents_go_before_arabic_ones() -> None:
    numbers = ["i", "ii", "1", "2", "3", "4"]
    pages = [[*body(page), number] for page, number in enumerate(numbers)]
    assert labels(pages) == dict(enumerate(numbers, start=1))


def test_a_line_whose_number_counts_the_pages_is_furniture() -> None:
    pages = [[*body(page), f"Ingram Distributor Agreement   {page + 1}"] for page in range(6)]
    assert len(furniture(pages)) == 6
    assert labels(pages)[4] == "4"


def test_stamped_numbers_of_a_court_are_furniture() -> None:
    pages = [[*body(page), f"ACME{page + 118:06}"] for page in range(6)]
    assert furniture(pages) == [f"ACME{page + 118:06}" for page in range(6)]


def test_page_numbers_of_an_original_within_the_text_are_furniture_with_the_banner_beside_them() -> None:
    lines = []
    for page in range(9):
        lines += ["Confidential treatment has been requested", *body(page, 20), str(page + 1)]
    pages = [lines[start : start + 47] for start in range(0, len(lines), 47)]
    found = furniture(pages)
    assert {str(number) for number in range(1, 10)} <= set(found)
    assert found.count("Confidential treatment has been requested") >= 6
    assert not any(line in BODY for line in found)


def test_the_title_on_the_first_page_stays_where_it_is_the_header_of_the_others() -> None:
    pages = [["Supply Agreement", *body(page)] for page in range(5)]
    found = find_furniture(rows(pages))
    assert sorted(row.page for row in found.rows) == [2, 3, 4, 5]


def test_an_exhibit_s_heading_stays_where_the_exhibit_begins() -> None:
    pages = [body(0), body(1), *([["EXHIBIT B", *body(page)] for page in range(2, 6)])]
    found = find_furniture(rows(pages))
    assert sorted(row.page for row in found.rows) == [4, 5, 6]


def test_schedules_that_count_up_at_the_top_of_pages_are_headings() -> None:
    pages = [[f"Schedule {page + 1}", *body(page)] for page in range(6)]
    assert furniture(pages) == []


def test_a_clause_that_comes_again_within_pages_is_text() -> None:
    pages = [[*body(page, 5), BODY[0], *body(page + 9, 5)] for page in range(5)]
    assert furniture(pages) == []


def test_signature_blocks_at_the_foot_of_pages_are_text() -> None:
    block = ["ACME INC.", "By: ________", "Name:", "Title: Vice President", "Date:"]
    pages = [[*body(page, 4 + page), *block] for page in range(4)]
    assert furniture(pages) == []


def test_a_form_that_some_pages_share_is_text() -> None:
    form = ["Please complete one form for each product", "Name of Shipper: Acme", "Priority: five years", "Product: butane"]
    pages = [body(page) for page in range(8)] + [[*form, *body(page)] for page in range(8, 12)]
    assert furniture(pages) == []


@pytest.mark.parametrize(
    ("last", "expected"), [("Confidential", []), ("Page 1 of 2", ["Page 1 of 2"]), ("- 1 -", ["- 1 -"]), ("7", [])]
)
def test_one_page_has_no_furniture_but_unmistakable_numbers(last: str, expected: list[str]) -> None:
    assert furniture([[*body(0), last]]) == expected


def test_numbers_in_a_table_are_text() -> None:
    pages = [[*body(page, 6), "1", "2", "3", *body(page + 9, 6)] for page in range(5)]
    assert furniture(pages) == []


def test_nothing_is_furniture_in_no_pages_and_in_empty_ones() -> None:
    assert find_furniture([]) == Furniture(frozenset(), {})
    assert find_furniture([[], [], []]) == Furniture(frozenset(), {})


@given(st.lists(st.lists(st.text(alphabet="abcdefghijklmnop ", min_size=12, max_size=60), min_size=1, max_size=12), max_size=8))
def test_lines_that_come_once_are_never_furniture(pages: list[list[str]]) -> None:
    numbered = [
        [f"{line} {chr(113 + at % 9)}{'z' * (page + 1)}{'y' * at}" for at, line in enumerate(lines)]
        for page, lines in enumerate(pages)
    ]
    assert furniture(numbered) == []


@given(
    st.lists(
        st.lists(st.sampled_from(["1", "2", "- 3 -", "iv", "Page 2 of 3", "Acme", "By:", "x", "12.", ""]), max_size=14),
        max_size=9,
    )
)
def test_furniture_is_always_among_the_rows_and_labels_among_the_pages(pages: list[list[str]]) -> None:
    every = rows(pages)
    found = find_furniture(every)
    assert found.rows <= {row for page in every for row in page}
    assert set(found.labels) <= set(range(1, len(pages) + 1))


def test_in_a_pdf_furniture_covers_whole_lines_in_order_and_the_label_is_kept() -> None:
    document = pdf(*(written(*body(page), *[""] * 20, f"Page {page + 1} of 4", pitch=20) for page in range(4)))
    found = read_pdf(document, None)
    assert [span.of(found.text) for span in found.furniture] == [f"Page {page + 1} of 4\n" for page in range(4)]
    assert [page.label for page in found.pages] == ["1", "2", "3", "4"]
    assert all(before.end <= after.start for before, after in zip(found.furniture, found.furniture[1:], strict=False))
