"""What checks of the running application share: it is started over a small index, and programs of npm are fetched once."""

import json
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from scripts.settings import SettingsError

HOUSE = Path(__file__).parents[1]
NPM = HOUSE / "build" / "npm"
# What a distribution has is often older than what the programs need; this one comes from the registry as well.
_MACHINES = {"x86_64": "x64", "aarch64": "arm64"}
_NODE = f"node-{sys.platform}-{_MACHINES.get(platform.machine(), platform.machine())}"

_INSIDE = re.compile(
    r"Traceback \(most recent call last\)|File \"[^\"]+\", line \d+|something went wrong inside"
    r"|(?:/[\w.-]+)+/(?:site-packages|index|server|tests|scripts)/"
    r"|sqlite3?\.|OperationalError|\bSELECT\s[^\n]+\sFROM\s|\bINSERT INTO\b|no such (?:table|column)"
)


def inside_shown(answer: str, sent: str) -> list[str]:
    """Words of the server's inside in an answer: traces, paths, SQL, the sentence for a fault; none that the caller sent."""
    return [found.group() for found in _INSIDE.finditer(answer) if found.group() not in sent]


def npm_programs(folder: Path, *packages: str) -> tuple[Path, Path]:
    """A node that is new enough, and the folder `node_modules` with these packages, each NAME@VERSION; fetched where missing."""
    npm = shutil.which("npm")
    if npm is None:
        raise SettingsError("this check needs npm (Debian: apt install npm)")
    folder.mkdir(parents=True, exist_ok=True)
    modules = folder / "node_modules"
    if missing := [package for package in (f"{_NODE}@22", *packages) if not there(modules, package)]:
        command = [npm, "install", "--silent", "--no-fund", "--no-audit", "--ignore-scripts", *missing]
        subprocess.run(command, cwd=folder, check=True)  # noqa: S603  # our own command
    return modules / _NODE / "bin" / "node", modules


def there(modules: Path, package: str) -> bool:
    """Whether a package, NAME@VERSION, is among these modules; a version may be its first numbers alone."""
    name, _, version = package.rpartition("@")
    told = modules / name / "package.json"
    return told.exists() and f"{json.loads(told.read_text(encoding='utf-8'))['version']}.".startswith(f"{version}.")


@contextmanager
def serving(program: str, *words: str, log: Path | None = None) -> Iterator[str]:
    """The address, without a path, of a program of the tests that serves the application at the `--port` it is given.

    What it says goes to `log`, where one is given.
    """
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(HOUSE), str(HOUSE / "tests")))}
    command: Sequence[str] = [sys.executable, "-m", program, *words, "--port", str(port)]
    with (
        log.open("wb") if log else nullcontext() as said,
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=said) as server,  # noqa: S603  # ours
    ):
        try:
            _until_up(f"http://127.0.0.1:{port}/readyz", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _until_up(url: str, server: "subprocess.Popen[bytes]") -> None:
    while server.poll() is None:
        try:
            with urlopen(url, timeout=5):  # noqa: S310  # our own address
                return
        except URLError:
            time.sleep(0.2)
    raise SettingsError("the application did not start")
