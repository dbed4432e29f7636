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
        ("shall commence on the Effective Date and conclude on October 31, 2016", date(2016, 10, 31)),
        ("continues for twenty four (24) months to commence on the tentative launch date of January 4, 2015", date(2017, 1, 4)),
        (
            "shall run through the Term. Term shall mean the Effective Date through June 15, 2016 and any renewal",
            date(2016, 6, 15),
        ),
        (
            'ends on the Expiration Date. "Reporting Period" means the period beginning on the Effective Date and ending on '
            'September 30, 2016. "Expiration Date" means March 31, 2017',
            date(2017, 3, 31),
        ),
        (
            "shall continue for a period of fifteen (15) years. This Agreement will automatically renew for up to two (2) "
            "renewal terms of five (5) years each",
            date(2029, 5, 8),
        ),
    ],
)
def test_the_end_is_reckoned_from_the_words_of_the_term(term: str, end: date) -> None:
    found = read(contract(f"2. Term. This Agreement {term}.")).expiration_date
    assert found
    assert found.value == end


@pytest.mark.parametrize(
    "term",
    [
        "shall continue until terminated by either party on 30 days notice",
        "is perpetual",
        "will remain in force for perpetuity or until otherwise mutually agreed",
        "shall remain in effect from the Effective Date and perpetually thereafter. Maintenance is provided on the terms of this "
        "Agreement for the version that Customer has installed for at least twenty-four (24) months",
        "shall continue until the termination of the Alliance Agreement. Upon a termination of this Agreement, Supplier makes "
        "spare parts available for a minimum period of 10 years",
    ],
)
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


@pytest.mark.parametrize(
    ("words", "begins"),
    [
        ('"EFFECTIVE DATE" means 12:01 a.m. Eastern Standard Time on March 3, 2015.', date(2015, 3, 3)),
        ("EFFECTIVE DATE shall mean the date of installation in Kuwait, i.e. December 10, 2014.", date(2014, 12, 10)),
        ("This Agreement is effective on the day of June 1, 2014.", date(2014, 6, 1)),
        ("The Appointment will begin on 27 January 2015." + " The Executive works where the board asks." * 20, date(2015, 1, 27)),
        ("The notes under this Agreement are redeemable by their holders, and so are all of its shares and units, at any time "
         "beginning October 21, 2022.", date(2014, 5, 8)),
    ],
)  # fmt: skip
def test_a_contract_says_in_many_ways_from_when_it_holds(words: str, begins: date) -> None:
    found = read(contract(f"2. Start. {words}")).effective_date
    assert found
    assert found.value == begins


def test_a_contract_may_hold_from_the_day_after_the_last_signature() -> None:
    text = contract(
        "2. Term. This Agreement is effective on the day after the date of last signature below.",
        made="the Effective Date",
        closing=BOTH.format("/s/ Ann Lee", "March 3, 2015", "/s/ Carl Doe", "March 9, 2015"),
    )
    found = read(text).effective_date
    assert found
    assert found.value == date(2015, 3, 10)


@pytest.mark.parametrize(
    "text",
    [
        'AMENDMENT 1\n\nThis is the First Amendment ("First Amendment") to the Development Agreement ("Development Agreement") '
        "entered into on April 15, 2010, by and between Acme Inc. and Beta LLC. This First Amendment is made as of July 5, 2011."
        "\n\n1. Terms.\n",
        "AMENDMENT 1\n\nto the Global Service Agreement\nref. DS/14 Issue 7\ndated April 15, 2010\n\nThis amendment is entered "
        "into on July 5, 2011 between Acme Inc. and Beta LLC.\n\n1. Terms.\n",
        "JOINT FILING AGREEMENT\n\nThe undersigned agree that the Schedule 13G/A on the shares of Example Inc., dated as of "
        "December 31, 2010, is filed for each of them, pursuant to and in accordance with the provisions of Rule 13d-1(k) under "
        "the Securities Exchange Act of 1934, as amended.\n\nDated: July 5, 2011\n\n/s/ Ann Lee\nAnn Lee\n\n/s/ Carl Doe\n",
    ],
)
def test_the_date_of_another_paper_is_not_that_of_the_contract(text: str) -> None:
    found = read(text).agreement_date
    assert found
    assert found.value == date(2011, 7, 5)
