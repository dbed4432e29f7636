"""`muniment serve` and `muniment connect`: the server, and how an assistant finds it."""

import json
import os
import shutil
import sys
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index.local import open_index
from scripts.authorities import groups_file, oauth_of, told_groups, walls_file
from scripts.logs import log_to_stderr
from scripts.options import Data
from scripts.settings import Settings, load_settings
from scripts.tracing import trace
from scripts.wiring import audit_folder, index_place, keys_file, open_encoder

if TYPE_CHECKING:
    from server.options import ServerOptions

_QUESTIONS = ("Has Acme Robotics signed an NDA with us?", "When does the vendor agreement with Northwind Paper expire?")


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; other than loopback needs an API key.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    stdio: Annotated[bool, typer.Option("--stdio", help="Serve one client over standard input and output instead.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Server processes; SIGHUP replaces them with fresh ones.")] = None,
    worker: Annotated[tuple[int, int, int] | None, typer.Option(hidden=True)] = None,
    data: Data = None,
) -> None:
    """Serve MCP over HTTP at /mcp until it is stopped, or over stdio."""
    settings = load_settings(data_dir=data, server=_given(host=host, port=port, workers=workers))
    # Torch and OpenMP threads fight on a busy machine: one question then takes thirty times as long.
    os.environ.setdefault("OMP_NUM_THREADS", str(settings.server.threads))
    log_to_stderr("WARNING" if stdio and settings.log_level == "INFO" else settings.log_level, settings.log_format)
    several = not stdio and settings.server.workers > 1
    figures = _together(settings, afresh=worker is None) if several else None
    trace(settings)
    from server.serving import run_http, run_stdio, run_worker, run_workers

    options = _options(settings, figures)
    if several and worker is None:
        run_workers(_command, settings.server.workers, options, _now, _announce)
        return
    # The desk remembers each caller's questions apart from those of others.
    encoder = open_encoder(settings, settings.server.threads, remembered=0)
    opened = partial(open_index, index_place(settings))
    if stdio:
        run_stdio(opened, encoder, options, _now)
    elif worker is None:
        run_http(opened, encoder, options, _now, _announce)
    else:
        door, line, patient = worker
        run_worker(opened, encoder, options, _now, (door, line), bool(patient))


def _options(settings: Settings, figures: Path | None) -> "ServerOptions":
    from server.options import ServerOptions

    server = settings.server
    return ServerOptions(
        version=version("muniment"),
        host=server.host,
        port=server.port,
        allowed_hosts=server.allowed_hosts,
        allowed_origins=server.allowed_origins,
        principals=frozenset(server.principals),
        keys=keys_file(settings),
        oauth=oauth_of(settings),
        groups=groups_file(settings),
        directory=told_groups(settings),
        walls=walls_file(settings),
        call_seconds=server.deadline_seconds,
        stop_seconds=server.stop_seconds,
        workers=server.side_by_side,
        waiting=server.waiting,
        deadlines={tool: seconds for tool, seconds in server.deadlines if seconds is not None},
        proxies=server.proxies,
        caller_limit=server.caller_limit or "",
        address_limit=server.address_limit or "",
        limit_store=server.limit_store or f"tally://{_run_folder(settings) / 'tally'}",
        audit=audit_folder(settings) if settings.audit.enabled else None,
        audit_clear=settings.audit.arguments == "clear",
        metrics=figures,
    )


def _run_folder(settings: Settings) -> Path:
    return settings.data_dir.absolute() / "run"


def _together(settings: Settings, afresh: bool) -> Path:
    """Where several workers add up their figures; Prometheus's client takes it from the environment, when it is imported."""
    folder = _run_folder(settings) / f"figures-{settings.server.port}"
    if afresh:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    return folder


def _command(door: int, line: int, patient: bool) -> list[str]:
    return [sys.executable, "-m", "scripts.cli", *sys.argv[1:], "--worker", str(door), str(line), str(int(patient))]


def _announce(url: str) -> None:
    print(f"serving {url}", file=sys.stderr)


def connect(data: Data = None) -> None:
    """Print how to connect an assistant, ready to paste, and what to ask it."""
    settings = load_settings(data_dir=data)
    oauth = oauth_of(settings)
    url = oauth.resource if oauth else f"http://{settings.server.host}:{settings.server.port}/mcp"
    print(f"\nClaude Code:\n  claude mcp add --transport http muniment {url}")
    print(f"\nClaude Desktop (claude_desktop_config.json):\n  {json.dumps(_stdio(settings))}")
    print(f"\nCursor and others over HTTP:\n  {json.dumps({'mcpServers': {'muniment': {'url': url}}})}")
    if oauth:
        print("\nAn assistant then opens the browser to sign in; a job sends a key instead.")
    if keys_file(settings).exists():
        print("\nOver HTTP send a key as `Authorization: Bearer mun_…`; `muniment key add` makes one.")
    print("\nThen ask:\n" + "\n".join(f"  {question}" for question in _QUESTIONS) + "\n", flush=True)


def _stdio(settings: Settings) -> dict[str, object]:
    command = str(Path(sys.argv[0]).absolute())
    arguments = ["serve", "--stdio", "--data", str(settings.data_dir.absolute())]
    return {"mcpServers": {"muniment": {"command": command, "args": arguments}}}


def _given(**passed: object) -> dict[str, object] | None:
    return {name: value for name, value in passed.items() if value is not None} or None


def _now() -> datetime:
    return datetime.now(UTC)
