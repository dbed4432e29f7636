"""A second opinion, pypdf's, on a PDF or a page that pdfium can't read."""

from ingest.pdf_facts import attempt, opened
from ingest.pdf_lines import Line, Word, clean

_PITCH = 12.0
_TOP = 800.0


def second_opinion(data: bytes, most_pages: int) -> list[list[Line]]:
    """The lines of each page, none where pypdf can't read it either; [] where it can't open the document."""
    reader = attempt(lambda: opened(data))
    count = attempt(lambda: len(reader.pages)) if reader else None
    if reader is None or not count:
        return []
    return [_lines(attempt(reader.pages[index].extract_text) or "") for index in range(min(count, most_pages))]


def _lines(text: str) -> list[Line]:
    """Lines placed as on a typewriter, since pypdf does not say where they stand."""
    return [
        Line((Word(words, 0.0, 5.0 * len(words)),), _TOP - _PITCH * at, _TOP - _PITCH * (at - 1), _TOP - _PITCH * at)
        for at, line in enumerate(text.splitlines())
        if (words := clean(line).strip())
    ]
