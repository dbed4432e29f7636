"""The desk of the reading room: every question to the index passes here, on a worker thread, with a deadline."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from threading import BoundedSemaphore, Lock, Thread
from typing import TypeVar

from index.errors import IndexCorrupt, IndexMismatch, IndexMissing, UnknownDocument
from index.phrasings import phrasings
from index.store import Encoder, Index, View
from server.callers import Caller
from server.clearance import Clearance
from server.errors import Broken, NotReady, NotThere, ServerError, TooBusy, TooSlow, trail_of
from server.options import ServerOptions

log = logging.getLogger(__name__)
T = TypeVar("T")

_REMEDIES: dict[type[Exception], str] = {
    IndexMissing: "nothing is indexed yet: the administrator must run `muniment ingest` first; then ask again",
    IndexMismatch: "the index was built by another encoder than this server's: the administrator must run `muniment rebuild`",
    IndexCorrupt: "the index is damaged: the administrator must run `muniment rebuild`",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One caller's look at one generation of the index, on one day."""

    view: View
    encoder: Encoder
    today: date
    principals: frozenset[str]


class Desk:
    """Answers questions side by side, a bounded number at a time; nobody else in this room touches the index.

    `open_index` is asked until it gives an index, so a server may start before there is one. `who` names the caller of
    the request being answered. Open it with `open`, close it with `close`.
    """

    def __init__(
        self,
        open_index: Callable[[], Index],
        encoder: Encoder,
        options: ServerOptions,
        clock: Callable[[], datetime],
        who: Callable[[], Caller],
    ) -> None:
        self._open_index, self._encoder, self._options, self._clock, self._who = open_index, encoder, options, clock, who
        self._clearance = Clearance(options)
        self._index: Index | None = None
        self._opening = Lock()
        self._pool = ThreadPoolExecutor(options.workers, thread_name_prefix="desk")
        self._room = BoundedSemaphore(options.workers + options.waiting)
        self._warming: Thread | None = None
        self._warm = False

    def open(self) -> None:
        """Begin to load the encoder, in the background: the server listens meanwhile, and calls wait for it."""
        if not self._warm and (self._warming is None or not self._warming.is_alive()):
            self._warming = Thread(target=self._warm_up, name="warm-up", daemon=True)
            self._warming.start()

    def close(self) -> None:
        """Take no more questions and let go of the index."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        with self._opening:
            if self._index is not None:
                self._index.close()

    async def ask(self, what: str, scope: str, work: Callable[[Reading], T]) -> T:
        """Do a piece of work for the present caller, who needs `scope`; `what` names it in the log.

        Raises ServerError and nothing else (but cancellation), with a message for the caller's eyes.
        """
        caller = self._who()
        caller.need(scope)
        call, started = secrets.token_hex(4), time.perf_counter()
        try:
            outcome = await self._within_deadline(lambda: work(self._reading(caller)))
        except Exception as error:  # noqa: BLE001  # a door: nothing else may reach the caller
            told = _told(error, call)
            log.info("%s call=%s caller=%s failed=%s ms=%d", what, call, caller.name, type(told).__name__, _milliseconds(started))
            raise told from None
        log.info("%s call=%s caller=%s ms=%d", what, call, caller.name, _milliseconds(started))
        return outcome

    async def trouble(self) -> str | None:
        """Why the desk can't answer now, in words for an operator, or None."""
        if not self._warm:
            self.open()
            return "the encoder is not loaded yet"
        try:
            async with asyncio.timeout(self._options.call_seconds):
                await asyncio.to_thread(self._look)
        except TimeoutError:
            return "the index does not answer"
        except Exception as error:  # noqa: BLE001  # a door: told to the operator
            return str(_told(error, secrets.token_hex(4)))
        return None

    async def _within_deadline(self, work: Callable[[], T]) -> T:
        if not self._room.acquire(blocking=False):
            raise TooBusy
        future = self._pool.submit(work)
        # A thread can't be stopped: its place is free again when it is done, not when its caller has gone.
        future.add_done_callback(self._leave)
        try:
            async with asyncio.timeout(self._options.call_seconds):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            raise TooSlow(self._options.call_seconds) from None

    def _leave(self, _: "Future[T]") -> None:
        self._room.release()

    def _reading(self, caller: Caller) -> Reading:
        sight = self._clearance.of(caller)
        view = self._look().behind(sight.walls)
        return Reading(view, self._encoder, self._clock().date(), sight.principals)

    def _look(self) -> View:
        with self._opening:
            if self._index is None:
                self._index = self._open_index()
        view = self._index.view()
        if view.manifest.encoder != self._encoder.name:
            raise IndexMismatch(view.manifest.encoder, self._encoder.name)
        return view

    def _warm_up(self) -> None:
        try:
            phrasings(self._encoder)
            self._encoder.encode_question("Which law governs this agreement?")
        except Exception:
            log.exception("the encoder can't be loaded")
        else:
            self._warm = True


def _told(error: Exception, call: str) -> ServerError:
    if isinstance(error, ServerError):
        return error
    if isinstance(error, UnknownDocument):
        return NotThere(str(error))
    if remedy := _REMEDIES.get(type(error)):
        log.warning("call=%s: %s", call, error)
        return NotReady(remedy)
    log.error("call=%s %s", call, trail_of(error))
    log.debug("call=%s", call, exc_info=error)
    return Broken(call)


def _milliseconds(since: float) -> int:
    return round(1000 * (time.perf_counter() - since))
