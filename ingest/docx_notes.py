"""Footnotes and endnotes of a DOCX file: the marks where they are referred to, and their texts for the end."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ingest.docx_xml import Element, W, number, value, w
from ingest.numerals import numeral

_FORMS = {"footnote": "decimal", "endnote": "lowerRoman"}
_LONGEST_MARK = 20
_SEPARATORS = {"separator", "continuationSeparator", "continuationNotice"}


@dataclass(frozen=True, slots=True)
class NoteStyle:
    """How the notes of one kind are numbered."""

    form: str
    start: int


@dataclass(slots=True)
class Notes:
    """The notes that a text refers to, in order. `styles` is by kind: `footnote`, `endnote`."""

    styles: Mapping[str, NoteStyle] = field(default_factory=dict)
    referred: list[tuple[str, str, str]] = field(default_factory=list)

    def mark(self, kind: str, reference: Element) -> str:
        """The mark to print at a reference ("[1]"); a note with a mark of its own has it in the words that follow."""
        key = reference.get(W + "id", "")
        if reference.get(W + "customMarkFollows") in {"1", "true", "on"}:
            own = reference.getnext()
            self.referred.append((kind, key, (own.text or "").strip()[:_LONGEST_MARK] if own is not None else ""))
            return ""
        style = self.styles.get(kind) or NoteStyle(_FORMS[kind], 1)
        count = sum(1 for other, _, mark in self.referred if other == kind and mark.startswith("["))
        mark = f"[{numeral(style.start + count, style.form)}]"
        self.referred.append((kind, key, mark))
        return mark


def note_styles(settings: Element | None) -> dict[str, NoteStyle]:
    """How the document's settings number its notes."""
    styles = {}
    for kind, form in _FORMS.items():
        properties = None if settings is None else settings.find(w(f"{kind}Pr"))
        styles[kind] = NoteStyle(value(properties, "numFmt") or form, number(properties, "numStart") or 1)
    return styles


def notes_by_id(root: Element | None, kind: str) -> Iterator[tuple[str, Element]]:
    """The notes of one part by id, without the lines that part them from the text."""
    for note in () if root is None else root.findall(w(kind)):
        if note.get(w("type")) not in _SEPARATORS:
            yield note.get(w("id"), ""), note
