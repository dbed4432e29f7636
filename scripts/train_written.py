"""Clauses that were written for training, put among those of real contracts: rare ones in more words than labels have."""

import json
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.records import Clause, Span
from models.clause_text import NEAR_BEGINNING, PLACES, Reading, read
from models.clause_words import Bags, Lexicon, Vocabulary
from scripts.train_labels import Lesson, mark

FILE = Path(__file__).with_name("written_clauses.jsonl")
_MARK = re.compile(r"\[\[([^|\]]+)\|(.+?)\]\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Written:
    """A clause in the words of nobody's contract, with what of it is of which types; `near` is a type that it only looks like."""

    heading: str
    text: str
    marks: tuple[tuple[Span, tuple[str, ...]], ...]
    near: str | None

    @property
    def types(self) -> frozenset[str]:
        """The types that whoever wrote it thought of: of others nobody knows."""
        return frozenset(name for _, names in self.marks for name in names) | ({self.near} if self.near else frozenset())


def load_written(file: Path = FILE) -> list[Written]:
    """The clauses of a file, one a line: `heading`, `text` with its [[Type + Type|marked words]], and `near` where it has one."""
    return [_written(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]


def _written(record: Mapping[str, str]) -> Written:
    text, marks, at = "", [], 0
    for found in _MARK.finditer(record["text"]):
        text += record["text"][at : found.start()]
        names = tuple(name.strip() for name in found[1].split(" + "))
        marks.append((Span(len(text), len(text) + len(found[2])), names))
        text += found[2]
        at = found.end()
    return Written(record["heading"], text + record["text"][at:], tuple(marks), record.get("near"))


def written_lesson(written: Written, vocabulary: Vocabulary, lexicon: Lexicon, types: Sequence[str]) -> Lesson:
    """What can be learned from it; a sentence with the words of a type that its writer did not think of is in doubt."""
    path = (written.heading,) if written.heading else ()
    clause = Clause(Span(0, len(written.text)), "clause", 1, None, path)
    reading = read(written.text, (clause,), (), vocabulary, lexicon)
    marks = np.zeros((len(reading.units), len(types)), dtype=np.float32)
    for span, names in written.marks:
        for name in names:
            mark(marks, reading.units, types.index(name), span)
    sounds = (reading.cues > 0) | (reading.headed[reading.clause_of] > 0)
    unknown = np.array([name not in written.types for name in types], dtype=bool)
    return Lesson(reading, marks, sounds & (marks == 0) & unknown)


def among(lesson: Lesson, written: Sequence[Lesson], chance: np.random.Generator) -> Lesson:
    """A contract with written clauses between its own, at places that chance chooses."""
    clauses, rows = len(lesson.reading.headings), lesson.reading.clause_of.tolist()
    places = sorted(chance.integers(0, clauses + 1, size=len(written)).tolist())
    pieces, last = [], 0
    for place, each in zip(places, written, strict=True):
        pieces += [_piece(lesson, last, place, rows), _at(each, lesson.reading, bisect_left(rows, place))]
        last = place
    return _joined([*pieces, _piece(lesson, last, clauses, rows)])


def _piece(lesson: Lesson, first: int, last: int, clause_of: Sequence[int]) -> Lesson:
    """Some clauses of a contract."""
    reading, rows = lesson.reading, slice(bisect_left(clause_of, first), bisect_left(clause_of, last))
    part = Reading(
        units=reading.units[rows],
        clause_of=reading.clause_of[rows] - first,
        words=_rows(reading.words, rows.start, rows.stop),
        headings=_rows(reading.headings, first, last),
        cues=reading.cues[rows],
        headed=reading.headed[first:last],
        shape=reading.shape[rows],
    )
    return Lesson(part, lesson.marks[rows], lesson.doubts[rows])


def _at(written: Lesson, contract: Reading, row: int) -> Lesson:
    """A written clause as it looks where it is put: no other than what stands beside it."""
    shape = written.reading.shape.copy()
    if len(contract.units):
        shape[:, PLACES] = contract.shape[min(row, len(contract.units) - 1), PLACES]
    shape[:, NEAR_BEGINNING] = 0
    reading = written.reading
    placed = Reading(reading.units, reading.clause_of, reading.words, reading.headings, reading.cues, reading.headed, shape)
    return Lesson(placed, written.marks, written.doubts)


def _rows(bags: Bags, first: int, last: int) -> Bags:
    starts = bags.starts[first : last + 1]
    return Bags(bags.ids[starts[0] : starts[-1]], starts - starts[0])


def _joined(parts: Sequence[Lesson]) -> Lesson:
    readings = [part.reading for part in parts]
    before = np.cumsum([0, *(len(reading.headings) for reading in readings)])
    whole = Reading(
        units=tuple(unit for reading in readings for unit in reading.units),
        clause_of=np.concatenate([reading.clause_of + first for reading, first in zip(readings, before, strict=False)]),
        words=_one_after_the_other([reading.words for reading in readings]),
        headings=_one_after_the_other([reading.headings for reading in readings]),
        cues=np.concatenate([reading.cues for reading in readings]),
        headed=np.concatenate([reading.headed for reading in readings]),
        shape=np.concatenate([reading.shape for reading in readings]),
    )
    return Lesson(whole, np.concatenate([part.marks for part in parts]), np.concatenate([part.doubts for part in parts]))


def _one_after_the_other(bags: Sequence[Bags]) -> Bags:
    counts = np.concatenate([np.diff(each.starts) for each in bags])
    return Bags(np.concatenate([each.ids for each in bags]), np.concatenate([[0], np.cumsum(counts)]))
