import re

import pytest
from written_contracts import contract, read, source_of

from index.records import Party
from ingest.naming import name_at


def parties(text: str) -> list[Party]:
    found = read(text).parties
    assert all(party.span is None or party.quote for party in found)
    return [party.value for party in found]


def names(text: str) -> list[str]:
    return [party.name for party in parties(text)]


BETA = 'Beta Industries LLC, a Delaware limited liability company (the "Supplier")'


@pytest.mark.parametrize(
    "name",
    [
        "Beike Internet (Beijing) Security Technology Co., Ltd.",
        "Acme (Hong Kong) Trading Limited",
        "YA Global Investments II (U.S.), Ltd.",
        "2205925 Ontario Limited",
        "White Hat SP GP LLC",
        "AVIONS DE TRANSPORT SA",
        "Food For Athletes, Inc.",
        "ECOPETROL S A",
        "Grupo Norte S.A. de C.V.",
        "Blue Harbor Oil and Gas Ltd.",
        "Muster GmbH & Co. KG",
    ],
)
def test_a_name_is_read_whole(name: str) -> None:
    text = f'{name} (the "Customer")'
    found = name_at(text, 0, len(text))
    assert found is not None
    assert found.text == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("settings, e.g. the fee", None),
        ("AND DRAGON SYSTEMS, INC.", None),
        ("10022 Acme Inc. is", None),
        ("Philadelphia, PA 19104", "Philadelphia"),
        ("Acme (the Company) Beta", "Acme"),
    ],
)
def test_what_is_no_name_is_not_read_into_one(text: str, name: str | None) -> None:
    found = name_at(text, 0, len(text))
    assert (found.text if found else None) == name


def test_a_name_is_not_parted_at_an_and_that_belongs_to_it() -> None:
    bank = "Amsterdam Federal Savings and Loan Association"
    text = contract(
        one=f'{bank}, a savings bank ("Association")',
        other=BETA,
        closing=f"IN WITNESS WHEREOF\n\n{bank}\n\nBy: ______\nName:\nTitle:\n",
    )
    assert names(text) == [bank, "Beta Industries LLC"]


def test_an_office_is_not_part_of_the_name_that_signs_below_it() -> None:
    text = (
        "JOINT FILING AGREEMENT\n\nThe undersigned hereby agree that the statement on Schedule 13G with respect to "
        "the common stock of Example Biomed, Inc. is filed on behalf of each of the undersigned.\n\nDated: April 8, 2020\n\n"
        "North Advisors Global, LP\nBy: /s/ Ann Lee\nAnn Lee\nChief Compliance Officer\n\n"
        "North Advisors GP, LLC\nBy: /s/ Ann Lee\nAnn Lee\nChief Compliance Officer\n"
    )
    assert names(text) == ["North Advisors Global, LP", "North Advisors GP, LLC"]


def test_people_who_sign_for_themselves_are_parties_and_the_issuer_that_is_named_is_none() -> None:
    text = (
        "JOINT FILING AGREEMENT\n\nThe undersigned hereby agree that the Schedule 13G with respect to the common stock of "
        "Example Group Inc. is filed on behalf of each of the undersigned.\n\nJanuary 22, 2020\n\n/s/ Ann B. Lee\nAnn B. Lee\n\n"
        "/s/ Carl Doe\nCarl Doe\n"
    )
    assert names(text) == ["Ann B. Lee", "Carl Doe"]


def test_somebody_described_before_the_name_is_a_party() -> None:
    text = contract(one='professional golfer, ANN LEE (hereinafter referred to as "Consultant")', other=BETA)
    assert names(text) == ["ANN LEE", "Beta Industries LLC"]


def test_a_company_that_writes_itself_small_begins_the_preamble() -> None:
    text = contract(one='iShip.com, Inc., a Washington corporation (the "Company")', other=BETA)
    assert names(text) == ["iShip.com, Inc.", "Beta Industries LLC"]


def test_a_name_that_a_line_cut_in_the_signature_block_joins_the_whole_one() -> None:
    text = contract(
        one='Seattle Software Developers, Inc. (the "Developer")',
        other=BETA,
        closing="IN WITNESS WHEREOF, the parties have signed.\n\nSEATTLE SOFTWARE\nDEVELOPERS, INC.\nBy: /s/ Ann Lee\n\n"
        "BETA INDUSTRIES LLC\nBy: /s/ Carl Doe\n",
    )
    assert names(text) == ["Seattle Software Developers, Inc.", "Beta Industries LLC"]


def test_each_party_is_described_in_the_contracts_words() -> None:
    acme = (
        "Acme Holdings, Inc. (formerly known as Old Acme Corp.), a corporation organized under the laws of the State of "
        'New York, with its principal office at 12 Elm Road, Albany, NY 12207 (the "Customer")'
    )
    one, other = parties(contract(one=acme, other=BETA))
    assert one == Party(
        "Acme Holdings, Inc.", "Customer", "corporation", "New York", "12 Elm Road, Albany, NY 12207", ("Old Acme Corp.",)
    )
    assert (other.role, other.entity_kind, other.jurisdiction) == ("Supplier", "limited liability company", "Delaware")


def test_a_name_in_an_exhibit_or_an_address_is_no_party() -> None:
    text = contract(
        one='Acme Inc. (the "Customer"), with offices at 1 Main Street, Springfield, PA 19104,',
        other=BETA,
        closing="IN WITNESS WHEREOF, the parties have signed.\n\nACME INC.\nBy: /s/ Ann Lee\n\n"
        "BETA INDUSTRIES LLC\nBy: /s/ Carl Doe\n"
        "\nEXHIBIT A\n\nForm of notice to Gamma Freight Corp. by the Customer.\n",
    )
    assert names(text) == ["Acme Inc.", "Beta Industries LLC"]


def test_every_name_stands_in_the_document_where_its_proof_says() -> None:
    text = contract(one="Acme (Hong Kong) Trading Limited", other=BETA)
    source = source_of(text)
    for party in read(text).parties:
        assert party.span is not None
        assert party.span.of(source) == party.quote
        assert re.sub(r"\s+", " ", party.quote) == party.value.name


def test_a_deed_made_by_one_in_favor_of_another_has_both_for_parties() -> None:
    text = (
        'GUARANTY\n\nThis Guaranty (this "Guaranty") is made as of May 8, 2014 by Acme Holdings, Inc. (the "Guarantor") '
        'in favor of Beta Bank, N.A., a national banking association (the "Bank"), to secure a loan to Gamma Freight Corp.\n\n'
        "1. The Guarantor guarantees the loan.\n\nACME HOLDINGS, INC.\nBy: /s/ Ann Lee\n"
    )
    assert names(text) == ["Acme Holdings, Inc.", "Beta Bank, N.A."]
