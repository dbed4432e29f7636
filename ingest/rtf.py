"""Reads RTF files: the text as it would be printed, and what the file says of itself."""

import re
from collections.abc import Iterator

from index.records import Transcript
from ingest.plain import NO_TEXT, tidy
from ingest.rtf_text import Text
from ingest.rtf_tokens import tokens
from ingest.source import UnreadableDocument

_LISTED = re.compile(rb"\\ls[1-9]")


def read_rtf(data: bytes) -> Transcript:
    """Read an RTF file. Raises UnreadableDocument where it holds no words."""
    text = Text()
    text.found["unnumbered"] = lacks_numbers(data)
    for token in tokens(data.lstrip(b"\xef\xbb\xbf \t\r\n")):
        text.take(token)
    text.finish()
    parts = [*text.body.finish(), *("\n\n".join(note.finish()) for note in text.notes)]
    shown = "\n\n".join(part for part in text.margins.around([tidy(_joined(part)) for part in parts]) if part)
    if not shown.strip():
        raise UnreadableDocument(NO_TEXT)
    return Transcript(shown, properties=text.properties | text.margins.properties(), warnings=tuple(_warnings(text)))


def lacks_numbers(data: bytes) -> bool:
    """Whether the file has lists and leaves it to its reader to number them, as few programs do."""
    return b"\\listtable" in data and bool(_LISTED.search(data)) and b"\\listtext" not in data and b"\\pntext" not in data


def _joined(text: str) -> str:
    """Put together the halves of characters outside the basic plane, which RTF writes one by one."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _warnings(text: Text) -> Iterator[str]:
    found = text.found
    if found["unclosed"]:
        yield "ends in the middle: the file was cut off, and words may be missing"
    if found["deleted_runs"] or found["insertions"]:
        yield (
            f"has tracked changes ({found['insertions']} insertions, {found['deleted_runs']} deletions): "
            "the text is as if all of them were accepted"
        )
    if found["unnumbered"]:
        yield "has lists whose numbers the file leaves to its reader, and which are missing: save it as DOCX"
    if found["hidden"]:
        yield f"holds hidden text ({found['hidden']:,} characters), which was left out"
    if found["comments"]:
        yield f"has {found['comments']} comment{'s' if found['comments'] > 1 else ''}, which are not part of the text"
