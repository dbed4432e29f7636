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
        "Rivers Now, Inc.",
        "Boxes Etc. USA, Inc.",
        "Lee, Doe & Roe-Nevada, Inc.",
        "695014 B.C. Ltd.",
        "JSC Northern Oil",
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
        ("SUPPLIED AS IS WITHOUT", "SUPPLIED"),
        ("Acme Inc.., a", "Acme Inc."),
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


def test_a_small_word_in_capitals_may_be_part_of_a_name() -> None:
    text = contract(
        one='the At Rest Corporation ("At Rest")',
        other='WE ON CALL HOLDINGS, INC., a Nevada corporation ("On Call")',
        closing="IN WITNESS WHEREOF\n\nAT REST CORPORATION\nBy: /s/ Ann Lee\n\nWE ON CALL HOLDINGS, INC.\nBy: /s/ Carl Doe\n",
    )
    assert names(text) == ["At Rest Corporation", "WE ON CALL HOLDINGS, INC."]


def test_an_institution_is_not_parted_at_its_and() -> None:
    institute = "Institute of Meadows and Upland Research"
    assert names(contract(one=f'{institute} ("IMUR"), a company limited by guarantee,', other=BETA))[0] == institute


def test_a_name_ends_with_its_column() -> None:
    text = contract(
        one='Acme Inc. (the "Customer")',
        other=BETA,
        closing="IN WITNESS WHEREOF, the parties have signed.\n\nATTEST   ACME INC.\n\nBy: ______   By: ______\nWitness\n\n"
        "ACME INC.   BETA INDUSTRIES LLC\nBy: /s/ Ann Lee   By: /s/ Carl Doe\n",
    )
    assert names(text) == ["Acme Inc.", "Beta Industries LLC"]


def test_parties_are_found_in_the_rows_of_a_table() -> None:
    text = (
        "TRANSPORTATION CONTRACT\nSPECIFIC CONDITIONS\n\nDate   January 30, 2012\n\nSENDER   NORTHERN PETROLEUM EXPLORATION\n"
        "COLOMBIA LIMITED\nTAX ID   830.051.027-8\n\nSHIPPER   OLEODUCTO S.A.\nTAX ID   899.999.068-1\n\n1. Purpose\n\n"
        "Transportation of petroleum by pipeline, which the Sender asks for after exploration.\n"
    )
    assert names(text) == ["NORTHERN PETROLEUM EXPLORATION COLOMBIA LIMITED", "OLEODUCTO S.A."]


def test_parties_stand_under_the_heading_of_a_preamble() -> None:
    text = (
        "TRANSPORTATION CONTRACT\n\nAstana   January 31, 2000\n\nPREAMBLE\n\nJSC Northern Oil, hereinafter referred to as the "
        '"Company", in the person of Executive Director Ms. A. B. Ivanova, acting by the Charter, on the one side and '
        'JSC Southmunay, hereinafter referred to as the "Principal", in the person of General Director Mr. C. D. Petrov, on the '
        "other side, have entered into this Transportation Contract and agree as follows:\n\n1. SUBJECT\n\n1.1 The Company shall "
        "arrange transportation of crude oil belonging to the Principal.\n"
    )
    assert names(text) == ["JSC Northern Oil", "JSC Southmunay"]


def test_neither_a_definition_nor_a_word_on_the_parties_introduces_them() -> None:
    text = (
        'SUPPLY AGREEMENT ("Supply Agreement") effective on the date of last signing between Centre for Isotopes, a research '
        'institution with offices at 12 Elm Road, Hamilton ("CFI"), and Fusion Remedies Inc. ("Fusion").\n\n1. Definitions\n\n'
        '"Quality Agreement" means the agreement separately executed between the Parties on specifications. "Agreement" means '
        "this agreement including the Schedules made between CFI and Fusion.\n"
    )
    assert names(text) == ["Centre for Isotopes", "Fusion Remedies Inc."]


def test_a_company_is_the_party_and_not_the_director_who_speaks_for_it() -> None:
    text = contract(
        one='Ann Lee, director of GoodCook (hereinafter referred to as "Client")',
        other='Carl Doe, director of Doe\'s Web Advance, PLC (hereinafter referred to as "Company")',
    )
    assert names(text) == ["GoodCook", "Doe's Web Advance, PLC"]


