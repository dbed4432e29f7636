"""What leaves the server for its operator, as log lines and as spans, holds numbers and names and no question's words."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]

LOGGING = """
import logging
from scripts.logs import log_to_stderr
log_to_stderr("INFO", "json")
logging.getLogger("server.desk").info("read_contract call=%s shown=%d", "ab12", 1)
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("x").exception("failed")
"""

TRACING = """
import asyncio, sys
from opentelemetry import trace as spans
from scripts.settings import load_settings
from scripts.tracing import trace
trace(load_settings())
from pathlib import Path
sys.path.insert(0, "tests")
from small_firm import build
from small_server import asking
async def ask():
    build(Path(sys.argv[1]) / "index")
    async with asking(Path(sys.argv[1]) / "index") as client:
        await client.call_tool("search_documents_by_metadata", {"party": "Quetzalcoatl"})
        await client.call_tool("search_documents_by_metadata", {"limit": "Popocatepetl"})
        try:
            await client.read_resource("contract://Zanzibar")
        except Exception:
            pass
asyncio.run(ask())
spans.get_tracer_provider().shutdown()
"""


def run(program: str, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MUNIMENT_")}
    command = [sys.executable, "-c", program, *words]
    return subprocess.run(command, cwd=HOUSE, env={**clean, **environment}, capture_output=True, text=True, check=False)


def test_each_event_is_one_json_object() -> None:
    told = [json.loads(line) for line in run(LOGGING).stderr.splitlines()]
    assert [(it["level"], it["logger"], it["message"]) for it in told] == [
        ("INFO", "server.desk", "read_contract call=ab12 shown=1"),
        ("ERROR", "x", "failed"),
    ]
    assert "ZeroDivisionError" in told[1]["trace"]
    assert told[0]["time"].endswith("+00:00")


def test_no_library_tells_its_maker_how_it_is_used(tmp_path: Path) -> None:
    done = run("import scripts, onnxruntime", HOME=str(tmp_path), XDG_CACHE_HOME="", ORT_DISABLE_TELEMETRY="0")
    assert done.returncode == 0, done.stderr
    # It would keep a number of the machine and what it has not sent yet.
    assert list(tmp_path.rglob("*")) == []


def test_spans_go_to_the_collector_that_is_set_and_hold_no_questions_words(tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.sdk", reason="the tracing extra is not installed")
    bodies: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Collector) as collector:
        thread = threading.Thread(target=collector.serve_forever)
        thread.start()
        settings = {
            "MUNIMENT_TRACING__ENDPOINT": f"http://127.0.0.1:{collector.server_port}",
            "OTEL_EXPORTER_OTLP_COMPRESSION": "none",
        }
        done = run(TRACING, str(tmp_path), **settings)
        collector.shutdown()
        thread.join()
    assert done.returncode == 0, done.stderr
    sent = b"".join(bodies)
    assert b"tools/call search_documents_by_metadata" in sent
    assert b"muniment" in sent
    assert not any(word in sent for word in (b"Quetzalcoatl", b"Popocatepetl", b"Zanzibar"))
