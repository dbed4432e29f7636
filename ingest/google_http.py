"""HTTP connections whose answers must come to their end: one that only drips is given up like one that is silent."""

from http.client import HTTPResponse, IncompleteRead
from time import monotonic
from typing import Any

import httplib2

# Silence ends an answer after the socket's time-out; dripping, after so many times that.
_PATIENCE = 10.0
_AT_ONCE = 1 << 16


class _Bounded(HTTPResponse):
    """Reads a whole body by what has arrived, and looks at the time between."""

    def __init__(self, sock: Any, *rest: Any, **named: Any) -> None:
        super().__init__(sock, *rest, **named)
        self._until = monotonic() + _PATIENCE * (sock.gettimeout() or 60.0)

    def read(self, amt: int | None = None) -> bytes:
        """The body; raises TimeoutError, IncompleteRead."""
        if amt is not None or self.isclosed():
            return super().read(amt)
        expected, body = self.length, bytearray()
        while expected is None or len(body) < expected:
            if monotonic() > self._until:
                raise TimeoutError("the answer came too slowly")
            piece = self.read1(_AT_ONCE if expected is None else min(_AT_ONCE, expected - len(body)))
            if not piece:
                break
            body += piece
        self.close()
        if expected is not None and len(body) < expected:
            raise IncompleteRead(bytes(body), expected - len(body))
        return bytes(body)


class _Plain(httplib2.HTTPConnectionWithTimeout):  # type: ignore[misc]  # httplib2 has no types
    response_class = _Bounded


class _Secure(httplib2.HTTPSConnectionWithTimeout):  # type: ignore[misc]  # httplib2 has no types
    response_class = _Bounded


class PatientHttp(httplib2.Http):  # type: ignore[misc]  # httplib2 has no types
    """httplib2's client over such connections."""

    def request(self, uri: str, *rest: Any, **named: Any) -> Any:
        """See `httplib2.Http.request`."""
        # Other clients pass None here, which means the usual one.
        named["connection_type"] = _Secure if uri.lower().startswith("https:") else _Plain
        return super().request(uri, *rest, **named)
