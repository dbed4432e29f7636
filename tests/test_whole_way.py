"""From a folder of contracts to cited answers: the real commands, the real models, real clients, and kill -9."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest
from mcp import Client, StdioServerParameters

MUNIMENT = [sys.executable, "-m", "scripts.cli"]
ERAS = ("legacy", "2026-07-28")
NDA = """MUTUAL NON-DISCLOSURE AGREEMENT

This Mutual Non-Disclosure Agreement is entered into as of March 3, 2025 (the "Effective Date") between Halden Optics, Inc., a
Delaware corporation ("Halden"), and Brightwater Labs LLC, a Washington limited liability company ("Brightwater").

1. CONFIDENTIALITY

Each party shall keep the other's Confidential Information secret and shall use it only to evaluate a possible transaction between
the parties.

2. TERM

This Agreement shall remain in force for three (3) years from the Effective Date.

3. GOVERNING LAW

This Agreement shall be governed by and construed in accordance with the laws of the State of Washington.

IN WITNESS WHEREOF, the parties have executed this Agreement.

HALDEN OPTICS, INC.                     BRIGHTWATER LABS LLC
By: /s/ Mara Lind                       By: /s/ Otto Berg
"""
VENDOR = """VENDOR AGREEMENT

This Vendor Agreement (the "Agreement") is made on January 10, 2024 by and between Northgate Stationers Limited ("Supplier") and
Halden Optics, Inc. ("Customer").

1. SUPPLY

Supplier shall deliver the office goods that Customer orders from time to time, each within ten days of the order.

2. LIABILITY

The aggregate liability of Supplier under this Agreement shall not exceed the fees paid by Customer in the twelve months before
the claim arose.

3. TERMINATION

Customer may terminate this Agreement at any time, for any reason or for none, upon sixty days' written notice to Supplier.

4. LAW

This Agreement is governed by the laws of England and Wales.
"""


def environment() -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MUNIMENT_")}
    return {
        **clean,
        "OMP_NUM_THREADS": "1",
        "COLUMNS": "200",
        "MUNIMENT_EMBEDDING_THREADS": "1",
        "MUNIMENT_READING__OCR": "off",
        "MUNIMENT_SERVER__DEADLINE_SECONDS": "120",
    }


def muniment(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*MUNIMENT, *words], check=False, env=environment(), capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder of contracts, and the data folder in which they were indexed."""
    contracts, data = tmp_path_factory.mktemp("contracts"), tmp_path_factory.mktemp("data")
    (contracts / "Vendors").mkdir()
    (contracts / "halden-nda.txt").write_text(NDA)
    (contracts / "Vendors" / "northgate.txt").write_text(VENDOR)
    (contracts / "Vendors" / "broken.pdf").write_bytes(b"%PDF-1.7\nthis was a contract once")
    told = muniment("ingest", "--folder", str(contracts), "--data", str(data))
    assert told.returncode == 1, told.stderr
    assert "2 indexed, 1 unreadable" in told.stdout
    return contracts, data


@contextmanager
def serving(data: Path) -> Iterator[str]:
    command = [*MUNIMENT, "serve", "--port", "0", "--data", str(data)]
    with subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        try:
            line = next(line for line in server.stderr if line.startswith("serving "))
            yield line.split()[1]
        finally:
            server.send_signal(signal.SIGTERM)
            server.stderr.read()
            assert server.wait(30) == 0


