"""The audit trail: a line for every question and refusal, chained to the one before, written before the answer is given."""

import fcntl
import hmac
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from server.errors import NotRecorded

FIRST = "0" * 64
REFUSED = "refused"
_LONGEST_ARGUMENTS = 8_192
_TAIL = 4 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One question: who asked what, when, from where, and what came of it; None for what is not known.

    `shown` holds a document and its revision each (the revision of the file's own system, where it has one). A question that was
    refused has a `reason`; one that stands for several that were only counted says how many, and `since` when.
    """

    time: datetime
    who: str | None
    address: str
    request: str
    tool: str | None
    arguments: Mapping[str, Any] | None
    shown: tuple[tuple[str, str | None], ...]
    outcome: str
    milliseconds: int
    reason: str | None = None
    times: int = 1
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The last line of a trail: its number, and the seal that the next line is chained to."""

    number: int
    seal: str


class Trail:
    """An append-only trail in a folder, which several processes write to in turn.

    A segment that has `segment_bytes` is left as it is and the next one begun. The seal of a line is HMAC-SHA256 over the line,
    which holds the seal of the line before, keyed by `audit.key` in the same folder: nobody without the key can change, drop or
    insert a line unnoticed. Arguments are kept as a keyed hash too, or as they are with `clear`.
    """

    def __init__(self, folder: Path, clear: bool = False, segment_bytes: int = 64 << 20) -> None:
        self._folder, self._clear, self._segment_bytes = folder, clear, segment_bytes
        self._turn = Lock()
        self._seen: tuple[Path, int, Head] | None = None
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with self._alone():
                self._key = _key(folder / "audit.key")
        except (OSError, ValueError) as error:
            raise NotRecorded(
                f"the audit trail can't be kept ({type(error).__name__}): see that its folder can be written"
            ) from error

    def write(self, entry: Entry) -> None:
        """Append a line and wait until the disk has it. Raises NotRecorded."""
        try:
            with self._alone():
                segment, size, head = self._end()
                told = self._told(entry, head)
                seal = seal_of(self._key, told)
                line = json.dumps({**told, "seal": seal}, ensure_ascii=False, separators=(",", ":")) + "\n"
                self._seen = None
                self._seen = segment, _append(segment, size, line.encode(errors="replace")), Head(head.number + 1, seal)
        except OSError as error:
            raise NotRecorded("the answer can't be given, since it can't be recorded: tell the administrator") from error

    def _told(self, entry: Entry, head: Head) -> dict[str, Any]:
        reason = {"reason": entry.reason} if entry.reason else {}
        counted = {"times": entry.times, "since": _moment(entry.since)} if entry.since else {}
        return {
            "n": head.number + 1,
            "time": _moment(entry.time),
            "who": entry.who,
            "from": entry.address,
            "request": entry.request,
            "tool": entry.tool,
            **self._asked(entry.arguments),
            "shown": [list(each) for each in entry.shown],
            "outcome": entry.outcome,
            **reason,
            **counted,
            "ms": entry.milliseconds,
            "before": head.seal,
        }

    def _asked(self, given: Mapping[str, Any] | None) -> dict[str, str]:
        if given is None:
            return {}
        arguments = json.dumps(given, ensure_ascii=False, sort_keys=True, default=str)
        clear = {"arguments": arguments} if self._clear and len(arguments) <= _LONGEST_ARGUMENTS else {}
        return {"arguments_hash": hash_of(self._key, arguments), **clear}

    def _end(self) -> tuple[Path, int, Head]:
        """Where the next line goes, how long that segment is, and the last line; another process may have written it."""
        segment, size, head = self._seen or (self._newest(), -1, Head(0, FIRST))
        while True:
            now = segment.stat().st_size if segment.exists() else 0
            if now != size:
                head = _last(segment, now) or self._before(segment)
                size = now
            if size < self._segment_bytes:
                return segment, size, head
            segment, size = segment_at(self._folder, number_of(segment) + 1), -1

    def _before(self, segment: Path) -> Head:
        """The last line of the segments before one that has none yet."""
        for earlier in reversed([each for each in segments(self._folder) if each.name < segment.name]):
            if head := _last(earlier, earlier.stat().st_size):
                return head
        return Head(0, FIRST)

    def _newest(self) -> Path:
        known = segments(self._folder)
        return known[-1] if known else segment_at(self._folder, 1)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._turn:
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._lock, fcntl.LOCK_UN)


def seal_of(key: bytes, told: Mapping[str, Any]) -> str:
    """The seal of a line, which holds the seal of the line before."""
    line = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.digest(key, line.encode(errors="replace"), "sha256").hex()


def hash_of(key: bytes, arguments: str) -> str:
    """The keyed hash under which arguments stand in the trail."""
    return hmac.digest(key, f"arguments\n{arguments}".encode(errors="replace"), "sha256").hex()[:32]


def segments(folder: Path) -> list[Path]:
    """The trail's files, oldest first."""
    return sorted(path for path in folder.glob("audit-*.jsonl") if path.stem[6:].isdecimal())


def segment_at(folder: Path, number: int) -> Path:
    """The file of a segment."""
    return folder / f"audit-{number:06}.jsonl"


def number_of(segment: Path) -> int:
    """A segment's number."""
    return int(segment.stem[6:])


def read_key(folder: Path) -> bytes:
    """The key of a trail. Raises NotRecorded where there is none."""
    try:
        return bytes.fromhex((folder / "audit.key").read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise NotRecorded(f"there is no audit trail with its key in {folder}") from error


def _moment(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds")


def _key(place: Path) -> bytes:
    if not place.exists():
        file = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.write(file, secrets.token_hex(32).encode())
            os.fsync(file)
        finally:
            os.close(file)
    return bytes.fromhex(place.read_text(encoding="ascii"))


def _append(segment: Path, size: int, line: bytes) -> int:
    """Write a line and give back the segment's new size; what can't be written whole is taken back."""
    file = os.open(segment, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if size and os.pread(file, 1, size - 1) != b"\n":
            # A machine that stopped in the middle of a line; the next one begins on its own.
            line = b"\n" + line
        if os.write(file, line) != len(line):
            raise OSError("the disk is full")
        os.fdatasync(file)
    except OSError:
        os.ftruncate(file, size)
        raise
    finally:
        os.close(file)
    return size + len(line)


def _last(segment: Path, size: int) -> Head | None:
    """The last whole line of a segment."""
    if not size:
        return None
    with segment.open("rb") as file:
        file.seek(max(0, size - _TAIL))
        lines = file.read().split(b"\n")
    for line in reversed(lines):
        try:
            told = json.loads(line)
            return Head(int(told["n"]), str(told["seal"]))
        except (ValueError, TypeError, KeyError):
            continue
    return None
