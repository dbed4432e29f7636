"""The emulated Drive's front: routes, bodies with ranges, faults on the wire, and the log of requests."""

import json
import re
import socket
import struct
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from drive_emulator_faults import Fault, Faults
from drive_emulator_forms import Refused, found
from drive_emulator_items import Item
from drive_emulator_parameters import Call
from drive_emulator_tokens import READONLY, TokenRefused, Tokens

_ROUTES = (
    ("about.get", r"/drive/v3/about"),
    ("files.list", r"/drive/v3/files"),
    ("export", r"/drive/v3/files/(?P<fileId>[^/]+)/export"),
    ("permissions.list", r"/drive/v3/files/(?P<fileId>[^/]+)/permissions"),
    ("files.get", r"/drive/v3/files/(?P<fileId>[^/]+)"),
    ("changes.getStartPageToken", r"/drive/v3/changes/startPageToken"),
    ("changes.list", r"/drive/v3/changes"),
    ("drives.list", r"/drive/v3/drives"),
    ("drives.get", r"/drive/v3/drives/(?P<driveId>[^/]+)"),
    ("export_link", r"/export/(?P<fileId>[^/]+)"),
    ("token", r"/token"),
)
_PROXY_PAGE = b"<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Bad Gateway</h1>proxy.firm.example</body></html>"


@dataclass(frozen=True)
class Request:
    """A request that came in: its route ("files.list", "media", …), parameters, and how it was answered (0: cut off)."""

    route: str
    path: str
    query: dict[str, str]
    range: str | None
    caller: str
    status: int
    sent: int
    fault: str | None


