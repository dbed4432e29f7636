"""Who writes, and which generations are being read: file locks, which end with the process that holds them."""

import fcntl
import os
import socket
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from index.errors import IndexBusy

_held: "weakref.WeakSet[Lock]" = weakref.WeakSet()


class Lock:
    """A held lock; letting go of it, or the end of the process, frees it."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._close = weakref.finalize(self, os.close, descriptor)
        _held.add(self)

    def free(self) -> None:
        """Let go of it; harmless when done twice."""
        self._close()


def _forget_in_child() -> None:
    # A forked child shares the parent's locks and would keep them alive after the parent's death.
    for lock in list(_held):
        lock.free()


os.register_at_fork(after_in_child=_forget_in_child)


def write_lock(place: Path, now: datetime, name: str = "writer", what: str = "the index") -> Lock:
    """Become the one writer of what a folder holds under a name; raises IndexBusy that names who is."""
    path = place / f"{name}.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.read(descriptor, 500).decode(errors="replace").strip()
        os.close(descriptor)
        raise IndexBusy(holder or "another process", what) from None
    os.ftruncate(descriptor, 0)
    who = (
        f"{Path(sys.argv[0]).name or 'python'}, process {os.getpid()} on {socket.gethostname()} since {now:%Y-%m-%d %H:%M:%S %Z}"
    )
    os.pwrite(descriptor, who.encode(), 0)
    return Lock(descriptor)


class Leases:
    """Readers hold a shared lock on the file of the generation they read, so that the writer keeps what it needs."""

    def __init__(self, place: Path) -> None:
        self._folder = place / "generations"

    def offer(self, generation: int) -> None:
        """Make a generation one that can be held."""
        self._folder.mkdir(exist_ok=True)
        (self._folder / str(generation)).touch()

    def take(self, generation: int) -> Lock | None:
        """Hold a generation; `None` where it can't be held (any more)."""
        try:
            descriptor = os.open(self._folder / str(generation), os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        lock = Lock(descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        if os.fstat(descriptor).st_nlink == 0:
            lock.free()
            return None
        return lock

    def oldest(self, published: int) -> int:
        """The oldest generation that is still read; those before it that nobody reads can't be held from now on."""
        return min([published, *(number for number in self._offered() if number < published and not self._withdraw(number))])

    def _offered(self) -> Iterator[int]:
        with suppress(FileNotFoundError):
            yield from (int(path.name) for path in self._folder.iterdir() if path.name.isdecimal())

    def _withdraw(self, generation: int) -> bool:
        path = self._folder / str(generation)
        with _opened(path) as descriptor:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return False
            path.unlink()
            return True


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
