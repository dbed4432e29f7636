"""Keeps questions to Google under a number a minute, and spaces out those that are asked again."""

import threading
from collections.abc import Callable

_BURST_SECONDS = 5.0
_FIRST, _LONGEST = 0.5, 64.0


class Pace:
    """At most `per_minute` questions a minute, with some in hand for a burst (the generic cell rate algorithm). Thread-safe."""

    def __init__(self, per_minute: float, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._each = 60.0 / per_minute
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._due = clock() - _BURST_SECONDS

    def wait(self) -> None:
        """Return when the next question may be asked."""
        with self._lock:
            now = self._clock()
            self._due = max(self._due, now - _BURST_SECONDS) + self._each
            ahead = self._due - now
        if ahead > 0:
            self._sleep(ahead)


def pause(attempt: int, named: float, random: Callable[[], float]) -> float:
    """Seconds before asking again after so many attempts: exponential with jitter, and never before what the answer named."""
    backoff = min(_LONGEST, _FIRST * 2.0 ** min(attempt - 1, 10))
    return named + backoff * (0.5 + random() / 2)
