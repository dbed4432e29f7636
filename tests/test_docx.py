from io import BytesIO
from xml.sax.saxutils import escape

import docx as python_docx
import pytest
from docx_files import abstract, changed, docx, item, level, num, p, r, style, table
from hypothesis import given, settings
from hypothesis import strategies as st

from index.records import Transcript
from ingest.docx import read_docx
from ingest.source import UnreadableDocument

NUMBERED = abstract(0, level(0, "%1.")) + num(1, 0)
DELETED_MARK = '<w:rPr><w:del w:id="9" w:author="A"/></w:rPr>'


def read(body: str, **parts: str) -> Transcript:
    return read_docx(docx(body, parts))


def text(body: str, **parts: str) -> str:
    return read(body, **parts).text


def deleted(words: str) -> str:
    return f'<w:del w:id="1" w:author="A"><w:r><w:delText>{words}</w:delText></w:r></w:del>'


def inserted(words: str) -> str:
    return f'<w:ins w:id="1" w:author="A">{r(words)}</w:ins>'


def control(content: str) -> str:
    return f"<w:sdt><w:sdtPr><w:text/></w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def char(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def field(code: str, result: str) -> str:
    return f"{char('begin')}<w:r><w:instrText>{code}</w:instrText></w:r>{char('separate')}{result}{char('end')}"


def test_paragraphs_are_parted_by_a_blank_line() -> None:
    assert text(p("One.") + p() + p("Two.")) == "One.\n\nTwo."


def test_a_document_of_python_docx_is_read_whole() -> None:
    document = python_docx.Document()
    document.add_heading("Master Services Agreement", 0)
    document.add_paragraph("Services", style="List Number")
    document.add_paragraph("Fees", style="List Number")
    rows = document.add_table(2, 2).rows
    for row, words in zip(rows, (("Fee", "100"), ("Tax", "7")), strict=True):
        row.cells[0].text, row.cells[1].text = words
    document.core_properties.title, document.core_properties.author = "MSA", "A. Lawyer"
    document.save(stream := BytesIO())
    found = read_docx(stream.getvalue())
    assert found.text == "Master Services Agreement\n\n1. Services\n\n2. Fees\n\nFee\t100\nTax\t7"
    assert (found.properties["title"], found.properties["author"]) == ("MSA", "A. Lawyer")
    assert found.pages == ()
    assert found.warnings == ()


def test_tracked_changes_are_read_as_accepted_and_said() -> None:
    found = read(p(runs=r("Fee: ") + deleted("100") + inserted("200") + r(" EUR")))
    assert found.text == "Fee: 200 EUR"
    assert found.warnings == ("has tracked changes (1 insertions, 1 deletions): the text is as if all of them were accepted",)


def test_moved_text_stands_where_it_was_moved_to() -> None:
    away = f'<w:moveFrom w:id="1" w:author="A">{r("Clause.")}</w:moveFrom>'
    here = f'<w:moveTo w:id="2" w:author="A">{r("Clause.")}</w:moveTo>'
    assert text(p("First.", runs=away) + p("Second. ", runs=here)) == "First.\n\nSecond. Clause."


def test_a_deleted_paragraph_is_not_numbered() -> None:
    gone = f'<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>{DELETED_MARK}</w:pPr>{deleted("b")}</w:p>'
    assert text(item("a", 1) + gone + item("c", 1), numbering=NUMBERED) == "1. a\n\n2. c"


def test_what_is_left_before_a_deleted_mark_joins_the_next_paragraph() -> None:
    kept = f"<w:p><w:pPr>{DELETED_MARK}</w:pPr>{r('kept ')}</w:p>"
    assert text(kept + item("next", 1), numbering=NUMBERED) == "1. kept next"


def test_what_is_left_before_a_deleted_mark_is_not_lost_before_a_table_or_the_end() -> None:
    kept = f"<w:p><w:pPr>{DELETED_MARK}</w:pPr>{r('kept')}</w:p>"
    assert text(kept + table([p("cell")]) + kept) == "kept\n\ncell\n\nkept"


def test_deleted_rows_and_cells_are_left_out() -> None:
    row = table([p("gone")], properties='<w:trPr><w:del w:id="1" w:author="A"/></w:trPr>')
    cell = table([f"<w:tcPr><w:cellDel/></w:tcPr>{p('gone')}", p("kept")])
    assert text(row + cell) == "kept"


def test_hidden_words_are_left_out_and_said() -> None:
    hidden = style("Secret", "<w:rPr><w:vanish/></w:rPr>", "character")
    found = read(p("Shown", runs=r(" directly", "<w:vanish/>") + r(" by style", '<w:rStyle w:val="Secret"/>')), styles=hidden)
    assert found.text == "Shown"
    assert found.warnings == ("holds hidden text (18 characters), which was left out",)


