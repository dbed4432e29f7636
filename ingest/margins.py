"""Headers and footers of formats that hold them apart from the text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ingest.plain import tidy

Place = Literal["letterhead", "headers", "footers"]

_LONGEST = 2_000
_LONGEST_NUMBER = 60
_SPACE = re.compile(r"\s+")
_PAGE_NUMBER = re.compile(r"(?i)[-–—\s]*(?:page\s*)?[\divxlc]*\s*(?:(?:of|/)\s*\d+)?[-–—\s]*")


@dataclass(slots=True)
class Margins:
    """What stands in headers and footers; `letterhead` is the header that only the first page has."""

    letterhead: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    footers: list[str] = field(default_factory=list)

    def add(self, place: Place, text: str) -> None:
        """Take one header or footer, each text once."""
        texts: list[str] = getattr(self, place)
        if (text := tidy(text)) and text not in texts:
            texts.append(text)

    def around(self, parts: Sequence[str]) -> list[str]:
        """The paragraphs of a text with what its margins say and it does not.

        A letterhead may be the only place that names a party, so it comes first; other margins come last, within bounds.
        """
        known = _plain("\n".join(parts))
        before = [text for text in self.letterhead if _is_new(text, known)]
        after = [text for text in self.headers + self.footers if _is_new(text, known)]
        return [*_bounded(before), *parts, *_bounded(after)]

    def properties(self) -> dict[str, str]:
        """All that they say, as `headers` and `footers`."""
        said = {"headers": self.letterhead + self.headers, "footers": self.footers}
        return {place: "\n".join(texts)[:_LONGEST] for place, texts in said.items() if texts}


def _is_new(text: str, known: str) -> bool:
    lines = (line for line in text.splitlines() if len(line) > _LONGEST_NUMBER or not _PAGE_NUMBER.fullmatch(line))
    return any(_plain(line) not in known for line in lines)


def _bounded(texts: Sequence[str]) -> Iterator[str]:
    left = _LONGEST
    for text in texts:
        if (left := left - len(text)) >= 0:
            yield text


def _plain(text: str) -> str:
    return _SPACE.sub(" ", text).strip().casefold()
