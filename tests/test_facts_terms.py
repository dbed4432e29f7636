from datetime import date

import pytest
from written_contracts import contract, read

BOTH = (
    "IN WITNESS WHEREOF, the parties have signed.\n\nACME HOLDINGS, INC.\nBy: {}\nName: Ann Lee\nTitle: President\nDate: {}\n\n"
    "BETA INDUSTRIES LLC\nBy: {}\nName: Carl Doe\nTitle: Manager\nDate: {}\n"
)
BLANK = "____________"


def test_a_date_left_blank_is_unknown_and_so_is_what_is_reckoned_from_it() -> None:
    text = contract(
        "2. Term. This Agreement continues for three (3) years from the Effective Date.", made="the ____ day of __________, 2014"
    )
    found = read(text)
    assert (found.agreement_date, found.effective_date, found.expiration_date) == (None, None, None)
    assert "left blank" in found.unknown["agreement_date"]
    assert "not known" in found.unknown["expiration_date"]


def test_the_date_of_the_last_signature_is_the_effective_date_where_the_contract_says_so() -> None:
    text = contract(
        "2. Term. This Agreement is effective on the date of the last signature below and continues for two (2) years from then.",
        made="the Effective Date",
        closing=BOTH.format("/s/ Ann Lee", "March 3, 2015", "/s/ Carl Doe", "March 9, 2015"),
    )
    found = read(text)
    assert found.effective_date
    assert found.expiration_date
    assert (found.effective_date.value, found.expiration_date.value) == (date(2015, 3, 9), date(2017, 3, 9))


@pytest.mark.parametrize(
    ("term", "end"),
    [
        ("remains in effect until the fifth (5th) anniversary of the Effective Date", date(2019, 5, 8)),
        ("remains in force until December 31, 2024, unless terminated earlier", date(2024, 12, 31)),
        ("continues for eighteen (18) months from the date hereof", date(2015, 11, 8)),
    ],
)
def test_the_end_is_reckoned_from_the_words_of_the_term(term: str, end: date) -> None:
    found = read(contract(f"2. Term. This Agreement {term}.")).expiration_date
    assert found
    assert found.value == end


@pytest.mark.parametrize("term", ["shall continue until terminated by either party on 30 days notice", "is perpetual"])
def test_a_contract_without_an_end_is_perpetual(term: str) -> None:
    found = read(contract(f"2. Term. This Agreement {term}."))
    assert found.expires
    assert (found.expires.value, found.expiration_date) == ("perpetual", None)


@pytest.mark.parametrize(
    ("words", "renews", "days", "deadline"),
    [
        (
            "This Agreement ends on June 30, 2017 and renews automatically for successive one (1) year terms unless either party "
            "gives notice of non-renewal at least ninety (90) days before the end of the term.",
            True,
            90,
            date(2017, 4, 1),
        ),
        (
            "This Agreement ends on June 30, 2017 and is extended by twelve months each time, unless terminated with three "
            "months notice to the end of the term.",
            True,
            90,
            date(2017, 3, 30),
        ),
        ("This Agreement ends on June 30, 2017 and shall not renew automatically.", False, None, None),
        ("This Agreement ends on June 30, 2017. There is no automatic renewal of this Agreement.", False, None, None),
        (
            "This Agreement ends on June 30, 2017. Customer may renew this Agreement for one year by notice given sixty (60) "
            "days before the end of the term.",
            False,
            60,
            None,
        ),
    ],
)
def test_a_renewal_is_read_with_the_last_day_to_stop_it(
    words: str, renews: bool, days: int | None, deadline: date | None
) -> None:
    found = read(contract(f"2. Term. {words}")).renewal
    assert found
    assert found.auto_renews
    assert found.auto_renews.value is renews
    assert (found.notice_days.value if found.notice_days else None) == days
    assert (found.notice_deadline.value if found.notice_deadline else None) == deadline


@pytest.mark.parametrize(
    ("one", "other", "signed"),
    [
        ("/s/ Ann Lee", "/s/ Carl Doe", "signed"),
        ("DocuSigned by: Ann Lee", "DocuSigned by: Carl Doe", "signed"),
        (BLANK, BLANK, "unsigned"),
        ("/s/ Ann Lee", BLANK, "unknown"),
        ("Ann Lee", "Carl Doe", "unknown"),
    ],
)
def test_a_contract_is_signed_by_the_marks_of_its_signers(one: str, other: str, signed: str) -> None:
    body = "9. Counterparts. This Agreement may be electronically signed, and any digitally signed copy binds."
    found = read(contract(body, closing=BOTH.format(one, "", other, ""))).signed
    assert found
    assert found.value == signed


def test_who_signed_is_named_and_whose_place_is_empty_is_said() -> None:
    found = read(contract(closing=BOTH.format("/s/ Ann Lee", "", BLANK, ""))).signed
    assert found
    assert found.note == "signed by Ann Lee, while another place for a signature is empty"


@pytest.mark.parametrize(
    ("amendment", "amended"),
    [
        (
            "FIRST AMENDMENT TO SERVICES AGREEMENT\n\nThis First Amendment to the Services Agreement dated May 8, 2014 (the "
            '"Agreement") is made as of June 1, 2016 between Acme Holdings, Inc. and Beta Industries LLC.\n',
            "Services Agreement dated May 8, 2014",
        ),
        (
            "AMENDMENT NO. 2\n\nThis Amendment No. 2 is entered into as of June 1, 2016 by and between Acme Holdings, Inc. "
            "and Beta Industries LLC.\n\nWHEREAS, the parties entered into that certain Master "
            "Services Agreement dated as of May 8, 2014 "
            '(the "Agreement");\n',
            "Master Services Agreement dated as of May 8, 2014",
        ),
    ],
)
def test_an_amendment_says_what_it_amends(amendment: str, amended: str) -> None:
    found = read(f"{amendment}\n1. Section 2 of the Agreement is replaced.\n").amends
    assert found
    assert found.value == amended


def test_a_contract_that_is_replaced_is_named() -> None:
    body = (
        "9. Whole. This Agreement amends and restates in its entirety the Original Supply Agreement dated as of January 5, 2012."
    )
    found = read(contract(body)).supersedes
    assert found
    assert found.value == "Original Supply Agreement dated as of January 5, 2012"
    assert read(contract("9. Whole. This Agreement supersedes all prior agreements.")).supersedes is None


def test_a_sum_is_for_what_its_own_sentence_says() -> None:
    body = (
        "5. Fees. Customer shall pay a fee of US$ 12,500.00 per month. 6. Liability. Neither party's aggregate liability exceeds "
        "$1.5 million. Supplier maintains insurance of EUR 2.000.000 per occurrence."
    )
    found = [amount.value for amount in read(contract(body)).amounts]
    assert found == ["USD 1500000.00: cap on liability", "EUR 2000000.00: insurance", "USD 12500.00: fee"]
