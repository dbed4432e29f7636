"""Finds dates as contracts write them, in the usual languages and forms, and blanks left for them."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

_WORDS = tomllib.loads(Path(__file__).with_name("number_words.toml").read_text("utf-8"))
_MONTH: Mapping[str, int] = {name: number for number, names in enumerate(_WORDS["months"], 1) for name in names}
_ORDINALS: Mapping[str, int] = {word: number for number, word in enumerate(_WORDS["ordinals"], 1)}

_M = rf"(?P<month>{'|'.join(sorted(_MONTH, key=len, reverse=True))})\.?"
_D = r"(?P<day>\d{1,2})\s?(?:st|nd|rd|th|s\st|n\sd|r\sd|t\sh)?"
_Y = r"(?P<year>(?:19|20)\s?\d\s?\d)(?![\d/])"
_GAP = r"[_\s\[\]●•·*.…-]"
_BLANK = rf"(?:_{{2,}}|\[{_GAP}{{0,20}}\]|\[?●\]?|\.{{4,}}|…{{1,10}}|\*{{3,}})"

_FORMS = (
    # May 8, 2014 · Nov. 5, 1999 · January 1st, 2013
    re.compile(rf"\b{_M}\s?,?{_D}\s?[,.]?\s?(?:of\s)?{_Y}", re.IGNORECASE),
    # 12th day of November, 2019 · 31 day of July 2019 · 30 December 2016 · 14. März 2023 · 1st of July, in the year 2004
    re.compile(
        rf"\b{_D}\.?,?\s?(?:-\s?)?(?:day\s)?(?:of\s?|de\s)?{_M}\s?(?:-\s?)?,?\s?(?:of\s|in the year\s|anno\s|de\s"
        rf"|del\s)?(?:of\s)?{_Y}",
        re.IGNORECASE,
    ),
    # first day of January, 2019
    re.compile(
        rf"\b(?P<ordinal>{'|'.join(sorted(_ORDINALS, key=len, reverse=True))})\s(?:\(\d{{1,2}}(?:st|nd|rd"
        rf"|th)?\)\s)?(?:day\s)?(?:of\s)?{_M},?\s?(?:of\s|in the year\s)?{_Y}",
        re.IGNORECASE,
    ),
)
_NUMERIC = re.compile(
    r"(?<![\d/.\-])(?:(?P<iso>(?:19|20)\d\d)-(?P<iso_month>\d\d)-(?P<iso_day>\d\d)"
    r"|(?P<one>\d{1,2})\s?(?P<mark>[/.\-])\s?(?P<two>\d{1,2})\s?(?P=mark)\s?(?P<short>(?:19|20)\d\d|\d\d))(?![\d/]|\.\d)"
)
_FIGURES = re.compile(r"[/.\-]\d{1,2}[/.\-]")
_BLANKS = (
    # ____ day of ______, 2013 · [ ] day of [ ], 2020 · ___ day of March, 2018
    re.compile(
        rf"(?:{_BLANK}|\bthis)\s?(?:st|nd|rd|th)?\s?day\sof\s?(?:{_BLANK}"
        rf"|{_M.replace('?P<month>', '?:')})\s?,?\s?(?:(?:19|20)(?:\d\d|{_BLANK}?)|{_BLANK})?",
        re.IGNORECASE,
    ),
    # September __, 2018 · [●], 2019 · ______, 1996 · as of , 2012
    re.compile(
        rf"(?:\b{_M.replace('?P<month>', '?:')}\s?{_BLANK}|{_BLANK}|(?<=as of) |(?<=dated) "
        rf"|(?<=dated as of) )\s?,\s?(?:(?:19|20)(?:\d\d|{_BLANK})|{_BLANK})",
        re.IGNORECASE,
    ),
)
_MAY_BE_BLANK = re.compile(r"[_\[\]●….*]|\bof ,|dated ,|this\s?day")
# Two figures over this are of the last century: nobody dates a contract in 2060 by two figures.
_PIVOT = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A date as it stands in a text; `value` is `None` where a blank was left for it or a day is missing."""

    start: int
    end: int
    value: date | None


def find_dates(text: str, start: int, end: int, *, day_first: bool = False) -> list[Found]:
    """The dates of a stretch in their order, blanks among them. 3/4/2019 is of March unless `day_first`."""
    found = [*_written(text, start, end), *_numeric(text, start, end, day_first)]
    found += [
        blank
        for blank in _blanks(text, start, end)
        if not any(date_.start < blank.end and blank.start < date_.end for date_ in found)
    ]
    return sorted(found, key=lambda date_: date_.start)


def first_date(text: str, start: int, end: int, *, day_first: bool = False) -> Found | None:
    """The first date or blank of a stretch."""
    return next(iter(find_dates(text, start, end, day_first=day_first)), None)


def writes_day_first(text: str) -> bool:
    """Whether a contract writes 31/12/2019: a first figure over 12 shows it, unless a second one shows the other."""
    days, months = 0, 0
    for sign in _FIGURES.finditer(text):
        match = _NUMERIC.search(text, max(0, sign.start() - 6), sign.end() + 6)
        if match and match["one"]:
            days += int(match["one"]) > 12
            months += int(match["two"]) > 12
    return days > months


def _written(text: str, start: int, end: int) -> Iterator[Found]:
    taken: list[tuple[int, int]] = []
    for form in _FORMS:
        for match in form.finditer(text, start, end):
            if any(begin < match.end() and match.start() < finish for begin, finish in taken):
                continue
            groups = match.groupdict()
            day = _ORDINALS[groups["ordinal"].lower()] if groups.get("ordinal") else int(groups["day"])
            value = made_date(int(groups["year"].replace(" ", "")), _MONTH[groups["month"].lower()], day)
            if value:
                taken.append(match.span())
                yield Found(match.start(), match.end(), value)


def _numeric(text: str, start: int, end: int, day_first: bool) -> Iterator[Found]:
    for match in _NUMERIC.finditer(text, start, end):
        if match["iso"]:
            value = made_date(int(match["iso"]), int(match["iso_month"]), int(match["iso_day"]))
        else:
            one, two, year = int(match["one"]), int(match["two"]), int(match["short"])
            year += 0 if year > 99 else 1900 if year > _PIVOT else 2000
            swap = one > 12 or ((day_first or match["mark"] == ".") and two <= 12)
            # "1.1.10" is a section, "10-12-04" may be anything: only slashes are dates without a full year.
            if len(match["short"]) == 2 and match["mark"] == ".":
                continue
            value = made_date(year, two, one) if swap else made_date(year, one, two)
        if value:
            yield Found(match.start(), match.end(), value)


def _blanks(text: str, start: int, end: int) -> Iterator[Found]:
    if not _MAY_BE_BLANK.search(text, start, end):
        return
    for form in _BLANKS:
        for match in form.finditer(text, start, end):
            if match.end() - match.start() > 3:
                yield Found(match.start(), match.end(), None)


def made_date(year: int, month: int, day: int) -> date | None:
    """The date, or `None` where the calendar has none such."""
    try:
        return date(year, month, day)
    except ValueError:
        return None
