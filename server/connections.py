"""Connections that are not held open for nothing: slow and silent ones are closed, and none is lost when the server stops."""

import asyncio
import socket

import uvicorn
from sse_starlette.sse import AppStatus
from uvicorn.protocols.http.h11_impl import H11Protocol

_HEAD_SECONDS = 10.0
_DRAIN_SECONDS = 0.5


class PromptProtocol(H11Protocol):
    """HTTP/1.1 on which a request's head must have come within ten seconds of the connection, or of its own first byte."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the class above
        """Begin to wait for the first request."""
        super().connection_made(transport)
        _send_at_once(transport)
        self._late = self.loop.call_later(_HEAD_SECONDS, self._give_up)

    def data_received(self, data: bytes) -> None:
        """Go on waiting until a head is complete."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._late is None:
            self._late = self.loop.call_later(_HEAD_SECONDS, self._give_up)

    def on_response_complete(self) -> None:
        """Wait again, where the beginning of the next request has come already."""
        super().on_response_complete()
        idle = self.cycle is None or self.cycle.response_complete
        if idle and self.conn.trailing_data[0] and self._late is None:
            self._late = self.loop.call_later(_HEAD_SECONDS, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _stop_waiting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _give_up(self) -> None:
        self._late = None
        if not self.transport.is_closing():
            self.transport.close()


class DrainingServer(uvicorn.Server):
    """A server that is told to stop takes no new connections, and gives those it has a moment to say what they came for."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        # By itself the library cuts every stream off when a server is told to stop, in the middle of an answer.
        AppStatus.disable_automatic_graceful_drain()  # type: ignore[no-untyped-call]  # unannotated

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop in order; each connection is told to close with its next answer."""
        for server in self.servers:
            server.close()
        self.server_state.default_headers.append((b"connection", b"close"))
        until = asyncio.get_running_loop().time() + _DRAIN_SECONDS
        while self.server_state.connections and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.05)
        await super().shutdown(sockets)


def _send_at_once(transport: asyncio.BaseTransport) -> None:
    """Let no piece of an answer wait for the one before to be acknowledged, which clients put off by 40 ms.

    asyncio does so by itself, but not for sockets that were made without naming their protocol, as those of `create_server` are.
    """
    door: socket.socket = transport.get_extra_info("socket")
    if door.family in {socket.AF_INET, socket.AF_INET6}:
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
