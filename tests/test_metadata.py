"""Lists of contracts: by party however it is typed, by free words, by dates, page by page, and why each row is there."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from bookcase import ANNA, ANYONE, ENCODER, TODAY, bundle_of, facts, shelve

from index.kinds import kinds_in, tokens_of
from index.metadata import Listing, Sort, find
from index.records import Contract, Extracted, Filter, Renewal
from index.relevance import understood
from index.store import View

BODY = "1. Term. This Agreement runs for three years.\n\n2. Fees. The fees are paid monthly by the Customer.\n"
LEASE = "1. Premises. The Landlord lets the office on Hill Street to the Tenant.\n\n2. Rent. The rent is due each month.\n"


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Iterator[View]:
    papers = [
        (
            "nda-acme",
            BODY,
            facts("Mutual Non-Disclosure Agreement", "nda", "Acme Robotics, Inc.", expiration_date=date(2027, 5, 1)),
        ),
        ("vendor-acme", BODY, facts("Vendor Agreement", "vendor", "Acme Robotics, Inc.", expiration_date=date(2026, 12, 1))),
        ("vendor-foods", BODY, facts("Vendor Agreement", "vendor", "Acme Foods GmbH", expiration_date=date(2028, 1, 1))),
        ("msa-north", BODY, facts("Master Services Agreement", "msa", "Northwind Paper GmbH")),
        ("amend-north", BODY, facts("Amendment No. 1 to Master Services Agreement", "amendment", "Northwind Paper GmbH")),
        ("lease", LEASE, facts("Office Lease", "lease", "Hill Street Estates LLC")),
        ("Globex side letter", BODY, facts("Side Letter", "amendment", "An Unread Company")),
    ]
    bundles = [
        bundle_of(name, text, contract, age=at, folder=f"Clients/{name[:3]}") for at, (name, text, contract) in enumerate(papers)
    ]
    bundles.append(bundle_of("secret", BODY, facts("Vendor Agreement", "vendor", "Acme Robotics, Inc."), frozenset({ANNA})))
    index = shelve(tmp_path_factory.mktemp("metadata"), bundles)
    yield index.view()
    index.close()


def listed(
    view: View, query: str | None = None, sort: Sort | None = None, offset: int = 0, limit: int = 10, wanted: Filter = ANYONE
) -> Listing:
    return find(view, ENCODER, wanted, query, sort, TODAY, offset, limit)


def ids(listing: Listing) -> list[str]:
    return [row.summary.document_id for row in listing.rows]


def test_with_nothing_asked_every_contract_is_listed_newest_first(view: View) -> None:
    listing = listed(view)
    assert ids(listing) == ["nda-acme", "vendor-acme", "vendor-foods", "msa-north", "amend-north", "lease", "Globex side letter"]
    assert (listing.total, listing.next_offset) == (7, None)
    assert {row.score for row in listing.rows} == {None}


@pytest.mark.parametrize("query", [None, "vendor agreement with acme"])
def test_pages_together_are_the_whole_list(view: View, query: str | None) -> None:
    whole, pages, offset = listed(view, query, limit=50), [], 0
    while True:
        page = listed(view, query, offset=offset, limit=2)
        pages += ids(page)
        assert page.total == whole.total == len(whole.rows)
        if page.next_offset is None:
            break
        assert page.next_offset == offset + 2
        offset = page.next_offset
    assert pages == ids(whole)


@pytest.mark.parametrize("sort", ["expiration_date", "effective_date", "modified"])
def test_a_page_behind_the_last_is_empty_and_the_last(view: View, sort: Sort) -> None:
    listing = listed(view, sort=sort, offset=100)
    assert (listing.rows, listing.next_offset, listing.total) == ((), None, 7)


@pytest.mark.parametrize("typed", ["Acme Robotics", "ACME ROBOTICS INC", "acme robotcis", "Acme Robotics, Incorporated"])
def test_a_party_is_found_however_it_is_typed(view: View, typed: str) -> None:
    listing = listed(view, wanted=replace(ANYONE, party=typed))
    assert ids(listing) == ["nda-acme", "vendor-acme"]
    assert all("party: Acme Robotics, Inc." in row.matched for row in listing.rows)


def test_the_party_that_fits_best_comes_first(view: View) -> None:
    listing = listed(view, wanted=replace(ANYONE, party="Acme"))
    assert set(ids(listing)) == {"nda-acme", "vendor-acme", "vendor-foods"}
    assert ids(listed(view, wanted=replace(ANYONE, party="Acme Foods")))[0] == "vendor-foods"


def test_a_party_that_was_overlooked_is_found_by_the_files_name_and_marked(view: View) -> None:
    [row] = listed(view, wanted=replace(ANYONE, party="Globex")).rows
    assert row.summary.document_id == "Globex side letter"
    assert row.score is not None
    assert row.score < 0.5
    assert row.matched == ("file name: Globex (not among the parties that were read)",)


def test_a_party_that_was_overlooked_is_found_where_parties_stand_in_the_text_and_nowhere_else(tmp_path: Path) -> None:
    opening = "LETTER\n\nThis letter is between Mail Boxes Etc. USA, Inc. and somebody.\n\n"
    body = "".join(f"{number}. Nothing of note is said in this place, at some length.\n\n" for number in range(1, 80))
    bundles = [
        bundle_of("overlooked", opening + body, facts("Letter", "other")),
        bundle_of("mentioned", body + "80. A rival is Mail Boxes Etc. USA, Inc.\n\n" + body, facts("Note", "other")),
    ]
    with shelve(tmp_path, bundles) as index:
        [row] = find(index.view(), ENCODER, replace(ANYONE, party="mail boxes etc usa"), None, None, TODAY).rows
    assert row.summary.document_id == "overlooked"
    assert row.matched == ("text: mail boxes etc usa (not among the parties that were read)",)


def test_contracts_are_found_and_put_in_order_by_the_last_day_to_stop_their_renewal(tmp_path: Path) -> None:
    def renewing(day: date) -> Contract:
        deadline = Extracted(day, None, "", 0.9)
        return replace(facts("Supply Agreement", "supply"), renewal=Renewal(notice_deadline=deadline))

    days = {"late": date(2027, 3, 1), "soon": date(2026, 12, 1), "past": date(2026, 1, 5)}
    bundles = [bundle_of(name, BODY, renewing(day)) for name, day in days.items()]
    with shelve(tmp_path, [*bundles, bundle_of("never", BODY, facts("Lease", "lease"))]) as index:
        view = index.view()
        everything = find(view, ENCODER, ANYONE, None, "notice_deadline", TODAY)
        wanted = replace(ANYONE, notice_deadline_after=date(2026, 11, 22), notice_deadline_before=date(2026, 12, 31))
        [row] = find(view, ENCODER, wanted, None, None, TODAY).rows
    assert ids(everything) == ["past", "soon", "late", "never"]
    assert row.matched == ("notice deadline: 2026-12-01",)


def test_nobody_of_that_name_is_an_empty_list(view: View) -> None:
    assert listed(view, wanted=replace(ANYONE, party="Zebra Holdings")) == Listing((), 0, None)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("vendor agreement with Acme Robotics", "vendor-acme"),
        ("acme nda", "nda-acme"),
        ("has acme robotics signed a confidentiality agreement with us?", "nda-acme"),
        ("northwind master services agreement", "msa-north"),
        ("amendment northwind", "amend-north"),
        ("MSA with Northwnid", "msa-north"),
        ("office lease", "lease"),
        ("landlord tenant premises on Hill Street", "lease"),
    ],
)
def test_free_words_find_the_contract_they_speak_of(view: View, query: str, first: str) -> None:
    listing = listed(view, query)
    assert ids(listing)[0] == first
    scores = [row.score or 0 for row in listing.rows]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 and row.matched for score, row in zip(scores, listing.rows, strict=True))


def test_a_row_says_which_words_it_met_and_where(view: View) -> None:
    row = listed(view, "vendor agreement with acme").rows[0]
    assert set(row.matched) >= {"title: agreement, vendor", "party: acme", "contract type: vendor"}


def test_a_row_says_which_filters_it_met(view: View) -> None:
    wanted = replace(ANYONE, contract_type="vendor", status="active", expires_before=date(2027, 1, 1), folder="Clients")
    [row] = listed(view, wanted=wanted).rows
    assert row.matched == ("contract type: vendor", "status: active", "expires: 2026-12-01", "folder: Clients/ven")


def test_words_and_a_date_order_leave_out_what_fits_far_worse(view: View) -> None:
    listing = listed(view, "vendor agreement with acme", sort="expiration_date")
    assert ids(listing) == ["vendor-acme", "vendor-foods"]
    assert listing.total == 2


def test_dates_are_sorted_soonest_first_and_unknown_ones_last(view: View) -> None:
    days = [row.summary.expiration_date for row in listed(view, sort="expiration_date").rows]
    known = [day for day in days if day]
    assert known == sorted(known)
    assert days == [*known, *[None] * (len(days) - len(known))]


@pytest.mark.parametrize("query", ["vendor agreement with acme", "secret", None])
def test_what_the_caller_may_not_read_is_not_in_any_list(view: View, query: str | None) -> None:
    assert "secret" not in ids(listed(view, query, limit=50))
    assert "secret" not in ids(listed(view, query, wanted=replace(ANYONE, party="Acme Robotics"), limit=50))


@pytest.mark.parametrize("query", ["??", "the of", "a" * 200, '"AND" OR (', "\x00"])
def test_words_that_say_nothing_do_no_harm(view: View, query: str) -> None:
    assert listed(view, query).total <= 7


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("Co-Branding Agreement", {"co_branding"}),
        ("mutual NDA", {"nda"}),
        ("non-compete for the distributor", {"non_compete", "distribution"}),
        ("statement of work under the master services agreement", {"sow", "msa"}),
        ("the weather", set()),
    ],
)
def test_kinds_of_contract_are_known_by_what_people_call_them(words: str, kinds: set[str]) -> None:
    assert set(kinds_in(tokens_of(words))) == kinds


def test_what_is_left_of_the_words_may_be_a_name(view: View) -> None:
    assert understood("our current vendor agreement with Acme Robotics").name == "acme robotics"


def test_of_names_that_fit_alike_the_one_spelt_as_typed_comes_first_and_then_what_is_in_force(tmp_path: Path) -> None:
    ends = {"expired": date(2025, 1, 1), "running": date(2030, 1, 1)}
    papers = [("expired", "Norden Inc."), ("running", "Norden Inc."), ("other form", "Norden GmbH"), ("unknown", "Norden Inc.")]
    known = {name: {"expiration_date": ends[name]} if name in ends else {} for name, _ in papers}
    bundles = [bundle_of(name, BODY, facts("Supply Agreement", "supply", party, **known[name])) for name, party in papers]
    with shelve(tmp_path, bundles) as index:
        rows = find(index.view(), ENCODER, replace(ANYONE, party="norden inc"), None, None, TODAY).rows
    assert [row.summary.document_id for row in rows] == ["running", "unknown", "expired", "other form"]


def test_of_two_parties_typed_together_the_contract_between_them_comes_first(tmp_path: Path) -> None:
    papers = {
        "one": ("Norden Inc.",),
        "both": ("Norden Inc.", "Suden GmbH"),
        "other": ("Suden GmbH",),
        "another": ("Norden Inc.",),
    }
    bundles = [bundle_of(name, BODY, facts("Supply Agreement", "supply", *parties)) for name, parties in papers.items()]
    with shelve(tmp_path, bundles) as index:
        rows = find(index.view(), ENCODER, replace(ANYONE, party="Norden and Suden"), None, None, TODAY).rows
    assert rows[0].summary.document_id == "both"
    assert len(rows) == 4
