"""Turns the XML of a document, header or note into what would be printed: no deletions, field codes or hidden words."""

import re
from collections import Counter
from collections.abc import Callable

from ingest.docx_styles import Styles
from ingest.docx_xml import MC, Element, number, toggle, value, w

_DELETED = (w("del"), w("moveFrom"))
_INSERTED = (w("ins"), w("moveTo"))
_ROW_PROPERTIES, _RUN_PROPERTIES, _PARAGRAPH_PROPERTIES = w("trPr"), w("rPr"), w("pPr")
_UNCOMPUTED = re.compile(r"\s*(?:LISTNUM|AUTONUM(?:LGL|OUT)?)\b")
_CHECKED, _UNCHECKED = "☒", "☐"
_RUN, _FIELD = w("r"), w("fldChar")


def finalise(root: Element, styles: Styles) -> Counter[str]:
    """Change a story's XML in place; the answer counts what was left out: `deletions`, `insertions`, `hidden` (characters),
    `uncomputed` (fields that print a number which the file does not hold).
    """
    found: Counter[str] = Counter()
    _choose_alternatives(root)
    _drop_deletions(root, found)
    found["uncomputed"] += sum(bool(_UNCOMPUTED.match(code.text or "")) for code in root.iter(w("instrText")))
    _drop_field_codes(root)
    _drop_hidden(root, styles, found)
    _drop_ruby(root)
    _lift_text_boxes(root)
    return found


def _drop(elements: list[Element]) -> None:
    for element in elements:
        if (parent := element.getparent()) is not None:
            parent.remove(element)


def _choose_alternatives(root: Element) -> None:
    """Keep one of the ways in which a drawing is stored, or its text box would be read twice."""
    for alternatives in list(root.iter(MC + "AlternateContent")):
        ways = alternatives.findall(MC + "Choice") + alternatives.findall(MC + "Fallback")
        kept = next((way for way in ways if next(way.iter(w("t")), None) is not None), ways[0] if ways else None)
        _drop([way for way in ways if way is not kept])


def _drop_deletions(root: Element, found: Counter[str]) -> None:
    deleted = [element for element in root.iter(*_DELETED) if not _is_mark(element)]
    rows = [row for row in root.iter(w("tr")) if _marked(row.find(_ROW_PROPERTIES))]
    # A cell that was cut out of a row, while the row stays.
    cells = [
        cell for cell in root.iter(w("tc")) if (own := cell.find(w("tcPr"))) is not None and own.find(w("cellDel")) is not None
    ]
    marks = [mark for mark in root.iter(*_DELETED) if _is_mark(mark)]
    found["deletions"] += len(deleted) + len(rows) + len(cells) + len(marks)
    found["insertions"] += sum(1 for _ in root.iter(*_INSERTED))
    _drop(deleted + rows + cells)


def _is_mark(element: Element) -> bool:
    """Whether a deletion only says of a paragraph mark or row that it is deleted."""
    parent = element.getparent()
    return parent is not None and parent.tag in {_RUN_PROPERTIES, _ROW_PROPERTIES}


def _marked(properties: Element | None) -> bool:
    return properties is not None and any(properties.find(tag) is not None for tag in _DELETED)


def _drop_field_codes(root: Element) -> None:
    """Leave of each field its result. Fields may span paragraphs and hold each other."""
    in_code: list[bool] = []
    dropped: list[Element] = []
    for element in root.iter(_FIELD, w("t"), w("tab"), w("br"), w("sym")):
        if element.tag != _FIELD:
            if any(in_code):
                dropped.append(element)
            continue
        kind = element.get(w("fldCharType"))
        if kind == "begin":
            _show_form_field(element)
            in_code.append(True)
        elif kind == "separate" and in_code:
            in_code[-1] = False
        elif kind == "end" and in_code:
            in_code.pop()
    if in_code:
        # A field that never ends is a damaged one, and words must not be lost in it.
        return
    _drop(dropped)


def _show_form_field(begin: Element) -> None:
    """Check boxes and drop-down lists keep their state in the field itself and have no result."""
    form = begin.find(w("ffData"))
    if form is None or (run := begin.getparent()) is None:
        return
    if (box := form.find(w("checkBox"))) is not None:
        checked = toggle(box, "checked")
        shown = _CHECKED if (toggle(box, "default") if checked is None else checked) else _UNCHECKED
    elif (choices := form.find(w("ddList"))) is not None:
        entries = [entry.get(w("val"), "") for entry in choices.findall(w("listEntry"))]
        chosen = number(choices, "result") or number(choices, "default") or 0
        shown = entries[chosen] if 0 <= chosen < len(entries) else ""
    else:
        return
    words = run.makeelement(w("t"), {})
    words.text = shown
    run.insert(run.index(begin), words)


def _drop_hidden(root: Element, styles: Styles, found: Counter[str]) -> None:
    by_style = _hidden_by_style(styles)
    dropped = []
    for run in root.iter(_RUN):
        properties = run.find(_RUN_PROPERTIES)
        shown = toggle(properties, "vanish")
        if shown is None:
            shown = by_style(run, properties)
        if shown:
            found["hidden"] += sum(len(words.text or "") for words in run.iter(w("t")))
            dropped.append(run)
    _drop(dropped)


def _hidden_by_style(styles: Styles) -> Callable[[Element, Element | None], bool]:
    if not any(style.hidden for style in styles.by_id.values()):
        return lambda run, properties: False

    def hidden(run: Element, properties: Element | None) -> bool:
        paragraph = next(run.iterancestors(w("p")), None)
        named = None if paragraph is None else value(paragraph.find(_PARAGRAPH_PROPERTIES), "pStyle")
        # Each of the two turns the other's around (ECMA-376 part 1, 17.7.3).
        return styles.hidden(named or styles.default) != styles.hidden(value(properties, "rStyle"))

    return hidden


def _drop_ruby(root: Element) -> None:
    """Leave out the reading aids over words."""
    _drop(list(root.iter(w("rt"))))


def _lift_text_boxes(root: Element) -> None:
    """Put what stands in a text box after the paragraph that it hangs on; its words would else run into the paragraph's."""
    for box in reversed(list(root.iter(w("txbxContent")))):
        hosts = list(box.iterancestors(w("p")))
        if hosts:
            hosts[-1].addnext(box)
