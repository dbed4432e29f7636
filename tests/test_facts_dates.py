from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.dates import find_dates, writes_day_first
from ingest.durations import find_anniversaries, find_lengths


def dates(text: str, *, day_first: bool = False) -> list[date | None]:
    return [found.value for found in find_dates(text, 0, len(text), day_first=day_first)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("May 8, 2014", date(2014, 5, 8)),
        ("the 8th day of May 2014", date(2014, 5, 8)),
        ("12th day of November, 2019", date(2019, 11, 12)),
        ("30 December 2016", date(2016, 12, 30)),
        ("14. März 2023", date(2023, 3, 14)),
        ("14.03.2023", date(2023, 3, 14)),
        ("2019-03-05", date(2019, 3, 5)),
        ("29/3/18", date(2018, 3, 29)),
        ("3-14-18", date(2018, 3, 14)),
        ("Nov. 5, 1999", date(1999, 11, 5)),
        ("January 1st, 2013", date(2013, 1, 1)),
        ("20t h day of January, 2020", date(2020, 1, 20)),
        ("first day of June, 2001", date(2001, 6, 1)),
        ("1 de enero de 2020", date(2020, 1, 1)),
    ],
)
def test_a_date_is_read_in_every_usual_form(written: str, meant: date) -> None:
    assert dates(f"made as of {written} between") == [meant]


@pytest.mark.parametrize(
    "written",
    ["____ day of ______ 2013", "September __, 2018", "[●], 2019", "[ ] day of [ ], 2020", "this ____ day of March, 2018"],
)
def test_a_blank_for_a_date_is_known_as_blank(written: str) -> None:
    assert set(dates(f"made as of {written} between")) == {None}


@pytest.mark.parametrize("text", ["Section 1.1.10", "31 February 2020", "version 3.4.2019.1", "1-800-555-2019", ""])
def test_what_is_no_date_is_not_read_as_one(text: str) -> None:
    assert dates(text) == []


def test_a_date_that_may_be_either_is_read_as_the_contract_writes_others() -> None:
    text = "Effective Date: 01/02/2021. Dated 15/01/2021."
    assert writes_day_first(text)
    assert dates(text, day_first=True) == [date(2021, 2, 1), date(2021, 1, 15)]
    assert not writes_day_first("01/02/2021 and 12/31/2021")


@given(st.dates(date(1950, 1, 1), date(2090, 12, 31)))
def test_every_day_written_out_is_read_back(day: date) -> None:
    assert dates(f"on {day.day} {day.strftime('%B')} {day.year} and") == [day]
    assert dates(f"on {day.isoformat()}, and") == [day]


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("three (3) years", "3 years"),
        ("a 36-month period", "36 months"),
        ("one (I) year", "1 year"),
        ("ninety (90) days", "90 days"),
        ("one hundred eighty (180) days", "180 days"),
        ("twenty-four months", "24 months"),
        ("thirty (30) calendar days", "30 days"),
        ("two-year terms", "2 years"),
        ("drei Monaten", "3 months"),
        ("fünf Jahre", "5 years"),
    ],
)
def test_a_length_of_time_is_read_in_every_usual_form(written: str, length: str) -> None:
    text = f"for a period of {written} after"
    assert [str(found) for found in find_lengths(text, 0, len(text))] == [length]


@pytest.mark.parametrize(
    ("written", "years"),
    [("the fifth (5th) anniversary", 5), ("third anniversary", 3), ("the 10th anniversary", 10), ("end of Year 3", 3)],
)
def test_an_anniversary_is_a_number_of_years(written: str, years: int) -> None:
    text = f"until {written} of the Effective Date"
    assert [found.count for found in find_anniversaries(text, 0, len(text))] == [years]


@pytest.mark.parametrize("text", ["the year 2020", "each day", "many years", "Monday", "yearly"])
def test_a_unit_without_a_number_is_no_length(text: str) -> None:
    assert list(find_lengths(text, 0, len(text))) == []


def test_months_are_added_by_the_calendar() -> None:
    (month,) = find_lengths("one month", 0, 9)
    assert month.after(date(2024, 1, 31)) == date(2024, 2, 29)
    assert month.before(date(2023, 3, 31)) == date(2023, 2, 28)
    assert month.after(date(9999, 12, 31)) is None
