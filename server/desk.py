"""The desk of the reading room: every question to the index passes here, on a worker thread, with a deadline, and is recorded."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import BoundedSemaphore, Event, Lock, Thread
from typing import TypeVar

from index.errors import IndexCorrupt, IndexMismatch, IndexMissing, UnknownDocument
from index.phrasings import phrasings
from index.records import Summary
from index.store import Encoder, Index, View
from server.audit import REFUSED, Entry, Trail
from server.callers import Caller
from server.clearance import Clearance
from server.errors import Broken, NotReady, NotRecorded, NotThere, ServerError, TooBusy, TooSlow, trail_of
from server.metrics import CountedEncoder, Metrics
from server.options import ServerOptions
from server.pulse import Tell, pulse
from server.recall import Recall
from server.visits import present_visit

log = logging.getLogger(__name__)
T = TypeVar("T")

_REMEDIES: dict[type[Exception], str] = {
    IndexMissing: "nothing is indexed yet: the administrator must run `muniment ingest` first; then ask again",
    IndexMismatch: "the index was built by another encoder than this server's: the administrator must run `muniment rebuild`",
    IndexCorrupt: "the index is damaged: the administrator must run `muniment rebuild`",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One caller's look at one generation of the index, on one day; `shown` gathers which documents' words or facts it shows."""

    view: View
    encoder: Encoder
    today: date
    principals: frozenset[str]
    shown: dict[str, str | None] = field(default_factory=dict)

    def show(self, documents: Iterable[Summary]) -> None:
        """Note for the audit trail that these documents are shown."""
        self.shown.update((it.document_id, it.revision) for it in documents)


