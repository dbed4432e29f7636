"""When each API key was last used: an empty file a key, whose time says it."""

import logging
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

log = logging.getLogger(__name__)

_OFTEN_ENOUGH = timedelta(minutes=5)


class KeyUses:
    """Notes uses beside the file of keys, at most every five minutes a key; several processes may, at once."""

    def __init__(self, keys: Path) -> None:
        self._folder = keys.with_name(f"{keys.stem}.used")
        self._noted: dict[str, datetime] = {}

    def note(self, digest: str, now: datetime) -> None:
        """A key was used. Where that can't be written, nobody is kept out for it."""
        if digest in self._noted and abs(now - self._noted[digest]) < _OFTEN_ENOUGH:
            return
        self._noted[digest] = now
        place = self._folder / _name(digest)
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            place.touch(mode=0o600)
            os.utime(place, (now.timestamp(), now.timestamp()))
        except OSError as error:
            log.warning("the use of a key can't be noted (%s)", error.strerror)

    def last(self, digest: str) -> datetime | None:
        """When a key was last used, to a few minutes; None where it never was."""
        try:
            return datetime.fromtimestamp((self._folder / _name(digest)).stat().st_mtime, UTC)
        except OSError:
            return None


def _name(digest: str) -> str:
    return digest[:32]
