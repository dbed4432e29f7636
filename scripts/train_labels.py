"""Reads contracts with their experts' labels and says which sentence is a clause of which type."""

import json
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.records import Clause, Span, Transcript
from index.spans import without
from index.taxonomy import clause_types
from ingest.clauses import split_clauses
from ingest.pdf import read_pdf
from ingest.source import IngestError
from models.clause_text import Reading
from models.clause_words import Floats, bare_heading
from models.ocr import Engine, find_ocr, open_ocr

# Of what stands under a heading, so little says nothing by itself.
_SHORTEST_HEADED = 40


@dataclass(frozen=True, slots=True)
class Labelled:
    """A contract with the words that experts marked in it, by category; an empty tuple says that they found none."""

    file: str
    transcript: Transcript
    clauses: tuple[Clause, ...]
    spans: Mapping[str, tuple[str, ...]]

    @property
    def company(self) -> str:
        """Whose filing it is, from the file's name: one firm's forms repeat and must not be on both sides of a split."""
        return re.sub(r"[\W_]", "", re.split(r"_| - ", self.file)[0].lower())[:12]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A contract as it is read, n sentences, and what its sentences are for t types.

    `marks` (n, t) are 0 or 1. `doubts` (n, t) are sentences of which nobody knows: no expert looked for the type, and they
    stand under none of its headings, yet have its words in them.
    """

    reading: Reading
    marks: Floats
    doubts: npt.NDArray[np.bool_]


def lesson(contract: Labelled, reading: Reading, types: Sequence[str]) -> Lesson:
    """What can be learned from a contract."""
    marks = targets(contract, reading, types)
    unlabelled = np.array([name not in contract.spans for name in types], dtype=bool)
    return Lesson(reading, marks, (reading.cues > 0) & (marks == 0) & unlabelled)


def load(directory: Path, limit: int | None = None) -> list[Labelled]:
    """The contracts of a folder with `labels.json` and `pdf/`, read as `ingest` reads them; what can't be read is left out."""
    labels = json.loads((directory / "labels.json").read_text(encoding="utf-8"))[:limit]
    engine = find_ocr()
    ocr = open_ocr(engine) if engine else None
    return [contract for record in labels for contract in _labelled(directory, record, ocr)]


def _labelled(directory: Path, record: Mapping[str, Mapping[str, list[list[str]]]], ocr: Engine | None) -> Iterator[Labelled]:
    file = str(record["file"])
    try:
        transcript = read_pdf((directory / "pdf" / file).read_bytes(), ocr)
    except IngestError:
        return
    spans = {category: tuple(part for parts in marked for part in parts) for category, marked in record["spans"].items()}
    yield Labelled(file, transcript, split_clauses(transcript.text, transcript.pages, transcript.furniture), spans)


def folds(contracts: Sequence[Labelled], count: int) -> list[int]:
    """The fold of each contract: all of a company in one, folds of about one size."""
    sizes = Counter(contract.company for contract in contracts)
    filled = [0] * count
    fold = {}
    for company in sorted(sizes, key=lambda name: (-sizes[name], name)):
        fold[company] = filled.index(min(filled))
        filled[fold[company]] += sizes[company]
    return [fold[contract.company] for contract in contracts]


def targets(contract: Labelled, reading: Reading, types: Sequence[str]) -> Floats:
    """Which sentence is a clause of which type, shape (n, t), 0 or 1.

    For types that experts labelled: half of the sentence is marked, or half of what is marked is in it. For the others,
    where it stands under a heading that the taxonomy gives for the type.
    """
    marks = np.zeros((len(reading.units), len(types)), dtype=np.float32)
    find = _Finder(contract.transcript)
    for column, name in enumerate(types):
        for marked in (place for words in contract.spans.get(name, ()) for place in find(words)):
            mark(marks, reading.units, column, marked)
    _mark_headed(contract, reading, types, marks)
    return marks


def mark(marks: Floats, units: Sequence[Span], column: int, marked: Span) -> None:
    """Set a column of marks (n, t) to 1 for the sentences that are half marked, or have half of what is marked."""
    first = max(0, bisect_right(units, marked.start, key=lambda unit: unit.start) - 1)
    for row in range(first, bisect_right(units, marked.end, key=lambda unit: unit.start)):
        shared = min(marked.end, units[row].end) - max(marked.start, units[row].start)
        if shared > 0 and shared >= 0.5 * min(len(units[row]), len(marked)):
            marks[row, column] = 1


def _mark_headed(contract: Labelled, reading: Reading, types: Sequence[str], marks: Floats) -> None:
    headed: dict[str, list[int]] = {}
    for kind in clause_types():
        if kind.name in types and kind.name not in contract.spans:
            for heading in kind.headings:
                headed.setdefault(heading, []).append(types.index(kind.name))
    for row, unit in enumerate(reading.units):
        for heading in contract.clauses[reading.clause_of[row]].path[-2:]:
            if len(unit) > _SHORTEST_HEADED:
                marks[row, headed.get(bare_heading(heading), [])] = 1


class _Sought:
    """A text as its letters and digits alone, with where each of them stands."""

    def __init__(self, transcript: Transcript, holes: tuple[Span, ...]) -> None:
        text = transcript.text
        parts = without(Span(0, len(text)), holes)
        self.places = [place for part in parts for place in range(part.start, part.end) if text[place].isalnum()]
        self.letters = "".join(text[place].lower()[0] for place in self.places)

    def span(self, first: int, last: int) -> Span:
        return Span(self.places[first], self.places[min(last, len(self.places) - 1)] + 1)


class _Finder:
    """Finds marked words wherever they stand, however they are spaced, over page breaks too."""

    def __init__(self, transcript: Transcript) -> None:
        self._texts = [_Sought(transcript, transcript.furniture), _Sought(transcript, ())]

    def __call__(self, words: str) -> list[Span]:
        key = "".join(letter.lower()[0] for letter in words if letter.isalnum())
        if not key:
            return []
        for search in (_exact, _anchored):
            for text in self._texts:
                if found := list(search(text, key)):
                    return found
        return []


def _exact(text: _Sought, key: str) -> Iterator[Span]:
    at = text.letters.find(key)
    while at >= 0:
        yield text.span(at, at + len(key) - 1)
        # Short words ("30 days") mean what was marked only where they were marked; the first place is as good a guess as any.
        at = text.letters.find(key, at + 1) if len(key) >= 40 else -1


def _anchored(text: _Sought, key: str) -> Iterator[Span]:
    """Where the words begin as marked, for as long as they are."""
    at = text.letters.find(key[: max(20, min(40, len(key) // 3))])
    if at >= 0:
        yield text.span(at, at + len(key) - 1)
