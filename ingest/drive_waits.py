"""When a file that could not be fetched is tried again: at the next run, then after times that double."""

from collections.abc import Callable
from datetime import datetime, timedelta

from index.ledger import Ledger
from index.records import File
from ingest.source import NotNow

_FIRST = timedelta(minutes=15)
_LONGEST = timedelta(hours=24)


class Waits:
    """Kept in a ledger by file and version: another version is tried at once. Thread-safe."""

    def __init__(self, ledger: Ledger, now: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._now = now

    def check(self, file: File) -> None:
        """Raises NotNow while the time to try again has not come."""
        note = self._ledger.get("failure", file.id)
        if note and note["version"] == file.version and self._now() < datetime.fromisoformat(note["next"]):
            raise NotNow(note["reason"])

    def lengthen(self, file: File, reason: str) -> str:
        """Count a failure; answers the reason with when it is tried again."""
        note = self._ledger.get("failure", file.id)
        count = note["count"] + 1 if note and note["version"] == file.version else 1
        wait = min(_LONGEST, _FIRST * 2 ** min(count - 2, 10)) if count > 1 else timedelta()
        due = self._now() + wait
        when = f"after {due:%Y-%m-%d %H:%M} UTC" if wait else "at the next run"
        said = f"{reason}; failed {count} time{'s' * (count > 1)}, tried again {when}"
        self._ledger.put("failure", file.id, {"version": file.version, "count": count, "next": due.isoformat(), "reason": said})
        return said

    def end(self, file_id: str) -> None:
        """It was fetched."""
        self._ledger.drop("failure", file_id)

    def end_all(self) -> None:
        """Try everything again at once."""
        self._ledger.drop_all("failure")
