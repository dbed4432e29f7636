"""Files of rules that the administrator, or a sync, may change while the server runs."""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from server.errors import RulesUnusable

log = logging.getLogger(__name__)
T = TypeVar("T")

_LONGEST = 4 << 20


class Watched(Generic[T]):
    """What a file says, read again by the next question after it changed.

    Where it is broken or gone, what it said last goes on to hold, and the log says so once; where it can't be read, every
    question tries again. As long as there never was a file, it says `nothing`. Raises RulesUnusable where it is broken from the
    beginning. `read` raises RulesUnusable with what is wrong, in a sentence that goes on after the file's name. `longest` is in
    bytes.
    """

    def __init__(self, place: Path, read: Callable[[str], T], nothing: T, longest: int = _LONGEST) -> None:
        self._place, self._read, self._said, self._longest = place, read, nothing, longest
        self._seen: tuple[int, int, int] | None = None
        self._wrong: str | None = None
        self._reading = Lock()
        self._look()

    def now(self) -> T:
        """What holds now."""
        wrong = None
        try:
            self._look()
        except RulesUnusable as error:
            wrong = str(error)
            if wrong != self._wrong:
                log.error("%s; what it said before goes on to hold", error)
        self._wrong = wrong
        return self._said

    def _look(self) -> None:
        with self._reading:
            seen = self._state()
            if seen == self._seen:
                return
            # Seen is seen, broken or not: the log needs it once.
            before, self._seen = self._seen, seen
            if seen is None:
                raise RulesUnusable(f"{self._place} is gone")
            try:
                self._said = self._read(_text(self._place, self._longest))
            except OSError as error:
                # That may pass while the file stays as it is: too many open ones, say.
                self._seen = before
                raise RulesUnusable(f"{self._place} can't be read ({error.strerror})") from None
            except RulesUnusable as error:
                raise RulesUnusable(f"{self._place}: {error}") from None

    def _state(self) -> tuple[int, int, int] | None:
        try:
            state = self._place.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise RulesUnusable(f"{self._place} can't be looked at ({error.strerror})") from None
        # Not when its words were changed, but when anything was: a right that was mended, too.
        return state.st_ctime_ns, state.st_ino, state.st_size


def _text(place: Path, longest: int) -> str:
    """The whole file. Raises OSError, RulesUnusable."""
    with place.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & 0o022:
            raise RulesUnusable("others may write to it: run `chmod go-w` on it, and look at what it says")
        data = file.read(longest + 1)
    if len(data) > longest:
        raise RulesUnusable(f"it is longer than {longest >> 20} MB")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise RulesUnusable("it is no text in UTF-8") from None
