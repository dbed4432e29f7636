"""What the tests of syncing share: a recipe that reads and embeds in no time, and the command run with it in this process."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

from small_firm import WordEncoder
from typer.testing import CliRunner

from index.local import open_index
from index.records import Filter
from ingest.google_client import Clock
from ingest.isolation import Limits, Reader
from ingest.pipeline import Recipe
from scripts.cli import app

# A real reading process with one small reader: a line of text is a chunk, and "locked" can't be read.
PROGRAM = """
from index.records import Chunk, Clause, Contract, Prepared, Span, Transcript
from ingest.isolation import serve
from ingest.source import UnreadableDocument

def read(data, name):
    text = data.decode()
    if text == "locked":
        raise UnreadableDocument("is protected by a password")
    spans, at = [], 0
    for line in text.splitlines(keepends=True):
        spans.append(Span(at, at + len(line)))
        at += len(line)
    chunks = tuple(Chunk(span, None, span.of(text).strip()) for span in spans)
    return Prepared(Transcript(text), (Clause(Span(0, len(text)), "front", 0, None, ()),), chunks, Contract())

serve(read)
"""


def small_recipe(folder: Path, readers: int = 1) -> Recipe:
    """A recipe whose reading program lies in a folder."""
    program = folder / "reading_program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, str(program)]
    return Recipe("r1", lambda: Reader(command, Limits(30, 512)), readers, 1 << 20, WordEncoder())


# Waits between attempts are over at once.
IMPATIENT = Clock(sleep=lambda _: None)


@dataclass(frozen=True)
class Told:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def summary(self) -> dict[str, Any]:
        """The line of JSON."""
        line: dict[str, Any] = json.loads(self.out.strip().splitlines()[-1])
        return line


@dataclass(frozen=True)
class Desk:
    """The command at a data folder, with settings in its environment."""

    data: Path
    environment: Mapping[str, str]
    clock: Clock = IMPATIENT

    def __call__(self, *words: str) -> Told:
        """Run a command in this process, with the small recipe."""
        recipe = small_recipe(self.data.parent)
        places = [patch(f"scripts.{module}.open_recipe", lambda _: recipe) for module in ("syncing", "ingesting")]
        places.append(patch("ingest.google_client.Clock", lambda: self.clock))
        for place in places:
            place.start()
        try:
            told = CliRunner(env={"COLUMNS": "200", **self.environment}).invoke(app, [*words, "--data", str(self.data)])
        finally:
            for place in places:
                place.stop()
        if told.exception and not isinstance(told.exception, SystemExit):
            return Told(2, told.stdout, f"{told.stderr}muniment: {told.exception}\n")
        return Told(told.exit_code, told.stdout, told.stderr)

    def askable(self, *principals: str) -> dict[str, str]:
        """Path → text of all that somebody may ask."""
        with open_index(self.data / "index") as index:
            view = index.view()
            keys = view.select(Filter(frozenset(principals)), date(2026, 11, 22)).keys.tolist()
            found = zip(view.summaries(keys), [view.text(key) for key in keys], strict=True)
            return {Path(summary.folder, summary.file_name).as_posix(): text for summary, text in found}

    def contents(self) -> dict[str, tuple[object, ...]]:
        """Everything that is indexed, by id, in a form in which two indexes can be compared."""
        with open_index(self.data / "index") as index:
            failures = {each.file.id: (each.kind, each.reason) for each in index.inventory().failures}
            view = index.view()
            return {
                file.id: (file.name, file.folder, file.version, file.readers, failures.get(file.id) or self._text(view, file))
                for file in index.files()
            }

    def _text(self, view: Any, file: Any) -> str | None:
        # What nobody may read is there, and can be asked by nobody.
        return str(view.text(view.key_of(file.id, file.readers))) if file.readers else None
