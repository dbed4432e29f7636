"""Files that are broken, or were made to break their reader: each ends in one plain sentence."""

import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from docx_files import abstract, changed, docx, item, level, num, p, r, table
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from index.records import Transcript
from ingest import docx_package
from ingest.readers import read
from ingest.source import UnreadableDocument

LEASE = docx(
    item("Term", 1) + table([p("Fee"), p("100")]) + p(runs='<w:r><w:footnoteReference w:id="1"/></w:r>'),
    {
        "numbering": abstract(0, level(0, "%1.")) + num(1, 0),
        "styles": "",
        "footnotes": '<w:footnote w:id="1">' + p("Net.") + "</w:footnote>",
    },
)
PAGE = b"<html><table><tr><td>Fee<td>100</table><ol><li>Term</ol><pre>x</pre><p style='display:none'>y</html>"
RICH = rb"{\rtf1\ansi{\fonttbl{\f0\fcharset0 A;}}\trowd\pard\intbl Fee\cell 100\cell\row\pard{\footnote n}\u8364?\'e4 Term\par}"
MAIL = b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\nContent-Type: text/html\n\n<p>Lease</p>\n--x--"
BILLION = (
    '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    + "]>"
)


def refusal(data: bytes, name: str = "lease.docx") -> str:
    with pytest.raises(UnreadableDocument) as refused:
        read(data, name, None)
    reason = str(refused.value)
    assert "failed" not in reason
    assert "(" not in reason.split(":", maxsplit=1)[0], f"an unforeseen error: {reason}"
    return reason


def outcome(data: bytes, name: str) -> Transcript | str:
    """What was read, or why not; an error that no reader foresaw fails the test, though `read` would forgive it."""
    try:
        return read(data, name, None)
    except UnreadableDocument as refused:
        assert not isinstance(refused.__cause__, RecursionError | MemoryError)  # noqa: PT017 - either end is right
        assert not str(refused).startswith("could not be read")  # noqa: PT017 - the same
        return str(refused)


def with_part(name: str, content: bytes) -> bytes:
    return changed(LEASE, lambda path, old: content if path == name else old)


def test_a_truncated_word_file_is_called_damaged() -> None:
    for length in range(4, len(LEASE) - 22, 97):
        assert refusal(LEASE[:length]).startswith("is damaged or incomplete: get the file again")


def test_a_part_whose_checksum_is_wrong_is_called_damaged() -> None:
    at = LEASE.find(b"PK\x03\x04", LEASE.find(b"word/document.xml") - 40)
    broken = bytearray(LEASE)
    start = at + 30 + len("word/document.xml") + 5
    broken[start : start + 8] = bytes(8)
    assert refusal(bytes(broken)).startswith("is damaged or incomplete")


@pytest.mark.parametrize(
    "content", [b"", b"no xml", b"<w:document", b"<a/>", b"\xff\xfe<", LEASE[:50], b'<?xml version="1.0" encoding="x-none"?><a/>']
)
def test_a_document_part_that_is_no_document_is_refused(content: bytes) -> None:
    assert refusal(with_part("word/document.xml", content)).startswith(
        ("is damaged or incomplete", "is named as a Word document")
    )


def test_a_word_file_without_its_document_is_called_damaged() -> None:
    missing = changed(LEASE, lambda path, old: None if path == "word/document.xml" else old)
    assert refusal(missing).startswith("is damaged or incomplete")


@pytest.mark.parametrize("part", ["numbering", "styles", "footnotes"])
def test_a_part_beside_the_document_that_is_broken_is_called_damaged(part: str) -> None:
    assert refusal(with_part(f"word/{part}.xml", b"<broken")).startswith("is damaged or incomplete")


def test_a_part_that_unpacks_to_a_thousand_times_its_size_is_refused() -> None:
    bomb = b"<w:document>" + b" " * (40 << 20)
    assert "as files do that are made to flood their reader" in refusal(with_part("word/document.xml", bomb))


def test_a_part_that_is_larger_than_any_document_is_refused() -> None:
    assert "unpacks to 80 MB, over the limit" in refusal(with_part("word/document.xml", b" " * (80 << 20)))


def test_many_parts_that_together_flood_a_reader_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docx_package, "_MAX_XML", 1 << 20)
    flood = docx(p("Lease"), {f"header{number}": p("x" * 300_000) for number in range(4)})
    assert "far more than a document has" in refusal(flood)


def test_a_part_that_lies_about_its_size_is_called_damaged() -> None:
    lying = bytearray(with_part("word/document.xml", b" " * (30 << 20)))
    entry = lying.rfind(b"word/document.xml") - 46
    assert lying[entry : entry + 4] == b"PK\x01\x02"
    lying[entry + 24 : entry + 28] = struct.pack("<I", 1000)
    assert refusal(bytes(lying)).startswith("is damaged or incomplete")


