"""What an audit trail says, and whether anybody has changed it."""

import fcntl
import hmac
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from server.audit import FIRST, Head, read_key, seal_of, segments

_NAMES = ("seal", "before", "who", "tool", "shown", "outcome", "time")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a line of a trail, and where."""

    segment: str
    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of a trail came to: its lines, first and last number, its head, and everything that is wrong.

    `torn` counts lines that a stop of the machine left unfinished: they are no part of the chain, and nothing is hidden in them.
    """

    lines: int
    first: int
    head: Head
    torn: int
    wrong: tuple[Finding, ...]


def verify(folder: Path, expected: Head | None = None) -> Verdict:
    """Check every seal and number. `expected` is a head that was noted earlier: it must still stand in the trail.

    Raises NotRecorded where there is no trail.
    """
    key = read_key(folder)
    wrong: list[Finding] = []
    lines = first = torn = 0
    head: Head | None = None
    met = expected is None
    for segment, number, told in _lines(folder):
        if told is None:
            torn += 1
            continue
        if head is None:
            # Older segments may have been put away; a trail that begins at its beginning is chained to nothing.
            first = int(told["n"])
            head = Head(first - 1, FIRST if first == 1 else str(told["before"]))
        if fault := _fault(key, head, told):
            wrong.append(Finding(segment.name, number, fault))
        lines += 1
        head = Head(int(told["n"]), str(told["seal"]))
        met = met or head == expected
    if not met and expected is not None:
        wrong.append(
            Finding(segments(folder)[-1].name if segments(folder) else "", 0, f"line {expected.number} of the head is gone")
        )
    return Verdict(lines, first, head or Head(0, FIRST), torn, tuple(wrong))


def query(
    folder: Path,
    who: str | None = None,
    document: str | None = None,
    since: datetime | None = None,
    tool: str | None = None,
    outcome: str | None = None,
) -> Iterator[dict[str, Any]]:
    """The lines that meet all that is given, oldest first."""
    for _, _, told in _lines(folder):
        if told is None:
            continue
        meets = (
            who is None or told["who"] == who,
            tool is None or told["tool"] == tool,
            outcome is None or told["outcome"] == outcome,
            document is None or any(shown[0] == document for shown in told["shown"]),
            since is None or datetime.fromisoformat(told["time"]) >= since,
        )
        if all(meets):
            yield told


def _fault(key: bytes, before: Head, told: dict[str, Any]) -> str | None:
    if (told["n"], told["before"]) != (before.number + 1, before.seal):
        return f"line {told['n']} does not follow line {before.number}"
    sealed = seal_of(key, {name: value for name, value in told.items() if name != "seal"})
    return None if hmac.compare_digest(sealed, str(told["seal"])) else f"line {told['n']} is not what was written"


def _lines(folder: Path) -> Iterator[tuple[Path, int, dict[str, Any] | None]]:
    for segment in segments(folder):
        with segment.open(encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield segment, number, _read(line)


def _read(line: str) -> dict[str, Any] | None:
    try:
        told = json.loads(line)
        whole = isinstance(told["n"], int) and all(name in told for name in _NAMES)
    except (ValueError, TypeError, KeyError):
        return None
    return told if whole else None


def copy_trail(folder: Path, target: Path) -> None:
    """Copy a trail with its key, at one moment; who writes to it waits for as long as its last segment takes."""
    target.mkdir(mode=0o700, parents=True)
    *closed, last = segments(folder) or [folder / "audit.key"]
    for each in (*closed, folder / "audit.key"):
        shutil.copy2(each, target)
    with (folder / "lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.copy2(last, target)
