"""Reads any file by what its bytes are: one text, its pages, and what could not be read of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from index.records import Transcript
from ingest import office
from ingest.docx import read_docx
from ingest.html import read_html
from ingest.images import read_image
from ingest.mhtml import read_mhtml
from ingest.ocr import Ocr
from ingest.plain import NO_TEXT, read_plain
from ingest.rtf import lacks_numbers, read_rtf
from ingest.sniff import Kind, sniff
from ingest.source import UnreadableDocument
from ingest.zips import PROTECTED

READABLE = "PDF, DOCX, DOC, ODT, RTF, HTML and TXT files, and scans as TIFF, PNG or JPEG, can be"


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading may use: files over `max_bytes` are refused; `soffice` is LibreOffice's program, where it is installed."""

    max_bytes: int = 256 << 20
    soffice: Path | None = None
    soffice_seconds: float = 120.0


# Ten thousand pages.
_MOST_CHARACTERS = 20_000_000
_REFUSED: dict[Kind, str] = {
    "empty": "is empty: look whether its upload was cut off",
    "protected": PROTECTED,
    "spreadsheet": f"is a spreadsheet and is not read; {READABLE}",
    "presentation": f"is a presentation and is not read; {READABLE}",
    "email": f"is an email and is not read: save its attachments as files; {READABLE}",
    "archive": f"is an archive and is not read: unpack it into the folder; {READABLE}",
    "media": f"is sound, film or animation and is not read; {READABLE}",
    "pages": f"is an Apple Pages or iWork document: export it as DOCX or PDF; {READABLE}",
    "wordxml": f"is a Word document in an old or flat XML form: save it as DOCX; {READABLE}",
    "unknown": f"is of no kind that can be read; {READABLE}",
}
_NAMED: dict[str, frozenset[Kind]] = {
    ".pdf": frozenset({"pdf"}),
    ".docx": frozenset({"docx"}), ".docm": frozenset({"docx"}), ".dotx": frozenset({"docx"}), ".dotm": frozenset({"docx"}),
    ".doc": frozenset({"doc"}), ".dot": frozenset({"doc"}), ".odt": frozenset({"odt", "flatodt"}), ".rtf": frozenset({"rtf"}),
    ".htm": frozenset({"html"}), ".html": frozenset({"html"}), ".txt": frozenset({"text"}),
    ".png": frozenset({"image"}), ".jpg": frozenset({"image"}), ".jpeg": frozenset({"image"}),
    ".tif": frozenset({"image"}), ".tiff": frozenset({"image"}),
}  # fmt: skip
_CALLED: dict[Kind, str] = {
    "pdf": "a PDF", "docx": "a Word document (DOCX)", "doc": "an old Word document (DOC)", "odt": "an OpenDocument text",
    "rtf": "rich text (RTF)", "html": "a web page (HTML)", "mhtml": "a saved web page (MHTML)", "text": "plain text",
    "image": "an image", "wordperfect": "a WordPerfect document", "flatodt": "an OpenDocument text",
}  # fmt: skip
_CONVERTED: dict[Kind, str] = {"doc": ".doc", "odt": ".odt", "flatodt": ".fodt", "wordperfect": ".wpd"}


def read(data: bytes, name: str, ocr: Ocr | None, reading: Reading = Reading()) -> Transcript:
    """Read a file of any kind. Raises UnreadableDocument, and nothing else, where its bytes give no text."""
    try:
        return _read(data, name, ocr, reading)
    except UnreadableDocument:
        raise
    except RecursionError as error:
        raise UnreadableDocument("is nested too deeply to be read: save it as PDF") from error
    except MemoryError as error:
        raise UnreadableDocument("needs more memory to be read than there is: split it, or save it as PDF") from error
    except Exception as error:  # the file made a foreign parser fail in a way that its makers did not foresee
        raise UnreadableDocument(
            f"could not be read ({type(error).__name__}): it may be damaged; open it in its program and save it anew"
        ) from error


def _read(data: bytes, name: str, ocr: Ocr | None, reading: Reading) -> Transcript:
    if len(data) > reading.max_bytes:
        raise UnreadableDocument(
            f"is {len(data) >> 20} MB, over the limit of {reading.max_bytes >> 20} MB: raise MUNIMENT_READING__MAX_MB"
        )
    kind = sniff(data, name)
    if kind in _REFUSED:
        raise UnreadableDocument(_REFUSED[kind])
    transcript = _transcript(data, kind, ocr, reading)
    if not transcript.text.strip():
        raise UnreadableDocument(NO_TEXT)
    if len(transcript.text) > _MOST_CHARACTERS:
        raise UnreadableDocument(f"holds more than {_MOST_CHARACTERS:,} characters: split it")
    warning = _mislabelled(kind, PurePath(name).suffix.lower())
    return replace(transcript, warnings=(warning, *transcript.warnings)) if warning else transcript


def _transcript(data: bytes, kind: Kind, ocr: Ocr | None, reading: Reading) -> Transcript:
    if kind == "pdf":
        from ingest.pdf import read_pdf

        return read_pdf(data, ocr)
    if kind == "image":
        return read_image(data, ocr)
    suffix = _CONVERTED.get(kind)
    if kind == "rtf" and lacks_numbers(data) and reading.soffice and reading.soffice.exists():
        suffix = ".rtf"
    if suffix:
        return read_docx(office.to_docx(data, suffix, reading.soffice, reading.soffice_seconds))
    return _READERS[kind](data)


_READERS: dict[Kind, Callable[[bytes], Transcript]] = {
    "docx": read_docx,
    "rtf": read_rtf,
    "html": read_html,
    "mhtml": read_mhtml,
    "text": read_plain,
}


def _mislabelled(kind: Kind, suffix: str) -> str | None:
    expected = _NAMED.get(suffix)
    if expected is None or kind in expected:
        return None
    return f"is named {suffix} but is {_CALLED[kind]}, and was read as that"
