"""Follows an RTF file's groups and control words and keeps the words that would be printed."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

from ingest.margins import Margins
from ingest.plain import clean
from ingest.rtf_fonts import Fonts, codec_of
from ingest.rtf_story import Story
from ingest.rtf_tokens import Token
from ingest.rtf_words import (
    BOXES,
    BY_WORD,
    FURNITURE,
    INFO,
    LABELS,
    PARAGRAPH_ENDS,
    SIGNS,
    SILENT,
    STARRED,
)
from ingest.source import UnreadableDocument

_DEEPEST = 5_000
_MAX_PROPERTY = 1_000
_CLOCK = ("yr", "mo", "dy", "hr", "min")
_CHECK_BOX, _UNDECIDED = 1, 25
_NOTED = {*_CLOCK, "fftype", "ffres", "ffdefres"}


@dataclass(slots=True)
class Group:
    """What holds within one pair of braces; a group inherits all but `opened`, the kind of group that it is itself."""

    story: Story
    kind: str = ""
    opened: str = ""
    silent: bool = False
    starred: bool = False
    hidden: bool = False
    deleted: bool = False
    in_table: bool = False
    font: int = 0
    unicode_skip: int = 1


class Text:
    """Takes tokens one by one; `body`, `notes` and `margins` fill with the words, `found` counts what was left out."""

    def __init__(self) -> None:
        self.body = Story()
        self.notes: list[Story] = []
        self.margins = Margins()
        self.properties: dict[str, str] = {}
        self.found: Counter[str] = Counter()
        self._stack = [Group(self.body)]
        self._fonts = Fonts()
        self._bytes = bytearray()
        self._skip = 0
        self._marks = 0
        self._firsts: list[str] = []
        self._noted: dict[str, int] = {}

    @property
    def _group(self) -> Group:
        return self._stack[-1]

    def take(self, token: Token) -> None:
        """Go on by one token."""
        if token.kind == "text":
            self._take_bytes(token.text)
            return
        self._decode_bytes()
        if token.kind == "open":
            self._open()
        elif token.kind == "close":
            self._close()
        elif self._skip:
            self._skip -= 1
        else:
            self._word(token.word, token.number)

    def finish(self) -> None:
        """Close what a file that was cut off left open, and count it."""
        self._decode_bytes()
        self.found["unclosed"] = len(self._stack) - 1
        while len(self._stack) > 1:
            self._close()
        for text in self._firsts:
            self.margins.add("letterhead" if self.found["first_differs"] else "headers", text)

    def _open(self) -> None:
        if len(self._stack) > _DEEPEST:
            raise UnreadableDocument("is nested too deeply to be read: open it in its program and save it as DOCX or PDF")
        # The first group in an \upr says in the file's code page what the second says in Unicode.
        doubled = self._group.opened == "upr"
        if doubled:
            self._group.opened = ""
        self._skip = 0
        self._stack.append(replace(self._group, opened="", starred=False, silent=self._group.silent or doubled))

    def _close(self) -> None:
        self._skip = 0
        if len(self._stack) == 1:
            return
        group = self._stack.pop()
        if closing := self._CLOSINGS.get(group.opened):
            closing(self, group)

    def _word(self, word: str, number: int | None) -> None:
        group = self._group
        if word == "*":
            group.starred = True
        elif word == "u" and number is not None:
            self._write(self._fonts.character(number, group.font))
            self._skip = group.unicode_skip
        elif word in SIGNS:
            self._write(" " if word == "tab" and group.kind in LABELS else SIGNS[word])
        elif word in PARAGRAPH_ENDS:
            if not (group.silent or group.deleted or group.hidden):
                group.story.end_paragraph(group.in_table)
        elif action := self._ACTIONS.get(word):
            action(self, 1 if number is None else number)
        elif word in _NOTED:
            self._noted[word] = number or 0
        elif word in BY_WORD:
            self._fonts.codec = BY_WORD[word]
        else:
            self._destination(word)

    def _destination(self, word: str) -> None:
        group = self._group
        if group.starred and word not in STARRED:
            group.silent = True
        group.starred = False
        if word not in self._DESTINATIONS:
            return
        group.kind = group.opened = word
        group.silent = group.silent or word in SILENT
        if word in FURNITURE or word in BOXES or word == "footnote":
            group.story, group.in_table = Story(), False
        self.found["comments"] += word == "annotation"

    def _take_bytes(self, text: bytes) -> None:
        passed = min(self._skip, len(text))
        self._skip -= passed
        self._bytes += text[passed:]

    def _decode_bytes(self) -> None:
        if not self._bytes:
            return
        # The names in the table of fonts are words, also those of symbol fonts.
        naming = self._group.kind == "fonttbl"
        words = self._bytes.decode("latin-1") if naming else self._fonts.words(bytes(self._bytes), self._group.font)
        self._bytes.clear()
        self._write(words)

    def _write(self, words: str) -> None:
        group = self._group
        if group.kind == "fonttbl":
            self._fonts.define(group.font).name += words.strip("; ")
        elif group.kind in INFO:
            known = self.properties.get(INFO[group.kind], "")
            self.properties[INFO[group.kind]] = (known + clean(words))[:_MAX_PROPERTY]
        elif group.silent:
            return
        elif group.deleted or group.hidden:
            self.found["deletions" if group.deleted else "hidden"] += len(words)
        else:
            group.story.words.append(words)

    def _font(self, number: int) -> None:
        self._group.font = number

    def _charset(self, number: int) -> None:
        self._fonts.set_charset(self._group.font, number)

    def _font_code_page(self, number: int) -> None:
        self._fonts.define(self._group.font).codec = codec_of(number)

    def _code_page(self, number: int) -> None:
        self._fonts.codec = codec_of(number) or self._fonts.codec

    def _unicode_skip(self, number: int) -> None:
        self._group.unicode_skip = max(number, 0)

    def _plain(self, number: int) -> None:
        self._group.hidden = False

    def _hide(self, number: int) -> None:
        self._group.hidden = bool(number)

    def _delete(self, number: int) -> None:
        self._group.deleted = bool(number)
        self.found["deleted_runs"] += bool(number)

    def _insert(self, number: int) -> None:
        self.found["insertions"] += bool(number)

    def _fresh_paragraph(self, number: int) -> None:
        self._group.in_table = False

    def _into_table(self, number: int) -> None:
        self._group.in_table = True

    def _end_cell(self, number: int) -> None:
        if not self._group.silent:
            self._group.story.end_cell()

    def _end_row(self, number: int) -> None:
        if not self._group.silent:
            self._group.story.end_row()

    def _end_inner_cell(self, number: int) -> None:
        self._write("\t")

    def _end_inner_row(self, number: int) -> None:
        if not self._group.silent:
            self._group.story.end_paragraph(in_table=True)

    def _mark(self, number: int) -> None:
        """A note's number, where it is referred to and again at the head of the note."""
        if self._group.kind == "footnote":
            self._write(f"[{self._marks}]")
        else:
            self._marks += 1
            self._write(f"[{self._marks}]")

    def _first_page_differs(self, number: int) -> None:
        self.found["first_differs"] = 1

    def _close_note(self, group: Group) -> None:
        if not group.silent:
            self.notes.append(group.story)

    def _close_box(self, group: Group) -> None:
        if not group.silent:
            self._group.story.take_box(group.story)

    def _close_furniture(self, group: Group) -> None:
        text = "\n".join(group.story.finish())
        if group.opened == "headerf":
            self._firsts.append(text)
        else:
            self.margins.add(FURNITURE[group.opened], text)

    def _close_clock(self, group: Group) -> None:
        year, month, day, hour, minute = (self._noted.get(part, 0) for part in _CLOCK)
        if year:
            name = "created" if group.opened == "creatim" else "modified"
            self.properties[name] = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:00"
        self._noted.clear()

    def _close_form_field(self, group: Group) -> None:
        if self._noted.get("fftype") == _CHECK_BOX:
            state = self._noted.get("ffres", _UNDECIDED)
            checked = self._noted.get("ffdefres", 0) if state == _UNDECIDED else state
            self._group.story.words.append("☒" if checked else "☐")
        self._noted.clear()

    _ACTIONS: ClassVar[dict[str, Callable[["Text", int], None]]] = {
        "f": _font, "deff": _font, "fcharset": _charset, "cpg": _font_code_page, "ansicpg": _code_page, "uc": _unicode_skip,
        "plain": _plain, "v": _hide, "deleted": _delete, "mvf": _delete, "revised": _insert, "mvt": _insert,
        "pard": _fresh_paragraph, "intbl": _into_table, "cell": _end_cell, "row": _end_row, "nestcell": _end_inner_cell,
        "nestrow": _end_inner_row, "chftn": _mark, "titlepg": _first_page_differs,
    }  # fmt: skip
    _CLOSINGS: ClassVar[dict[str, Callable[["Text", Group], None]]] = {
        "footnote": _close_note, "creatim": _close_clock, "revtim": _close_clock, "formfield": _close_form_field,
        **dict.fromkeys(BOXES, _close_box), **dict.fromkeys(FURNITURE, _close_furniture),
    }  # fmt: skip
    _DESTINATIONS: ClassVar[set[str]] = {*SILENT, *STARRED, *BOXES, *LABELS, *FURNITURE, *INFO, *_CLOSINGS, "upr", "annotation"}
