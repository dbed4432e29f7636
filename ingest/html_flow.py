"""Writes down what a web page shows, paragraph by paragraph, while its elements begin and end."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from ingest.html_css import Element, Sheet
from ingest.numerals import numeral
from ingest.plain import clean
from ingest.tables import laid_out

_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_NOT_SHOWN = {"script", "style", "template", "svg", "iframe", "object", "noframes", "select", "datalist", "del", "title"}
_INLINE = {
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "dfn", "em", "font", "i", "img", "ins", "kbd",
    "label", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "time", "tt",
    "u", "var", "wbr",
}  # fmt: skip
_LIST_FORMS = {
    "1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman", "decimal": "decimal",
    "lower-alpha": "lowerLetter", "lower-latin": "lowerLetter", "upper-alpha": "upperLetter", "upper-latin": "upperLetter",
    "lower-roman": "lowerRoman", "upper-roman": "upperRoman",
}  # fmt: skip
_UNMARKED, _DOTTED = "none", "dots"
_NOTE = re.compile(r"\(?(\d{1,3}|[*†‡§]{1,3})\)?")
_AFTER_WORD = re.compile(r"[\w.,;:)\]”’\"']\s?\Z")
_AFTER_UNIT = re.compile(r"(?i)(?:^|[\s\d])(?:k|c|m)?m\Z|(?:^|[\s\d])(?:ft|in|yd|10)\Z")
_WHOLE = re.compile(r"-?\d{1,6}")


@dataclass(slots=True)
class Flow:
    """The page or a table cell as it fills: finished paragraphs, and the words of the one at hand.

    `label` is the number of a list item whose words have not come yet; they may be in a paragraph of their own.
    """

    blocks: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    label: str = ""

    def flush(self, verbatim: bool) -> None:
        """End the paragraph at hand."""
        text = clean("".join(self.words))
        self.words.clear()
        if not verbatim:
            text = "\n".join(_SPACE.sub(" ", line).strip() for line in text.split("\n"))
        if text.strip():
            self.blocks.append(self.label + text.strip("\n"))
            self.label = ""


@dataclass(slots=True)
class _List:
    form: str
    number: int


class Writer:
    """Takes elements as they begin and end, so that nesting costs no recursion."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._page = Flow()
        self._printed: list[list[str]] = []
        self.deleted = self.struck = self.items = 0
        self._flows = [self._page]
        self._tables: list[list[list[list[str]]]] = []
        self._lists: list[_List] = []
        self._sups: list[int] = []
        self._hidden: Element | None = None
        self._verbatim = 0

    def start(self, element: Element) -> None:
        """Take an element's opening and the words after it."""
        if self._hidden is not None:
            return
        tag, style = str(element.tag), self._sheet.of(element)
        if tag in _NOT_SHOWN or element.get("hidden") is not None or style.hidden:
            self._hidden = element
            self.deleted += tag == "del"
            return
        if tag in {"page", "hr"} or style.breaks_before:
            self._break()
        self.struck += tag in {"s", "strike"} or style.struck
        if opening := self._OPENINGS.get(tag):
            opening(self, element)
        elif tag not in _INLINE:
            self._flush()
        self._write(element.text)

    def end(self, element: Element) -> None:
        """Take an element's closing and the words after it."""
        if self._hidden is not None and self._hidden is not element:
            return
        if self._hidden is None:
            tag = str(element.tag)
            if closing := self._CLOSINGS.get(tag):
                closing(self, element)
            elif tag not in _INLINE and tag not in self._OPENINGS:
                self._flush()
            if self._sheet.of(element).breaks_after:
                self._break()
        self._hidden = None
        self._write(element.tail)

    def finish(self) -> list[list[str]]:
        """The paragraphs of what is shown, parted where it breaks pages."""
        self._break()
        return self._printed

    def _write(self, words: str | None) -> None:
        if words:
            self._flows[-1].words.append(words if self._verbatim else _SPACE.sub(" ", words))

    def _flush(self) -> None:
        self._flows[-1].flush(bool(self._verbatim))

    def _break(self) -> None:
        self._flush()
        # Tables run over breaks, and a page without words is none.
        if len(self._flows) == 1 and self._page.blocks:
            self._printed.append(self._page.blocks)
            self._page.blocks = []

    def _new_line(self, element: Element) -> None:
        self._flows[-1].words.append("\n")

    def _open_verbatim(self, element: Element) -> None:
        self._flush()
        self._verbatim += 1

    def _close_verbatim(self, element: Element) -> None:
        self._flush()
        self._verbatim -= 1

    def _open_table(self, element: Element) -> None:
        self._flush()
        self._tables.append([])

    def _close_table(self, element: Element) -> None:
        self._flush()
        self._flows[-1].blocks += laid_out(self._tables.pop())

    def _open_row(self, element: Element) -> None:
        if self._tables:
            self._tables[-1].append([])

    def _open_cell(self, element: Element) -> None:
        self._flush()
        if self._tables:
            self._flows.append(Flow())

    def _close_cell(self, element: Element) -> None:
        self._flush()
        if not self._tables:
            return
        blocks = self._flows.pop().blocks
        rows = self._tables[-1]
        if not rows:
            rows.append([])
        # Filings part their columns with empty cells, which say nothing.
        if blocks:
            rows[-1].append(blocks)

    def _open_list(self, element: Element) -> None:
        self._flush()
        plain = "decimal" if element.tag == "ol" else _DOTTED
        self._lists.append(_List(self._list_form(element, plain), _whole(element.get("start"), 1) - 1))

    def _close_list(self, element: Element) -> None:
        self._flush()
        self._lists.pop()

    def _open_item(self, element: Element) -> None:
        self._flush()
        at = self._lists[-1] if self._lists else _List(_DOTTED, 0)
        at.number = _whole(element.get("value"), at.number + 1)
        form = self._list_form(element, at.form)
        labels = {_UNMARKED: "", _DOTTED: "• "}
        self.items += 1
        self._flows[-1].label = labels[form] if form in labels else f"{numeral(at.number, form)}. "

    def _close_item(self, element: Element) -> None:
        self._flush()
        self._flows[-1].label = ""

    def _list_form(self, element: Element, plain: str) -> str:
        styled = self._sheet.of(element).marker
        name = styled or element.get("type", "")
        return _UNMARKED if name == "none" else _LIST_FORMS.get(name or "", _DOTTED if styled else plain)

    def _open_sup(self, element: Element) -> None:
        self._sups.append(len(self._flows[-1].words))

    def _close_sup(self, element: Element) -> None:
        """Set a note's mark off from the word before it: "Agreement[1]" and not "Agreement1"."""
        words, start = self._flows[-1].words, self._sups.pop()
        mark = _NOTE.fullmatch("".join(words[start:]).strip())
        before = "".join(words[max(start - 3, 0) : start])[-20:]
        if mark and _AFTER_WORD.search(before) and not _AFTER_UNIT.search(before):
            words[start:] = [f"[{mark[1]}]"]

    def _input(self, element: Element) -> None:
        kind = element.get("type", "text").lower()
        if kind in {"checkbox", "radio"}:
            self._flows[-1].words.append("☒" if element.get("checked") is not None else "☐")
        elif kind in {"text", "date", "number", "email"}:
            self._write(element.get("value"))

    _OPENINGS: ClassVar[dict[str, Callable[["Writer", Element], None]]] = {
        "br": _new_line, "pre": _open_verbatim, "textarea": _open_verbatim, "table": _open_table, "tr": _open_row,
        "td": _open_cell, "th": _open_cell, "ol": _open_list, "ul": _open_list, "li": _open_item, "sup": _open_sup,
        "input": _input,
    }  # fmt: skip
    _CLOSINGS: ClassVar[dict[str, Callable[["Writer", Element], None]]] = {
        "pre": _close_verbatim, "textarea": _close_verbatim, "table": _close_table, "td": _close_cell, "th": _close_cell,
        "ol": _close_list, "ul": _close_list, "li": _close_item, "sup": _close_sup,
    }  # fmt: skip


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and _WHOLE.fullmatch(text.strip()) else otherwise