def test_words_may_be_shown_against_a_style_that_hides() -> None:
    hidden = style("Secret", "<w:rPr><w:vanish/></w:rPr>")
    body = p(properties='<w:pStyle w:val="Secret"/>', runs=r("shown", '<w:vanish w:val="0"/>') + r("hidden"))
    assert text(body, styles=hidden) == "shown"


def test_a_run_in_heading_stands_on_the_line_of_its_clause() -> None:
    mark = "<w:rPr><w:vanish/><w:specVanish/></w:rPr>"
    heading = p("Term.", properties=f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>{mark}')
    assert text(heading + p("It ends in May.") + item("Fees.", 1), numbering=NUMBERED) == "1. Term. It ends in May.\n\n2. Fees."


def test_a_hidden_paragraph_is_not_numbered() -> None:
    hidden = item("", 1, runs=r("b", "<w:vanish/>")).replace("</w:pPr>", "<w:rPr><w:vanish/></w:rPr></w:pPr>")
    assert text(item("a", 1) + hidden + item("c", 1), numbering=NUMBERED) == "1. a\n\n2. c"


def test_a_section_break_is_no_clause_and_an_empty_clause_is_one() -> None:
    section = p(properties='<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr><w:sectPr/>')
    assert text(item("a", 1) + section + item("", 1) + item("c", 1), numbering=NUMBERED) == "1. a\n\n2.\n\n3. c"


def test_comments_are_counted_and_no_text() -> None:
    reference = '<w:r><w:commentReference w:id="0"/></w:r>'
    found = read(p("Text.", runs=reference), comments='<w:comment w:id="0">' + p("Too high!") + "</w:comment>")
    assert found.text == "Text."
    assert found.warnings == ("has 1 comment, which are not part of the text",)


def test_notes_stand_at_the_end_under_their_marks() -> None:
    body = (
        p("Fee", runs='<w:r><w:footnoteReference w:id="2"/></w:r>' + r(" and tax") + '<w:r><w:endnoteReference w:id="2"/></w:r>')
        + p("Term", runs='<w:r><w:footnoteReference w:id="3"/></w:r>')
    )  # fmt: skip
    separator = '<w:footnote w:type="separator" w:id="-1">' + p("---") + "</w:footnote>"
    notes = ((3, "Net."), (2, "In euro."))
    footnotes = separator + "".join(f'<w:footnote w:id="{key}">{p(words)}</w:footnote>' for key, words in notes)
    found = text(body, footnotes=footnotes, endnotes='<w:endnote w:id="2">' + p("At cost.") + "</w:endnote>")
    assert found == "Fee[1] and tax[i]\n\nTerm[2]\n\n[1] In euro.\n\n[i] At cost.\n\n[2] Net."


def test_a_note_may_bring_its_own_mark() -> None:
    body = p("Fee", runs='<w:r><w:footnoteReference w:customMarkFollows="1" w:id="2"/><w:t>*</w:t></w:r>')
    assert text(body, footnotes=f'<w:footnote w:id="2">{p("Net.")}</w:footnote>') == "Fee*\n\n* Net."


def test_a_text_box_is_read_once_and_after_its_paragraph() -> None:
    box = f"<w:txbxContent>{p('In the box.')}{p('Still in it.')}</w:txbxContent>"
    drawing = (
        "<w:r><mc:AlternateContent><mc:Choice Requires='wps'>"
        f"<w:drawing><wps:wsp><wps:txbx>{box}</wps:txbx></wps:wsp></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:shape><v:textbox>{box}</v:textbox></v:shape></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )
    assert text(p("Before", runs=drawing + r(" and after.")) + p("Next.")) == (
        "Before and after.\n\nIn the box.\n\nStill in it.\n\nNext."
    )


def test_several_text_boxes_keep_their_order_and_their_own_numbers() -> None:
    boxes = "".join(
        f"<w:r><w:pict><v:shape><v:textbox><w:txbxContent>{item(words, 1)}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
        for words in ("one", "two")
    )
    assert text(item("a", 1, runs=boxes) + item("b", 1), numbering=NUMBERED) == "1. a\n\n1. one\n\n1. two\n\n2. b"


def test_content_controls_and_other_wraps_are_seen_through() -> None:
    link = f'<w:hyperlink r:id="x">{r(" Ltd")}</w:hyperlink><w:smartTag w:element="x">{r(", Delaware")}</w:smartTag>'
    block = control(p("Second.") + f"<w:customXml>{p('Third.')}</w:customXml>")
    cell = control(f"<w:tc>{p('Fourth.')}</w:tc>")
    rows = f"<w:tbl>{control(f'<w:tr>{cell}</w:tr>')}</w:tbl>"
    assert text(p(runs=control(r("Acme")) + link) + block + rows) == "Acme Ltd, Delaware\n\nSecond.\n\nThird.\n\nFourth."


def test_fields_show_their_result_and_not_their_code() -> None:
    nested = field("IF " + field("REF a", r("inner")) + " = 1", r("result"))
    assert text(p("See ", runs=field("REF _Ref1 \\r", r("12.2")) + r(", ") + nested)) == "See 12.2, result"


def test_a_field_may_run_over_paragraphs() -> None:
    start = char("begin") + "<w:r><w:instrText>TOC</w:instrText></w:r>" + char("separate")
    assert text(p(runs=start + r("1. Term")) + p("2. Fees", runs=char("end")) + p("Text.")) == "1. Term\n\n2. Fees\n\nText."


def test_a_field_without_an_end_loses_no_words() -> None:
    assert text(p(runs='<w:r><w:fldChar w:fldCharType="begin"/></w:r>' + r("Words.")) + p("More.")) == "Words.\n\nMore."


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ('<w:checkBox><w:default w:val="1"/></w:checkBox>', "☒"),
        ('<w:checkBox><w:default w:val="1"/><w:checked w:val="0"/></w:checkBox>', "☐"),
        ("<w:checkBox><w:checked/></w:checkBox>", "☒"),
        ('<w:ddList><w:result w:val="1"/><w:listEntry w:val="Monthly"/><w:listEntry w:val="Yearly"/></w:ddList>', "Yearly"),
        ('<w:ddList><w:result w:val="7"/><w:listEntry w:val="Monthly"/></w:ddList>', ""),
    ],
)
def test_form_fields_show_their_state(state: str, shown: str) -> None:
    begin = f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{state}</w:ffData></w:fldChar></w:r>'
    assert text(p("Paid ", runs=begin + '<w:r><w:fldChar w:fldCharType="end"/></w:r>' + r("."))) == f"Paid {shown}."


