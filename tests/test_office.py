"""What LibreOffice converts, and whether clauses are numbered here as it numbers them."""

import http.server
import random
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from docx_files import abstract, docx, item, level, num, override, p, style

from ingest.docx import read_docx
from ingest.readers import Reading, read
from ingest.source import UnreadableDocument

_SOFFICE = shutil.which("soffice")
pytestmark = pytest.mark.needs("soffice")

LEGAL = abstract(0, level(0, "%1."), level(1, "%1.%2"), level(2, "(%3)", "lowerLetter")) + num(1, 0)
LEASE = docx(
    item("Term", 1) + item("The lease ends in May.", 1, 1) + item("or earlier", 1, 2) + item("Rent", 1) + p("Müller &amp; Söhne"),
    {"numbering": LEGAL},
)
READING = Reading(soffice=Path(_SOFFICE or ""), soffice_seconds=120)


def converted(folder: Path, form: str, *files: Path) -> list[Path]:
    command = [_SOFFICE or "", "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--convert-to", form]
    subprocess.run([*command, "--outdir", folder, *files], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return [folder / f"{file.stem}.{form.partition(':')[0]}" for file in files]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The lease as other programs would have saved it, by suffix."""
    file = tmp_path_factory.mktemp("office") / "lease.docx"
    file.write_bytes(LEASE)
    return {form: converted(file.parent, form, file)[0] for form in ("doc", "odt", "rtf", "html")}


@pytest.mark.parametrize("form", ["doc", "odt", "rtf"])
def test_what_another_program_saved_reads_as_the_original(saved: dict[str, Path], form: str) -> None:
    found = read(saved[form].read_bytes(), f"lease.{form}", None, READING)
    assert [" ".join(line.split()) for line in found.text.split("\n\n")] == read_docx(LEASE).text.split("\n\n")
    assert found.warnings == ()


def test_a_web_page_that_another_program_saved_is_read(saved: dict[str, Path]) -> None:
    words = read(saved["html"].read_bytes(), "lease.html", None).text
    assert "The lease ends in May." in words
    assert words.endswith("Müller & Söhne")


def random_document(dice: random.Random) -> bytes:
    """Lists of random patterns, sharing definitions and beginning anew, tied to styles or not."""
    forms = ["decimal", "lowerLetter", "upperLetter", "lowerRoman", "upperRoman"]
    definitions, lists, styles = "", [], style("Normal", "", default=True)
    for key in range(dice.randint(1, 3)):
        levels = ""
        for depth in range(9):
            whole = "".join(f"%{place}." for place in range(1, depth + 2))
            pattern = dice.choice([whole, whole, f"(%{depth + 1})", f"Section %{depth + 1}:"])
            linked = f'<w:pStyle w:val="S{key}x{depth}"/>' if dice.random() < 0.4 else ""
            levels += level(depth, pattern, dice.choice(forms), dice.choice([1, 1, 1, 3]), linked)
            if linked:
                numbered = f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{key * 10 + 1}"/></w:numPr>'
                styles += style(f"S{key}x{depth}", f'<w:basedOn w:val="Normal"/><w:pPr>{numbered}</w:pPr>')
        definitions += abstract(key, levels)
        anew = override(0, 1) if dice.random() < 0.5 else ""
        lists += [num(key * 10 + 1, key), num(key * 10 + 2, key, anew)]
    names = [name for name in styles.split('w:styleId="') if name.startswith("S")]
    body = "".join(_random_paragraph(dice, names, len(lists)) for _ in range(40))
    return docx(body, {"numbering": definitions + "".join(lists), "styles": styles})


def _random_paragraph(dice: random.Random, styles: list[str], lists: int) -> str:
    if styles and dice.random() < 0.3:
        return p("x", properties=f'<w:pStyle w:val="{dice.choice(styles).partition(chr(34))[0]}"/>')
    if dice.random() < 0.1:
        return p("x")
    which = dice.randrange(lists)
    return item("x", which // 2 * 10 + 1 + which % 2, min(int(dice.expovariate(0.8)), 8))


def test_clauses_are_numbered_as_libreoffice_numbers_them(tmp_path: Path) -> None:
    files = []
    for seed in range(40):
        file = tmp_path / f"{seed}.docx"
        file.write_bytes(random_document(random.Random(seed)))  # noqa: S311 - any dice will do
        files.append(file)
    for file, printed in zip(files, converted(tmp_path, "txt:Text (encoded):UTF8", *files), strict=True):
        theirs = ["".join(line.split()) for line in printed.read_text("utf-8-sig").splitlines() if line.strip()]
        ours = ["".join(line.split()) for line in read_docx(file.read_bytes()).text.split("\n\n")]
        assert ours == theirs, file.name


def test_a_file_that_libreoffice_cannot_convert_says_so() -> None:
    broken = b"\xffWPC" + bytes(range(256)) * 8
    with pytest.raises(UnreadableDocument, match="could not be converted by LibreOffice"):
        read(broken, "x.wpd", None, READING)


def test_a_conversion_that_takes_too_long_is_ended(saved: dict[str, Path]) -> None:
    with pytest.raises(UnreadableDocument, match="took LibreOffice longer than 0 s"):
        read(saved["odt"].read_bytes(), "x.odt", None, Reading(soffice=READING.soffice, soffice_seconds=0.01))


def test_nothing_that_a_document_links_to_is_fetched(tmp_path: Path) -> None:
    asked = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_OPTIONS = do_PROPFIND = do_GET  # noqa: N815 - the names that http.server calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server calls
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}/"
        image = f'<draw:frame><draw:image xlink:href="{address}a.png" xlink:show="embed" xlink:actuate="onLoad"/></draw:frame>'
        section = (
            f'<text:section text:name="s"><text:section-source xlink:href="{address}b.odt"/><text:p>old</text:p></text:section>'
        )
        spaces = " ".join(
            f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{kind}:1.0"'
            for name, kind in (("office", "office"), ("text", "text"), ("draw", "drawing"))
        )
        flat = (
            f'<?xml version="1.0"?><office:document {spaces} xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.2" '
            'office:mimetype="application/vnd.oasis.opendocument.text"><office:body><office:text>'
            f"<text:p>Lease{image}</text:p>{section}</office:text></office:body></office:document>"
        )
        try:
            assert "Lease" in read(flat.encode(), "x.fodt", None, READING).text
        finally:
            server.shutdown()
            thread.join()
    assert asked == []
