"""Reads DOCX files: the text as it would be printed, with automatic numbers, and what the file says of itself."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from index.records import Transcript
from ingest.docx_body import Story, blocks
from ingest.docx_final import finalise
from ingest.docx_imports import importer
from ingest.docx_notes import Notes, note_styles, notes_by_id
from ingest.docx_package import Package, main_part, open_package
from ingest.docx_properties import properties
from ingest.docx_styles import read_styles
from ingest.docx_xml import Element, R, toggle, w
from ingest.margins import Margins
from ingest.numbering import read_numbering
from ingest.plain import NO_TEXT, tidy
from ingest.source import UnreadableDocument

ONLY_PICTURES = "holds pictures and no text: save it as PDF, so that its pages are read by OCR"


def read_docx(data: bytes) -> Transcript:
    """Read a DOCX file. Raises UnreadableDocument where it is damaged, protected or empty."""
    package = open_package(data)
    main = main_part(package)
    document = package.xml(main)
    body = None if document is None else document.find(w("body"))
    if document is None or body is None:
        raise UnreadableDocument("is named as a Word document inside, but has no body: save it anew as DOCX")
    styles = read_styles(package.related(main, "styles"))
    found = finalise(document, styles)
    lists = read_numbering(package.related(main, "numbering"), styles)
    settings = package.related(main, "settings")
    story = Story(styles, lists, Notes(note_styles(settings)), importer(package, main, found))
    parts = [tidy(block) for block in blocks(body, story)]
    parts += _note_texts(package, main, story, found)
    margins = _margins(package, main, document, story, found, even=bool(toggle(settings, "evenAndOddHeaders")))
    text = "\n\n".join(part for part in margins.around(parts) if part)
    if not text.strip():
        raise UnreadableDocument(ONLY_PICTURES if _has_pictures(document) else NO_TEXT)
    return Transcript(
        text, properties=properties(package) | margins.properties(), warnings=tuple(_warnings(found, package, main))
    )


def _has_pictures(document: Element) -> bool:
    return next(document.iter(w("drawing"), w("pict"), w("object")), None) is not None


def _note_texts(package: Package, main: str, story: Story, found: Counter[str]) -> list[str]:
    """The notes in the order of their marks, each under its own."""
    texts: dict[tuple[str, str], str] = {}
    for kind in ("footnote", "endnote"):
        root = package.related(main, f"{kind}s")
        if root is None:
            continue
        found += finalise(root, story.styles)
        for key, note in notes_by_id(root, kind):
            texts[kind, key] = tidy("\n\n".join(blocks(note, replace(story, notes=Notes()))))
    # A note that is referred to again is printed once.
    return [f"{mark} {text}".strip() for kind, key, mark in story.notes.referred if (text := texts.pop((kind, key), ""))]


def _margins(package: Package, main: str, document: Element, story: Story, found: Counter[str], *, even: bool) -> Margins:
    targets = {relation.id: relation.target for relation in package.relations(main)}
    margins = Margins()
    seen: set[str] = set()
    for section in document.iter(w("sectPr")):
        first_differs = toggle(section, "titlePg")
        for reference in section.iter(w("headerReference"), w("footerReference")):
            target = targets.get(reference.get(R + "id", ""), "").lower()
            first = reference.get(w("type")) == "first"
            unused = (first and not first_differs) or (reference.get(w("type")) == "even" and not even)
            if unused or target in seen or (root := package.xml(target)) is None:
                continue
            letterhead = first and not seen
            seen.add(target)
            found += finalise(root, story.styles)
            text = "\n".join(blocks(root, replace(story, notes=Notes())))
            margins.add("footers" if reference.tag == w("footerReference") else "letterhead" if letterhead else "headers", text)
    return margins


def _warnings(found: Counter[str], package: Package, main: str) -> Iterator[str]:
    if found["deletions"] or found["insertions"]:
        yield (
            f"has tracked changes ({found['insertions']} insertions, {found['deletions']} deletions): "
            "the text is as if all of them were accepted"
        )
    if found["uncomputed"]:
        yield f"has numbers that only Word computes ({found['uncomputed']} LISTNUM or AUTONUM fields), which are missing"
    if found["unread"]:
        yield f"carries {found['unread']} parts for Word to import that could not be read: open it in Word and save it anew"
    if found["hidden"]:
        yield f"holds hidden text ({found['hidden']:,} characters), which was left out"
    comments = package.related(main, "comments")
    if comments is not None and (count := len(comments.findall(w("comment")))):
        yield f"has {count} comment{'s' if count > 1 else ''}, which are not part of the text"
