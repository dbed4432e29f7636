"""Addresses that differ in capitals are the same, and no others."""

import sys

import pytest

from index.capitals import lowered


@pytest.mark.parametrize(
    ("one", "other"), [("Anna@Firm.Example", "anna@firm.example"), ("JÜRGEN@FIRM.EXAMPLE", "jürgen@firm.example"), ("ΣÉ", "σé")]
)
def test_capitals_make_no_difference(one: str, other: str) -> None:
    assert lowered(one) == lowered(other) == other


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("gro\N{LATIN SMALL LETTER SHARP S}.example", "gross.example"),
        ("gro\N{LATIN CAPITAL LETTER SHARP S}.example", "gross.example"),
        ("\N{KELVIN SIGN}arl", "karl"),
        ("\N{LATIN SMALL LETTER LONG S}am", "sam"),
        ("\N{LATIN SMALL LIGATURE FI}rm", "firm"),
        ("\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}da", "ida"),
    ],
)
def test_letters_that_only_fold_to_the_same_stay_two(one: str, other: str) -> None:
    assert lowered(one) != lowered(other)


def test_every_letter_is_one_with_its_own_capital_and_no_other() -> None:
    letters = map(chr, range(sys.maxunicode + 1))
    changed = {letter: lowered(letter) for letter in letters if lowered(letter) != letter}
    assert len(set(changed.values())) == len(changed)
    assert all(lowered(small) == small != small.upper() == letter for letter, small in changed.items())
