"""Counts automatic numbers as Word prints them: "12.2", "(a)", "Article IV"."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ingest.docx_styles import Styles
from ingest.docx_xml import MC, Element, number, toggle, value, w
from ingest.numerals import numeral

_LEVELS = 9
_MAX_NUMBER = 1_000_000
# Word takes no longer pattern, and one that is printed a thousand times over must not flood the text.
_LONGEST = 255
_PLACE = re.compile(r"%([1-9])")
_SUFFIX = {"tab": " ", "space": " ", "nothing": ""}
_UNNUMBERED = {"bullet", "none"}
_PRIVATE = range(0xE000, 0xF900)


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: `text` is its pattern ("%1.%2"), `restart` the level (from 1) after which it starts again, 0 never."""

    start: int = 0
    form: str = "decimal"
    text: str = ""
    suffix: str = "tab"
    legal: bool = False
    restart: int | None = None
    style: str | None = None


@dataclass(frozen=True, slots=True)
class Numbers:
    """One list as paragraphs refer to it. Lists with the same `sequence` count on from each other."""

    sequence: str
    levels: Mapping[int, Level]
    starts: Mapping[int, int]

    def level(self, index: int) -> Level:
        """A level's definition; a level that the file does not define numbers nothing."""
        return self.levels.get(index, _UNDEFINED)

    def start(self, index: int) -> int:
        """The first number of a level in this list."""
        return self.starts.get(index, self.level(index).start)

    def level_of_style(self, style_id: str | None) -> int | None:
        """The level that is tied to a paragraph style."""
        return next((index for index, level in self.levels.items() if style_id and level.style == style_id), None)


_UNDEFINED = Level(form="none")


@dataclass(slots=True)
class Counter:
    """Where the lists of one story stand; each paragraph that is numbered moves it on."""

    lists: Mapping[int, Numbers]
    _at: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[int] = field(default_factory=set)

    def label(self, num_id: int, index: int) -> str:
        """The number of the next paragraph in a list, with the space after it; empty where the list prints none."""
        numbers = self.lists.get(num_id)
        if numbers is None or index not in range(_LEVELS):
            return ""
        at = self._at.setdefault(numbers.sequence, {})
        self._advance(at, num_id, numbers, index)
        label = _printed(numbers, index, at)
        return label + _SUFFIX.get(numbers.level(index).suffix, " ") if label else ""

    def _advance(self, at: dict[int, int], num_id: int, numbers: Numbers, index: int) -> None:
        for above in range(index):
            # A level that was skipped counts as begun: "1.1", then the next of the first level is "2".
            at.setdefault(above, numbers.level(above).start)
        # A list begins anew once, at the first of its paragraphs whose level says so.
        begins = index in numbers.starts and num_id not in self._begun
        if begins:
            self._begun.add(num_id)
        at[index] = numbers.start(index) if begins or index not in at else at[index] + 1
        for below in range(index + 1, _LEVELS):
            restart = numbers.level(below).restart
            if restart is None or index < restart:
                at.pop(below, None)


def read_numbering(root: Element | None, styles: Styles) -> dict[int, Numbers]:
    """The lists of `numbering.xml` by their number."""
    if root is None:
        return {}
    abstract = {element.get(w("abstractNumId"), ""): element for element in root.findall(w("abstractNum"))}
    targets = {int(key): value(element, "abstractNumId") or "" for key, element in _lists(root)}
    lists = {}
    for key, element in _lists(root):
        sequence = _resolved(targets[int(key)], abstract, targets, styles)
        lists[int(key)] = _numbers(element, sequence, abstract.get(sequence))
    return lists


def _lists(root: Element) -> Iterator[tuple[str, Element]]:
    for element in root.findall(w("num")):
        key = element.get(w("numId"), "")
        if key.isdecimal() and len(key) < 10:
            yield key, element


def _resolved(sequence: str, abstract: Mapping[str, Element], targets: Mapping[int, str], styles: Styles) -> str:
    """The definition behind a definition that only names a list style."""
    for _ in range(_LEVELS):
        link = value(abstract.get(sequence), "numStyleLink")
        target = targets.get(styles.num_id(link) or 0) if link else None
        if target is None:
            return sequence
        sequence = target
    return sequence


def _numbers(element: Element, sequence: str, abstract: Element | None) -> Numbers:
    levels = dict(_levels(abstract))
    starts = {}
    for override in element.findall(w("lvlOverride")):
        levels |= dict(_levels(override))
        start = number(override, "startOverride")
        index = override.get(w("ilvl"), "")
        if start is not None and len(index) == 1 and index in "012345678":
            starts[int(index)] = start
    if value(abstract, "multiLevelType") == "singleLevel":
        levels = dict.fromkeys(range(_LEVELS), levels.get(0, _UNDEFINED))
    return Numbers(sequence, levels, starts)


def _levels(parent: Element | None) -> Iterator[tuple[int, Level]]:
    for element in () if parent is None else parent.findall(w("lvl")):
        index = element.get(w("ilvl"), "")
        if len(index) == 1 and index in "012345678":
            yield int(index), _level(element)


def _level(element: Element) -> Level:
    return Level(
        start=number(element, "start") or 0,
        form=_form(element),
        text=(value(element, "lvlText") or "")[:_LONGEST],
        suffix=value(element, "suff") or "tab",
        legal=bool(toggle(element, "isLgl")),
        restart=number(element, "lvlRestart"),
        style=value(element, "pStyle"),
    )


def _form(element: Element) -> str:
    choice = element.find(f"{MC}AlternateContent/{MC}Choice/{w('numFmt')}")
    if choice is not None and choice.get(w("val")) == "custom":
        # "001, 002, 003, ..." is the only kind that Word itself writes.
        return choice.get(w("format"), "").partition(",")[0]
    return value(element, "numFmt") or "decimal"


def _printed(numbers: Numbers, index: int, at: Mapping[int, int]) -> str:
    level = numbers.level(index)
    if level.form == "bullet":
        return _bullet(level.text)

    def counted(place: re.Match[str]) -> str:
        other = int(place[1]) - 1
        form = numbers.level(other).form
        if form in _UNNUMBERED or other not in at:
            return ""
        plain = level.legal and form != "decimalZero"
        return numeral(min(at[other], _MAX_NUMBER), "decimal" if plain else form)

    return _PLACE.sub(counted, level.text).strip()


def _bullet(text: str) -> str:
    # Symbol fonts keep their signs where Unicode has none; nearly all of them are some dot, and none is a word.
    return "".join("•" if ord(sign) in _PRIVATE else sign for sign in text).strip()
