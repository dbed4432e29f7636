"""Several workers behind one address: none of them is missed when it goes, and no call is lost when all are renewed."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen

import psutil
import pytest
from small_firm import build

from server.trails import verify

HEADERS = {
    "MCP-Protocol-Version": "2025-06-18",
    "Accept": "application/json, text/event-stream",
    "Content-Type": "application/json",
}
ASKED = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
QUESTION = {**ASKED, "params": {"name": "search_documents_by_metadata", "arguments": {"party": "acme"}}}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("firm") / "index"
    build(made)
    return made


class Program:
    """A program that keeps workers; what it says is read as it comes."""

    def __init__(self, *words: str) -> None:
        tests = Path(__file__).parent
        environment = {**os.environ, "PYTHONPATH": f"{tests.parent}{os.pathsep}{tests}"}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([sys.executable, "-m", *words], env=environment, stdout=pipe, stderr=pipe, text=True)
        assert self.process.stdout is not None
        self.where = self.process.stdout.readline().strip()
        self.said: list[str] = []
        self._heard = threading.Condition()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def until(self, words: str, times: int = 1) -> None:
        """Wait until it has said so."""
        with self._heard:
            heard = self._heard.wait_for(lambda: len(re.findall(words, "".join(self.said))) >= times, timeout=60)
        assert heard, self.said

    def workers(self) -> set[int]:
        return {child.pid for child in psutil.Process(self.process.pid).children()}

    def end(self) -> int:
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(30)
        self._listener.join(30)
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()
        return self.process.returncode

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._heard:
                self.said.append(line)
                self._heard.notify_all()


@contextmanager
def running(*words: str) -> Iterator[Program]:
    program = Program(*words)
    try:
        yield program
    finally:
        program.end()


@contextmanager
def under_load(url: str) -> Iterator[Counter[str]]:
    """Two who ask all the time, and what came of it."""
    outcomes: Counter[str] = Counter()
    enough = threading.Event()

    def ask() -> None:
        # Enough to meet every worker in every state, and not so much that fresh ones get no processor to start with.
        while not enough.wait(0.02):
            try:
                with urlopen(Request(url, json.dumps(QUESTION).encode(), HEADERS), timeout=30) as answer:  # noqa: S310  # ours
                    told = answer.read().decode()
                outcomes["answered" if "nda-acme" in told else told] += 1
            except (OSError, HTTPException) as error:
                outcomes[repr(error)] += 1

    askers = [threading.Thread(target=ask) for _ in range(2)]
    for asker in askers:
        asker.start()
    try:
        yield outcomes
    finally:
        enough.set()
        for asker in askers:
            asker.join(60)


def test_all_are_renewed_under_load_without_a_lost_call_and_stopped_in_order(place: Path, tmp_path: Path) -> None:
    audit = tmp_path / "audit"
    with running("small_server", str(place), "--workers", "2", "--state", str(audit)) as program:
        program.until("Application startup complete", 2)
        with under_load(program.where) as outcomes:
            program.process.send_signal(signal.SIGHUP)
            program.until("Finished server process", 2)
        assert set(outcomes) == {"answered"}
        assert program.end() == 0
    assert not any("Traceback" in line for line in program.said)
    verdict = verify(audit)
    assert (verdict.wrong, verdict.lines) == ((), outcomes["answered"])


@pytest.fixture
def light(tmp_path: Path) -> Iterator[Program]:
    with running("light_workers", str(tmp_path / "fault")) as program:
        assert met(program, 2)
        yield program


def met(program: Program, count: int) -> set[int]:
    """The numbers of the workers, once so many have answered."""
    numbers: set[int] = set()
    while len(numbers) < count:
        with socket.create_connection(("127.0.0.1", int(program.where)), timeout=20) as line:
            numbers.add(int(line.recv(100)))
    return numbers


def test_fresh_ones_take_over_when_all_are_ready(light: Program) -> None:
    old = light.workers()
    light.process.send_signal(signal.SIGHUP)
    light.until("INFO:ended", 2)
    assert not met(light, 2) & old
    assert len(light.workers()) == 2


def test_one_that_dies_is_replaced(light: Program) -> None:
    dead = light.workers().pop()
    os.kill(dead, signal.SIGKILL)
    light.until(f"worker {dead} ended with -9")
    assert dead not in met(light, 2)


def test_where_fresh_ones_can_not_start_the_old_ones_stay(light: Program, tmp_path: Path) -> None:
    old = light.workers()
    (tmp_path / "fault").touch()
    light.process.send_signal(signal.SIGHUP)
    light.until("the old ones go on")
    assert met(light, 2) == old


def test_workers_that_never_get_ready_are_given_up(tmp_path: Path) -> None:
    (tmp_path / "fault").touch()
    with running("light_workers", str(tmp_path / "fault")) as program:
        program.until("5 workers ended without ever having been ready")
        assert program.process.wait(30) == 1


def test_no_worker_outlives_the_one_who_started_it(light: Program) -> None:
    workers = [psutil.Process(number) for number in light.workers()]
    light.process.kill()
    assert psutil.wait_procs(workers, timeout=30)[1] == []
