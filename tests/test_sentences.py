"""Legal prose is cut into whole sentences and list items, and nothing of it is lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.records import Span
from index.sentences import split_sentences


def cut(text: str, *furniture: str) -> list[str]:
    """Sentences as words, single-spaced; each piece of furniture is named by its own words."""
    holes = tuple(sorted(Span(text.index(words), text.index(words) + len(words)) for words in furniture))
    return [" ".join(span.of(text).split()) for span in split_sentences(text, Span(0, len(text)), holes)]


def test_a_full_stop_ends_a_sentence() -> None:
    assert cut("Payment is due in 30 days. Late sums bear interest at 1.5% a month.") == [
        "Payment is due in 30 days.",
        "Late sums bear interest at 1.5% a month.",
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "Acme Inc. and Beta Corp. (the “Buyer”) agree to pay $1.5 million under Sec. 12.2 of the MSA.",
        "The fee, e.g. a monthly one, follows from Exhibit No. 4 to the agreement of Jan. 5 between the parties.",
        "This Agreement is governed by the laws of the U.S. Virgin Islands, without regard to conflicts of laws.",
        "Notices go to Mr. J. R. Smith, 12 High St. London, with a copy to Messrs. Doe & Roe.",
        "12.2 Neither party may assign this Agreement (see Smith v. Jones, 5 F.3d 1) without consent.",
        "12. The Supplier shall deliver the Goods at 5 p.m. (Eastern time) each day.",
    ],
)
def test_abbreviations_numbers_and_labels_do_not_end_a_sentence(sentence: str) -> None:
    assert cut(sentence) == [sentence]


def test_an_abbreviation_at_the_end_of_a_sentence_ends_it() -> None:
    assert cut("The Buyer is Acme Inc. This Agreement binds it. It operates in the U.S. The Seller does not.") == [
        "The Buyer is Acme Inc.",
        "This Agreement binds it.",
        "It operates in the U.S.",
        "The Seller does not.",
    ]


def test_a_name_in_capitals_is_no_abbreviation() -> None:
    assert cut("The fee is payable by VS. These invoices fall due at once.") == [
        "The fee is payable by VS.",
        "These invoices fall due at once.",
    ]


def test_list_items_stand_alone_with_their_conjunction_before_them() -> None:
    text = (
        "Upon termination the Licensee shall: (a) cease all use of the Licensed Marks; "
        "(b) return all copies of the Software to the Licensor; and (c) pay what is due."
    )
    assert cut(text) == [
        "Upon termination the Licensee shall:",
        "(a) cease all use of the Licensed Marks;",
        "(b) return all copies of the Software to the Licensor; and",
        "(c) pay what is due.",
    ]


def test_a_semicolon_in_the_middle_of_a_sentence_does_not_end_it() -> None:
    text = "Either party may assign this Agreement; provided, however, that the assignee assumes it in writing."
    assert cut(text) == [text]


def test_lines_of_a_page_are_joined_and_headings_are_not() -> None:
    text = (
        "ARTICLE 9\nGOVERNING LAW\n"
        "This Agreement shall be governed by and construed in accordance with the laws of the State of\n"
        "Delaware, and the courts of Delaware shall have jurisdiction over every dispute that arises from the\n"
        "performance of this Agreement.\n"
        "(b) Each party waives trial by jury in every action that arises out of this Agreement or its making\n"
        "and agrees to it."
    )
    assert cut(text) == [
        "ARTICLE 9",
        "GOVERNING LAW",
        "This Agreement shall be governed by and construed in accordance with the laws of the State of Delaware, and the courts "
        "of Delaware shall have jurisdiction over every dispute that arises from the performance of this Agreement.",
        "(b) Each party waives trial by jury in every action that arises out of this Agreement or its making and agrees to it.",
    ]


def test_where_a_paragraph_is_one_line_the_line_ends_a_sentence() -> None:
    first = "The Supplier warrants that the Goods conform to the specification " + "and are free of defects " * 12
    assert cut(f"{first}\nGoverning Law\nThe law of England applies") == [
        " ".join(first.split()),
        "Governing Law",
        "The law of England applies",
    ]


def test_a_sentence_that_runs_over_a_page_is_one_sentence() -> None:
    text = (
        "The liability of either party under this Agreement shall in no event exceed the total of the\n"
        "Page 12 of 30\nSource: ACME CORP, 10-K, 3/3/2017\n"
        "Fees that were paid in the twelve months before the claim arose. The cap is not cumulative."
    )
    assert cut(text, "Page 12 of 30", "Source: ACME CORP, 10-K, 3/3/2017") == [
        "The liability of either party under this Agreement shall in no event exceed the total of the "
        "Page 12 of 30 Source: ACME CORP, 10-K, 3/3/2017 Fees that were paid in the twelve months before the claim arose.",
        "The cap is not cumulative.",
    ]


def test_furniture_at_either_end_is_left_out() -> None:
    text = "Confidential\nThe term is one year.\n- 3 -"
    assert cut(text, "Confidential", "- 3 -") == ["The term is one year."]


def test_only_the_span_is_cut_and_offsets_count_in_the_text() -> None:
    text = "Before it. The first one stands here. The second one too. After it."
    span = Span(text.index("The first"), text.index(" After"))
    assert [s.of(text) for s in split_sentences(text, span)] == ["The first one stands here.", "The second one too."]


_PROSE = st.lists(
    st.sampled_from(
        [
            "Acme Inc.",
            "The fee",
            "shall be $1.5",
            "pay.",
            "Sec. 2",
            "(a)",
            "; and",
            ";",
            ":",
            "\n",
            "\n\n",
            "  ",
            "12.",
            ".",
            "”",
            "U.S.",
            "GOVERNING LAW",
            "the other party",
            "\xa0",
            "- 3 -",
            "•",
            "Notwithstanding",
            "\t",
            "\x1f",
            "?",
            "甲方",
            "é",
        ]
    ),
    max_size=60,
).map(" ".join)


@given(_PROSE | st.text(max_size=80), st.data())
def test_every_character_that_says_something_is_in_exactly_one_sentence(text: str, data: st.DataObject) -> None:
    places = st.integers(0, len(text))
    cuts = sorted(data.draw(st.sets(places, max_size=6)))
    furniture = tuple(Span(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False))
    start, end = sorted((data.draw(places), data.draw(places)))
    sentences = split_sentences(text, Span(start, end), furniture)
    times = [0] * len(text)
    for sentence in sentences:
        for at in range(sentence.start, sentence.end):
            times[at] += 1
    for at in range(start, end):
        if not text[at].isspace() and not any(hole.start <= at < hole.end for hole in furniture):
            assert times[at] == 1
    assert max(times, default=0) <= 1
    assert sentences == sorted(sentences)
    assert all(start <= s.start < s.end <= end and s.of(text) == s.of(text).strip() for s in sentences)


def test_a_megabyte_without_an_end_is_cut_in_one_pass() -> None:
    for hostile in (" " * 1_000_000, "a " * 500_000, "; " * 500_000, "(a) " * 250_000, ". " * 500_000, "\n" * 1_000_000):
        sentences = split_sentences(hostile, Span(0, len(hostile)))
        shown = sum(len(re.sub(r"\s", "", s.of(hostile))) for s in sentences)
        assert shown == len(re.sub(r"\s", "", hostile))
