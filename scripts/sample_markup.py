"""The light markup in which the sample contracts are written: titles, headings, table rows, tracked changes, footnotes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["title", "heading", "paragraph", "row"]
Mark = Literal["plain", "ins", "del", "note"]
_MARKED = re.compile(r"\[\[(ins|del|note):(.*?)\]\]", re.S)


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a contract; the lines of a paragraph are kept apart, the cells of a row are tab-separated."""

    kind: Kind
    text: str


def blocks(source: str) -> Iterator[Block]:
    """The blocks of a source text, in order."""
    for part in re.split(r"\n\s*\n", source.strip()):
        lines = part.splitlines()
        if lines[0].startswith("| "):
            for line in lines:
                yield Block("row", "\t".join(cell.strip() for cell in line.strip("| ").split("|")))
        elif lines[0].startswith("## "):
            yield Block("heading", lines[0].removeprefix("## "))
        elif lines[0].startswith("# "):
            yield Block("title", "\n".join([lines[0].removeprefix("# "), *lines[1:]]))
        else:
            yield Block("paragraph", part)


def runs(text: str) -> Iterator[tuple[Mark, str]]:
    """A text's runs: plain ones, tracked insertions and deletions, and footnotes."""
    at = 0
    for found in _MARKED.finditer(text):
        if found.start() > at:
            yield "plain", text[at : found.start()]
        yield found[1], found[2]  # type: ignore[misc]  # the pattern names the marks
        at = found.end()
    if at < len(text):
        yield "plain", text[at:]


def final(text: str) -> str:
    """A text as it would be printed: insertions in, deletions and notes out."""
    return "".join(words for mark, words in runs(text) if mark in {"plain", "ins"})