def test_signs_between_words_are_kept() -> None:
    runs = (
        "<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t><w:softHyphen/><w:t>e</w:t>"
        '<w:sym w:font="Wingdings" w:char="F0FE"/><w:sym w:font="Symbol" w:char="F0B7"/><w:cr/><w:t>§\u00a05</w:t></w:r>'
    )
    tabs = '<w:tabs><w:tab w:val="left" w:pos="720"/></w:tabs>'
    assert text(p(properties=tabs, runs=runs)) == "a\tb\nc-de☑•\n§ 5"


def test_signs_that_symbol_fonts_keep_outside_unicode_are_put_into_it() -> None:
    assert text(p(runs=r("\uf0b3 5", '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>'))) == "≥ 5"


def test_formulas_are_read() -> None:
    assert text(p("Rate = ", runs="<m:oMath><m:r><m:t>a+b</m:t></m:r></m:oMath>")) == "Rate = a+b"


def test_rows_of_entries_are_lines_with_tabs() -> None:
    assert text(table([p("Fee"), p("100")], [p("Tax"), p(), p("7")])) == "Fee\t100\nTax\t\t7"


def test_rows_of_clauses_stand_apart_with_their_numbers() -> None:
    rows = table([p("1.1"), p("First paragraph.") + p("Second paragraph.")], [p("1.2"), p("Short.")])
    assert text(rows) == "1.1\tFirst paragraph.\n\nSecond paragraph.\n\n1.2\tShort."


def test_columns_of_signatures_are_read_one_after_the_other() -> None:
    rows = table([p("ACME INC.") + p("By: ____"), p("BETA LLC") + p("By: ____")])
    assert text(rows) == "ACME INC.\n\nBy: ____\n\nBETA LLC\n\nBy: ____"


def test_tables_in_tables_and_merged_cells_are_read_in_order() -> None:
    inner = table([p("a"), p("b")], [p("c"), p("d")])
    merged = table([f"<w:tcPr><w:vMerge/></w:tcPr>{p('unseen')}", p("seen")])
    assert text(table([p("1"), inner + p()]) + merged) == "1\ta\tb\nc\td\n\n\tseen"


def test_numbers_count_through_the_cells_of_a_table() -> None:
    assert text(item("a", 1) + table([item("b", 1), p("x")]) + item("c", 1), numbering=NUMBERED) == "1. a\n\n2. b\tx\n\n3. c"


SECTION = (
    '<w:sectPr><w:headerReference w:type="default" r:id="header1"/>'
    '<w:footerReference w:type="default" r:id="footer1"/></w:sectPr>'
)


def test_headers_and_footers_are_properties_and_their_news_is_at_the_end() -> None:
    found = read(p("Master Agreement") + p("Text.") + SECTION, header1=p("MASTER AGREEMENT"), footer1=p("Contract No. 4711"))
    assert found.text == "Master Agreement\n\nText.\n\nContract No. 4711"
    assert found.properties == {"headers": "MASTER AGREEMENT", "footers": "Contract No. 4711"}


