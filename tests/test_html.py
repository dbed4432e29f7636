import pytest

from ingest.html import read_html
from ingest.mhtml import read_mhtml


def html(body: str) -> str:
    return read_html(f"<html><body>{body}</body></html>".encode()).text


def test_blocks_of_a_page_are_paragraphs() -> None:
    assert html("<h1>Lease</h1>\n<p>This  lease\nis <b>made</b> today.<div>Rent</div>due") == (
        "Lease\n\nThis lease is made today.\n\nRent\n\ndue"
    )


def test_breaks_entities_and_fixed_spaces_are_shown() -> None:
    assert html("<p>A&nbsp;&amp;&nbsp;B &sect;&#8239;5<br>&ldquo;x&rdquo;&shy;y</p>") == "A & B § 5\n“x”y"


def test_what_a_browser_hides_is_not_read() -> None:
    hidden = "<script>a()</script><style>p{}</style><div style='display: none'>b<p>c</p></div><div hidden>d</div>"
    assert html(f"<p>Shown.</p>{hidden}<!-- f --><p style='visibility:hidden'>g</p>tail") == "Shown.\n\ntail"


def test_words_after_a_hidden_element_are_shown() -> None:
    assert html("<p>a<span style='display:none'>b<i>c</i></span>d</p>") == "ad"


def test_deleted_passages_are_left_out_and_struck_ones_kept_and_both_said() -> None:
    found = read_html(b"<html><p>Fee <del>100</del><ins>200</ins> <s>net</s></p></html>")
    assert found.text == "Fee 200 net"
    assert found.warnings == (
        "has passages marked as deleted (1), which were left out",
        "has passages that are struck through (1), which are part of the text",
    )


def test_rows_of_a_page_are_read_in_order_without_the_columns_that_only_space() -> None:
    rows = "<tr><th>Fee</th><td>&nbsp;</td><td>$100</td></tr><tr><td>Tax</td><td></td><td>7</td></tr>"
    assert html(f"<table>{rows}</table>") == "Fee\t$100\nTax\t7"


def test_a_clause_that_is_laid_out_as_a_table_stays_with_its_number() -> None:
    assert html("<table><tr><td>(a)</td><td><p>One.</p><p>Two.</p></td></tr></table>") == "(a)\tOne.\n\nTwo."


def test_tables_in_tables_are_read_in_order() -> None:
    inner = "<table><tr><td>b</td><td>c</td></tr></table>"
    assert html(f"<table><tr><td>a{inner}</td><td>d</td></tr></table>after") == "a\n\nb\tc\n\nd\n\nafter"


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<ol><li>x<li>y</ol>", "1. x\n\n2. y"),
        ("<ol type=a start=3><li>x</ol>", "c. x"),
        ("<ol style='list-style-type: upper-roman'><li>x<li value=9>y</ol>", "I. x\n\nIX. y"),
        ("<ol><li>x<ul><li>y</ul><li>z</ol>", "1. x\n\n• y\n\n2. z"),
        ("<ul style='list-style:none'><li>x</ul>", "x"),
        ("<ol><li><p>x</p><p>y</p></ol>", "1. x\n\ny"),
        ("<li>x", "• x"),
    ],
)
def test_items_bear_the_marks_that_a_browser_draws(markup: str, shown: str) -> None:
    assert html(markup) == shown


def test_marks_of_notes_are_set_off_and_powers_and_ordinals_are_not() -> None:
    assert html("the Agreement<sup>1</sup>, 5 m<sup>2</sup>, the 1<sup>st</sup>") == "the Agreement[1], 5 m2, the 1st"


def test_boxes_show_whether_they_are_checked() -> None:
    assert html("<input type=checkbox checked>Yes <input type=radio>No") == "☒Yes ☐No"


def test_verbatim_text_keeps_its_lines() -> None:
    assert html("<p>x</p><pre>  1.  Term\n      of lease\n</pre>") == "x\n\n  1.  Term\n      of lease"


def test_pages_of_a_filing_bear_their_numbers_which_are_no_text() -> None:
    words = enumerate(("The Seller sells.", "The Buyer buys.", "It is paid.", "It is signed."), start=7)
    pages = "".join(f"<p>{text}</p><p>{n}</p><hr style='page-break-after: always'>" for n, text in words)
    found = read_html(f"<html>{pages}</html>".encode())
    assert [page.label for page in found.pages] == ["7", "8", "9", "10"]
    assert "".join(page.span.of(found.text) for page in found.pages) == found.text
    assert [span.of(found.text) for span in found.furniture] == ["7", "8", "9", "10"]


