"""A document that hangs, crashes or devours memory costs itself alone."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.isolation import Limits, Reader, ReaderBroken
from ingest.source import UnreadableDocument

# A reading process whose documents say what should happen to it.
PROGRAM = """
import ctypes, os, sys, time
from index.records import Contract, Prepared, Transcript
from ingest.isolation import serve
from ingest.source import UnreadableDocument

def read(data, name):
    word = data.decode()
    if word == "hang":
        while True: pass
    if word == "crash":
        ctypes.string_at(0)
    if word == "devour":
        return [bytes(1 << 20) for _ in range(4096)]
    if word == "exit":
        os._exit(3)
    if word == "print":
        print("noise on standard output", flush=True)
        os.write(1, b"more noise")
    if word == "refuse":
        raise UnreadableDocument("is protected by a password")
    if word == "bug":
        raise KeyError("secret words of a contract")
    return Prepared(Transcript(f"{name}: {word} {os.getpid()}"), (), (), Contract())

serve(read)
"""


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    with Reader([sys.executable, str(program)], Limits(seconds=2, memory_mb=512)) as reader:
        yield reader


def text(reader: Reader, word: str) -> str:
    return reader.prepare(word.encode(), "a.pdf").transcript.text


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("hang", "took longer than 2 s"),
        ("crash", "crashes its reader"),
        ("devour", "needs more than 512 MB"),
        ("exit", "exit code 3"),
        ("refuse", "is protected by a password"),
    ],
)
def test_each_end_of_a_reader_is_a_plain_reason_and_the_next_document_is_read(reader: Reader, word: str, reason: str) -> None:
    with pytest.raises(UnreadableDocument, match=reason):
        text(reader, word)
    assert text(reader, "fine").startswith("a.pdf: fine")


def test_a_bug_in_a_reader_is_named_without_a_word_of_the_contract(reader: Reader) -> None:
    with pytest.raises(UnreadableDocument, match="KeyError") as caught:
        text(reader, "bug")
    assert "secret" not in str(caught.value)


def test_what_a_library_prints_does_not_break_the_answer(reader: Reader) -> None:
    assert text(reader, "print").startswith("a.pdf: print")


def test_one_process_reads_many_documents(reader: Reader) -> None:
    assert text(reader, "one").split()[-1] == text(reader, "two").split()[-1]


def test_a_reading_process_that_does_not_start_is_said_to_be_broken() -> None:
    with (
        Reader([sys.executable, "-c", "raise SystemExit(1)"], Limits()) as reader,
        pytest.raises(ReaderBroken, match="does not start"),
    ):
        reader.prepare(b"", "a.pdf")
