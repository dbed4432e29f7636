"""Say in sentences that name the pages what could not be read of a PDF, and what was read from pictures."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from ingest.pdf_pages import PageRead, Trouble

INSTALL = "no OCR engine is installed to read it: `pip install rapidocr onnxruntime`"
_UNSURE = 0.8
_SENTENCES: dict[Trouble, str] = {
    "failed": "damaged, nothing could be read",
    "second": "damaged, read by a second reader that may put lines out of order",
    "picture": f"a picture, and {INSTALL}",
    "wordless": "a picture in which no words were found",
    "garbled": "in a font that does not say what its letters are, so the words are wrong: print the PDF anew, or scan it",
    "hidden": "holds words that nobody can see on the page: do not take them for what was agreed",
    "struck": "has words struck out by a mark that is not part of the text, which still has them",
    "comments": "has comments of reviewers, which are not in the text",
}


def page_warnings(pages: Sequence[PageRead], engine: str | None) -> Iterator[str]:
    """One sentence for each kind of trouble: "pages 3–5, 9: damaged, …". `engine` is OCR's name."""
    for trouble, sentence in _SENTENCES.items():
        if numbers := [number for number, page in enumerate(pages, start=1) if trouble in page.troubles]:
            yield f"{named(numbers)}: {sentence}"
    read = {number: page.confidence for number, page in enumerate(pages, start=1) if page.confidence is not None}
    if read:
        mean = sum(read.values()) / len(read)
        yield f"{named(list(read))}: read from a picture by {engine}, with a confidence of {mean:.2f}"
    if doubtful := [number for number, confidence in read.items() if confidence < _UNSURE]:
        yield f"{named(doubtful)}: hard to read, so look at the original before you rely on the words"


def named(numbers: Sequence[int]) -> str:
    """Page numbers, sorted, as a person writes them: "page 3", "pages 3–5, 9"."""
    runs = []
    for _, group in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        run = [number for _, number in group]
        runs.append(f"{run[0]}–{run[-1]}" if len(run) > 1 else f"{run[0]}")
    return f"page{'s' if len(numbers) > 1 else ''} {', '.join(runs)}"
