"""`muniment serve` and `muniment connect`: the server, and how an assistant finds it."""

import json
import os
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from scripts.logs import log_to_stderr
from scripts.options import Data
from scripts.settings import Settings, load_settings
from scripts.wiring import index_place, keys_file, open_encoder

_QUESTIONS = ("Has Acme Robotics signed an NDA with us?", "When does the vendor agreement with Northwind Paper expire?")


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; other than loopback needs an API key.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    stdio: Annotated[bool, typer.Option("--stdio", help="Serve one client over standard input and output instead.")] = False,
    data: Data = None,
) -> None:
    """Serve MCP over HTTP at /mcp until it is stopped, or over stdio."""
    settings = load_settings(data_dir=data, server=_given(host, port))
    # Torch and OpenMP threads fight on a busy machine: one question then takes thirty times as long.
    os.environ.setdefault("OMP_NUM_THREADS", str(settings.server.threads))
    log_to_stderr("WARNING" if stdio and settings.log_level == "INFO" else settings.log_level)
    from index.local import open_index
    from server.options import ServerOptions
    from server.serving import run_http, run_stdio

    options = ServerOptions(
        version=version("muniment"),
        host=settings.server.host,
        port=settings.server.port,
        allowed_hosts=settings.server.allowed_hosts,
        allowed_origins=settings.server.allowed_origins,
        principals=frozenset(settings.server.principals),
        keys=keys_file(settings),
        call_seconds=settings.server.deadline_seconds,
    )
    encoder = open_encoder(settings, settings.server.threads)
    place = index_place(settings)
    if stdio:
        run_stdio(lambda: open_index(place), encoder, options, _now)
    else:
        run_http(lambda: open_index(place), encoder, options, _now, lambda url: print(f"serving {url}", file=sys.stderr))


def connect(data: Data = None) -> None:
    """Print how to connect an assistant, ready to paste, and what to ask it."""
    settings = load_settings(data_dir=data)
    url = f"http://{settings.server.host}:{settings.server.port}/mcp"
    print(f"\nClaude Code:\n  claude mcp add --transport http muniment {url}")
    print(f"\nClaude Desktop (claude_desktop_config.json):\n  {json.dumps(_stdio(settings))}")
    print(f"\nCursor and others over HTTP:\n  {json.dumps({'mcpServers': {'muniment': {'url': url}}})}")
    if keys_file(settings).exists():
        print("\nOver HTTP send a key as `Authorization: Bearer mun_…`; `muniment key add` makes one.")
    print("\nThen ask:\n" + "\n".join(f"  {question}" for question in _QUESTIONS) + "\n", flush=True)


def _stdio(settings: Settings) -> dict[str, object]:
    command = str(Path(sys.argv[0]).absolute())
    arguments = ["serve", "--stdio", "--data", str(settings.data_dir.absolute())]
    return {"mcpServers": {"muniment": {"command": command, "args": arguments}}}


def _given(host: str | None, port: int | None) -> dict[str, object] | None:
    given: dict[str, object] = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    return given or None


def _now() -> datetime:
    return datetime.now(UTC)
