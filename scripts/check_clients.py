"""Drives this very application by real clients that others made, in every version of the protocol: `make clients`."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scripts.trials import HOUSE, NPM, npm_programs, serving
from server.keys import add_key

INSPECTOR = "@modelcontextprotocol/inspector@2.12.0"
TYPESCRIPT = ("@modelcontextprotocol/client@2.4.0", "@modelcontextprotocol/sdk@1.32.2")
PYTHON = "mcp==1.30.0"
VERSIONS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28")
# What a client can't do by itself, whatever the server does. One of these that passes fails the run, so that the list stays true.
_ALWAYS = "it offers 2025-11-25, the last version it knows, and no other"
CANT = {(client, version): _ALWAYS for client in (TYPESCRIPT[1], PYTHON) for version in VERSIONS if version != "2025-11-25"}
_OTHER_VERSION, _TOOL_ERROR, _SECONDS = 3, 5, 120

_SEARCH = ("--method", "tools/call", "--tool-name", "search_documents_by_metadata")
_CLAUSE = ("--method", "tools/call", "--tool-name", "extract_clause")
# What the Inspector is asked, with the exit code that it should leave with and words that its answer should have.
_INSPECTED: Mapping[str, tuple[Sequence[str], int, str]] = {
    "tools": (("--method", "tools/list", "--strict"), 0, "extract_clause"),
    "search": ((*_SEARCH, "--tool-arg", "party=acme", "limit=5"), 0, "nda-acme"),
    "clause": ((*_CLAUSE, "--tool-arg", "clause=governing law", "document_id=nda-acme"), 0, "laws of the State of New York"),
    "argument error": ((*_SEARCH, "--tool-arg", "limit=900"), _TOOL_ERROR, "give a whole number from 1 to 50"),
    "unknown argument": ((*_CLAUSE, "--tool-args-json", '{"clauses": "x"}'), _TOOL_ERROR, "did you mean clause?"),
    "resources": (("--method", "resources/list"), 0, "contract://nda-acme"),
    "resource": (("--method", "resources/read", "--uri", "contract://nda-acme/text"), 0, "Acme Robotics"),
    "prompts": (("--method", "prompts/list"), 0, "nda_check"),
    "prompt": (("--method", "prompts/get", "--prompt-name", "nda_check", "--prompt-args", "client=Acme"), 0, "Acme"),
}


@dataclass(frozen=True, slots=True)
class Came:
    """What came of one client in one version: the steps that passed, and what went wrong, if anything did."""

    client: str
    version: str
    passed: tuple[str, ...]
    wrong: str | None = None
    other_version: bool = False

    def good(self) -> bool:
        """Whether it is as it should be."""
        return self.other_version if (self.client, self.version) in CANT else self.wrong is None

    def line(self) -> str:
        """In words."""
        who, steps = f"{self.client} {self.version}", ", ".join(self.passed) or "nothing"
        if reason := CANT.get((self.client, self.version)):
            return (
                f"{who}: not spoken, as expected: {reason}"
                if self.good()
                else f"{who}: NOT the exception that is listed: {steps}"
            )
        return f"{who}: {steps}" if self.good() else f"{who}: passed {steps}, then FAILED\n{self.wrong}"


def main() -> None:
    """Fetch the clients into build/, drive the application by each, and leave with 1 where any fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=NPM)
    parser.add_argument("--python", type=Path, default=HOUSE / "build" / "clients", help="the environment of the Python client")
    asked = parser.parse_args()
    node, modules = npm_programs(asked.cache, INSPECTOR, *TYPESCRIPT)
    python = _environment(asked.python)
    good = True
    with tempfile.TemporaryDirectory() as folder:
        keys = Path(folder) / "keys.json"
        key = add_key(keys, "clients", frozenset(), datetime.now(UTC))
        words = (str(Path(folder) / "index"), "--keys", str(keys), "--log-level", "WARNING")
        with serving("small_server", *words) as url:
            for came in _all(f"{url}/mcp", key, node, modules, python, Path(folder)):
                print(came.line(), flush=True)
                good = good and came.good()
    sys.exit(0 if good else 1)


def _all(url: str, key: str, node: Path, modules: Path, python: Path, home: Path) -> Iterator[Came]:
    for era in ("legacy", "modern"):
        yield _inspected([str(node), str(modules / ".bin" / "mcp-inspector"), "--cli", url], key, era, home)
    # Node looks for packages from where a script lies.
    driver = str(shutil.copy(HOUSE / "tests" / "foreign_client.mjs", modules.parent))
    for client in TYPESCRIPT:
        for version in VERSIONS:
            yield _driven(client, version, [str(node), driver, client.rpartition("@")[0], url, key, version])
    for version in VERSIONS:
        yield _driven(PYTHON, version, [str(python), str(HOUSE / "tests" / "foreign_client.py"), url, key, version])


def _inspected(command: Sequence[str], key: str, era: str, home: Path) -> Came:
    """The Inspector's steps, each a run of its own; it keeps its files in a home that goes when all is done."""
    passed: list[str] = []
    for step, (words, code, expected) in _INSPECTED.items():
        whole = [*command, "--header", f"X-API-Key: {key}", "--protocol-era", era, *words, "--format", "json"]
        done = _run(whole, {**os.environ, "HOME": str(home)})
        if done.returncode != code or expected not in _plain(done.stdout):
            return Came(
                INSPECTOR, era, tuple(passed), f"{step}: exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
            )
        passed.append(step)
    return Came(INSPECTOR, era, tuple(passed))


def _driven(client: str, version: str, command: Sequence[str]) -> Came:
    done = _run(command, {**os.environ})
    passed = tuple(done.stdout.splitlines())
    if done.returncode == 0:
        return Came(client, version, passed)
    return Came(client, version, passed, done.stderr[-4000:] or done.stdout[-4000:], done.returncode == _OTHER_VERSION)


def _run(command: Sequence[str], environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(  # noqa: S603  # our own command
            command, env=environment, timeout=_SECONDS, check=False, capture_output=True, text=True
        )
    except subprocess.TimeoutExpired as late:
        return subprocess.CompletedProcess(command, -1, "", str(late))


def _plain(answer: str) -> str:
    """A JSON answer's words, as far as it is one."""
    try:
        return json.dumps(json.loads(answer), ensure_ascii=False)
    except ValueError:
        return answer


def _environment(folder: Path) -> Path:
    """A Python that has the first generation's client, and nothing of this project."""
    python, done = folder / "bin" / "python", folder / PYTHON
    if not done.exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", PYTHON], check=True)  # noqa: S603  # our own command
        done.touch()
    return python


if __name__ == "__main__":
    main()
