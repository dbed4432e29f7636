"""Every benchmark of BENCHMARKS.md in turn: `make bench`, or `python -m scripts.bench NAME …` for some of them."""

import argparse
import subprocess
import sys
from pathlib import Path

_HERE = Path(__file__).parent


def main() -> None:
    """Run the benchmarks, each in a process of its own, and leave with the worst exit code."""
    names = sorted(path.stem.removeprefix("bench_") for path in _HERE.glob("bench_*.py"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"some of: {', '.join(names)}")
    chosen = parser.parse_args().names or names
    if unknown := sorted(set(chosen) - set(names)):
        parser.error(f"no benchmark {unknown[0]!r}; there are {', '.join(names)}")
    worst = 0
    for name in chosen:
        print(f"== {name}", flush=True)
        worst = max(worst, subprocess.run([sys.executable, "-m", f"scripts.bench_{name}"], check=False).returncode)  # noqa: S603 - our own
    sys.exit(worst)


if __name__ == "__main__":
    main()
