"""Runs the server over a small firm's index: in memory, on a real socket, or as a program of its own."""

import argparse
import logging
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import httpx2
import uvicorn
from held_calls import HELD
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from small_firm import NOW, WordEncoder, build, opened

from index.store import Encoder, Index, Vectors
from server.app import create_app
from server.callers import Caller, local_caller
from server.connections import DrainingServer
from server.desk import Desk
from server.oauth_options import OAuthOptions
from server.options import ServerOptions
from server.protocol import create_server
from server.serving import configured, run_http, run_stdio, run_worker, run_workers

ERAS = ("legacy", "2026-07-28")


class Holding(WordEncoder):
    """An encoder of a program of its own that lets questions that say so wait until somebody writes to a named pipe."""

    def __init__(self, pipe: Path) -> None:
        self._pipe = pipe

    def encode_question(self, text: str) -> Vectors:
        if text.startswith(HELD):
            self._pipe.read_bytes()
        return super().encode_question(text)


def now() -> datetime:
    """The day on which the tests take place."""
    return NOW


@asynccontextmanager
async def asking(
    place: Path,
    mode: str = "2026-07-28",
    *,
    encoder: Encoder | None = None,
    options: ServerOptions | None = None,
    who: Callable[[], Caller] | None = None,
    open_index: Callable[[], Index] | None = None,
) -> AsyncIterator[Client]:
    """A client of a server in this process."""
    told = options or ServerOptions()
    desk = Desk(
        open_index or (lambda: opened(place)),
        encoder or WordEncoder(),
        told,
        now,
        who or (lambda: local_caller(told.principals)),
    )
    async with Client(create_server(desk, "1"), mode=mode) as client:
        yield client


@contextmanager
def listening(place: Path, options: ServerOptions | None = None, encoder: Encoder | None = None) -> Iterator[str]:
    """The address of a server on a free port of this machine, run by uvicorn in a thread."""
    told = replace(options or ServerOptions(), stop_seconds=2)
    app = create_app(lambda: opened(place), encoder or WordEncoder(), told, now)
    with socket.create_server(("127.0.0.1", 0)) as door:
        server = DrainingServer(configured(app, told))
        started = threading.Event()
        thread = threading.Thread(target=_serve, args=(server, door, started))
        thread.start()
        started.wait(20)
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)


@asynccontextmanager
async def calling(url: str, mode: str, headers: dict[str, str] | None = None) -> AsyncIterator[Client]:
    """A client of a server at an address."""
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http), mode=mode) as client,
    ):
        yield client


def _serve(server: uvicorn.Server, door: socket.socket, started: threading.Event) -> None:
    startup = server.startup

    async def announced(sockets: list[socket.socket] | None = None) -> None:
        await startup(sockets=sockets)
        started.set()

    server.startup = announced  # type: ignore[method-assign]  # uvicorn has no hook for it
    server.run(sockets=[door])


def main() -> None:
    """Serve an index as a program: `python -m small_server PLACE [--stdio | --workers N] …`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("place", type=Path, help="the index; a small firm's is made where there is none")
    parser.add_argument("--stdio", action="store_true")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--worker", type=int, nargs=3)
    parser.add_argument("--state", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--keys", type=Path)
    parser.add_argument("--issuer", help="an authorization server whose tokens are taken, beside keys")
    parser.add_argument("--log-level", default="INFO")
    parser.add_argument("--hold", type=Path, help="a named pipe: questions that say so wait until it is written to")
    parser.add_argument("--places", type=int, nargs=2, default=(4, 32), help="how many are answered at once, and how many wait")
    asked = parser.parse_args()
    logging.basicConfig(stream=sys.stderr, level=asked.log_level)
    if not asked.place.exists():
        build(asked.place)
    encoder = Holding(asked.hold) if asked.hold else WordEncoder()
    resource = f"http://127.0.0.1:{asked.port}/mcp"
    oauth = OAuthOptions(resource, resource, (asked.issuer,)) if asked.issuer else None
    options = ServerOptions(port=asked.port, keys=asked.keys, oauth=oauth)
    options = replace(options, stop_seconds=2, audit=asked.state, proxies=("127.0.0.1",))
    options = replace(options, workers=asked.places[0], waiting=asked.places[1])
    if asked.worker:
        *numbers, patient = asked.worker
        run_worker(lambda: opened(asked.place), encoder, options, now, (numbers[0], numbers[1]), bool(patient))
    elif asked.workers > 1:
        run_workers(_worker, asked.workers, options, now, _announce)
    elif asked.stdio:
        run_stdio(lambda: opened(asked.place), encoder, options, now)
    else:
        run_http(lambda: opened(asked.place), encoder, options, now, _announce)


def _worker(door: int, line: int, patient: bool) -> list[str]:
    return [sys.executable, "-m", "small_server", *sys.argv[1:], "--worker", str(door), str(line), str(int(patient))]


def _announce(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
