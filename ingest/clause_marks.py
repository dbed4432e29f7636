"""The numbers that lines begin with, and how far each can be believed to be a clause's number."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from string import ascii_uppercase

from ingest.clause_lines import Line
from ingest.headings import title_of

_SPELLED = tuple(
    """ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE TEN ELEVEN TWELVE THIRTEEN FOURTEEN FIFTEEN SIXTEEN SEVENTEEN EIGHTEEN
    NINETEEN TWENTY""".split()  # noqa: SIM905 words read better as words
)
_ORDINALS = tuple(
    """FIRST SECOND THIRD FOURTH FIFTH SIXTH SEVENTH EIGHTH NINTH TENTH ELEVENTH TWELFTH THIRTEENTH FOURTEENTH FIFTEENTH
    SIXTEENTH SEVENTEENTH EIGHTEENTH NINETEENTH TWENTIETH""".split()  # noqa: SIM905 words read better as words
)
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_ROMAN_SHAPE = re.compile(r"(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})\Z")

_MARK = re.compile(
    r"""(?:
      (?P<word>article|section|sec\.|clause|part|chapter|paragraph|artikel|abschnitt|ziffer|item|§)\s*
        (?:(?P<wdec>\d{1,3}(?:\.\d{1,3}){0,4})(?![\d/%])|(?P<wrom>[IVXLC]{1,7})\b|(?P<wletter>[A-Z])\b|(?P<wspelled>[A-Z]{3,11})\b)
    | (?P<dec>\d{1,3}(?-i:[A-Z])?(?:\.\d{1,3}){1,5})(?![\d/%,])
    | (?P<int>\d{1,3})(?:(?P<dot>(?-i:[A-Z])?\.)(?!\d)|(?=\s|\Z))
    | \(\s?(?P<par>[a-z]{1,5}|[A-Z]{1,5}|\d{1,2})\s?\)
    | (?P<half>[a-zA-Z]{1,4}|\d{1,2})\)
    | (?P<up>(?-i:[A-Z]{1,5}))\.(?!\w\.|(?-i:[a-z]))
    | (?P<low>(?-i:[a-z]{1,4}))\.(?=\s|(?-i:[A-Z]))
    )(?P<tail>[.:),]?\s{0,8}(?:[-–—]{1,2}\s{0,8})?)""",
    re.X | re.I,
)
_UNITS = re.compile(
    r"(?:day|month|year|week|hour|percent|business|calendar|million|thousand|dollar|january|february|march|april|may|june|july|"
    r"august|september|october|november|december|usc|u\.s\.c|cfr|c\.f\.r|am|pm|shares)s?\b",
    re.I,
)

# How deep each way of numbering usually stands; a lower rank is nearer the outside.
RANKS = {
    "part": 0, "article": 1, "section": 2, "int": 2, "ROM.": 2, "CAP": 2.5, "ABC.": 3, "dec2": 3, "DEF": 3.2, "TTL": 3.4,
    "RUN": 3.5, "dec3": 4, "abc.": 5, "(ABC)": 5, "(abc)": 5, "ABC)": 5, "abc)": 5, "dec4": 5, "(1)": 5.5, "1)": 5.5, "ROM)": 5.5,
    "(ROM)": 6, "(rom)": 6, "rom.": 6, "rom)": 6, "dec5": 6, "dec6": 7,
}  # fmt: skip

# The ways of numbering that decimal numbers repeat: "4.1" stands below "ARTICLE IV", "Section 4" or "4.".
FRAMES = frozenset({"article", "section", "int"})


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a mark: its style of numbering, the numbers above it, and its own."""

    style: str
    above: tuple[int, ...]
    value: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A number at the beginning of a line: `label` as printed, the title after it, how credible it is (above 0).

    `line` is its line's place in the sequence of lines; `end` is where the title ends in the text. `virtual` stands
    for a section that is only known from the first number below it ("3.1" without a "3.").
    """

    start: int
    end: int
    line: int
    label: str
    title: str
    readings: tuple[Reading, ...]
    weight: float
    virtual: bool = False


def marks_in(lines: Sequence[Line]) -> list[Mark]:
    """Every number that a clause could begin with, in order."""
    marks: list[Mark] = []
    for at in range(len(lines)):
        marks.extend(_marks_of(lines, at))
    return marks


def _marks_of(lines: Sequence[Line], at: int) -> Iterator[Mark]:
    """The mark a line begins with, and the one that follows it directly, as in "1. (a) The Seller"."""
    line = lines[at]
    offset = 0
    for _ in range(3):
        match = _MARK.match(line.text, offset)
        if match is None:
            return
        readings = tuple(_readings(match))
        rest = line.text[match.end() :]
        weight = _weight(line, match, rest, inner=offset > 0) if readings else 0.0
        if weight <= 0:
            return
        title, end = title_of(lines, at, match.end(), bare=_is_bare(match))
        if _is_bare(match) and not title:
            return
        start = line.start + offset
        yield Mark(start, end, at, _label(match), title, readings, weight + (0.3 if title else 0.0))
        if readings[0].style == "dec2" and readings[0].value <= 1:
            above = readings[0].above[0]
            unseen = tuple(Reading(style, (), above) for style in sorted(FRAMES))
            yield Mark(start, start, at, "", "", unseen, 0.45, virtual=True)
        offset = max(match.end(), min(end - line.start, len(line.text)))
        offset += len(line.text[offset:]) - len(line.text[offset:].lstrip())


def _label(match: re.Match[str]) -> str:
    return match.group()[: match.start("tail") - match.start()].strip() + match["tail"].strip(" \t\xa0-–—:,")


def _is_bare(match: re.Match[str]) -> bool:
    """A whole number with no dot after it: a clause's only where a title follows."""
    return bool(match["int"]) and not match["dot"] and not match["tail"].strip()


