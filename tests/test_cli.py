"""The `muniment` command says what it does, and ends in one line and an exit code where it can't."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

MUNIMENT = [sys.executable, "-m", "scripts.cli"]
COMMANDS = [
    "backup",
    "restore",
    "audit verify",
    "audit query",
    "ingest",
    "serve",
    "search",
    "clause",
    "status",
    "rebuild",
    "doctor",
    "groups",
    "groups sync",
    "groups show",
    "evaluate",
    "connect",
    "settings",
    "key",
    "key add",
]


def muniment(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MUNIMENT_")}
    return subprocess.run(
        [*MUNIMENT, *words],
        check=False,
        cwd=cwd,
        env={**clean, "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str, tmp_path: Path) -> None:
    told = muniment(*command.split(), "--help", cwd=tmp_path)
    assert told.returncode == 0
    assert re.search(rf"Example: muniment {command}\b", told.stdout)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["ingest"], "no folder of contracts is set: pass --folder, or set MUNIMENT_FOLDER"),
        (["ingest", "--folder", "nowhere"], "nowhere is not a folder"),
        (["status"], "run `muniment ingest` first"),
        (["clause", "liability"], "run `muniment ingest` first"),
        (["serve", "--host", "0.0.0.0"], "key"),  # noqa: S104  # that it refuses is what is tested
        (["key", "add", "x", "--expires", "soon"], "give a day as 2027-12-31"),
    ],
)
def test_what_a_person_can_mend_is_one_line_and_exit_code_2(words: list[str], says: str, tmp_path: Path) -> None:
    told = muniment(*words, cwd=tmp_path)
    assert told.returncode == 2
    assert says in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1


def test_a_wrong_setting_stops_every_command_with_one_line(tmp_path: Path) -> None:
    told = muniment("status", cwd=tmp_path, MUNIMENT_SERVER__PORT="none of your business")
    assert told.returncode == 2
    assert told.stderr.startswith("muniment: MUNIMENT_SERVER__PORT")


def test_settings_lists_every_setting_with_its_default(tmp_path: Path) -> None:
    told = muniment("settings", cwd=tmp_path)
    assert "MUNIMENT_READING__SECONDS" in told.stdout
    assert "[default: 8080]" in told.stdout


def test_the_doctor_says_what_is_there_and_what_is_wrong(tmp_path: Path) -> None:
    healthy = muniment("doctor", cwd=tmp_path)
    assert healthy.returncode == 0, healthy.stdout
    assert "ok    weights   all-MiniLM-L6-v2@53aa5117" in healthy.stdout
    sick = muniment("doctor", cwd=tmp_path, MUNIMENT_FOLDER="nowhere", MUNIMENT_ENCODER=str(tmp_path))
    assert sick.returncode == 1
    assert "wrong weights" in sick.stdout
    assert "wrong folder    nowhere is not a folder" in sick.stdout


def test_a_key_is_shown_once_and_kept_as_a_hash(tmp_path: Path) -> None:
    made = muniment("key", "add", "assistant", "--principals", "group:partners", cwd=tmp_path)
    secret = made.stdout.strip()
    assert secret.startswith("mun_")
    kept = (tmp_path / "data" / "keys.json").read_text()
    assert secret not in kept
    assert "group:partners" in muniment("key", "list", cwd=tmp_path).stdout
    assert muniment("key", "revoke", "assistant", cwd=tmp_path).returncode == 0
    assert "revoked" in muniment("key", "list", cwd=tmp_path).stdout
    assert muniment("key", "revoke", "assistant", cwd=tmp_path).returncode == 2


def test_connect_prints_configurations_that_are_json(tmp_path: Path) -> None:
    told = muniment("connect", cwd=tmp_path, MUNIMENT_SERVER__PORT="9090").stdout
    blocks = [json.loads(line) for line in told.splitlines() if line.strip().startswith("{")]
    assert blocks[1]["mcpServers"]["muniment"]["url"] == "http://127.0.0.1:9090/mcp"
    assert blocks[0]["mcpServers"]["muniment"]["args"][:2] == ["serve", "--stdio"]