@dataclass(frozen=True)
class Answer:
    """Status, body and headers."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json; charset=UTF-8"),)


class Front(ThreadingHTTPServer):
    """The server; one thread a connection."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self, api: Any, tokens: Tokens, faults: Faults, routes: tuple[tuple[str, str], ...] = _ROUTES, needed: str = READONLY
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.api, self.tokens, self.faults, self.routes, self.needed = api, tokens, faults, routes, needed
        self.log: list[Request] = []
        self.log_lock = Lock()
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that the server's end ends it."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """The connection is over."""
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End every connection that clients keep open."""
        for each in list(self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients may go away in mid-answer; that is what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Front

    def log_message(self, *_: object) -> None:
        """The log is kept as records."""

    def do_GET(self) -> None:
        """Any method of the API."""
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        route, path = _routed(parts.path, query, self.server.routes)
        caller, fault = "", self.server.faults.struck(route, self.path)
        try:
            caller = self.server.tokens.caller(self.headers.get("Authorization", ""), self.server.needed)
            answer = _faulty(fault) or self._answer(Call(_method(route), caller, query, path, self._keys()), route, fault)
        except Refused as refused:
            answer = _refusal(refused)
        # First noted, then sent: who has the answer finds the request in the log.
        self._note(route, parts.path, query, caller, answer, fault)
        self._send(answer, fault)

    def do_POST(self) -> None:
        """The token endpoint."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        fault = self.server.faults.struck("token", self.path)
        try:
            given = _faulty(fault)
            answer = given or Answer(200, json.dumps(self.server.tokens.exchange(dict(parse_qsl(body)))).encode())
        except TokenRefused as refused:
            answer = Answer(401 if refused.error == "unauthorized_client" else 400, _token_error(refused))
        self._note("token", self.path, {}, "", answer, fault)
        self._send(answer, fault)

    def _keys(self) -> str:
        return str(self.headers.get("X-Goog-Drive-Resource-Keys", ""))

    def _answer(self, call: Call, route: str, fault: Fault | None) -> Answer:
        api = self.server.api
        if route in {"media", "export", "export_link"}:
            drives = call.flag("supportsAllDrives") or route != "media"
            with api.world.lock:
                item = found(api.world, call.path["fileId"], call.caller, drives, call.keys)
                return _body(item, route, call, self.headers.get("Range"))
        if route not in api._methods:
            raise Refused(404, "notFound", "Not Found")
        told = api.answer(call)
        if fault and fault.kind == "incomplete" and "incompleteSearch" in told:
            told["incompleteSearch"] = True
        return Answer(200, json.dumps(told).encode())

    def _send(self, answer: Answer, fault: Fault | None) -> None:
        kind = fault.kind if fault else ""
        body = answer.body
        if kind == "short":
            body = body[: len(body) // 2]
        if kind == "corrupt":
            body = bytes(byte ^ 1 for byte in body[:1]) + body[1:]
        head = [f"HTTP/1.1 {answer.status} {self.responses.get(answer.status, ('',))[0]}", f"Content-Length: {len(body)}"]
        head += [f"{name}: {value}" for name, value in answer.headers]
        self.wfile.write("\r\n".join([*head, "", ""]).encode())
        if kind in {"reset", "truncate"}:
            self._cut(body[: len(body) // 2], hard=kind == "reset")
        elif kind == "slow" and fault:
            for start in range(0, len(body), max(1, len(body) // 10)):
                self.wfile.write(body[start : start + max(1, len(body) // 10)])
                time.sleep(fault.pause)
        else:
            self.wfile.write(body)

    def _cut(self, body: bytes, hard: bool) -> None:
        self.wfile.write(body)
        self.wfile.flush()
        if hard:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def _note(self, route: str, path: str, query: dict[str, str], caller: str, answer: Answer, fault: Fault | None) -> None:
        cut = fault is not None and fault.kind in {"reset", "truncate"}
        asked = self.headers.get("Range")
        request = Request(
            route, path, query, asked, caller, 0 if cut else answer.status, len(answer.body), fault.kind if fault else None
        )
        with self.server.log_lock:
            self.server.log.append(request)


def _routed(path: str, query: dict[str, str], routes: tuple[tuple[str, str], ...]) -> tuple[str, dict[str, str]]:
    for route, pattern in routes:
        if match := re.fullmatch(pattern, path):
            named = {name: unquote(value) for name, value in match.groupdict().items()}
            return ("media" if route == "files.get" and query.get("alt") == "media" else route), named
    return "unknown", {}


def _method(route: str) -> str:
    return {"media": "files.get", "export": "files.export"}.get(route, route)


def _faulty(fault: Fault | None) -> Answer | None:
    if fault and fault.kind == "expired":
        raise Refused(401, "authError", "Invalid Credentials", "Authorization")
    if fault and fault.kind == "html":
        return Answer(fault.status, _PROXY_PAGE, (("Content-Type", "text/html"),))
    if fault and fault.kind == "status":
        refusal = _refusal(Refused(fault.status, fault.reason, f"Injected: {fault.reason}"))
        wait = (("Retry-After", fault.retry_after),) if fault.retry_after else ()
        return Answer(refusal.status, refusal.body, refusal.headers + wait)
    return None


def _refusal(refused: Refused) -> Answer:
    return Answer(refused.status, json.dumps(refused.body(), indent=1).encode())


def _token_error(refused: TokenRefused) -> bytes:
    return json.dumps({"error": refused.error, "error_description": refused.description}).encode()


def _body(item: Item, route: str, call: Call, asked: str | None) -> Answer:
    if not item.can_download:
        message = "This file cannot be downloaded by the user."
        raise Refused(403, "cannotDownloadFile", message)
    if route == "media":
        if not item.binary:
            message = "Only files with binary content can be downloaded. Use Export with Docs Editors files."
            raise Refused(403, "fileNotDownloadable", message, "alt")
        return _ranged(item.data, item.mime, asked)
    if item.binary:
        raise Refused(403, "fileNotExportable", "Export only supports Docs Editors files.")
    wanted = call.query.get("mimeType") if route == "export" else _named(item, call.query.get("exportFormat", ""))
    data = item.exports.get(wanted or "")
    if data is None:
        raise Refused(400, "badRequest", "The requested conversion is not supported.", "convertTo")
    if route == "export" and len(data) > item.most_exported:
        raise Refused(403, "exportSizeLimitExceeded", "This file is too large to be exported.")
    return Answer(200, data, (("Content-Type", wanted or ""),))


def _named(item: Item, short: str) -> str | None:
    return next((mime for mime in item.exports if mime.rpartition(".")[2] == short), None)


def _ranged(data: bytes, mime: str, asked: str | None) -> Answer:
    match = re.fullmatch(r"bytes=(\d+)-(\d*)", asked or "")
    kind = ("Content-Type", mime)
    if not match:
        return Answer(200, data, (kind, ("Accept-Ranges", "bytes")))
    start, end = int(match[1]), min(int(match[2] or len(data)), len(data) - 1)
    if start >= len(data):
        return Answer(416, b"", (kind, ("Content-Range", f"bytes */{len(data)}")))
    return Answer(206, data[start : end + 1], (kind, ("Content-Range", f"bytes {start}-{end}/{len(data)}")))


class Standing:
    """A front that answers from entering to leaving, with an account that its tokens know."""

    def stand(self, front: Front, name: str) -> None:
        """Make ready what is entered: `url`, and `account`, the file of a service account."""
        self._front = front
        self.url = f"http://127.0.0.1:{front.server_address[1]}"
        self._folder = tempfile.TemporaryDirectory(prefix=f"{name}-emulator-")
        self.account = Path(self._folder.name, "service-account.json")
        front.tokens.write_account(self.account, f"{self.url}/token")
        self._thread = Thread(target=front.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._front.shutdown()
        self._front.hang_up()
        self._front.server_close()
        self._thread.join()
        self._folder.cleanup()
