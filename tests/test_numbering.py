import pytest
from docx_files import abstract, docx, item, level, num, override, p, style
from hypothesis import given
from hypothesis import strategies as st

from ingest.docx import read_docx
from ingest.numerals import numeral

CLAUSES = abstract(0, level(0, "%1."), level(1, "%1.%2"), level(2, "(%3)", "lowerLetter"), level(3, "(%4)", "lowerRoman"))


def lines(body: str, numbering: str = "", styles: str = "") -> list[str]:
    return read_docx(docx(body, {"numbering": numbering, "styles": styles})).text.split("\n\n")


def test_a_clause_bears_the_number_that_word_prints() -> None:
    body = "".join(item(f"c{depth}", 1, depth) for depth in (0, 1, 1, 2, 2, 3, 1, 0, 1))
    assert lines(body, CLAUSES + num(1, 0)) == [
        "1. c0", "1.1 c1", "1.2 c1", "(a) c2", "(b) c2", "(i) c3", "1.3 c1", "2. c0", "2.1 c1",
    ]  # fmt: skip


def test_lists_of_one_definition_count_on_from_each_other() -> None:
    body = item("a", 1) + item("b", 2) + item("c", 1)
    assert lines(body, CLAUSES + num(1, 0) + num(2, 0)) == ["1. a", "2. b", "3. c"]


def test_a_list_that_begins_anew_does_so_once() -> None:
    body = item("a", 1) + item("b", 1) + item("c", 2) + item("d", 2) + item("e", 1)
    assert lines(body, CLAUSES + num(1, 0) + num(2, 0, override(0, 1))) == ["1. a", "2. b", "1. c", "2. d", "3. e"]


def test_a_list_may_begin_at_any_number() -> None:
    body = item("a", 1) + item("b", 1) + item("c", 1, 1)
    assert lines(body, CLAUSES + num(1, 0, override(0, 12))) == ["12. a", "13. b", "13.1 c"]


def test_a_level_that_is_overridden_prints_its_own_pattern() -> None:
    mine = override(0, inner=level(0, "Clause %1", "upperRoman", 4))
    assert lines(item("a", 1) + item("b", 1), CLAUSES + num(1, 0, mine)) == ["Clause IV a", "Clause V b"]


def test_a_skipped_level_counts_as_begun() -> None:
    body = item("a", 1, 1) + item("b", 1, 1) + item("c", 1)
    assert lines(body, CLAUSES + num(1, 0)) == ["1.1 a", "1.2 b", "2. c"]


def test_a_level_restarts_only_after_the_level_it_names() -> None:
    never = level(1, "%2)", inner='<w:lvlRestart w:val="0"/>')
    after_first = level(2, "(%3)", inner='<w:lvlRestart w:val="1"/>')
    body = "".join(item("x", 1, depth) for depth in (0, 1, 2, 1, 2, 0, 1, 2))
    found = lines(body, abstract(0, level(0, "%1."), never, after_first) + num(1, 0))
    assert found == ["1. x", "1) x", "(1) x", "2) x", "(2) x", "2. x", "3) x", "(1) x"]


def test_legal_numbering_prints_roman_levels_in_arabic() -> None:
    legal = level(1, "Section %1.%2", "upperRoman", inner="<w:isLgl/>")
    body = item("a", 1) + item("b", 1) + item("c", 1, 1)
    found = lines(body, abstract(0, level(0, "Article %1", "upperRoman"), legal) + num(1, 0))
    assert found == ["Article I a", "Article II b", "Section 2.1 c"]


def test_a_style_brings_its_number() -> None:
    linked = abstract(
        0, level(0, "%1.", inner='<w:pStyle w:val="Heading1"/>'), level(1, "%1.%2", inner='<w:pStyle w:val="Heading2"/>')
    )
    numbered = "<w:pPr><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr>"
    styles = style("Heading1", numbered) + style("Heading2", numbered) + style("Own", '<w:basedOn w:val="Heading1"/>')
    body = "".join(p(key, properties=f'<w:pStyle w:val="{key}"/>') for key in ("Heading1", "Heading2", "Own"))
    assert lines(body, linked + num(1, 0), styles) == ["1. Heading1", "1.1 Heading2", "2. Own"]


def test_a_paragraph_may_leave_the_list_of_its_style() -> None:
    styles = style("Clause", "<w:pPr><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr>")
    leaving = '<w:pStyle w:val="Clause"/><w:numPr><w:numId w:val="0"/></w:numPr>'
    body = p("in", properties='<w:pStyle w:val="Clause"/>') + p("out", properties=leaving)
    assert lines(body, CLAUSES + num(1, 0), styles) == ["1. in", "out"]


