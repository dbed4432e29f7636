"""What is deployed is what is tested: the units, the rules, the scripts; the site is in test_site.py."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from small_firm import NOW, build, opened

from server.metrics import Holdings, Metrics

DEPLOY = Path(__file__).parents[1] / "scripts" / "deploy"
CI = Path(__file__).parents[1] / ".ci" / "run"


@pytest.mark.needs("promtool")
def test_alerts_are_rules_that_prometheus_takes_and_that_fire_when_they_should() -> None:
    for command in (["check", "config", "prometheus.yaml"], ["test", "rules", "alerts.test.yaml"]):
        done = subprocess.run(["promtool", *command], cwd=DEPLOY, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_dashboard_and_the_alerts_ask_only_for_figures_that_there_are(tmp_path: Path) -> None:
    build(tmp_path / "index")
    metrics = Metrics()
    metrics.calls.labels("card", "ok").inc()
    metrics.seconds.labels("card").observe(0.1)
    metrics.answered(500)
    exposed = metrics.exposed(Holdings(lambda: opened(tmp_path / "index"), lambda: NOW, lambda: NOW)).decode()
    known = set(re.findall(r"# TYPE (\S+)", exposed)) | set(re.findall(r"^(muniment_\w+)", exposed, re.MULTILINE))
    dashboard: dict[str, Any] = json.loads((DEPLOY / "dashboard.json").read_text(encoding="utf-8"))
    asked = " ".join(target["expr"] for panel in dashboard["panels"] for target in panel["targets"])
    asked += " " + (DEPLOY / "alerts.yaml").read_text(encoding="utf-8")
    names = set(re.findall(r"muniment_\w+", asked))
    assert len(names) > 10
    assert names <= known


@pytest.mark.needs("systemd-analyze")
def test_the_servers_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    unit = (DEPLOY / "muniment.service").read_text(encoding="utf-8").replace("/opt/muniment/.venv/bin/muniment", "/bin/true")
    (tmp_path / "muniment.service").write_text(unit)
    command = ["systemd-analyze", "verify", "--recursive-errors=no", str(tmp_path / "muniment.service")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.needs("shellcheck")
def test_the_scripts_have_no_fault_that_shellcheck_knows() -> None:
    done = subprocess.run(["shellcheck", CI, *DEPLOY.glob("*.sh")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.needs("hadolint")
def test_the_dockerfile_has_no_fault_that_hadolint_knows() -> None:
    done = subprocess.run(["hadolint", str(DEPLOY / "Dockerfile")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_ci_installs_every_program_that_a_test_is_marked_to_need() -> None:
    marks = re.findall(r"mark\.needs\(([^)]+)\)", "".join(path.read_text() for path in CI.parents[1].glob("tests/test_*.py")))
    needed = set(re.findall(r'"([a-z-]+)"', "".join(marks)))
    assert {"nginx", "soffice", "promtool"} <= needed
    wanted = CI.read_text().partition("wanted=(")[2].partition(")")[0]
    # Whatever checks this out has a tar, and Debian has no hadolint.
    assert needed - {"tar", "hadolint"} <= {pair.partition(":")[0] for pair in wanted.split()}


STUBS = {
    "apt-get": "",
    "systemctl": "",
    "nginx": "",
    "useradd": "",
    "id": "exit 1",
    "python3": 'mkdir -p "$3/bin"; for it in python pip; do echo "#!/bin/sh" > "$3/bin/$it"; chmod +x "$3/bin/$it"; done',
}


OWNERLESS_INSTALL = """
words=()
while (($#)); do
    case $1 in
        -o | -g) shift 2 ;;
        *) words+=("$1"); shift ;;
    esac
done
exec /usr/bin/install "${words[@]}"
"""


@pytest.mark.needs("openssl", "tar")
def test_the_installer_may_run_twice_and_leaves_what_is_there(tmp_path: Path) -> None:
    stubs, root = tmp_path / "stubs", tmp_path / "root"
    stubs.mkdir()
    for name, script in STUBS.items():
        (stubs / name).write_text(f'#!/bin/bash\necho "{name} $*" >> {tmp_path}/called\n{script}\n')
        (stubs / name).chmod(0o755)
    # Only root may give files away, and there is no such user here.
    (stubs / "install").write_text("#!/bin/bash\n" + OWNERLESS_INSTALL)
    (stubs / "install").chmod(0o755)
    environment = {**os.environ, "PATH": f"{stubs}:{os.environ['PATH']}", "MUNIMENT_INSTALL_ROOT": str(root)}
    command = ["bash", str(DEPLOY / "install.sh"), "contracts.firm.test"]
    first = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert first.returncode == 0, first.stderr
    assert "muniment key add" in first.stdout
    assert "contracts.firm.test" in (root / "etc/nginx/sites-enabled/muniment.conf").read_text()
    settings = root / "etc/muniment/muniment.env"
    assert "contracts.firm.test" in settings.read_text()
    settings.write_text("MUNIMENT_FOLDER=/elsewhere\n")
    certificate = (root / "etc/muniment/tls/fullchain.pem").read_bytes()
    (root / "var/lib/muniment/keys.json").write_text("{}")
    second = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert second.returncode == 0, second.stderr
    assert settings.read_text() == "MUNIMENT_FOLDER=/elsewhere\n"
    assert (root / "etc/muniment/tls/fullchain.pem").read_bytes() == certificate
    assert "done: https://contracts.firm.test/mcp" in second.stdout
    assert "systemctl reload-or-restart muniment" in (tmp_path / "called").read_text()
    assert (root / "opt/muniment/server/app.py").is_file()


@pytest.mark.parametrize("name", ["", "two words", "-x", "a;b"])
def test_the_installer_asks_for_a_name_first(name: str) -> None:
    done = subprocess.run(["bash", str(DEPLOY / "install.sh"), name], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "usage" in done.stderr