class Desk:
    """Answers questions side by side, a bounded number at a time; nobody else in this room touches the index.

    `open_index` is asked until it gives an index, so a server may start before there is one. `who` names the caller of
    the request being answered. With a trail, no answer is given that is not recorded in it. Open it with `open`, close it with
    `close`.
    """

    def __init__(
        self,
        open_index: Callable[[], Index],
        encoder: Encoder,
        options: ServerOptions,
        clock: Callable[[], datetime],
        who: Callable[[], Caller],
        trail: Trail | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._open_index, self._options, self._clock, self._who = open_index, options, clock, who
        self._trail, self.metrics = trail, metrics or Metrics()
        self._encoder: Encoder = CountedEncoder(encoder, self.metrics)
        self._recall = Recall(self._encoder)
        self._clearance = Clearance(options)
        self._index: Index | None = None
        self._opening = Lock()
        self._pool = ThreadPoolExecutor(options.workers, thread_name_prefix="desk")
        self._room = BoundedSemaphore(options.workers + options.waiting)
        self._warming: Thread | None = None
        self._warm = Event()
        self._when_warm: Callable[[], object] = lambda: None

    def when_warm(self, tell: Callable[[], object]) -> None:
        """Say what is to be called once the encoder is loaded; before the desk is open."""
        self._when_warm = tell

    def wait(self, seconds: float) -> None:
        """Until the encoder is loaded. Raises NotReady where that takes too long."""
        if not self._warm.wait(seconds):
            raise NotReady(f"the encoder was not loaded within {seconds:g} seconds")

    def open(self) -> None:
        """Begin to load the encoder, in the background: the server listens meanwhile, and calls wait for it."""
        if not self._warm.is_set() and (self._warming is None or not self._warming.is_alive()):
            self._warming = Thread(target=self._warm_up, name="warm-up", daemon=True)
            self._warming.start()

    def close(self) -> None:
        """Take no more questions and let go of the index."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        with self._opening:
            if self._index is not None:
                self._index.close()

    async def ask(
        self, what: str, scope: str, given: Mapping[str, object], work: Callable[[Reading], T], tell: Tell | None = None
    ) -> T:
        """Do a piece of work for the present caller, who needs `scope`; `what` names it, `given` is what it was asked with.

        `tell` is told every second that it goes on. A caller who goes away leaves the queue; work that has begun is finished.
        Raises ServerError and nothing else (but cancellation), with a message for the caller's eyes.
        """
        call = _Call(self, what, given, self._who())
        try:
            call.caller.need(scope)
            outcome = await self._within_deadline(what, lambda: work(self._reading(call)), tell)
        except asyncio.CancelledError:
            # Nobody waits for an answer any more, but what was looked up was looked up.
            call.end("Cancelled")
            raise
        except Exception as error:  # noqa: BLE001  # a door: nothing else may reach the caller
            told = _told(error, call.number)
            await asyncio.to_thread(call.end, type(told).__name__, told.refusal)
            raise told from None
        await asyncio.to_thread(call.end, "ok")
        return outcome

    async def refuse(self, what: str, given: Mapping[str, object], error: ServerError) -> None:
        """Record that a question of the present caller was refused before it came to the index."""
        await asyncio.to_thread(_Call(self, what, given, self._who()).end, type(error).__name__)

    def record(self, entry: Entry) -> None:
        """Write an entry into the audit trail, where one is kept. Raises NotRecorded."""
        if self._trail:
            self._trail.write(entry)

    def now(self) -> datetime:
        """The time of day."""
        return self._clock()

    def full(self) -> bool:
        """Whether any further question would be turned away."""
        if self._room.acquire(blocking=False):
            self._room.release()
            return False
        return True

    def index(self) -> Index:
        """The index, opened where it was not yet; for the operator's figures, never for an answer. Raises StoreError."""
        with self._opening:
            if self._index is None:
                self._index = self._open_index()
        return self._index

    def directory_as_of(self) -> datetime | None:
        """When the directory told who belongs to which groups; None where it never did."""
        return self._clearance.directory_as_of()

    def caller(self) -> Caller:
        """Who asks now."""
        return self._who()

    async def trouble(self) -> str | None:
        """Why the desk can't answer now, in words for an operator, or None."""
        if not self._warm.is_set():
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

    async def _within_deadline(self, what: str, work: Callable[[], T], tell: Tell | None) -> T:
        seconds = self._options.seconds(what)
        if not self._room.acquire(blocking=False):
            raise TooBusy
        future = self._pool.submit(work)
        # A thread can't be stopped: its place is free again when it is done, not when its caller has gone.
        self.metrics.asked.inc()
        future.add_done_callback(self._leave)
        try:
            async with asyncio.timeout(seconds), pulse(tell, seconds):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            raise TooSlow(seconds) from None
        finally:
            # What has not begun leaves the queue with its caller.
            future.cancel()

    def _leave(self, _: "Future[T]") -> None:
        self.metrics.asked.dec()
        self._room.release()

    def _reading(self, call: "_Call") -> Reading:
        sight = self._clearance.of(call.caller)
        view = self._look().behind(sight.walls)
        return Reading(view, self._recall.of(call.caller), self._clock().date(), sight.principals, call.shown)

    def _look(self) -> View:
        view = self.index().view()
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
            self._warm.set()
            self._when_warm()


class _Call:
    """One question from its beginning to its end, which the log, the figures and the audit trail are told of."""

    def __init__(self, desk: Desk, what: str, given: Mapping[str, object], caller: Caller) -> None:
        self._desk, self._what, self._given, self.caller = desk, what, given, caller
        self._visit = present_visit()
        self._started = time.perf_counter()
        self.number = self._visit.number
        self.shown: dict[str, str | None] = {}

    def end(self, outcome: str, refusal: str | None = None) -> None:
        """Tell what came of it, and why it was refused where it was. Raises NotRecorded."""
        seconds = time.perf_counter() - self._started
        metrics, milliseconds = self._desk.metrics, round(1000 * seconds)
        try:
            self._desk.record(self._entry(REFUSED if refusal else outcome, milliseconds, refusal))
        except NotRecorded as error:
            outcome = type(error).__name__
            log.error("%s (%s)", error, type(error.__cause__).__name__)
            raise
        finally:
            metrics.calls.labels(self._what, outcome).inc()
            metrics.seconds.labels(self._what).observe(seconds)
            log.info(
                "%s call=%s caller=%s outcome=%s shown=%d ms=%d",
                self._what,
                self.number,
                self.caller.name,
                outcome,
                len(self.shown) if outcome == "ok" else 0,
                milliseconds,
            )

    def _entry(self, outcome: str, milliseconds: int, refusal: str | None) -> Entry:
        return Entry(
            time=self._desk.now(),
            who=self.caller.name,
            address=self._visit.address,
            request=self._visit.number,
            tool=self._what,
            arguments=self._given,
            shown=tuple(self.shown.items()) if outcome == "ok" else (),
            outcome=outcome,
            milliseconds=milliseconds,
            reason=refusal,
        )


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
