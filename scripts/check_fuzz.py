"""Lets schemathesis try every HTTP route of this very application with what fits and what does not: `make fuzz`.

Then `scripts.check_load` sends it what is no JSON, or no message, at all.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from scripts.openapi import META, MODERN, Offered, document
from scripts.trials import HOUSE, serving
from server.keys import add_key

TOOLS = ("search_documents_by_metadata", "extract_clause", "read_contract")
_CALLS = re.compile(r'^muniment_calls_total\{outcome="(\w+)",tool="([\w/]+)"\} (\S+)$', re.MULTILINE)
_CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "unsupported_method", "nothing_of_the_inside",
)  # fmt: skip


def main() -> None:
    """Start the application over a small index, try it, and leave with 1 where an answer or its log is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=40, help="how many pieces of each kind a route is tried with")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="a pattern of operations' names")
    parser.add_argument("--keep", type=Path, help="where to leave the document")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        keys, log, described = folder / "keys.json", folder / "log", (asked.keep or folder / "openapi.json")
        key = add_key(keys, "fuzzer", frozenset(), datetime.now(UTC))
        words = (str(folder / "index"), "--keys", str(keys), "--issuer", "https://issuer.invalid", "--log-level", "WARNING")
        with serving("small_server", *words, log=log) as url:
            described.write_text(json.dumps(document(_offered(url, key), key), indent=1), encoding="utf-8")
            failed = _tried(url, described, asked) or (asked.only is None and _bytes(url, key))
            outcomes = _outcomes(url, key)
        faults = [line for line in log.read_text(errors="replace").splitlines() if line.startswith(("ERROR", "Traceback"))]
    for what, came in sorted(outcomes.items()):
        print(f"{what}: {', '.join(f'{count} {outcome}' for outcome, count in came.most_common())}")
    print(f"faults in the log: {len(faults)}", *faults[:10], sep="\n")
    # Tools that no call got through to were not tried.
    unanswered = [tool for tool in TOOLS if asked.only is None and not outcomes[tool]["ok"]]
    print(*(f"never answered: {tool}" for tool in unanswered), sep="\n")
    sys.exit(1 if failed or faults or unanswered else 0)


def _tried(url: str, described: Path, asked: argparse.Namespace) -> bool:
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", str(described), "--url", url, "--checks", ",".join(_CHECKS),
        "--phases", "examples,coverage,fuzzing", "--max-examples", str(asked.examples), "--seed", str(asked.seed),
        "--request-timeout", "40", "--continue-on-failure", "--generation-database", "none",
        "--suppress-health-check", "all", "--warnings", "off", *_only(asked.only),
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(HOUSE), "SCHEMATHESIS_HOOKS": "scripts.fuzz_answers"}
    return subprocess.run(command, cwd=described.parent, env=environment, check=False).returncode != 0  # noqa: S603  # our own command


def _bytes(url: str, key: str) -> bool:
    command = [sys.executable, "-m", "scripts.check_load", "fuzz", "--url", f"{url}/mcp", "--key", key, "--calls", "1500"]
    return subprocess.run(command, cwd=HOUSE, check=False).returncode != 0  # noqa: S603  # our own command


def _outcomes(url: str, key: str) -> Mapping[str, Counter[str]]:
    """How often each question ended how, by the server's own figures."""
    outcomes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    with urlopen(Request(f"{url}/metrics", headers={"X-API-Key": key}), timeout=30) as answer:  # noqa: S310  # our own address
        for outcome, what, count in _CALLS.findall(answer.read().decode()):
            outcomes[what][outcome] += int(float(count))
    return outcomes


def _only(pattern: str | None) -> Sequence[str]:
    return ("--include-operation-id-regex", pattern) if pattern else ()


def _offered(url: str, key: str) -> Offered:
    resources = _listed(url, key, "resources/list")["resources"]
    return Offered(
        _listed(url, key, "tools/list")["tools"], _listed(url, key, "prompts/list")["prompts"], [it["uri"] for it in resources]
    )


def _listed(url: str, key: str, method: str) -> dict[str, Any]:
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {"_meta": META}}
    headers = {
        "X-API-Key": key, "MCP-Protocol-Version": MODERN, "Mcp-Method": method,
        "Accept": "application/json, text/event-stream", "Content-Type": "application/json",
    }  # fmt: skip
    with urlopen(Request(f"{url}/mcp", json.dumps(body).encode(), headers), timeout=30) as answer:  # noqa: S310  # our own address
        result: dict[str, Any] = json.loads(answer.read())["result"]
    return result


if __name__ == "__main__":
    main()
