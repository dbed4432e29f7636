from collections.abc import Callable

import pytest

from index.records import Transcript
from ingest.html import read_html
from ingest.mhtml import read_mhtml
from ingest.plain import decode, read_plain
from ingest.rtf import read_rtf
from ingest.source import UnreadableDocument


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_text_is_read_in_its_encoding(encoding: str) -> None:
    words = "The “Lessee”, Müller & Söhne GmbH – § 5"
    assert read_plain(words.encode(encoding)).text == words


@pytest.mark.parametrize("encoding", ["cp1251", "cp1253", "shift_jis", "gb18030"])
def test_text_of_other_scripts_is_read_in_the_likeliest_encoding(encoding: str) -> None:
    words = {
        "cp1251": "Настоящий договор заключён между сторонами и вступает в силу со дня подписания. ",
        "cp1253": "Η παρούσα σύμβαση συνάπτεται μεταξύ των μερών και τίθεται σε ισχύ. ",
        "shift_jis": "本契約は両当事者の間で締結され、署名の日に効力を生ずる。",
        "gb18030": "本合同由双方签订，自签字之日起生效。甲方应当按照约定支付价款。",
    }[encoding] * 5
    assert decode(words.encode(encoding)) == words


def test_one_broken_byte_makes_a_text_no_other_encoding() -> None:
    assert decode("Müller ".encode() * 20 + b"\xc3") == "Müller " * 20 + "\ufffd"


def test_form_feeds_part_the_pages_of_a_text() -> None:
    found = read_plain(b"LEASE\r\n\r\nWords one.\r\n- 1 -\r\n\x0cWords two.\r\n- 2 -\r\n\x0c")
    assert found.text == "LEASE\n\nWords one.\n- 1 -\n\nWords two.\n- 2 -"
    assert [(page.number, page.label) for page in found.pages] == [(1, "1"), (2, "2")]
    assert "".join(page.span.of(found.text) for page in found.pages) == found.text
    assert [span.of(found.text) for span in found.furniture] == ["- 1 -", "- 2 -"]


def test_a_number_at_a_pages_edge_that_does_not_count_on_is_text() -> None:
    assert read_plain(b"Rent a year:\n12000\n\x0cSeats in all:\n7\n").furniture == ()


def test_the_tags_of_old_filings_are_no_text() -> None:
    data = b"<TYPE>EX-10\n<TEXT>\n<PAGE>   1\nLEASE\n<TABLE>\n<CAPTION>\n<S>  <C>\nRent   100\n</TABLE>\n<PAGE>\nMore.\n"
    found = read_plain(data)
    assert [page.span.of(found.text).split() for page in found.pages] == [["LEASE", "Rent", "100"], ["More."]]


@pytest.mark.parametrize(
    ("read", "data"),
    [
        (read_html, b"<html><script>x</script></html>"),
        (read_html, b"<!-- x -->"),
        (read_html, b""),
        (read_plain, b" \n\x0c\n "),
        (read_rtf, rb"{\rtf1{\*\x y}}"),
        (read_mhtml, b"Content-Type: multipart/related; boundary=x\n\n--x\n\nwords\n--x--"),
    ],
)
def test_a_file_without_words_says_so(read: Callable[[bytes], Transcript], data: bytes) -> None:
    with pytest.raises(UnreadableDocument, match="holds no text"):
        read(data)
