"""Finds lengths of time as contracts write them: "three (3) years", "36-month", "one hundred eighty (180) days"."""

import re
import tomllib
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

Unit = Literal["day", "week", "month", "year"]

_WORDS_FILE = tomllib.loads(Path(__file__).with_name("number_words.toml").read_text("utf-8"))
_ONES: Sequence[str] = _WORDS_FILE["ones"]
_TENS = [(word, number) for word, number in _WORDS_FILE["numbers"].items() if number in range(20, 100, 10)]
_NUMBERS: Mapping[str, int] = (
    {word: number for number, word in enumerate(_ONES)}
    | {
        f"{tens}{mark}{one}": value + number
        for tens, value in _TENS
        for number, one in enumerate(_ONES[1:10], 1)
        for mark in "- "
    }
    | _WORDS_FILE["numbers"]
)
_ORDINALS: Mapping[str, int] = {word: number for number, word in enumerate(_WORDS_FILE["ordinals"], 1)}
_UNITS: dict[str, Unit] = {
    "day": "day",
    "week": "week",
    "month": "month",
    "year": "year",
    "tag": "day",
    "woche": "week",
    "monat": "month",
    "jahr": "year",
}

_WORDS = "|".join(re.escape(word) for word in sorted(_NUMBERS, key=len, reverse=True))
_NUMBER = rf"(?:(?:\b(?P<word>{_WORDS})\b|\b(?P<plain>\d{{1,3}}))(?:\s?-?\s?\(\s?(?P<digits>\d{{1,3}}|[Il])\s?\))?)"
_LENGTH = re.compile(
    rf"{_NUMBER}[\s-]{{0,2}}(?:(?:full|consecutive|additional|successive|further|calendar|business|contract|complete"
    rf"|whole|working|volle|n|e|s)\s){{0,3}}?"
    r"(?P<unit>year|month|week|day|jahr|monat|woche|tag)(?:\(?(?:e?[sn]|e)\)?)?'?(?![a-z])",
    re.IGNORECASE,
)
_UNIT = re.compile(r"(?<=[\s)\-\d])[YyMmWwDdJjTt](?:ear|EAR|onth|ONTH|eek|EEK|ay|AY|ahr|onat|oche|ag)")
_SPLIT = re.compile(r"[\s()-]+")
_ANNIVERSARY_SIGN = re.compile(r"[Aa](?:nniversar|NNIVERSAR)")
_END_OF_YEAR = re.compile(
    rf"\bend of (?:the (?:(?P<ordinal>{'|'.join(sorted(_ORDINALS, key=len, reverse=True))})|(?P<figure>\d{{1,2}})(?:st"
    rf"|nd|rd|th))(?:\s?\(\s?\d{{1,2}}\s?(?:st|nd|rd|th)?\s?\))? (?:contract|license|agreement|full|operating) year"
    rf"|(?:contract |license )?year (?P<year>\d{{1,2}})\b)",
    re.IGNORECASE,
)
_ANNIVERSARY = re.compile(
    rf"\b(?:(?P<ordinal>{'|'.join(sorted(_ORDINALS, key=len, reverse=True))})(?:\s?\(\s?\d{{1,2}}\s?(?:st|nd|rd"
    rf"|th)?\s?\))?|(?P<figure>\d{{1,2}})(?:st|nd|rd|th)?|{_NUMBER}[\s-]?years?)\s(?:year\s)?anniversar(?:y|ies)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time as it stands in a text."""

    start: int
    end: int
    count: int
    unit: Unit

    @property
    def days(self) -> int:
        """About how many days: a month has 30, a year 365."""
        return round(self.count * {"day": 1, "week": 7, "month": 30 if self.count % 12 else 365 / 12, "year": 365}[self.unit])

    def after(self, when: date) -> date | None:
        """The same day that much later, by the calendar; `None` beyond the calendar."""
        return _shifted(when, self.count, self.unit)

    def before(self, when: date) -> date | None:
        """The same day that much earlier."""
        return _shifted(when, -self.count, self.unit)

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'s' if self.count != 1 else ''}"


def _shifted(when: date, count: int, unit: Unit) -> date | None:
    """By the calendar: a month after January 31 is the last day of February."""
    try:
        if unit in ("day", "week"):
            return when + timedelta(days=count * (7 if unit == "week" else 1))
        year, month = divmod(when.year * 12 + when.month - 1 + count * (12 if unit == "year" else 1), 12)
        return date(year, month + 1, min(when.day, monthrange(year, month + 1)[1]))
    except (ValueError, OverflowError):
        return None


def find_lengths(text: str, start: int, end: int) -> Iterator[Length]:
    """The lengths of time in a stretch, in order; figures in brackets count before words."""
    last = start
    for unit in _UNIT.finditer(text, start, end):
        # Most years and days have no number before them, and to see that is cheap.
        before = _SPLIT.split(text[max(last, unit.start() - 48) : unit.start()].lower())[-8:]
        if not any(word in _NUMBERS or word[:1].isdigit() for word in before):
            continue
        for match in _LENGTH.finditer(text, max(last, unit.start() - 70), min(len(text), unit.end() + 4)):
            if match.start("unit") == unit.start() and (count := _count(match)):
                last = match.end()
                yield Length(match.start(), match.end(), count, _UNITS[match["unit"].lower()])


def find_anniversaries(text: str, start: int, end: int) -> Iterator[Length]:
    """Anniversaries named in a stretch, as years: "the fifth (5th) anniversary", "the end of Year 5" are five."""
    for sign in _ANNIVERSARY_SIGN.finditer(text, start, end):
        for match in _ANNIVERSARY.finditer(text, max(start, sign.start() - 60), min(len(text), sign.end() + 16)):
            count = (
                _ORDINALS[match["ordinal"].lower()]
                if match["ordinal"]
                else int(match["figure"])
                if match["figure"]
                else _count(match)
            )
            if count and match.end() >= sign.start():
                yield Length(match.start(), match.end(), count, "year")
                break
    for match in _END_OF_YEAR.finditer(text, start, end):
        count = _ORDINALS[match["ordinal"].lower()] if match["ordinal"] else int(match["figure"] or match["year"])
        yield Length(match.start(), match.end(), count, "year")


def _count(match: re.Match[str]) -> int:
    if match["digits"]:
        return 1 if match["digits"] in "Il" else int(match["digits"])
    return int(match["plain"]) if match["plain"] else _NUMBERS[match["word"].lower()]