def test_page_numbers_of_footers_are_no_text() -> None:
    assert text(p("Text.") + SECTION, header1=p(), footer1=p("Page 3 of 12")) == "Text."


def test_a_letterhead_comes_first() -> None:
    section = '<w:sectPr><w:headerReference w:type="first" r:id="header1"/><w:titlePg/></w:sectPr>'
    assert text(p("Dear Sirs,") + section, header1=p("Acme Inc., Boston")) == "Acme Inc., Boston\n\nDear Sirs,"


def test_a_first_header_that_is_not_in_use_is_not_read() -> None:
    section = '<w:sectPr><w:headerReference w:type="first" r:id="header1"/></w:sectPr>'
    assert read(p("Dear Sirs,") + section, header1=p("Old letterhead")).properties == {}


def test_strict_files_are_read() -> None:
    def to_strict(_: str, content: bytes) -> bytes:
        content = content.replace(
            b"http://schemas.openxmlformats.org/wordprocessingml/2006/", b"http://purl.oclc.org/ooxml/wordprocessingml/"
        )
        return content.replace(
            b"http://schemas.openxmlformats.org/officeDocument/2006/", b"http://purl.oclc.org/ooxml/officeDocument/"
        )

    assert read_docx(changed(docx(item("Strict.", 1), {"numbering": NUMBERED}), to_strict)).text == "1. Strict."


def test_parts_are_found_by_any_case_and_without_relations() -> None:
    def rename(name: str, content: bytes) -> bytes | None:
        return None if name == "_rels/.rels" else content.replace(b'Target="numbering.xml"', b'Target="/word/Numbering.XML"')

    assert read_docx(changed(docx(item("a", 1), {"numbering": NUMBERED}), rename)).text == "1. a"


@pytest.mark.parametrize("body", ["", p(), "<w:tbl/>", p(runs=deleted("all of it"))])
def test_a_document_without_words_says_so(body: str) -> None:
    with pytest.raises(UnreadableDocument, match="holds no text"):
        read(body)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1)


@settings(deadline=None, max_examples=60)
@given(st.lists(WORDS, min_size=1))
def test_every_word_of_every_paragraph_is_read_in_order(words: list[str]) -> None:
    assert text("".join(p(escape(word)) for word in words)) == "\n\n".join(words)


def test_what_is_only_imported_is_read() -> None:
    body = p("Before") + '<w:altChunk r:id="aFChunk1"/>' + p("After")
    page = b"<html><p>M\xc3\xbcller</p><p>Lease</p></html>"
    relation = b'<Relationship Id="aFChunk1" Type="x/aFChunk" Target="import.html"/></Relationships>'

    def link(name: str, content: bytes) -> bytes:
        return content.replace(b"</Relationships>", relation) if name == "word/_rels/document.xml.rels" else content

    assert read_docx(changed(docx(body, extra={"word/import.html": page}), link)).text == "Before\n\nMüller\n\nLease\n\nAfter"


def test_a_document_of_pictures_says_how_it_can_be_read() -> None:
    with pytest.raises(UnreadableDocument, match="holds pictures and no text: save it as PDF"):
        read(p(runs="<w:r><w:drawing/></w:r>"))


def test_numbers_that_the_file_does_not_hold_are_said_to_be_missing() -> None:
    found = read(p("See ", runs=char("begin") + "<w:r><w:instrText> LISTNUM </w:instrText></w:r>" + char("end") + r("fees")))
    assert found.text == "See fees"
    assert found.warnings == ("has numbers that only Word computes (1 LISTNUM or AUTONUM fields), which are missing",)


@pytest.mark.parametrize(("settings_part", "shown"), [("", "Text."), ("<w:evenAndOddHeaders/>", "Text.\n\nEven header")])
def test_headers_of_even_pages_are_read_where_they_are_in_use(settings_part: str, shown: str) -> None:
    section = '<w:sectPr><w:headerReference w:type="even" r:id="header1"/></w:sectPr>'
    assert text(p("Text.") + section, header1=p("Even header"), settings=settings_part) == shown


def test_digital_signatures_are_counted() -> None:
    signed = docx(p("Text."), extra={"_xmlsignatures/sig1.xml": b"<x/>", "_xmlsignatures/origin.sigs": b""})
    assert read_docx(signed).properties == {"digital_signatures": "1"}


def test_what_is_imported_and_cannot_be_read_is_said() -> None:
    found = read(p("Before") + '<w:altChunk r:id="nowhere"/>')
    assert found.text == "Before"
    assert found.warnings == ("carries 1 parts for Word to import that could not be read: open it in Word and save it anew",)
