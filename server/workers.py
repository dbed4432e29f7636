"""Several server processes behind one address: started, watched, replaced by fresh ones without a dropped call, and stopped."""

import logging
import os
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from server.errors import WorkersFail

log = logging.getLogger(__name__)

_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}
_LOOK_SECONDS = 0.5
_MOST_FAILURES = 5
_KILL_SECONDS = 5


@dataclass(eq=False)
class _Worker:
    """A process and the line to it; it sends one byte when it is ready, and stops when the line is cut."""

    process: "subprocess.Popen[bytes]"
    line: socket.socket
    ready: bool = False
    stop_by: float = 0.0

    def look(self) -> bool:
        """Whether it is ready by now."""
        if not self.ready:
            with suppress(BlockingIOError, ConnectionError):
                self.ready = self.line.recv(1) == b"1"
        return self.ready


class Workers:
    """Runs `command(number of the listening socket, number of the line, patient)` in `count` processes.

    SIGHUP starts as many fresh ones, which read the settings anew; once all of them are ready the old ones finish what they
    are at and go. Where a fresh one fails, the old ones stay. SIGTERM and SIGINT stop them all, within `stop_seconds`.
    `ended` is told the number of each process that has ended.
    """

    def __init__(
        self,
        command: Callable[[int, int, bool], Sequence[str]],
        count: int,
        door: socket.socket,
        stop_seconds: float,
        ended: Callable[[int], None],
    ) -> None:
        self._command, self._count, self._door, self._stop_seconds, self._ended = command, count, door, stop_seconds, ended
        self._current: list[_Worker] = []
        self._fresh: list[_Worker] = []
        self._leaving: list[_Worker] = []
        self._failures = 0

    def run(self) -> None:
        """Until SIGTERM or SIGINT. Raises WorkersFail where they can't be kept running."""
        with _Signals() as signals:
            try:
                self._current = [self._start(patient=False) for _ in range(self._count)]
                self._until_stopped(signals)
            finally:
                self._stop_all(signals)

    def _until_stopped(self, signals: "_Signals") -> None:
        while True:
            told = signals.within(_LOOK_SECONDS)
            if told & {signal.SIGTERM, signal.SIGINT}:
                return
            if signal.SIGHUP in told:
                self._renew()
            self._look_after()

    def _start(self, patient: bool) -> _Worker:
        ours, theirs = socket.socketpair()
        with theirs:
            ours.setblocking(False)
            numbers = (self._door.fileno(), theirs.fileno())
            process = subprocess.Popen(self._command(*numbers, patient), pass_fds=numbers)  # noqa: S603  # our own command
        return _Worker(process, ours)

    def _renew(self) -> None:
        log.info("starting %d fresh workers", self._count)
        for worker in self._fresh:
            self._dismiss(worker)
        self._fresh = [self._start(patient=True) for _ in range(self._count)]

    def _look_after(self) -> None:
        for worker in [worker for worker in self._leaving if self._gone(worker)]:
            self._leaving.remove(worker)
        for worker in self._current:
            if worker.look():
                self._failures = 0
        for worker in [worker for worker in self._current if self._gone(worker)]:
            self._failures += 1
            log.error("worker %d ended with %s", worker.process.pid, worker.process.returncode)
            if self._failures >= _MOST_FAILURES:
                raise WorkersFail(self._failures)
            self._current[self._current.index(worker)] = self._start(patient=False)
        self._look_after_fresh()

    def _look_after_fresh(self) -> None:
        if any(self._gone(worker) for worker in self._fresh):
            log.error("a fresh worker could not start: the old ones go on, with the old settings")
            for worker in self._fresh:
                self._dismiss(worker)
            self._fresh = []
        elif self._fresh and all(worker.look() for worker in self._fresh):
            log.info("%d fresh workers took over", len(self._fresh))
            for worker in self._current:
                self._dismiss(worker)
            self._current, self._fresh = self._fresh, []

    def _gone(self, worker: _Worker) -> bool:
        if worker.process.poll() is None:
            if worker.stop_by and time.monotonic() > worker.stop_by:
                worker.process.kill()
            return False
        worker.line.close()
        self._ended(worker.process.pid)
        return True

    def _dismiss(self, worker: _Worker) -> None:
        worker.process.terminate()
        worker.stop_by = time.monotonic() + self._stop_seconds + _KILL_SECONDS
        self._leaving.append(worker)

    def _stop_all(self, signals: "_Signals") -> None:
        for worker in (*self._current, *self._fresh):
            self._dismiss(worker)
        while self._leaving:
            signals.within(0.1)
            self._leaving = [worker for worker in self._leaving if not self._gone(worker)]


class _Signals:
    """The signals that come while it is open, whichever thread of this process the system gives them to.

    Blocked signals would do only with one thread: where a library has started another, that one would take them, and end us.
    """

    def __enter__(self) -> Self:
        self._came, self._wake = socket.socketpair()
        for end in (self._came, self._wake):
            end.setblocking(False)
        self._handlers = {number: signal.signal(number, lambda *_: None) for number in _SIGNALS}
        self._before = signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        signal.set_wakeup_fd(self._before)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._came.close()
        self._wake.close()

    def within(self, seconds: float) -> set[int]:
        """Those that came since the last time, or come within some seconds."""
        ready, _, _ = select.select([self._came], [], [], seconds)
        return set(self._came.recv(1_000)) if ready else set()


class Line:
    """A worker's end of the line to whoever started it."""

    def __init__(self, number: int) -> None:
        self._line = socket.socket(fileno=number)
        threading.Thread(target=self._until_cut, name="line", daemon=True).start()

    def ready(self) -> None:
        """Say that calls can be answered."""
        self._line.sendall(b"1")

    def _until_cut(self) -> None:
        # Cut with our byte unread it is an error, and means the same.
        with suppress(OSError):
            while self._line.recv(1):
                pass
        os.kill(os.getpid(), signal.SIGTERM)
