"""Reads documents in a process of its own, so that a file that hangs or crashes its reader costs that file alone."""

import json
import os
import resource
import select
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO, Self

from pydantic import TypeAdapter

from index.records import Prepared
from ingest.source import IngestError, UnreadableDocument

_LENGTH = struct.Struct(">Q")
_GRACE = 5  # seconds that a worker outlives its own limit, so that the parent is the one who says why
_START_SECONDS = 60
_MAX_ANSWER = 1 << 30


class ReaderBroken(IngestError):
    """The reading process does not start or does not speak: the installation is at fault, not a document."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one document may cost."""

    seconds: float = 300.0
    memory_mb: int = 2048


class Reader:
    """A reading process, started when first needed and again after each death.

    `command` starts a program that calls `serve`. Frames on its standard input and output are JSON behind eight bytes of length;
    nothing that comes back is ever unpickled, since a document may have taken the process over.
    """

    def __init__(self, command: Sequence[str], limits: Limits) -> None:
        self._command = list(command)
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def prepare(self, data: bytes, name: str) -> Prepared:
        """Read one document. Raises UnreadableDocument with a plain reason, also where its reader hung or died."""
        process = self._running()
        with tempfile.NamedTemporaryFile(prefix="muniment-", suffix=".doc") as spool:
            spool.write(data)
            spool.flush()
            try:
                _write(_pipe(process.stdin), json.dumps({"path": spool.name, "name": name}).encode())
                answer = _read_before(_pipe(process.stdout), time.monotonic() + self._limits.seconds)
            except TimeoutError:
                self._end()
                raise UnreadableDocument(
                    f"took longer than {self._limits.seconds:.0f} s to read: raise MUNIMENT_READING__SECONDS if it is worth it"
                ) from None
            except (EOFError, BrokenPipeError):
                reason = _cause_of_death(process, self._limits)
                self._end()
                raise UnreadableDocument(reason) from None
        return _understood(answer)

    def close(self) -> None:
        """End the process for good, whatever it is doing; may be called from another thread than the one that reads."""
        self._closed = True
        self._end()

    def _end(self) -> None:
        if process := self._process:
            self._process = None
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):
                    _pipe(pipe).close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _running(self) -> subprocess.Popen[bytes]:
        self._refuse_if_closed()
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._start()
        assert self._process is not None  # noqa: S101 - for the type checker
        return self._process

    def _refuse_if_closed(self) -> None:
        if self._closed:
            self._end()
            raise ReaderBroken("the reading process was closed: open another one")

    def _start(self) -> None:
        # A session of its own: Ctrl-C is for the parent, which lets the document at hand go and stops in order.
        self._process = process = subprocess.Popen(  # noqa: S603 - the command comes from the doors, not from a document
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
        # Whoever closed it while this one came to life found none to end.
        self._refuse_if_closed()
        try:
            _write(_pipe(process.stdin), json.dumps(asdict(self._limits)).encode())
            ready = json.loads(_read_before(_pipe(process.stdout), time.monotonic() + _START_SECONDS))
        except (EOFError, BrokenPipeError, TimeoutError) as error:
            self._end()
            raise ReaderBroken(f"the reading process does not start; try it by hand: {' '.join(self._command)}") from error
        if ready != "ready":
            self._end()
            raise ReaderBroken(f"the reading process answers {ready!r} instead of 'ready'")


def serve(read: Callable[[bytes, str], Prepared]) -> None:
    """The reading process: reads documents until its standard input ends."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not break the frames
    first = json.loads(_read(requests))
    memory = first["memory_mb"] << 20
    # RLIMIT_DATA counts what is really asked for; address space would also count weights that are only mapped.
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    _write(answers, b'"ready"')
    with suppress(EOFError):
        while True:
            request = json.loads(_read(requests))
            # The kernel ends a reader that hangs even where its parent has died and nobody else would.
            signal.alarm(int(first["seconds"]) + _GRACE)
            _write(answers, _answer(read, Path(request["path"]).read_bytes(), request["name"], first["memory_mb"]))
            signal.alarm(0)


def _answer(read: Callable[[bytes, str], Prepared], data: bytes, name: str, memory_mb: int) -> bytes:
    try:
        return _prepared().dump_json(read(data, name))
    except UnreadableDocument as error:
        reason = str(error)
    except MemoryError:
        reason = _too_large(memory_mb)
    except RecursionError:
        reason = "is nested too deeply to be read"
    except Exception as error:  # noqa: BLE001 - one bad file never stops the rest; the class name is for whoever mends the reader
        reason = f"its reader failed ({type(error).__name__}): please report it with the file's kind and producer"
    return json.dumps({"unreadable": reason}).encode()


def _understood(answer: bytes) -> Prepared:
    if answer.startswith(b'{"unreadable":'):
        raise UnreadableDocument(str(json.loads(answer)["unreadable"]))
    return _prepared().validate_json(answer)


@cache
def _prepared() -> TypeAdapter[Prepared]:
    return TypeAdapter(Prepared)


def _cause_of_death(process: subprocess.Popen[bytes], limits: Limits) -> str:
    code = process.wait()
    if code == -signal.SIGKILL:
        return _too_large(limits.memory_mb)
    name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return f"crashes its reader ({name}): it may be damaged; open it and save it anew"


def _too_large(memory_mb: int) -> str:
    return f"needs more than {memory_mb} MB of memory to read: raise MUNIMENT_READING__MEMORY_MB if it is worth it"


def _pipe(pipe: object) -> BinaryIO:
    return pipe  # type: ignore[return-value]  # Popen was asked for both pipes


def _write(pipe: BinaryIO, frame: bytes) -> None:
    pipe.write(_LENGTH.pack(len(frame)) + frame)
    pipe.flush()


def _read(pipe: BinaryIO) -> bytes:
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    return pipe.read(_LENGTH.unpack(head)[0])


def _read_before(pipe: BinaryIO, deadline: float) -> bytes:
    length = _LENGTH.unpack(_exactly(pipe, _LENGTH.size, deadline))[0]
    if length > _MAX_ANSWER:
        raise EOFError
    return _exactly(pipe, length, deadline)


def _exactly(pipe: BinaryIO, size: int, deadline: float) -> bytes:
    parts, missing = [], size
    while missing:
        if not select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise TimeoutError
        part = os.read(pipe.fileno(), min(missing, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
