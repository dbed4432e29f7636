"""Programs that a test starts, listens to and stops, and callers who ask them all the time."""

import json
import os
import re
import ssl
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

HEADERS = {
    "MCP-Protocol-Version": "2025-06-18",
    "Accept": "application/json, text/event-stream",
    "Content-Type": "application/json",
}
ASKED = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
QUESTION = {**ASKED, "params": {"name": "search_documents_by_metadata", "arguments": {"party": "acme"}}}


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
def under_load(url: str, trust: ssl.SSLContext | None = None) -> Iterator[Counter[str]]:
    """Two who ask all the time, and what came of it."""
    outcomes: Counter[str] = Counter()
    enough = threading.Event()

    def ask() -> None:
        # Enough to meet every worker in every state, and not so much that fresh ones get no processor to start with.
        while not enough.wait(0.02):
            try:
                with urlopen(Request(url, json.dumps(QUESTION).encode(), HEADERS), timeout=30, context=trust) as answer:  # noqa: S310  # ours
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
