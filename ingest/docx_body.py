"""Reads the blocks of a finalised DOCX story in reading order: paragraphs with their numbers, and tables row by row."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ingest.docx_notes import Notes
from ingest.docx_styles import Styles
from ingest.docx_symbols import symbol, unprivate
from ingest.docx_xml import Element, M, V, W, number, toggle, value, w
from ingest.numbering import Counter, Numbers
from ingest.tables import laid_out

_RUN, _TEXT, _TAB, _SYMBOL = w("r"), w("t"), w("tab"), w("sym")
_FIXED = {w("br"): "\n", w("cr"): "\n", w("ptab"): "\t", w("noBreakHyphen"): "-"}
_REFERENCES = {w("footnoteReference"): "footnote", w("endnoteReference"): "endnote"}
_WATERMARK = V + "textpath"
_LEAVES = (_TEXT, _TAB, _SYMBOL, M + "t", _WATERMARK, *_FIXED, *_REFERENCES)
_PARAGRAPH, _TABLE, _ROW, _CELL, _BOX = w("p"), w("tbl"), w("tr"), w("tc"), w("txbxContent")
_IMPORT = w("altChunk")

# What a paragraph mark is that is not printed.
_DELETED, _HIDING = ("del", "moveFrom"), ("vanish", "specVanish")


@dataclass(slots=True)
class Story:
    """What reading one story needs: the document's styles and lists, where its counters stand, and the notes met so far.

    `imported` gives the text of what the document only carries for Word to import.
    """

    styles: Styles
    lists: Mapping[int, Numbers]
    notes: Notes
    imported: Callable[[Element], str]
    counter: Counter = field(init=False)

    def __post_init__(self) -> None:
        self.counter = Counter(self.lists)


def blocks(container: Element, story: Story) -> Iterator[str]:
    """The paragraphs and tables in a body, cell, note or text box, each as its text; empty ones are left out."""
    head = rest = ""
    for element in _inside(container, {_PARAGRAPH, _TABLE, _BOX, _IMPORT}):
        if element.tag == _PARAGRAPH:
            head, rest = _with_paragraph(head, rest, element, story)
            if _mark_is(element, _DELETED + _HIDING):
                continue
        if text := (head + rest).strip():
            yield text
        head = rest = ""
        if element.tag == _TABLE:
            yield from laid_out([_cell(cell, story) for cell in _inside(row, {_CELL})] for row in _inside(element, {_ROW}))
        elif element.tag == _BOX:
            # Numbers in a text box do not count on from those around it.
            yield from blocks(element, replace(story))
        elif element.tag == _IMPORT and (imported := story.imported(element)):
            yield imported
    if text := (head + rest).strip():
        yield text


def _with_paragraph(head: str, rest: str, element: Element, story: Story) -> tuple[str, str]:
    """A line as far as it goes after one more paragraph: what is finished of it, and the rest of a paragraph without its mark.

    Where a paragraph mark was deleted, what is left joins the next paragraph, which brings the number. Where a mark is hidden,
    as behind a run-in heading, the next paragraph is printed on the same line.
    """
    rest += "".join(_words(element, story))
    if _mark_is(element, _DELETED):
        return head, rest
    hidden = _mark_is(element, _HIDING)
    if not rest.strip() and (hidden or element.find(f"{w('pPr')}/{w('sectPr')}") is not None):
        return head, ""
    return head + _label(element.find(w("pPr")), story) + rest + (" " if hidden else ""), ""


def _inside(container: Element, wanted: set[str]) -> Iterator[Element]:
    """The outermost of the wanted elements in reading order, through content controls and whatever else wraps them."""
    waiting = list(reversed(container))
    while waiting:
        element = waiting.pop()
        if element.tag in wanted:
            yield element
        else:
            waiting.extend(reversed(element))


def _mark_is(paragraph: Element, marks: tuple[str, ...]) -> bool:
    properties = paragraph.find(f"{w('pPr')}/{w('rPr')}")
    return any(toggle(properties, mark) for mark in marks)


def _label(properties: Element | None, story: Story) -> str:
    style = value(properties, "pStyle") or story.styles.default
    own = None if properties is None else properties.find(w("numPr"))
    listed = number(own, "numId")
    num_id = story.styles.num_id(style) if listed is None else listed
    if not num_id or num_id not in story.lists:
        return ""
    level = number(own, "ilvl")
    if level is None and listed is None:
        level = story.lists[num_id].level_of_style(style)
    if level is None:
        level = story.styles.level(style) or 0
    return story.counter.label(num_id, level)


def _words(paragraph: Element, story: Story) -> Iterator[str]:
    for leaf in paragraph.iter(*_LEAVES):
        tag = leaf.tag
        if tag == _TEXT:
            yield _text(leaf)
        elif tag == _TAB:
            # Tab stops of the paragraph's properties have the same name as tabs.
            if (parent := leaf.getparent()) is not None and parent.tag == _RUN:
                yield "\t"
        elif tag in _FIXED:
            yield _FIXED[tag]
        elif tag == _SYMBOL:
            yield _symbol(leaf)
        elif tag in _REFERENCES:
            yield story.notes.mark(_REFERENCES[tag], leaf)
        else:
            yield leaf.text or leaf.get("string") or ""


def _text(leaf: Element) -> str:
    text = leaf.text or ""
    if text.isascii():
        return text
    return unprivate(text, _font(leaf)) if any("\ue000" <= sign < "\uf900" for sign in text) else text


def _font(leaf: Element) -> str:
    fonts = None if (run := leaf.getparent()) is None else run.find(f"{w('rPr')}/{w('rFonts')}")
    return "" if fonts is None else fonts.get(W + "ascii") or fonts.get(W + "hAnsi") or ""


def _symbol(leaf: Element) -> str:
    try:
        return symbol(int(leaf.get(W + "char", ""), 16), leaf.get(W + "font", ""))
    except ValueError:
        return ""


def _cell(cell: Element, story: Story) -> list[str]:
    merged = cell.find(f"{w('tcPr')}/{w('vMerge')}")
    if merged is not None and merged.get(W + "val", "continue") != "restart":
        # The rest of a cell that runs over several rows is not printed.
        return []
    return list(blocks(cell, story))
