"""The files for schedulers run commands that are there, with options that they have, as users without rights."""

import re
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scripts.cli import app
from scripts.settings import documented

DEPLOY = Path(__file__).parents[1] / "scripts" / "deploy"
FILES = sorted(DEPLOY.glob("sync.*"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_command_and_option_is_there(file: Path) -> None:
    helped = CliRunner(env={"COLUMNS": "200", "TERM": "dumb"}).invoke(app, ["sync", "--help"]).stdout
    lines = re.sub(r'["\[\],]', " ", file.read_text()).splitlines()
    commands = [line.split("muniment ", 1)[1] for line in lines if re.search(r"muniment\s+sync\b", line)]
    assert commands or file.suffix == ".timer"
    for command in commands:
        asked = re.findall(r"(--[a-z-]+)", command)
        assert asked
        assert all(option in helped for option in asked), command


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_setting_is_there(file: Path) -> None:
    known = {name for name, _, _ in documented()}
    assert set(re.findall(r"\bMUNIMENT_[A-Z_]+[A-Z]\b", file.read_text())) <= known


@pytest.mark.needs("systemd-analyze")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for file in FILES:
        if file.suffix in {".service", ".timer"}:
            name = f"muniment-{file.name.replace('.full', '-full')}"
            text = file.read_text().replace("/opt/muniment/.venv/bin/muniment", "/bin/true").replace("=/opt/muniment", "=/")
            (tmp_path / name).write_text(text)
    units = [str(path) for path in sorted(tmp_path.iterdir())]
    told = subprocess.run(["systemd-analyze", "verify", *units], check=False, capture_output=True, text=True)
    wrong = [line for line in told.stderr.splitlines() if "muniment-" in line]
    if told.returncode and not wrong:
        pytest.skip(f"systemd-analyze can't work here: {told.stderr.strip()[:200]}")
    assert wrong == []


def test_the_cron_job_is_yaml_that_runs_without_rights() -> None:
    yaml = pytest.importorskip("yaml")
    job = yaml.safe_load((DEPLOY / "sync.kubernetes.yaml").read_text())
    assert (job["kind"], job["spec"]["concurrencyPolicy"]) == ("CronJob", "Forbid")
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"]
    mounted = {mount["name"] for mount in pod["containers"][0]["volumeMounts"]}
    assert mounted == {volume["name"] for volume in pod["volumes"]}
