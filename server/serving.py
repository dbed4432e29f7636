"""Run the server until it is told to stop: over HTTP, or over standard input and output."""

import gc
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import anyio
import uvicorn
from fastapi import FastAPI

from index.store import Encoder, Index
from server.app import create_app
from server.audit import Trail
from server.auth import refuse_unsafe_door
from server.callers import local_caller
from server.connections import DrainingServer, PromptProtocol
from server.desk import Desk
from server.errors import CannotListen
from server.metrics import forget_worker
from server.options import ServerOptions
from server.protocol import create_server
from server.workers import Line, Workers

_IDLE_SECONDS, _WARM_SECONDS = 75, 120
# Those that nginx keeps open, and then some; each is a file of the process.
_MOST_CONNECTIONS = 2_000


def run_http(
    open_index: Callable[[], Index],
    encoder: Encoder,
    options: ServerOptions,
    clock: Callable[[], datetime],
    announce: Callable[[str], None],
) -> None:
    """Serve at http://HOST:PORT/mcp until SIGTERM or SIGINT; `announce` is called with that address once it can be reached.

    Calls in flight get `stop_seconds` to finish. Raises UnsafeDoor where strangers could come in, and CannotListen.
    """
    refuse_unsafe_door(options, clock())
    with _listen(options.host, options.port) as door:
        app = create_app(open_index, encoder, options, clock)
        app.state.desk.when_warm(_settle)
        _serve(app, door, options, lambda: announce(_url(options.host, door)))


def run_worker(
    open_index: Callable[[], Index],
    encoder: Encoder,
    options: ServerOptions,
    clock: Callable[[], datetime],
    numbers: tuple[int, int],
    patient: bool,
) -> None:
    """Be one of several workers: serve at the socket that is open under the first number, and answer on the second's line.

    A patient one takes no call before it can answer at once.
    """
    line = Line(numbers[1])
    app = create_app(open_index, encoder, options, clock)

    def tell() -> None:
        _settle()
        line.ready()

    app.state.desk.when_warm(tell)
    with socket.socket(fileno=numbers[0]) as door:
        if patient:
            app.state.desk.open()
            app.state.desk.wait(_WARM_SECONDS)
        _serve(app, door, options, lambda: None)


def run_workers(
    command: Callable[[int, int, bool], Sequence[str]],
    count: int,
    options: ServerOptions,
    clock: Callable[[], datetime],
    announce: Callable[[str], None],
) -> None:
    """Serve with several processes, each started with `command`; see `Workers`. Raises UnsafeDoor, CannotListen, WorkersFail."""
    refuse_unsafe_door(options, clock())
    with _listen(options.host, options.port) as door:
        announce(_url(options.host, door))
        Workers(command, count, door, options.stop_seconds, lambda number: forget_worker(number, options.metrics)).run()


def configured(app: FastAPI, options: ServerOptions) -> uvicorn.Config:
    """How the application is served."""
    return uvicorn.Config(
        app,
        http=PromptProtocol,
        # The door's owner decides what is logged; an access log would hold queries.
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=options.stop_seconds,
        timeout_keep_alive=_IDLE_SECONDS,
    )


def _settle() -> None:
    """What is there once the models are loaded stays; going through it again and again took a seventh of all time."""
    gc.collect()
    gc.freeze()


def _serve(app: FastAPI, door: socket.socket, options: ServerOptions, announce: Callable[[], None]) -> None:
    server = DrainingServer(configured(app, options))
    with _stopped_by_signals(server):
        announce()
        server.run(sockets=[door])


def _url(host: str, door: socket.socket) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{door.getsockname()[1]}/mcp"


def run_stdio(open_index: Callable[[], Index], encoder: Encoder, options: ServerOptions, clock: Callable[[], datetime]) -> None:
    """Serve one client over standard input and output until it closes them; logs must go to standard error."""
    trail = Trail(options.audit, options.audit_clear) if options.audit else None
    desk = Desk(open_index, encoder, options, clock, lambda: local_caller(options.principals), trail)
    if threading.current_thread() is threading.main_thread():
        # A read of standard input can't be interrupted, and there is nothing to save: Ctrl-C ends the process at once.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    anyio.run(create_server(desk, options.version).run_stdio_async)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise CannotListen(host, port, error.strerror or str(error)) from None


@contextmanager
def _stopped_by_signals(server: uvicorn.Server) -> Iterator[None]:
    """A signal stops the server, before it has started as well.

    Once it is done, uvicorn raises the signal that stopped it again, which would end this process as if it had been killed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