def test_a_page_with_few_breaks_has_no_pages() -> None:
    assert read_html(b"<p>Lease</p><p style='page-break-before:always'>Exhibit A</p>").pages == ()


def test_a_running_header_is_furniture_after_its_first_page() -> None:
    pages = "".join(f"<p>Supply Agreement</p><p>Words {word}.</p><hr>" for word in ("one", "two", "three", "four"))
    found = read_html(f"<html>{pages}</html>".encode())
    assert [span.of(found.text) for span in found.furniture] == ["Supply Agreement"] * 3
    assert found.furniture[0].start > 0


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("<meta charset=utf-8><p>Müller §</p>".encode(), "Müller §"),
        ("<meta charset=iso-8859-1><p>“Müller”</p>".encode("cp1252"), "“Müller”"),
        ("<meta http-equiv=x content='text/html; charset=koi8-r'><p>Договор</p>".encode("koi8-r"), "Договор"),
        ("<html><p>Müller’s</p>".encode("cp1252"), "Müller’s"),
        ("<html><p>Müller</p>".encode("utf-16"), "Müller"),
        ("<meta charset=nonsense><p>Müller</p>".encode(), "Müller"),
        ("<?xml version='1.0' encoding='utf-8'?><html xmlns='http://www.w3.org/1999/xhtml'><p>ü</p></html>".encode(), "ü"),
    ],
)
def test_a_page_is_read_in_its_encoding(data: bytes, shown: str) -> None:
    assert read_html(data).text == shown


def test_a_page_says_its_title_and_author() -> None:
    found = read_html(b"<title>Office\nLease</title><meta name=author content='A. Lawyer'><p>x</p>")
    assert found.properties == {"title": "Office Lease", "author": "A. Lawyer"}
    assert found.text == "x"


def test_the_lines_that_edgar_wraps_a_page_in_are_no_text() -> None:
    data = (
        b"<DOCUMENT>\n<TYPE>EX-10.1\n<SEQUENCE>2\n<FILENAME>x.htm\n<DESCRIPTION>LEASE\n<TEXT>\n<HTML><P>Lease</P></HTML>\n</TEXT>"
    )
    assert read_html(data).text == "Lease"


def test_a_page_that_was_saved_with_its_pictures_is_read() -> None:
    head = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n"
    page = (
        b"--x\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>M=C3=BC</p>\r\n"
    )
    picture = b"--x\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--x--\r\n"
    assert read_mhtml(head + page + picture).text == "Mü"


@pytest.mark.parametrize(
    ("style", "body", "shown"),
    [
        (".x { display: none }", "<p class='a x'>b</p><p>c</p>", "c"),
        ("p.x, #y { visibility: hidden }", "<p class=x>a</p><div class=x>b</div><p id=y>c</p>", "b"),
        (".x{display:none}", "<p class=x style='display:block'>a</p>", "a"),
        (".x{display:none} p.x{display:block}", "<p class=x>a</p>", "a"),
        ("@media print { .x { display: none } } /* .x{display:none} */", "<p class=x>a</p>", "a"),
        ("@import 'x'; ol.b { list-style-type: lower-alpha }", "<ol class=b><li>x</ol>", "a. x"),
        ("ol { list-style: upper-roman outside }", "<ol><li>x</ol>", "I. x"),
        ("div p { display: none }", "<div><p>passed over</p></div>", "passed over"),
    ],
)
def test_the_styles_of_a_page_say_what_is_shown(style: str, body: str, shown: str) -> None:
    assert read_html(f"<html><style>{style}</style>{body}</html>".encode()).text == shown


def test_numbers_that_a_page_draws_by_its_style_are_said_to_be_doubtful() -> None:
    style = "ol{list-style:none} li:before{content: counter(clause) '.'}"
    found = read_html(f"<html><style>{style}</style><ol><li>Term</ol></html>".encode())
    assert found.text == "Term"
    assert found.warnings[0].startswith("has lists that the page's own style numbers")
