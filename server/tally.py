"""Counters that all workers on this machine share: one small file in memory, for the library that counts calls."""

import fcntl
import mmap
import os
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from math import floor
from pathlib import Path

from limits.storage import SlidingWindowCounterSupport, Storage
from limits.storage.base import TimestampedSlidingWindow

_SLOT = struct.Struct("<16sdQ")  # a key's hash, when it ends (seconds since 1970), its count
_WAYS = 8
_BUCKETS = 8_192
_HEAD = 32
_SIZE = _HEAD + _BUCKETS * _WAYS * _SLOT.size
_MARK = b"muniment tally 1"


class SharedTally(Storage, SlidingWindowCounterSupport, TimestampedSlidingWindow):
    """A storage of the `limits` library: 65,536 counters in a file of 2 MB that processes map and lock in turn.

    A counter lives in one of the eight slots that its key's hash names; where all are taken, the one that ends soonest goes.
    The hash is keyed by chance, so nobody can choose whose counter that is. Counts outlive a restart, but need not.
    """

    STORAGE_SCHEME = ["tally"]  # noqa: RUF012  # declared so by the library

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **_: float | str | bool) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        place = Path((uri or "").removeprefix("tally://"))
        place.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._turn = threading.Lock()
        with self._alone():
            self._seed = _prepared(self._file)
            self._slots = mmap.mmap(self._file, _SIZE)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What may go wrong underneath."""
        return OSError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count up; a counter begins to end `expiry` seconds after its first count."""
        with self._alone():
            return self._add(key, expiry, amount)

    def get(self, key: str) -> int:
        """What a counter stands at."""
        with self._alone():
            return self._find(key)[2]

    def get_expiry(self, key: str) -> float:
        """When a counter ends, in seconds since 1970; now, where there is none."""
        with self._alone():
            return self._find(key)[1] or time.time()

    def clear(self, key: str) -> None:
        """Forget a counter."""
        with self._alone():
            self._write(self._find(key)[0], bytes(16), 0.0, 0)

    def reset(self) -> int | None:
        """Forget all counters."""
        with self._alone():
            self._slots[_HEAD:] = bytes(_SIZE - _HEAD)
        return None

    def check(self) -> bool:
        """Whether it can count."""
        return True

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count up unless this window's count, and the last one's by the share of it that still counts, reach the limit."""
        with self._alone():
            before, share, now, _ = self._window(key, expiry)
            if floor(before * share / expiry + now) + amount > limit:
                return False
            self._add(self.sliding_window_keys(key, expiry, time.time())[1], 2 * expiry, amount)
            return True

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """The last window's count and how long it still counts, this one's and how long it will."""
        with self._alone():
            return self._window(key, expiry)

    def clear_sliding_window(self, key: str, expiry: int) -> None:
        """Forget both windows."""
        for each in self.sliding_window_keys(key, expiry, time.time()):
            self.clear(each)

    def _window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        now = time.time()
        before, current = (self._find(each)[2] for each in self.sliding_window_keys(key, expiry, now))
        left = (1 - ((now / expiry) % 1)) * expiry
        return before, left if before else 0.0, current, left + expiry

    def _add(self, key: str, expiry: float, amount: int) -> int:
        at, ends, count = self._find(key)
        self._write(at, self._name(key), ends or time.time() + expiry, count + amount)
        return count + amount

    def _find(self, key: str) -> tuple[int, float, int]:
        """Where a counter is or would be, when it ends (0 where it is not there), and its count."""
        name, now = self._name(key), time.time()
        first = _HEAD + int.from_bytes(name[:4]) % _BUCKETS * _WAYS * _SLOT.size
        places = range(first, first + _WAYS * _SLOT.size, _SLOT.size)
        slots = [(place, *_SLOT.unpack_from(self._slots, place)) for place in places]
        for place, other, ends, count in slots:
            if other == name and ends > now:
                return place, ends, count
        return min(slots, key=lambda slot: slot[2])[0], 0.0, 0

    def _write(self, at: int, name: bytes, ends: float, count: int) -> None:
        _SLOT.pack_into(self._slots, at, name, ends, count)

    def _name(self, key: str) -> bytes:
        return blake2b(key.encode(errors="replace"), digest_size=16, key=self._seed).digest()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._turn:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)


def _prepared(file: int) -> bytes:
    """The seed of the file's hashes; a file that is not one of these is made one."""
    head = os.pread(file, _HEAD, 0)
    if os.fstat(file).st_size != _SIZE or not head.startswith(_MARK):
        os.ftruncate(file, 0)
        os.ftruncate(file, _SIZE)
        head = _MARK + os.urandom(_HEAD - len(_MARK))
        os.pwrite(file, head, 0)
    return head[len(_MARK) :]
