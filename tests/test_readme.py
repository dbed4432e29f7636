"""The README says what the code does: its commands, its settings and its files."""

import re
import subprocess
from pathlib import Path

import pytest

from scripts.readme import HOUSE, brought_up_to_date

README = (HOUSE / "README.md").read_text(encoding="utf-8")


def test_the_tables_of_settings_and_files_are_those_of_the_code() -> None:
    if not (HOUSE / ".git").exists():
        pytest.skip("not a checkout: git says which files there are")
    assert brought_up_to_date(README) == README, "run `python -m scripts.readme`"


def test_every_command_the_readme_names_is_there() -> None:
    commands = set(re.findall(r"`muniment ([a-z]+)`", README))
    if not (HOUSE / ".venv/bin/muniment").exists():
        pytest.skip("`make setup` has not been run: there is no .venv/bin/muniment")
    told = subprocess.run([".venv/bin/muniment", "--help"], cwd=HOUSE, check=False, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    assert commands
    assert not {command for command in commands if not re.search(rf"\b{command}\b", told.stdout)}


def test_every_make_target_the_readme_names_is_there() -> None:
    targets = set(re.findall(r"(?:`|^ {4})make ([a-z]+)", README, re.M))
    listed = subprocess.run(["make", "help"], cwd=HOUSE, check=True, capture_output=True, text=True).stdout
    assert {"run", "test"} <= targets
    assert all(re.search(rf"make {target}\b", listed) for target in targets)


@pytest.mark.parametrize("name", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_every_file_the_readme_links_to_is_there(name: str) -> None:
    assert Path(HOUSE, name).exists()
