import zipfile
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from docx_files import changed, docx, p
from numpy.typing import NDArray
from PIL import Image

from ingest.ocr import Ocr, OcrLine, OcrPage
from ingest.readers import Reading, read
from ingest.sniff import sniff
from ingest.source import UnreadableDocument

WORD = docx(p("Lease"))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def archive(**members: str) -> bytes:
    with zipfile.ZipFile(stream := BytesIO(), "w") as made:
        for name, content in members.items():
            made.writestr(name.replace("__", "/").replace("_", "."), content)
    return stream.getvalue()


def ole(*streams: str, flags: int = 0) -> bytes:
    """A compound file as far as its directory tells its kind; the first stream starts in the first sector."""
    head = OLE + bytes(22) + (9).to_bytes(2, "little") + bytes(480)
    first_sector = (b"\xec\xa5" + bytes(9) + bytes([flags])).ljust(512, b"\0")
    entries = b""
    for stream in ("Root Entry", *streams):
        name = stream.encode("utf-16-le")
        entries += name.ljust(64, b"\0") + (len(name) + 2).to_bytes(2, "little") + bytes(62)
    return head + first_sector + entries


def picture(form: str, size: tuple[int, int] = (20, 10), frames: int = 1) -> bytes:
    image = Image.new("L", size, 255)
    more = {"save_all": True, "append_images": [image] * (frames - 1)} if frames > 1 else {}
    image.save(stream := BytesIO(), form, **more)
    return stream.getvalue()


@dataclass
class Line:
    text: str
    box: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)


@dataclass
class Seen:
    lines: list[OcrLine]
    confidence: float


@dataclass
class Engine:
    """An engine that reads its own page count off every image, and keeps the images' shapes."""

    words: bool = True
    shapes: list[tuple[int, ...]] = field(default_factory=list)
    name: str = "engine 1"

    def read(self, image: NDArray[np.uint8]) -> OcrPage:
        assert image.dtype == np.uint8
        self.shapes.append(image.shape)
        return Seen([Line(f"Page {len(self.shapes)}"), Line("of a lease")] if self.words else [], 0.5)


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"%PDF-1.7\n", "x", "pdf"),
        (b"\n\njunk %PDF-1.4\n", "x.txt", "pdf"),
        (WORD, "x.zip", "docx"),
        (archive(mimetype="application/vnd.oasis.opendocument.text", content_xml="<x/>"), "x", "odt"),
        (archive(mimetype="application/vnd.oasis.opendocument.text-template", content_xml="<x/>"), "x", "odt"),
        (archive(mimetype="application/vnd.oasis.opendocument.spreadsheet", content_xml="<x/>"), "x", "spreadsheet"),
        (archive(xl__workbook_xml="<x/>"), "x.docx", "spreadsheet"),
        (archive(ppt__presentation_xml="<x/>"), "x.docx", "presentation"),
        (archive(Index__Document_iwa="x"), "x.pages", "pages"),
        (archive(lease_pdf="%PDF-1.7"), "x.docx", "archive"),
        (ole("WordDocument"), "x.xls", "doc"),
        (ole("WordDocument", "Workbook"), "x.doc", "doc"),
        (ole("Workbook"), "x.doc", "spreadsheet"),
        (ole("PowerPoint Document"), "x.doc", "presentation"),
        (ole("__properties_version1.0"), "x.doc", "email"),
        (ole("EncryptedPackage"), "x.docx", "protected"),
        (ole("Something"), "x.doc", "unknown"),
        (b"{\\rtf1 x}", "x.doc", "rtf"),
        (b"\xef\xbb\xbf \n{\\rtf1 x}", "x", "rtf"),
        (b"<!DOCTYPE html><p>x", "x.doc", "html"),
        (b"<!-- made by hand --><HTML>x", "x", "html"),
        ("<html><p>x".encode("utf-16"), "x", "html"),
        (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>x", "x", "html"),
        (b"<DOCUMENT>\n<TYPE>EX-10\n<TEXT>\n<HTML>x", "x.txt", "html"),
        (b"<p>one</p><p>two</p>", "x.htm", "html"),
        (b"<p>one</p><p>two</p>", "x.txt", "text"),
        (b"a < b and b > c", "x.html", "text"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x", "x.mht", "mhtml"),
        (b"From: a@b.example\nTo: c@d.example\nMessage-ID: <1>\n\nHi", "x.txt", "email"),
        (b"From: Anna\nTo: Ben\n\nHi", "x.eml", "email"),
        (b"From: Anna\nTo: Ben\nRe: the lease\n\nDear Ben,", "x.txt", "text"),
        (b"PKF Littlejohn LLP", "x", "text"),
        (b"BMW lease agreement", "x", "text"),
        (b"MZ Holdings Inc.", "x", "text"),
        ("Überlassungsvertrag".encode("cp1252"), "x", "text"),
        ("Müller".encode("utf-16"), "x", "text"),
        (bytes(range(256)) * 40, "x.txt", "unknown"),
        (picture("PNG"), "x.pdf", "image"),
        (picture("JPEG"), "x", "image"),
        (picture("TIFF"), "x", "image"),
        (b"RIFF\0\0\0\0WAVEfmt ", "x", "media"),
        (b"\0\0\0\x18ftypisom", "x", "media"),
        (b"Rar!\x1a\x07", "x.pdf", "archive"),
        (b"\xffWPC\0\0", "x", "wordperfect"),
        (b"<?xml version='1.0'?><?mso-application progid=\"Word.Document\"?><w:wordDocument/>", "x.xml", "wordxml"),
        (b'<?xml version="1.0"?><office:document xmlns:office="x"/>', "x", "flatodt"),
        (b"", "x.pdf", "empty"),
        (b"\0" * 5000, "x.pdf", "empty"),
        (b" \r\n\t", "x.txt", "empty"),
    ],
)  # fmt: skip
def test_a_file_is_what_its_bytes_are(data: bytes, name: str, kind: str) -> None:
    assert sniff(data, name) == kind


