import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.name_books import name_book
from index.names import match_names, name_key
from index.near_names import spelled_alike

NAMES = [
    "Acme Robotics, Inc.",
    "Acme Foods LLC",
    "International Business Machines Corporation",
    "BirchFirst Global",
    "Mount Knowledge Holdings Inc",
    "Merck & Co., Inc.",
    "Mercy Health",
    "Bank of New York",
    "Bank of New York Mellon",
    "Stephen Marley",
    "Delta Three",
    "Müller Maschinenbau GmbH & Co. KG",
    "SAP SE",
    "SAB Limited",
]
KEYS = [name_key(name) for name in NAMES]


def found(typed: str) -> list[str]:
    return [NAMES[at] for at, _ in match_names(typed, KEYS)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ACME ROBOTICS, INC.", "Acme Robotics Incorporated"),
        ("The Coca-Cola Company", "Coca Cola Co."),
        ("Müller GmbH & Co. KG", "MULLER GMBH"),
        ("AT&T Inc.", "AT & T"),
        ("M & T Bank, N.A.", "M&T Bank"),
        ("I.B.M. Corp.", "IBM"),
        ("Procter & Gamble Co.", "Procter and Gamble"),
        ("Société Générale S.A.", "societe generale"),
        ("Foo S.à r.l.", "Foo SARL"),
        ("Telefónica, S.A. de C.V.", "Telefonica"),
        ("B C Marketing Concepts Inc.", "BC Marketing Concepts"),
        ("Reed’s, Inc.", "Reeds"),
        ("Int'l Flavors", "International Flavors"),
        ("Acme Robotics, Inc., a Delaware corporation", "Acme Robotics"),
        ("Signature Orthopaedics Pty Ltd", "Signature Orthopaedics Pty. Limited"),
        ("Foo Sp. z o.o.", "FOO"),
    ],
)
def test_two_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), [("Acme Foods", "Acme Robotics"), ("Merck", "Mercy"), ("SAP SE", "SAB Ltd")])
def test_different_companies_keep_different_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@given(st.text(max_size=60))
def test_the_key_of_a_key_is_itself(name: str) -> None:
    assert name_key(name_key(name)) == name_key(name)


@given(st.from_regex(r"[A-Za-z0-9]+( [A-Za-z0-9.&]+){0,4}", fullmatch=True))
def test_a_name_with_a_letter_or_a_digit_has_a_key_and_finds_itself(name: str) -> None:
    key = name_key(name)
    assert key
    assert match_names(name, [*KEYS, key])[0][1] == 1.0
    assert len(KEYS) in [at for at, score in match_names(name, [*KEYS, key]) if score == 1.0]


def test_a_part_of_a_name_finds_every_company_that_has_it() -> None:
    assert set(found("Acme")) == {"Acme Robotics, Inc.", "Acme Foods LLC"}


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("IBM", "International Business Machines Corporation"),
        ("Mount Kowledge", "Mount Knowledge Holdings Inc"),
        ("birch first", "BirchFirst Global"),
        ("deltathree", "Delta Three"),
        ("Marley, Stephen", "Stephen Marley"),
        ("mueller maschinenbau", "Müller Maschinenbau GmbH & Co. KG"),
        ("muller", "Müller Maschinenbau GmbH & Co. KG"),
        ("Acme Robotics Germany", "Acme Robotics, Inc."),
        ("Acme Robot", "Acme Robotics, Inc."),
        ("Intl Business Machines", "International Business Machines Corporation"),
    ],
)
def test_a_name_is_found_as_people_type_it(typed: str, name: str) -> None:
    assert found(typed)[0] == name


@pytest.mark.parametrize("typed", ["Acne", "Acme Toys", "SAC", "Robotics Unlimited Partners Zurich", "", "Inc.", "??"])
def test_a_name_that_is_not_there_finds_nothing(typed: str) -> None:
    assert found(typed) == []


@pytest.mark.parametrize(
    ("typed", "wrong"), [("Acme Foods", "Acme Robotics, Inc."), ("Merck", "Mercy Health"), ("SAP", "SAB Limited")]
)
def test_another_company_is_not_found(typed: str, wrong: str) -> None:
    assert found(typed)
    assert wrong not in found(typed)


def test_the_same_name_comes_before_a_longer_one() -> None:
    assert found("Bank of New York")[:2] == ["Bank of New York", "Bank of New York Mellon"]


def test_an_initialism_in_the_book_is_found_by_the_whole_name() -> None:
    assert match_names("International Business Machines", ["ibm", "acme"])[0][0] == 0


def test_either_name_of_a_company_with_two_finds_it() -> None:
    assert found("Full Sail Ltd d/b/a Delta Three") == ["Delta Three"]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("Acme Foods and Stephen Marley", ["Acme Foods LLC", "Stephen Marley"]),
        ("Delta Three Inc. on behalf of itself and its affiliates", ["Delta Three"]),
        ("M ller Maschinenbau", ["Müller Maschinenbau GmbH & Co. KG"]),
    ],
)
def test_where_the_whole_finds_nothing_its_parts_do(typed: str, names: list[str]) -> None:
    assert found(typed) == names


def test_a_number_is_never_a_typing_error() -> None:
    assert match_names("Varde Skyway Fund IV", [name_key("Varde Skyway Fund VI")]) == []


def test_a_book_answers_as_the_names_in_it_do() -> None:
    assert match_names("acme robotics", name_book(KEYS)) == match_names("acme robotics", KEYS)


def test_no_more_than_the_limit_come_back() -> None:
    assert len(match_names("Acme", KEYS, limit=1)) == 1


def test_a_name_that_stands_whole_in_what_was_typed_is_found_where_nothing_else_is() -> None:
    assert [at for at, _ in match_names("Acme Robotics Berlin Mitte branch", KEYS)] == [KEYS.index("acme robotics")]
    assert match_names("Some Robotics Berlin Mitte branch", KEYS) == []


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("open brands group", "open brand group", True),
        ("northern lights partners", "northen light partners", True),
        ("acme", "acne", False),
        ("growth fund iv", "growth fund vi", False),
        ("harvest partners", "harvest partners gp", False),
    ],
)
def test_a_slip_of_the_pen_is_told_from_another_name(one: str, other: str, alike: bool) -> None:
    assert spelled_alike(one, other) is alike
