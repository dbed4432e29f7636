"""Runs the official conformance suite against this very application, in both eras, with and without keys: `make conformance`."""

import argparse
import subprocess
import sys
from pathlib import Path

from scripts.trials import HOUSE, NPM, npm_programs, serving

SUITE = "@modelcontextprotocol/conformance@0.2.0-alpha.12"
ERAS = ("2026-07-28", "2025-11-25")


def main() -> None:
    """Fetch the suite into build/npm, run it, and leave with 1 where anything but the expected fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=NPM)
    cache = parser.parse_args().cache
    node, modules = npm_programs(cache, SUITE)
    suite = [str(node), str(modules / ".bin" / "conformance")]
    failed = []
    for keyed in (False, True):
        with serving("conformance_fixtures", *(["--keyed"] if keyed else [])) as url:
            for era in ERAS:
                done = _run(suite, f"{url}/mcp", era, cache)
                print(f"{era} {'with keys' if keyed else 'open'}: {'as expected' if done.returncode == 0 else 'NOT as expected'}")
                if done.returncode:
                    print(done.stdout)
                    failed.append(era)
    sys.exit(1 if failed else 0)


def _run(suite: list[str], url: str, era: str, cache: Path) -> "subprocess.CompletedProcess[str]":
    expected = [] if era == ERAS[0] else ["--expected-failures", str(HOUSE / "tests" / "conformance_expected.yaml")]
    command = [*suite, "server", "--url", url, "--requirements", era, *expected]
    return subprocess.run(command, cwd=cache, check=False, capture_output=True, text=True)  # noqa: S603  # our own command


if __name__ == "__main__":
    main()