def test_a_definition_may_stand_behind_a_list_style() -> None:
    behind = abstract(0, level(0, "§ %1"), inner='<w:styleLink w:val="Legal"/>')
    front = abstract(1, inner='<w:numStyleLink w:val="Legal"/>')
    styles = style("Legal", "<w:pPr><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr>", "numbering")
    assert lines(item("a", 2) + item("b", 1), behind + front + num(1, 0) + num(2, 1), styles) == ["§ 1 a", "§ 2 b"]


def test_a_list_style_that_leads_in_a_circle_ends() -> None:
    styles = style("Legal", "<w:pPr><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr>", "numbering")
    circle = abstract(0, inner='<w:numStyleLink w:val="Legal"/>')
    assert lines(item("a", 1), circle + num(1, 0), styles) == ["a"]


def test_styles_that_are_based_on_each_other_end() -> None:
    styles = style("A", '<w:basedOn w:val="B"/>') + style("B", '<w:basedOn w:val="A"/>')
    assert lines(p("text", properties='<w:pStyle w:val="A"/>'), CLAUSES, styles) == ["text"]


@pytest.mark.parametrize(("suffix", "printed"), [("tab", "(1) text"), ("space", "(1) text"), ("nothing", "(1)text")])
def test_what_follows_a_number_is_kept(suffix: str, printed: str) -> None:
    one = abstract(0, level(0, "(%1)", inner=f'<w:suff w:val="{suffix}"/>')) + num(1, 0)
    assert lines(item("text", 1), one) == [printed]


def test_bullets_of_symbol_fonts_are_dots() -> None:
    assert lines(item("text", 1), abstract(0, level(0, "\uf0b7", "bullet")) + num(1, 0)) == ["• text"]


def test_a_number_that_refers_to_a_bullet_leaves_it_out() -> None:
    mixed = abstract(0, level(0, "%1."), level(1, "—", "bullet"), level(2, "%1.%2%3."))
    assert lines(item("a", 1) + item("b", 1, 2), mixed + num(1, 0)) == ["1. a", "1.1. b"]


def test_numbers_padded_by_a_pattern_keep_their_width() -> None:
    choice = (
        '<mc:AlternateContent><mc:Choice Requires="w14"><w:numFmt w:val="custom" w:format="001, 002, 003, ..."/></mc:Choice>'
        '<mc:Fallback><w:numFmt w:val="decimal"/></mc:Fallback></mc:AlternateContent>'
    )
    padded = f'<w:lvl w:ilvl="0"><w:start w:val="7"/>{choice}<w:lvlText w:val="[%1]"/></w:lvl>'
    assert lines(item("a", 1), abstract(0, padded) + num(1, 0)) == ["[007] a"]


def test_a_list_that_the_file_lacks_numbers_nothing() -> None:
    assert lines(item("a", 99) + item("b", 1, 8), CLAUSES + num(1, 0)) == ["a", "b"]


@pytest.mark.parametrize(
    ("form", "number", "printed"),
    [
        ("decimal", 12, "12"), ("decimalZero", 7, "07"), ("decimalZero", 12, "12"),
        ("lowerRoman", 4, "iv"), ("upperRoman", 1994, "MCMXCIV"), ("upperRoman", 0, "0"),
        ("lowerLetter", 1, "a"), ("lowerLetter", 26, "z"), ("lowerLetter", 27, "aa"), ("upperLetter", 53, "AAA"),
        ("ordinal", 1, "1st"), ("ordinal", 11, "11th"), ("ordinal", 112, "112th"), ("ordinal", 22, "22nd"), ("ordinal", 3, "3rd"),
        ("cardinalText", 21, "Twenty-one"), ("cardinalText", 100, "One hundred"), ("cardinalText", 0, "Zero"),
        ("ordinalText", 3, "Third"), ("ordinalText", 20, "Twentieth"), ("ordinalText", 21, "Twenty-first"),
        ("ordinalText", 112, "One hundred twelfth"), ("chicago", 5, "**"), ("numberInDash", 3, "- 3 -"),
        ("decimalEnclosedCircle", 3, "③"), ("decimalEnclosedCircle", 30, "30"), ("hex", 31, "1F"), ("russianLower", 2, "б"),
        ("unheard of", 5, "5"), ("lowerLetter", -1, "-1"), ("upperRoman", 10**6, "1000000"),
    ],
)  # fmt: skip
def test_a_number_is_written_in_its_form(form: str, number: int, printed: str) -> None:
    assert numeral(number, form) == printed


_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}


@given(st.integers(1, 3999))
def test_roman_numerals_say_their_number(number: int) -> None:
    values = [_VALUES[letter] for letter in numeral(number, "lowerRoman")]
    assert sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True)) == number


@given(st.integers(1, 700))
def test_letters_are_repeated_and_never_mixed(number: int) -> None:
    letters = numeral(number, "lowerLetter")
    assert len(set(letters)) == 1
    assert 26 * (len(letters) - 1) + ord(letters[0]) - 96 == number