def test_an_archive_of_a_hundred_thousand_members_is_refused_before_it_is_listed() -> None:
    assert "holds 100,000 parts" in refusal(b"PK\x03\x04" + b"PK\x01\x02".ljust(46, b"\0") * 100_000)


def test_a_method_of_packing_that_word_does_not_know_is_called_damaged() -> None:
    with zipfile.ZipFile(BytesIO(LEASE)) as old, zipfile.ZipFile(stream := BytesIO(), "w", zipfile.ZIP_BZIP2) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    assert refusal(stream.getvalue()).startswith("is damaged or incomplete")


def test_a_member_that_is_encrypted_is_called_protected() -> None:
    locked = bytearray(LEASE)
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = locked.find(sign)
        while at >= 0:
            locked[at + offset] |= 1
            at = locked.find(sign, at + 4)
    assert refusal(bytes(locked)) == "is protected by a password: save a copy without the password"


@pytest.mark.parametrize("part", ["word/document.xml", "word/numbering.xml", "word/_rels/document.xml.rels"])
def test_entities_that_grow_without_end_are_refused(part: str) -> None:
    assert refusal(with_part(part, f"{BILLION}<d>&k;</d>".encode())).startswith(("declares XML entities", "is damaged"))


def test_an_entity_that_names_a_file_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    xml = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "{(tmp_path / "secret").as_uri()}">]><d>&x;</d>'
    assert refusal(with_part("word/document.xml", xml.encode())).startswith("declares XML entities")


def test_a_relation_that_leads_out_of_the_file_leads_nowhere() -> None:
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" '
        'Type="x/numbering" Target="../../../../etc/passwd"/><Relationship Id="b" Type="x/styles" Target="http://x.example/" '
        'TargetMode="External"/></Relationships>'
    )
    assert read(with_part("word/_rels/document.xml.rels", relations.encode()), "x.docx", None).text.startswith("Term")


def test_word_files_that_are_nested_too_deeply_are_refused_or_read() -> None:
    deep = p("Lease")
    for _ in range(300):
        deep = table([deep])
    assert refusal(docx(deep)).startswith("is damaged or incomplete")
    shallow = p("Lease")
    for _ in range(60):
        shallow = table([shallow])
    assert read(docx(shallow), "x.docx", None).text == "Lease"


def test_long_patterns_of_numbers_do_not_flood_the_text() -> None:
    long = abstract(0, level(0, "%1" * 100_000)) + num(1, 0)
    assert len(read(docx(item("x", 1) * 50, {"numbering": long}), "x.docx", None).text) < 50 * 1000


def test_a_note_that_is_referred_to_ever_again_is_printed_once() -> None:
    body = p(runs='<w:r><w:footnoteReference w:id="1"/></w:r>' * 1000)
    found = read(docx(body, {"footnotes": f'<w:footnote w:id="1">{p("x" * 10_000)}</w:footnote>'}), "x.docx", None)
    assert found.text.count("x" * 10_000) == 1


def test_absurd_numbers_in_a_word_file_are_survived() -> None:
    huge = "9" * 5000
    numbering = abstract(0, level(0, "%1.", "cardinalText", start=10**18)) + num(1, 0) + num(int("9" * 9), 0)
    body = item("a", 1) + p("b", properties=f'<w:numPr><w:ilvl w:val="{huge}"/><w:numId w:val="{huge}"/></w:numPr>')
    body += p("c", properties='<w:numPr><w:ilvl w:val="-1"/><w:numId w:val="1"/></w:numPr>') + r("stray")
    assert read(docx(body, {"numbering": numbering}), "x.docx", None).text.endswith("b\n\nc")


@pytest.mark.parametrize("tag", ["div", "b", "table><tr><td", "ol><li", "sup", "pre", "span"])
def test_web_pages_that_are_nested_deeply_are_read_to_their_end(tag: str) -> None:
    opened = f"<{tag}>".encode()
    assert read(b"<html>" + opened * 600 + b"Lease", "x.html", None).text.endswith("Lease")


def test_words_after_thousands_of_open_styles_are_not_lost() -> None:
    assert read(b"<html>" + b"<p><font size=2><b>x" * 3_000 + b"<p>Lease", "x.html", None).text.endswith("Lease")


def test_web_pages_that_are_nested_without_end_are_refused() -> None:
    assert refusal(b"<html>" + b"<div>" * 3_000 + b"Lease", "x.html").startswith("is nested too deeply")


