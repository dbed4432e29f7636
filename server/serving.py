"""Run the server until it is told to stop: over HTTP, or over standard input and output."""

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import anyio
import uvicorn

from index.store import Encoder, Index
from server.app import create_app
from server.auth import refuse_unsafe_door
from server.callers import local_caller
from server.desk import Desk
from server.errors import CannotListen
from server.options import ServerOptions
from server.protocol import create_server

_IDLE_SECONDS = 75


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
    app = create_app(open_index, encoder, options, clock)
    with _listen(options.host, options.port) as door:
        config = uvicorn.Config(
            app,
            # The door's owner decides what is logged; an access log would hold queries.
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=options.stop_seconds,
            timeout_keep_alive=_IDLE_SECONDS,
        )
        server = uvicorn.Server(config)
        host = f"[{options.host}]" if ":" in options.host else options.host
        with _stopped_by_signals(server):
            announce(f"http://{host}:{door.getsockname()[1]}/mcp")
            server.run(sockets=[door])


def run_stdio(open_index: Callable[[], Index], encoder: Encoder, options: ServerOptions, clock: Callable[[], datetime]) -> None:
    """Serve one client over standard input and output until it closes them; logs must go to standard error."""
    desk = Desk(open_index, encoder, options, clock, lambda: local_caller(options.principals))
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
