"""`muniment sync` does one round at a time, says in one line what it did, and leaves with a code that a scheduler understands."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from small_sync import Desk

from index.locks import write_lock
from scripts.syncing import seconds_of

ANYONE = "anyone"


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    shelf = tmp_path / "shelf"
    for number in range(4):
        (shelf / "Clients").mkdir(parents=True, exist_ok=True)
        (shelf / "Clients" / f"{number}.txt").write_text(f"contract {number}\n")
    return shelf


@pytest.fixture
def muniment(tmp_path: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    for name in [name for name in os.environ if name.startswith("MUNIMENT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path / "data", {"MUNIMENT_FOLDER": str(shelf)})


def test_one_line_of_json_says_what_was_done(muniment: Desk, shelf: Path) -> None:
    first = muniment("sync")
    assert first.code == 0
    assert len(first.out.strip().splitlines()) == 1
    told = first.summary
    assert (told["outcome"], told["seen"], told["added"], told["documents"]) == ("complete", 4, 4, 4)
    (shelf / "Clients" / "0.txt").write_text("another contract\n")
    (shelf / "Clients" / "1.txt").unlink()
    (shelf / "new.txt").write_text("new\n")
    told = muniment("sync").summary
    assert [told[kind] for kind in ("seen", "added", "changed", "unchanged", "removed", "documents")] == [4, 1, 1, 2, 1, 4]
    assert muniment("sync").summary["unchanged"] == 4


def test_every_run_is_in_the_history(muniment: Desk) -> None:
    muniment("sync")
    muniment("sync")
    told = json.loads(muniment("runs", "--json").out)
    assert [(run["outcome"], run["seen"], run["added"]) for run in told] == [("complete", 4, 0), ("complete", 4, 4)]
    assert "complete" in muniment("runs").out


def test_a_second_one_leaves_with_a_code_of_its_own(muniment: Desk, tmp_path: Path) -> None:
    muniment("sync")
    lock = write_lock(tmp_path / "data" / "index", datetime.now(UTC))
    try:
        busy = muniment("sync")
        assert busy.code == 3
        assert f"process {os.getpid()}" in busy.err
        assert muniment("sync", "--dry-run").code == 3
    finally:
        lock.free()
    assert muniment("sync").code == 0


def test_time_that_is_up_leaves_cleanly_and_the_next_run_goes_on(muniment: Desk) -> None:
    first = muniment("sync", "--for", "0.0001s")
    assert first.code == 0
    assert (first.summary["outcome"], first.summary["added"], first.summary["documents"]) == ("time is up", 1, 1)
    second = muniment("sync", "--for", "2h").summary
    assert (second["outcome"], second["unchanged"], second["added"]) == ("complete", 1, 3)


def test_a_dry_run_says_what_would_be_done_and_does_nothing(muniment: Desk, shelf: Path) -> None:
    muniment("sync")
    before = muniment.contents()
    (shelf / "Clients" / "0.txt").write_text("another contract\n")
    (shelf / "Clients" / "1.txt").unlink()
    (shelf / "new.txt").write_text("new\n")
    told = muniment("sync", "--dry-run")
    assert told.code == 0
    assert {verb: told.summary[verb] for verb in ("add", "read again", "describe", "remove")} == {
        "add": 1,
        "read again": 1,
        "describe": 0,
        "remove": 1,
    }
    assert "remove     Clients/1.txt" in told.err
    assert muniment.contents() == before


def test_a_large_removal_is_asked_about_first(muniment: Desk, shelf: Path) -> None:
    muniment("sync")
    for number in (0, 1):
        (shelf / "Clients" / f"{number}.txt").unlink()
    refused = muniment("sync")
    assert refused.code == 2
    assert refused.summary["outcome"] == "removals refused"
    assert "--allow-removals" in refused.err
    assert len(muniment.askable(ANYONE)) == 4
    assert muniment("sync", "--dry-run").summary["problems"]
    assert muniment("sync", "--allow-removals").summary["removed"] == 2


def test_what_can_not_be_read_is_told_and_is_no_failure_of_the_run(muniment: Desk, shelf: Path) -> None:
    (shelf / "sealed.txt").write_text("locked")
    told = muniment("sync")
    assert (told.code, told.summary["unreadable"]) == (0, 1)
    covered = json.loads(muniment("coverage", "--json").out)
    assert (covered["listed"], covered["indexed"], covered["unreadable"]) == (5, 4, 1)
    assert [(each["path"], each["reason"]) for each in covered["files"]] == [("sealed.txt", "is protected by a password")]
    (shelf / "later.txt").write_text("not read yet\n")
    assert json.loads(muniment("coverage", "--json").out)["waiting"] == 1
    words = muniment("coverage").out
    assert "6 files are listed" in words
    assert "is protected by a password" in words


def test_the_source_that_is_not_there_removes_nothing(muniment: Desk, shelf: Path) -> None:
    muniment("sync")
    shelf.rename(shelf.with_name("elsewhere"))
    told = muniment("sync")
    assert (told.code, told.summary["outcome"]) == (2, "incomplete")
    assert "is not a folder" in told.err
    assert len(muniment.askable(ANYONE)) == 4


def test_why_says_who_lets_somebody_in(muniment: Desk) -> None:
    muniment("sync")
    assert muniment("why", "anna@firm.example", "Clients/0.txt").out.startswith("anna@firm.example may see Clients/0.txt")
    closed = Desk(muniment.data, {**muniment.environment, "MUNIMENT_FOLDER_READERS": '["group:Partners@Firm.example"]'})
    assert closed("sync").summary["described"] == 4
    told = closed("why", "anna@firm.example", "0.txt").out
    assert "may not see" in told
    assert "group:partners@firm.example" in told
    assert "may see" in closed("why", "anna@firm.example", "0.txt", "--group", "Partners@firm.example").out
    assert closed("why", "anna@firm.example", "nothing.txt").code == 2
    (muniment.data / "groups.toml").write_text('[groups]\n"partners@firm.example" = ["anna@firm.example"]\n')
    assert "may see" in closed("why", "anna@firm.example", "0.txt").out


def test_why_knows_the_walls(muniment: Desk) -> None:
    muniment("sync")
    wall = '[[walls]]\nname = "Orion"\nkeep_out = ["user:anna@firm.example"]\nfolders = ["Clients"]\n'
    (muniment.data / "walls.toml").write_text(wall)
    told = muniment("why", "anna@firm.example", "0.txt").out
    assert "may not see" in told
    assert "the wall Orion" in told
    assert "may see" in muniment("why", "bert@firm.example", "0.txt").out


@pytest.mark.parametrize(("words", "seconds"), [("90", 90), ("90s", 90), ("15m", 900), ("2h", 7200), ("1.5 D", 129600)])
def test_lengths_of_time_are_read_as_typed(words: str, seconds: float) -> None:
    assert seconds_of(words) == seconds


@pytest.mark.parametrize("words", ["", "0", "-5m", "soon", "2 weeks", "1h30"])
def test_what_is_no_length_of_time_is_refused(words: str) -> None:
    with pytest.raises(typer.BadParameter, match="write 90s, 15m or 2h"):
        seconds_of(words)


def test_it_can_stay_and_sync_again_until_it_is_told_to_stop(tmp_path: Path, shelf: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MUNIMENT_")}
    command = [sys.executable, "-m", "scripts.cli", "sync", "--every", "0.1s", "--data", str(tmp_path / "data")]
    for path in shelf.rglob("*.txt"):
        path.unlink()
    with subprocess.Popen(
        command, env={**clean, "MUNIMENT_FOLDER": str(shelf)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout
        rounds = [json.loads(running.stdout.readline()) for _ in range(2)]
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0
    assert [each["outcome"] for each in rounds] == ["complete", "complete"]
