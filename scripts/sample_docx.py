"""Sample contracts as DOCX: automatic numbering, tables, tracked changes and footnotes, as word processors write them."""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from scripts.sample_markup import Block, runs

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_NOTES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
_NOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_LEVELS = (("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)"))
_NUMBERED = ((0, re.compile(r"\d+\. ")), (1, re.compile(r"\d+\.\d+ ")), (2, re.compile(r"\([a-z]\) ")))
_DAY = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - the format has no zones


def word_document(title: str, contents: Sequence[Block]) -> bytes:
    """A DOCX whose clause numbers are counted by the word processor; the same bytes each time."""
    import docx

    document = docx.Document()
    document.core_properties.title = title
    document.core_properties.author = "Larkfield Instruments, Inc."
    document.core_properties.created = document.core_properties.modified = _DAY
    document.sections[0].header.paragraphs[0].text = f"{title} - Larkfield contract file"
    _add_numbering(document)
    notes: list[str] = []
    table: Any = None
    for block in contents:
        if block.kind == "row":
            cells = block.text.split("\t")
            table = table or document.add_table(rows=0, cols=len(cells))
            for cell, words in zip(table.add_row().cells, cells, strict=True):
                cell.text = words
            continue
        table = None
        for level, text in _lines(block):
            paragraph = document.add_paragraph(style={"title": "Title", "heading": "Heading 1"}.get(block.kind))
            if level is not None:
                _number(paragraph, level)
            _add_runs(paragraph, text, notes)
    if notes:
        _add_notes(document, notes)
    out = io.BytesIO()
    document.save(out)
    return _without_times(out.getvalue())


def _lines(block: Block) -> Iterator[tuple[int | None, str]]:
    for line in block.text.splitlines():
        level = next((level for level, pattern in _NUMBERED if pattern.match(line)), None)
        yield level, line if level is None else line.split(" ", 1)[1]


def _element(name: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element


def _add_numbering(document: Any) -> None:
    numbering = document.part.numbering_part.element
    abstract = _element("abstractNum", abstractNumId="90")
    abstract.append(_element("multiLevelType", val="multilevel"))
    for level, (form, text) in enumerate(_LEVELS):
        each = _element("lvl", ilvl=str(level))
        for name, value in (("start", "1"), ("numFmt", form), ("lvlText", text)):
            each.append(_element(name, val=value))
        abstract.append(each)
    numbering.insert(0, abstract)
    number = _element("num", numId="90")
    number.append(_element("abstractNumId", val="90"))
    numbering.append(number)


def _number(paragraph: Any, level: int) -> None:
    properties = _element("numPr")
    properties.append(_element("ilvl", val=str(level)))
    properties.append(_element("numId", val="90"))
    paragraph._p.get_or_add_pPr().append(properties)


def _add_runs(paragraph: Any, text: str, notes: list[str]) -> None:
    for mark, words in runs(text):
        if mark == "plain":
            paragraph.add_run(words)
        elif mark == "note":
            notes.append(words)
            run = paragraph.add_run()._r
            run.append(_element("footnoteReference", id=str(len(notes))))
        else:
            change = _element(mark, id=str(100 + len(paragraph._p)), author="Joan Petrie", date="2026-11-04T10:00:00Z")
            run = _element("r")
            said = _element("delText" if mark == "del" else "t")
            said.text = words
            said.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            run.append(said)
            change.append(run)
            paragraph._p.append(change)


def _add_notes(document: Any, notes: Sequence[str]) -> None:
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    mark = "<w:r><w:footnoteRef/></w:r>"
    told = "".join(
        f'<w:footnote w:id="{number}"><w:p>{mark}<w:r><w:t xml:space="preserve"> {words}</w:t></w:r></w:p></w:footnote>'
        for number, words in enumerate(notes, start=1)
    )
    xml = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:footnotes xmlns:w="{_W}">{told}</w:footnotes>'
    part = Part(PackURI("/word/footnotes.xml"), _NOTES_TYPE, xml.encode(), document.part.package)
    document.part.relate_to(part, _NOTES)


def _without_times(package: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 4)), old.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