async def ask(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    content: dict[str, Any] = result.structured_content
    return content


async def check(client: Client) -> None:
    """The two questions of the README, and words that are the contract's own."""
    found = await ask(client, "search_documents_by_metadata", party="halden optics", contract_type="nda")
    assert [it["file_name"] for it in found["documents"]] == ["halden-nda.txt"]
    nda = found["documents"][0]
    assert (nda["effective_date"], nda["expiration_date"]) == ("2025-03-03", "2028-03-03")
    assert nda["governing_law"] == "Washington"
    answer = await ask(client, "extract_clause", clause="cap on liability", party="Northgate")
    assert answer["found"]
    best = answer["excerpts"][0]
    assert "shall not exceed the fees paid" in best["text"]
    text = (await ask(client, "read_contract", document_id=best["document_id"], offset=0, limit=20_000))["text"]
    assert text[best["char_start"] : best["char_end"]] == best["text"]


@pytest.mark.anyio
async def test_both_questions_are_answered_over_http_in_both_eras(firm: tuple[Path, Path]) -> None:
    with serving(firm[1]) as url:
        for era in ERAS:
            async with Client(url, mode=era) as client:
                await check(client)


@pytest.mark.anyio
async def test_both_questions_are_answered_over_stdio(firm: tuple[Path, Path]) -> None:
    program = StdioServerParameters(
        command=sys.executable, args=["-m", "scripts.cli", "serve", "--stdio", "--data", str(firm[1])], env=environment()
    )
    async with Client(program) as client:
        await check(client)


def test_the_terminal_gives_the_same_answers(firm: tuple[Path, Path]) -> None:
    told = muniment("clause", "can we terminate without cause?", "--party", "northgate", "--json", "--data", str(firm[1]))
    answer = json.loads(told.stdout)
    assert "for any reason or for none" in answer["excerpts"][0]["text"]
    listed = muniment("search", "--party", "brightwater", "--data", str(firm[1]))
    assert "halden-nda.txt" in listed.stdout
    assert "1 of 1 contracts" in listed.stdout


def test_what_could_not_be_read_stays_listed_with_its_reason(firm: tuple[Path, Path]) -> None:
    told = muniment("status", "--data", str(firm[1]))
    assert "Vendors/broken.pdf: " in told.stdout
    assert "2 contracts" in told.stdout


def test_an_unchanged_folder_is_done_without_loading_a_model(firm: tuple[Path, Path]) -> None:
    program = "import sys; from scripts.cli import main\ntry: main()\nfinally: print('torch' in sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", program, "ingest", "--folder", str(firm[0]), "--data", str(firm[1])]
    told = subprocess.run(command, check=False, env=environment(), capture_output=True, text=True, timeout=120)
    assert "3 unchanged" in told.stdout
    assert told.stderr.strip().endswith("False")


def test_no_text_is_in_any_log(firm: tuple[Path, Path]) -> None:
    told = muniment("clause", "secret words of a question", "--data", str(firm[1]))
    assert "secret words" not in told.stderr
    assert "Confidential Information" not in told.stderr


def test_answers_are_measured_against_experts_labels(firm: tuple[Path, Path], tmp_path: Path) -> None:
    right = {"Parties": "Halden Optics, Inc.; Brightwater Labs LLC", "Document Name": "Mutual Non-Disclosure Agreement"}
    law = "This Agreement shall be governed by and construed in accordance with the laws of the State of Washington."
    labels = [
        {
            "file": "halden-nda.txt",
            "answers": right | {"Governing Law": "Washington", "Effective Date": "3/3/2025", "Expiration Date": "3/3/2031"},
            "spans": {"Governing Law": [[law]], "Insurance": []},
        },
        {"file": "never-indexed.txt", "answers": {}, "spans": {}},
    ]
    (tmp_path / "labels.json").write_text(json.dumps(labels))
    told = muniment("evaluate", "--labels", str(tmp_path / "labels.json"), "--data", str(firm[1]), "--json", "--wrong", "1")
    figures = json.loads(told.stdout)
    assert (figures["contracts"], figures["missing"]) == (1, ["never-indexed.txt"])
    facts = {name: of["right"] for name, of in figures["metadata"].items()}
    assert facts["party_recall"] == facts["governing_law"] == facts["effective_date"] == facts["title"] == 1
    # The label is wrong on purpose: the measuring must show that the answer differs, and how.
    assert facts["expiration_date"] == 0
    assert figures["metadata"]["expiration_date"]["wrong"] == [["halden-nda.txt", "2031-03-03", "2028-03-03", ANY]]
    assert figures["clauses"]["standard"]["questions"] == 1
    assert figures["clauses"]["standard"]["hit1"] == 1
    assert figures["search"]["party"]["hit1"] == 1
    (tmp_path / "labels.json").write_text('[{"file": 1}]')
    told = muniment("evaluate", "--labels", str(tmp_path / "labels.json"), "--data", str(firm[1]))
    assert (told.returncode, "is not in the form of CUAD's labels.json: 0.file" in told.stderr) == (2, True)