def test_a_mislabelled_file_is_read_as_what_it_is_and_that_is_said() -> None:
    found = read(WORD, "Lease.PDF", None)
    assert found.text == "Lease"
    assert found.warnings == ("is named .pdf but is a Word document (DOCX), and was read as that",)


@pytest.mark.parametrize("name", ["lease.docx", "LEASE.DOCM", "lease.dotx", "lease", "lease.v2"])
def test_a_file_whose_name_says_nothing_else_brings_no_warning(name: str) -> None:
    assert read(WORD, name, None).warnings == ()


def test_templates_and_files_with_macros_are_read() -> None:
    def to_macros(name: str, content: bytes) -> bytes:
        types = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
        return content.replace(types, b"application/vnd.ms-word.template.macroEnabledTemplate.main+xml")

    assert read(changed(WORD, to_macros), "x.dotm", None).text == "Lease"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty: look whether its upload was cut off"),
        (ole("EncryptedPackage", "EncryptionInfo"), "is protected by a password: save a copy without the password"),
        (ole("WordDocument", flags=1), "is protected by a password: save a copy without the password"),
        (archive(xl__workbook_xml="<x/>"), "is a spreadsheet and is not read; PDF, DOCX"),
        (b"From: a\nTo: b\nMessage-ID: <1>\n\nHi", "is an email and is not read: save its attachments as files"),
        (archive(a_txt="x"), "is an archive and is not read: unpack it"),
    ],
)
def test_a_file_of_a_kind_that_is_not_read_says_what_it_is_and_what_to_do(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument) as refused:
        read(data, "x.docx", None)
    assert str(refused.value).startswith(reason)


def test_a_file_over_the_limit_is_not_looked_into() -> None:
    with pytest.raises(UnreadableDocument, match="is 2 MB, over the limit of 1 MB"):
        read(bytes(2 << 20), "x.docx", None, Reading(max_bytes=1 << 20))


@pytest.mark.parametrize("soffice", [None, Path("/nowhere/soffice")])
def test_an_old_word_file_says_what_to_install(soffice: Path | None) -> None:
    with pytest.raises(UnreadableDocument, match="needs LibreOffice to be read: install it"):
        read(ole("WordDocument"), "x.doc", None, Reading(soffice=soffice))


def test_every_frame_of_a_picture_is_a_page() -> None:
    engine: Ocr = Engine()
    found = read(picture("TIFF", frames=3), "scan.tif", engine)
    assert found.text == "Page 1\nof a lease\n\nPage 2\nof a lease\n\nPage 3\nof a lease"
    assert [(page.number, page.ocr_confidence) for page in found.pages] == [(1, 0.5), (2, 0.5), (3, 0.5)]
    assert "".join(page.span.of(found.text) for page in found.pages) == found.text
    assert found.warnings == ("was read from pictures by engine 1",)


def test_a_picture_that_lies_on_its_side_by_its_camera_is_put_upright() -> None:
    image = Image.new("RGB", (20, 10))
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(stream := BytesIO(), "JPEG", exif=exif)
    engine = Engine()
    read(stream.getvalue(), "x.jpg", engine)
    assert engine.shapes == [(20, 10)]


def test_a_picture_that_is_finer_than_helps_is_shrunk() -> None:
    engine = Engine()
    read(picture("PNG", (8_000, 8_000)), "x.png", engine)
    assert engine.shapes == [(6000, 6000)]


def test_a_transparent_picture_is_read_on_white_paper() -> None:
    stored = []

    class Keeper(Engine):
        def read(self, image: NDArray[np.uint8]) -> OcrPage:
            stored.append(int(image[0, 0]))
            return super().read(image)

    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(stream := BytesIO(), "PNG")
    read(stream.getvalue(), "x.png", Keeper())
    assert stored == [255]


@pytest.mark.parametrize(
    ("engine", "reason"), [(None, "no OCR engine is installed"), (Engine(words=False), "no words were found")]
)
def test_a_picture_without_engine_or_words_says_so(engine: Engine | None, reason: str) -> None:
    with pytest.raises(UnreadableDocument, match=reason):
        read(picture("PNG"), "x.png", engine)