def test_a_short_name_and_a_slip_of_the_pen_are_no_parties_of_their_own() -> None:
    text = contract(
        one='The Open Brands Group, Inc. ("OBG"), a Nevada corporation',
        other='b3 Innovative Creative Works, LLC ("b3 ICW"), a Texas company',
        body='OBG and b3 ICW (each a "Party") agree to the terms. OBG shall pay b3 ICW.',
        closing="IN WITNESS WHEREOF, the parties have signed.\n\nOpen Brand Group, Inc.\nBy: /s/ Ann Lee\n\n"
        "b3 ICW, LLC\nBy: /s/ Carl Doe\n",
    )
    assert names(text) == ["The Open Brands Group, Inc.", "b3 Innovative Creative Works, LLC"]


def test_a_company_that_writes_itself_with_small_initials_and_a_person_at_the_end_of_a_list_are_parties() -> None:
    text = (
        'This Cooperation Agreement ("Agreement") is entered into on July 1, 2020, by and between o.p.q. Beauty, Inc., a '
        'Delaware corporation (the "Company"), and Runner Partners Management, LLC ("Runner"), Runner Partners L.P., Runner '
        'Focus Fund L.P. and Mario Rossini (collectively, the "Runner Parties").\n\nRECITALS\n\nWHEREAS, they own shares.'
        "\n\nIN WITNESS WHEREOF, the parties have signed.\n\nO.P.Q. BEAUTY, INC.\nBy: /s/ Ann Lee\n\nRUNNER PARTNERS MANAGEMENT, "
        "LLC\nBy: /s/ Mario Rossini\n\nRUNNER PARTNERS L.P.\nBy: /s/ Mario Rossini\n\nRUNNER FOCUS FUND L.P.\nBy: /s/ Mario "
        "Rossini\n\n/s/ Mario Rossini\nMARIO ROSSINI\n"
    )
    assert names(text) == [
        "o.p.q. Beauty, Inc.",
        "Runner Partners Management, LLC",
        "Runner Partners L.P.",
        "Runner Focus Fund L.P.",
        "Mario Rossini",
    ]


def test_the_register_at_the_foot_of_a_page_is_no_party() -> None:
    text = contract(
        closing="IN WITNESS WHEREOF, the parties have signed.\n\nACME HOLDINGS, INC.\nBy: /s/ Ann Lee\n\n"
        "Source: PARENT GROUP INC., 8-K, 8/14/2015\nBETA INDUSTRIES LLC\nBy: /s/ Carl Doe\n"
    )
    assert names(text) == ["Acme Holdings, Inc.", "Beta Industries LLC"]


def test_a_line_under_part_of_a_name_is_not_part_of_it() -> None:
    text = contract(one='Mail\n-------\nRoom Etc. USA, Inc., a California corporation ("MRE")', other=BETA)
    assert names(text) == ["Mail Room Etc. USA, Inc.", "Beta Industries LLC"]


def test_a_name_over_two_lines_of_a_signature_page_is_one() -> None:
    text = (
        "JOINT FILING AGREEMENT\n\nThe undersigned hereby agree that the statement on Schedule 13G with respect to the stock of "
        "Example Biomed, Inc. is filed on behalf of each of the undersigned.\n\nDated: April 8, 2020\n\n"
        "Delta One Growth and Opportunity Fund\nOffshore, LP\nBy: /s/ Ann Lee\nAnn Lee\nChief Compliance Officer\n\n"
        "Delta One GP, LLC\nBy: /s/ Ann Lee\nAnn Lee\nChief Compliance Officer\n"
    )
    assert names(text) == ["Delta One Growth and Opportunity Fund Offshore, LP", "Delta One GP, LLC"]


def test_names_that_differ_in_a_short_form_are_two_parties() -> None:
    text = contract(one='North Pharma, LLC ("Acquiror")', other='North Pharmaceuticals, Inc. ("NPI")')
    assert names(text) == ["North Pharma, LLC", "North Pharmaceuticals, Inc."]
