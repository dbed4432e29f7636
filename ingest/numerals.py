"""Writes a number in the ways that word processors number clauses."""

from collections.abc import Callable

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
# fmt: off
_ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]
_TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
# fmt: on
_ORDINAL = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_RUSSIAN = "абвгдежзиклмнопрстуфхцчшщыэюя"
_FOOTNOTE_SIGNS = "*†‡§"
# Past these, letters and signs are drawn out to a length that nobody prints.
_MAX_ROMAN = 32_767
_MAX_REPEATS = 30


def numeral(number: int, form: str) -> str:
    """A number from 0 in one of WordprocessingML's number formats (ECMA-376 part 1, 17.18.59); those unknown are decimal."""
    if set(form) <= {"0", "1"} and form:
        return str(number).zfill(len(form))
    if number < 0 or (number == 0 and form not in _FROM_ZERO):
        return str(number)
    write = _FORMS.get(form)
    return str(number) if write is None else write(number)


def _roman(number: int) -> str:
    if number > _MAX_ROMAN:
        return str(number)
    written = ""
    for size, letters in _ROMAN:
        times, number = divmod(number, size)
        written += letters * times
    return written


def _repeated(number: int, letters: str) -> str:
    """a … z, aa … zz, as Word counts on (not as columns of a sheet)."""
    times, letter = divmod(number - 1, len(letters))
    return letters[letter] * (times + 1) if times < _MAX_REPEATS else str(number)


def _ordinal(number: int) -> str:
    teen = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _cardinal(number: int) -> str:
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")
    if number < 1_000_000:
        size, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
        many, rest = divmod(number, size)
        return f"{_cardinal(many)} {name}" + (f" {_cardinal(rest)}" if rest else "")
    return str(number)


def _ordinal_words(number: int) -> str:
    words = _cardinal(number)
    head, last = words[: -len(_last(words))], _last(words)
    if last in _ORDINAL:
        return head + _ORDINAL[last]
    return head + (last[:-1] + "ieth" if last.endswith("y") else last + "th")


def _last(words: str) -> str:
    return words.replace("-", " ").rpartition(" ")[2]


_FORMS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": lambda number: str(number).zfill(2),
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
    "lowerLetter": lambda number: _repeated(number, "abcdefghijklmnopqrstuvwxyz"),
    "upperLetter": lambda number: _repeated(number, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    "russianLower": lambda number: _repeated(number, _RUSSIAN),
    "russianUpper": lambda number: _repeated(number, _RUSSIAN.upper()),
    "chicago": lambda number: _repeated(number, _FOOTNOTE_SIGNS),
    "ordinal": _ordinal,
    "cardinalText": lambda number: _cardinal(number).capitalize(),
    "ordinalText": lambda number: _ordinal_words(number).capitalize(),
    "hex": lambda number: f"{number:X}",
    "numberInDash": lambda number: f"- {number} -",
    "decimalEnclosedParen": lambda number: f"({number})",
    "decimalEnclosedFullstop": lambda number: f"{number}.",
    "decimalEnclosedCircle": lambda number: chr(0x2460 + number - 1) if number <= 20 else str(number),
}
_FROM_ZERO = {"decimal", "decimalZero", "cardinalText", "hex", "numberInDash"}
