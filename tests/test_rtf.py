from index.records import Transcript
from ingest.rtf import read_rtf


def rtf(body: str) -> Transcript:
    fonts = r"{\fonttbl{\f0\fcharset0 Calibri;}{\f1\fcharset2 Symbol;}{\f2\fcharset204 Arial;}{\f3\fcharset128 Mincho;}}"
    return read_rtf((r"{\rtf1\ansi\ansicpg1252\deff0" + fonts + body + "}").encode("latin-1"))


def test_paragraphs_signs_and_unicode_of_rtf() -> None:
    assert rtf(r"\pard {\b Lease}\par \ldblquote x\rdblquote \emdash  \'a7\~5\line \u8364? \u-10179?\u-8704?\_a\-b\par").text == (
        "Lease\n\n“x”— § 5\n€ 😀-ab"
    )


def test_as_many_characters_are_passed_over_after_unicode_as_the_file_says() -> None:
    assert rtf(r"{\uc2\u8364\'45\'55R}{\uc0\u8364 x}{\uc1\u8364\'3fy}").text == "€R€xx€y".replace("xx", "x")


def test_words_are_decoded_in_the_character_set_of_their_font() -> None:
    assert rtf(r"{\f2 \'c4\'ee\'e3\'ee\'e2\'ee\'f0} {\f3 \'8c\'5f\'96\'f1} \f1\'b7").text == "Договор 契約 •"


def test_the_files_own_code_page_holds_where_a_font_names_none() -> None:
    assert read_rtf(rb"{\rtf1\ansi\ansicpg1250 \'9aipka}").text == "šipka"


def test_printed_numbers_of_rtf_lists_are_kept() -> None:
    listed = r"{\listtext\pard 1.1\tab}First\par{\pntext\f1\'b7\tab}{\*\pn\pnlvlblt{\pntxtb\'b7}}Second\par"
    assert rtf(listed).text == "1.1 First\n\n• Second"


def test_deleted_and_hidden_words_of_rtf_are_left_out_and_said() -> None:
    found = rtf(r"Fee {\deleted 100}{\revised 200}{\v secret}{\v shown\v0 !}\par")
    assert found.text == "Fee 200!"
    assert found.warnings == (
        "has tracked changes (1 insertions, 1 deletions): the text is as if all of them were accepted",
        "holds hidden text (11 characters), which was left out",
    )


def test_a_deleted_paragraph_mark_of_rtf_joins_two_paragraphs() -> None:
    assert rtf(r"one {\deleted two\par}three\par").text == "one three"


def test_rows_of_rtf_are_lines_with_tabs() -> None:
    row = r"\trowd\cellx100\cellx200\pard\intbl {}\cell {}\cell\row "
    table = row.replace("{}", "Fee", 1).replace("{}", "100", 1) + row.replace("{}", "Tax", 1).replace("{}", "7", 1)
    assert rtf(r"\pard Before\par " + table + r"\pard After\par").text == "Before\n\nFee\t100\nTax\t7\n\nAfter"


def test_paragraphs_in_a_cell_of_rtf_are_parted() -> None:
    assert rtf(r"\trowd\pard\intbl 1.1\cell One.\par Two.\cell\row\pard x\par").text == "1.1\tOne.\n\nTwo.\n\nx"


def test_fields_of_rtf_show_their_result() -> None:
    assert rtf(r"See {\field{\*\fldinst HYPERLINK x}{\fldrslt clause 12}}.").text == "See clause 12."


def test_check_boxes_of_rtf_show_their_state() -> None:
    box = r"{\field{\*\fldinst FORMCHECKBOX {\*\formfield{\fftype1\ffres%s\ffdefres1}}}{\fldrslt}}"
    assert rtf(box % "0" + "a" + box % "1" + "b" + box % "25" + "c").text == "☐a☒b☒c"


def test_notes_of_rtf_stand_at_the_end_under_their_marks() -> None:
    mark = r"{\super\chftn}"
    notes = rf"Fee{mark}{{\footnote{mark} Net.}} and term{mark}{{\footnote\ftnalt{mark} Long.}}\par Next.\par"
    assert rtf(notes).text == "Fee[1] and term[2]\n\nNext.\n\n[1] Net.\n\n[2] Long."


def test_a_text_box_of_rtf_is_read_once_and_after_its_paragraph() -> None:
    old = r"{\shprslt{\*\do{\dptxbxtext In the box.\par}}}"
    shape = r"{\shp{\*\shpinst\shpleft1{\sp{\sn type}{\sv 202}}{\shptxt\pard In the box.\par}}" + old + "}"
    assert rtf(rf"\pard Before{shape} and after.\par Next.\par").text == "Before and after.\n\nIn the box.\n\nNext."


def test_headers_and_properties_of_rtf_are_kept_apart() -> None:
    info = r"{\info{\title Office {\b Lease}}{\author M\'fcller}{\creatim\yr2020\mo3\dy4\hr5\min6}}"
    found = rtf(info + r"{\header Lease No. 7\par}{\footer Page 1\par}\pard Text.\par")
    assert found.text == "Text.\n\nLease No. 7"
    assert found.properties == {
        "title": "Office Lease", "author": "Müller", "created": "2020-03-04T05:06:00",
        "headers": "Lease No. 7", "footers": "Page 1",
    }  # fmt: skip


def test_pictures_binary_data_and_comments_of_rtf_are_no_text() -> None:
    data = rb"{\rtf1 a{\pict\wmetafile8 0102030405}{\*\objdata 4142}{\pict\bin6 }{}\\\'}b{\*\annotation note}c\par}"
    found = read_rtf(data)
    assert found.text == "abc"
    assert found.warnings == ("has 1 comment, which are not part of the text",)


def test_the_unicode_half_of_a_doubled_group_is_taken() -> None:
    assert rtf(r"{\upr{ Muller}{\*\ud{ M\u252?ller}}}").text == "Müller"


def test_an_rtf_file_that_was_cut_off_is_read_and_says_so() -> None:
    found = read_rtf(rb"{\rtf1{\b Fee\par and te")
    assert found.text == "Fee\n\nand te"
    assert found.warnings == ("ends in the middle: the file was cut off, and words may be missing",)


def test_lists_that_the_file_leaves_unnumbered_are_said_to_be() -> None:
    found = rtf(r"{\*\listtable{\list}}{\*\listoverridetable}\pard\ls1\ilvl0 Term\par")
    assert found.text == "Term"
    assert found.warnings == ("has lists whose numbers the file leaves to its reader, and which are missing: save it as DOCX",)


def test_signs_that_symbol_fonts_keep_outside_unicode_are_put_into_it() -> None:
    assert rtf(r"{\f1\u61623\'b7\u-3917\'b3}{\f0\u61623?}").text == "•≥•"