def _weight(line: Line, match: re.Match[str], rest: str, inner: bool) -> float:
    """How credible a mark is, 0 where it can't be one; a number in mid-sentence or before a unit never is."""
    listable = bool(match["par"] or match["half"] or match["low"])
    if inner:
        return 0.8 if listable or match["dec"] else 0.0
    if not line.fresh and not (listable and line.listed):
        return 0.0
    if rest[:1].islower() and not listable:
        return 0.0
    if _is_bare(match) and _UNITS.match(rest):
        return 0.0
    listed = "," in match["tail"] and not (match["word"] and line.gap)
    if listed or (rest and rest[0] in "%/,=+"):
        return 0.0
    weight = 1.0 if line.fresh else 0.4
    if match["word"]:
        weight += 0.3
    if _is_bare(match):
        weight -= 0.4
    return weight


def _readings(match: re.Match[str]) -> Iterator[Reading]:
    """What a mark can mean: "(i)" is a letter or a roman numeral, "Section 4.01" and "4.1" are the same."""
    if match["word"]:
        yield from _worded(match)
    elif match["dec"]:
        yield from _decimal(match["dec"], "int")
    elif match["int"]:
        yield Reading("int", (), int(match["int"]))
    elif match["par"]:
        yield from _lettered(match["par"], "(", ")")
    elif match["half"]:
        yield from _lettered(match["half"], "", ")")
    else:
        yield from _lettered(match["up"] or match["low"], "", ".")


def _worded(match: re.Match[str]) -> Iterator[Reading]:
    word = match["word"].lower().rstrip(".")
    style = {"article": "article", "artikel": "article", "part": "part", "chapter": "part"}.get(word, "section")
    if not match["word"][0].isupper() and word != "§":
        return
    if match["wdec"]:
        yield from _decimal(match["wdec"], style)
    elif match["wrom"] and (value := roman(match["wrom"])):
        yield Reading(style, (), value)
    elif match["wspelled"]:
        for names in (_SPELLED, _ORDINALS):
            if match["wspelled"].upper() in names:
                yield Reading(style, (), names.index(match["wspelled"].upper()) + 1)
    elif match["wletter"] and style in {"part", "section"} and match["wletter"].isupper():
        yield Reading(style, (), ord(match["wletter"]) - 64)


def _decimal(number: str, style: str) -> Iterator[Reading]:
    """A number of several parts; "4.0" is how some write "4."."""
    parts = tuple(int(part.rstrip(ascii_uppercase)) for part in number.split("."))
    if len(parts) == 2 and number.endswith(".0"):
        parts = parts[:1]
    if len(parts) == 1:
        yield Reading(style, (), parts[0])
    elif parts[0] > 0 and len(parts) <= 6:
        yield Reading(f"dec{len(parts)}", parts[:-1], parts[-1])


def _lettered(letters: str, before: str, after: str) -> Iterator[Reading]:
    if letters.isdigit():
        yield Reading(f"{before}1{after}", (), int(letters))
        return
    if not (letters.isupper() or letters.islower()):
        return
    form = str.upper if letters.isupper() else str.lower
    if len(set(letters)) == 1:
        yield Reading(f"{before}{form('abc')}{after}", (), ord(letters[0].lower()) - 96 + 26 * (len(letters) - 1))
    if value := roman(letters.upper()):
        yield Reading(f"{before}{form('rom')}{after}", (), value)


def roman(letters: str) -> int:
    """The value of a roman numeral below 100, 0 where it is none."""
    if not letters or not _ROMAN_SHAPE.match(letters):
        return 0
    values = [_ROMAN[letter] for letter in letters] + [0]
    return sum(-one if one < after else one for one, after in pairwise(values))