def test_rich_text_that_is_nested_without_end_is_refused() -> None:
    assert refusal(rb"{\rtf1 " + b"{" * 200_000 + b"x", "x.rtf").startswith("is nested too deeply")


@pytest.mark.parametrize(
    "data",
    [
        b"<html>" + b"<!---->" * 20_000 + b"x",
        b"<!---->" * 5_000 + b"x",
        b"Lease" + b" " * 400_000 + b"x",
        b"Lease\nbegin 644 x\n" * 20_000,
        b"<html><p style='" + b"text-decoration:" * 20_000 + b"'>Lease</p>" + b"\nbegin 644 x" * 20_000 + b"</html>",
        b"Lease\n" + b"-" * 300_000 + b"\x0c" + b"page " * 60_000 + b"\x0cx",
        b"<html><style>" + b"/*" * 100_000 + b"</style>Lease",
        b"<html><style>" + b"x" * 400_000 + b"</style>Lease",
        b"<html><style>" + b"@" * 200_000 + b"@a{" * 50_000 + b"</style>Lease",
        b"<html><style>" + b"p.a{display:none}" * 20_000 + b"</style>" + b"<p class=a>x" * 20 + b"<p>Lease",
        b"Subject: x\n" * 5_000 + b"x",
        b"x: y\n \n" * 9_000,
        rb"{\rtf1 " + rb"\'" * 100_000 + rb"\u1" * 1000 + rb"\bin99999999 x Lease}" + b"y",
    ],
)  # fmt: skip
def test_text_that_is_made_to_slow_patterns_down_is_still_read_or_refused(data: bytes) -> None:
    assert outcome(data, "x.txt")


@pytest.mark.parametrize("cut", [0, 10, 40, 100])
def test_pictures_that_are_broken_are_called_damaged(cut: int) -> None:
    class Engine:
        name = "none"

        def read(self, image: object) -> object:
            raise AssertionError("no engine is asked about a broken picture")

    Image.effect_noise((64, 64), 50).save(stream := BytesIO(), "PNG")
    data = stream.getvalue()[: 60 + cut]
    with pytest.raises(UnreadableDocument, match="is damaged or incomplete"):
        read(data, "x.png", Engine())  # type: ignore[arg-type]


def test_a_picture_that_unpacks_to_a_billion_points_is_refused() -> None:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")

    class Engine:
        name = "none"

    with pytest.raises(UnreadableDocument, match="too large to read"):
        read(bomb, "x.png", Engine())  # type: ignore[arg-type]


SEEDS = [
    LEASE,
    PAGE,
    RICH,
    MAIL,
    b"Lease\x0c- 2 -",
    "“Lease”".encode("utf-16"),
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
]


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A file that was cut, overwritten, doubled in places, or never was one."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        match draw(st.sampled_from(["cut", "overwrite", "insert", "repeat"])):
            case "cut":
                del data[at:]
            case "overwrite":
                new = draw(st.binary(max_size=8))
                data[at : at + len(new)] = new
            case "insert":
                data[at:at] = draw(
                    st.binary(max_size=40) | st.sampled_from([b"{", b"}", b"<", b"\\par", b"<table>", b"\\cell", b"\0"])
                )
            case _:
                data[at:at] = data[at : at + draw(st.integers(0, 200))] * draw(st.integers(1, 5))
    return bytes(data)


@settings(deadline=None, max_examples=400)
@given(broken() | st.binary(max_size=300), st.sampled_from(["x", "x.docx", "x.html", "x.txt", "x.rtf", "x.eml"]))
def test_no_bytes_make_a_reader_fail_but_in_one_way(data: bytes, name: str) -> None:
    found = outcome(data, name)
    if isinstance(found, Transcript):
        assert found.text.encode("utf-8").strip()
        assert not found.pages or "".join(page.span.of(found.text) for page in found.pages) == found.text


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_no_change_to_the_markup_of_a_word_file_makes_its_reader_fail_in_an_unforeseen_way(data: st.DataObject) -> None:
    part = data.draw(
        st.sampled_from(["word/document.xml", "word/numbering.xml", "word/_rels/document.xml.rels", "word/footnotes.xml"])
    )

    def damage(name: str, content: bytes) -> bytes:
        if name != part:
            return content
        words = content.replace(b">", b">\0").replace(b'"', b'"\0').split(b"\0")
        at = data.draw(st.integers(0, len(words) - 1))
        words[at] = data.draw(st.sampled_from([b"", b"x", b"-7", b"9" * 400, words[at] * 3, b"<w:p>", b"</w:p>", words[at - 1]]))
        return b"".join(words)

    assert outcome(changed(LEASE, damage), "x.docx")
