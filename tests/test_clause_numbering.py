"""Numbers of clauses: every way of printing them is read, and a number that does not count on heads nothing."""

import pytest
from clause_texts import outline, prose

STYLES = {
    "articles and sections": (
        "ARTICLE I\nSERVICES\n\nSection 1.01 Scope. {0}\n\nSection 1.02 Fees. {0}\n\nARTICLE II\nTERM\n\n{0}"
    )
    + "\n\nSection 2.01 Start. {0}",
    "run-in capitals": "1. DEFINITIONS. {0}\n2. TERM. {0}\n3. ASSIGNMENT. {0}",
    "three levels": "1. Supply\n\n1.1 Orders\n\n1.1.1 {0}\n\n1.1.2 {0}\n\n1.2 Delivery. {0}\n\n2. Price\n\n{0}",
    "numbers without dots": "1 Supply\n\n1.1 {0}\n\n2 Price and Payment\n\n2.1 {0}\n\n2.2 {0}",
    "roman and capital letters": "I. Supply\n\nA. Orders. {0}\n\nB. Delivery. {0}\n\nII. Price\n\nA. Rates. {0}\n\nB. Taxes. {0}",
    "half brackets": "1. Supply\n\na) {0}\n\nb) {0}\n\n2. Price\n\ni) {0}\n\nii) {0}",
    "German": "§ 1 Gegenstand\n\n{0}\n\n§ 2 Laufzeit\n\n(1) {0}\n\n(2) {0}\n\n§ 3 Haftung\n\n{0}",
    "spelled": "ARTICLE ONE\nSUPPLY\n\n{0}\n\nARTICLE TWO\nPRICE\n\n{0}",
    "number above its title": "1.\nSUPPLY\n{0}\n2.\nPRICE\n{0}\n3.\nTERM\n{0}",
    "capitals alone": "SUPPLY\n\n{0}\n\nPRICE AND PAYMENT\n\n{0}\n\nTERM\n\n{0}",
    "run-in titles alone": "Supply. {0}\n\nPrice and Payment. {0}\n\nTerm. {0}\n\nGoverning Law. {0}",
    "a dot and a nought": "1.0 Supply\n\n{0}\n\n2.0 Price\n\n2.1 {0}\n\n2.2 {0}",
    "letters after h": "1. Supply\n\n" + "\n\n".join(f"({letter}) {{0}}" for letter in "ghijk"),
}
OUTLINES = {
    "articles and sections": [
        "ARTICLE I SERVICES",
        "  Section 1.01 Scope.",
        "  Section 1.02 Fees.",
        "ARTICLE II TERM",
        "  Section 2.01 Start.",
    ],
    "run-in capitals": ["1. DEFINITIONS.", "2. TERM.", "3. ASSIGNMENT."],
    "three levels": ["1. Supply", "  1.1 Orders", "    1.1.1", "    1.1.2", "  1.2 Delivery.", "2. Price"],
    "numbers without dots": ["1 Supply", "  1.1", "2 Price and Payment", "  2.1", "  2.2"],
    "roman and capital letters": [
        "I. Supply",
        "  A. Orders.",
        "  B. Delivery.",
        "II. Price",
        "  A. Rates.",
        "  B. Taxes.",
    ],
    "half brackets": ["1. Supply", "  a)", "  b)", "2. Price", "  i)", "  ii)"],
    "German": ["§ 1 Gegenstand", "§ 2 Laufzeit", "  (1)", "  (2)", "§ 3 Haftung"],
    "spelled": ["ARTICLE ONE SUPPLY", "ARTICLE TWO PRICE"],
    "number above its title": ["1. SUPPLY", "2. PRICE", "3. TERM"],
    "capitals alone": ["SUPPLY", "PRICE AND PAYMENT", "TERM"],
    "run-in titles alone": ["Supply.", "Price and Payment.", "Term.", "Governing Law."],
    "a dot and a nought": ["1.0 Supply", "2.0 Price", "  2.1", "  2.2"],
}


@pytest.mark.parametrize("style", OUTLINES)
def test_every_way_of_numbering_is_read(style: str) -> None:
    front = "This Agreement is made between Alder Ltd and Birch plc, who agree as follows:\n\n"
    assert outline(front + STYLES[style].format(prose()) + "\n") == OUTLINES[style]


def test_i_after_h_is_a_letter_and_else_a_roman_numeral() -> None:
    letters = "\n\n".join(f"({letter}) {prose()}" for letter in "abcdefghijk")
    romans = "\n\n".join(f"({roman}) {prose()}" for roman in ("i", "ii", "iii", "iv", "v"))
    text = f"1. Duties\n\n{letters}\n\n2. Rights\n\n(a) {prose()}\n\n{romans}\n\n(b) {prose()}\n"
    assert outline(text) == [
        "1. Duties",
        *[f"  ({letter})" for letter in "abcdefghijk"],
        "2. Rights",
        "  (a)",
        *[f"    ({roman})" for roman in ("i", "ii", "iii", "iv", "v")],
        "  (b)",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "30 days after that notice",
        "2019 and each year that follows",
        "Section 4.2 hereof, as amended",
        "2.5 per cent of the price",
    ],
)
def test_a_number_that_happens_to_begin_a_line_heads_nothing(line: str) -> None:
    body = prose(times=2).removesuffix(".")
    text = f"1. Term\n\n{body}\n{line} {prose(times=1)}\n\n2. Price\n\n{prose()}\n\n3. Law\n\n{prose()}\n"
    assert outline(text) == ["1. Term", "2. Price", "3. Law"]
