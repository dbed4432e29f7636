"""The deployed site in front of a server of the tests: the real nginx, with a certificate of its own, at free ports."""

import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from programs import Program, running
from small_firm import build

DEPLOY = Path(__file__).parents[1] / "scripts" / "deploy"
NAME = "localhost"


@dataclass(frozen=True)
class Site:
    """The server's address through nginx, how to trust it, and the server behind it."""

    url: str
    trust: ssl.SSLContext
    server: Program


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


@contextmanager
def serving(folder: Path, workers: int, *words: str) -> Iterator[Site]:
    """The site with so many workers behind it, which are told these words as well."""
    build(folder / "index")
    trust = certified(folder)
    with running("small_server", str(folder / "index"), "--workers", str(workers), *words) as server:
        server.until("Application startup complete", workers)
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