def test_a_second_writer_is_told_who_holds_the_index(firm: tuple[Path, Path], tmp_path: Path) -> None:
    from index.local import open_for_writing
    from index.store import Manifest

    manifest = Manifest("all-MiniLM-L6-v2@53aa5117", 384, "test")
    with open_for_writing(firm[1] / "index", manifest):
        told = muniment("ingest", "--folder", str(firm[0]), "--data", str(firm[1]))
    assert told.returncode == 2
    assert "is being written by" in told.stderr
    assert str(os.getpid()) in told.stderr


def test_an_ingestion_that_is_killed_goes_on_where_it_was_and_loses_and_doubles_nothing(tmp_path: Path) -> None:
    contracts, data = tmp_path / "contracts", tmp_path / "data"
    contracts.mkdir()
    for number in range(12):
        (contracts / f"{number:02}.txt").write_text(NDA.replace("Halden", f"Halden{number}"))
    command = [*MUNIMENT, "ingest", "--folder", str(contracts), "--data", str(data)]
    catalogue = data / "index" / "catalogue.db"
    for _ in range(3):
        with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
            before = changed(catalogue)
            while running.poll() is None and changed(catalogue) == before:
                time.sleep(0.01)  # waits for the program to write, not for time to pass
            running.send_signal(signal.SIGKILL)
    told = muniment("ingest", "--folder", str(contracts), "--data", str(data), "--json")
    assert json.loads(told.stdout)["documents"] == 12
    listed = json.loads(muniment("search", "--limit", "50", "--json", "--data", str(data)).stdout)
    assert sorted(it["file_name"] for it in listed["documents"]) == [f"{number:02}.txt" for number in range(12)]
    assert listed["total"] == 12


def test_ctrl_c_leaves_a_usable_index_and_the_next_run_goes_on(tmp_path: Path) -> None:
    contracts, data = tmp_path / "contracts", tmp_path / "data"
    contracts.mkdir()
    count = 60  # so many that a busy machine can't be through before it hears of the first
    for number in range(count):
        (contracts / f"{number:02}.txt").write_text(NDA.replace("Halden", f"Halden{number}"))
    command = [*MUNIMENT, "ingest", "--folder", str(contracts), "--data", str(data)]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        while running.poll() is None and indexed(data) == 0:
            time.sleep(0.01)  # waits for the program to store a document, not for time to pass
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=120)
    assert running.returncode == 130
    assert "the next run goes on from there" in told
    assert "Traceback" not in told
    done = indexed(data)
    assert 1 <= done < count
    listed = json.loads(muniment("search", "--json", "--data", str(data)).stdout)
    assert listed["total"] == done
    finished = json.loads(muniment("ingest", "--folder", str(contracts), "--data", str(data), "--json").stdout)
    assert (finished["unchanged"], finished["indexed"], finished["documents"]) == (done, count - done, count)


def indexed(data: Path) -> int:
    """How many documents are stored."""
    with (
        suppress(sqlite3.Error),
        closing(sqlite3.connect(f"file:{data / 'index' / 'catalogue.db'}?mode=ro", uri=True)) as catalogue,
    ):
        return int(catalogue.execute("SELECT count(*) FROM documents WHERE live_to IS NULL").fetchone()[0])
    return 0


def changed(catalogue: Path) -> int:
    """How much was written: the size of the log that SQLite writes first."""
    log = catalogue.with_name(catalogue.name + "-wal")
    return log.stat().st_size if log.exists() else 0
