"""What is deployed is what is tested: the site behind the real nginx, the units, the rules, the scripts."""

import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from programs import HEADERS, QUESTION, Program, running, under_load
from small_firm import NOW, build, opened
from small_server import ERAS

from server.metrics import Holdings, Metrics

DEPLOY = Path(__file__).parents[1] / "scripts" / "deploy"
NAME = "localhost"


def needing(*programs: str) -> pytest.MarkDecorator:
    missing = [program for program in programs if shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin") is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@dataclass(frozen=True)
class Site:
    """The server's address through nginx, how to trust it, and the server behind it."""

    url: str
    trust: ssl.SSLContext
    server: Program


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    build(folder / "index")
    trust = certified(folder)
    with running("small_server", str(folder / "index"), "--workers", "2") as server:
        server.until("Application startup complete", 2)
        with nginx(folder, server.where.removesuffix("/mcp").rsplit(":", 1)[1]) as port:
            yield Site(f"https://{NAME}:{port}", trust, server)


def certified(folder: Path) -> ssl.SSLContext:
    """Makes a certificate in a folder, and says how to trust it."""
    certificate = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    certificate += ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    subprocess.run([*certificate, "-keyout", "privkey.pem", "-out", "fullchain.pem"], cwd=folder, check=True, capture_output=True)
    return ssl.create_default_context(cafile=str(folder / "fullchain.pem"))


@contextmanager
def nginx(folder: Path, behind: str) -> Iterator[int]:
    """The site's own configuration, at free ports and with a certificate of its own."""
    port, plain = free_port(), free_port()
    site = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    for old, new in (
        ("contracts.firm.example", NAME),
        ("127.0.0.1:8080", f"127.0.0.1:{behind}"),
        ("/etc/muniment/tls", str(folder)),
        ("listen 443", f"listen {port}"),
        ("listen [::]:443", f"listen [::]:{port}"),
        ("listen 80;", f"listen {plain};"),
        ("listen [::]:80;", ""),
    ):
        assert old in site
        site = site.replace(old, new)
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    main = f"daemon off; pid {folder}/nginx.pid; error_log stderr notice; events {{}}\n"
    (folder / "nginx.conf").write_text(f"{main}http {{ access_log off; {temporary}\n{site}\n}}")
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    command = [str(program), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = ""
        while "start worker process " not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        try:
            yield port
        finally:
            process.terminate()
            process.communicate(timeout=20)


@needing("nginx", "openssl")
@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_a_client_asks_through_nginx_with_tls_in_both_eras(site: Site, era: str) -> None:
    async with (
        httpx2.AsyncClient(verify=site.trust, timeout=30) as http,
        Client(streamable_http_client(f"{site.url}/mcp", http_client=http), mode=era) as client,
    ):
        answer = await client.call_tool("search_documents_by_metadata", {"party": "acme"})
    assert {row["document_id"] for row in answer.structured_content["documents"]} == {"nda-acme", "msa-acme"}


@needing("nginx", "openssl")
def test_all_workers_are_renewed_under_load_behind_nginx_without_a_failed_call(site: Site) -> None:
    before = sum("Finished server process" in line for line in site.server.said)
    with under_load(f"{site.url}/mcp", site.trust) as outcomes:
        site.server.process.send_signal(signal.SIGHUP)
        site.server.until("Finished server process", before + 2)
    assert set(outcomes) == {"answered"}


@needing("nginx", "openssl")
@pytest.mark.parametrize(
    ("path", "status"), [("/metrics", 404), ("/readyz", 404), ("/.env", 404), ("/healthz", 200), ("/mcp", 405)]
)
def test_strangers_see_the_protocol_and_nothing_else(site: Site, path: str, status: int) -> None:
    answer = httpx2.get(f"{site.url}{path}", verify=site.trust)
    assert answer.status_code == status
    assert "nginx/" not in answer.headers["server"]


@needing("nginx", "openssl")
def test_too_large_a_request_is_refused_by_nginx_in_the_protocols_words(site: Site) -> None:
    answer = httpx2.post(f"{site.url}/mcp", content=b"x" * (2 << 20), headers=HEADERS, verify=site.trust)
    assert answer.status_code == 413
    assert "megabyte" in answer.json()["error"]["message"]


@needing("nginx", "openssl")
def test_the_server_knows_that_tls_ends_before_it_and_believes_no_stranger(site: Site) -> None:
    told = {**HEADERS, "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http"}
    answer = httpx2.post(f"{site.url}/mcp", json=QUESTION, headers=told, verify=site.trust)
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"]


@needing("nginx", "openssl")
def test_while_the_server_is_away_callers_are_told_when_to_come_back(tmp_path: Path) -> None:
    trust = certified(tmp_path)
    with nginx(tmp_path, str(free_port())) as port:
        answer = httpx2.post(f"https://{NAME}:{port}/mcp", json=QUESTION, headers=HEADERS, verify=trust)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "the server is not there" in answer.json()["error"]["message"]


@needing("promtool")
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


@needing("systemd-analyze")
def test_the_servers_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    unit = (DEPLOY / "muniment.service").read_text(encoding="utf-8").replace("/opt/muniment/.venv/bin/muniment", "/bin/true")
    (tmp_path / "muniment.service").write_text(unit)
    command = ["systemd-analyze", "verify", "--recursive-errors=no", str(tmp_path / "muniment.service")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@needing("shellcheck")
def test_the_scripts_have_no_fault_that_shellcheck_knows() -> None:
    done = subprocess.run(["shellcheck", *DEPLOY.glob("*.sh")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@needing("hadolint")
def test_the_dockerfile_has_no_fault_that_hadolint_knows() -> None:
    done = subprocess.run(["hadolint", str(DEPLOY / "Dockerfile")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


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


@needing("openssl", "tar")
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
