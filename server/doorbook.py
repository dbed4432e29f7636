"""The porter's book: who was turned away at the door, in the audit trail, in no more lines than are bearable."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from server.audit import REFUSED, Entry, Trail
from server.errors import NotRecorded
from server.visits import network_of, present_visit

log = logging.getLogger(__name__)

_PAGE_SECONDS = 60.0
_LINES, _MOST_LINES, _MOST_COUNTED = 10, 60, 20
_REST = (None, "", "of others")

# Who was turned away, from which network, and why.
Sender = tuple[str | None, str, str]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody was turned away, who it was and what they asked for, where that is known.

    `admitted` is for callers whom the door knew; of others, a name is whose key or token it once was.
    """

    reason: str
    who: str | None = None
    tool: str | None = None
    admitted: bool = False


class Doorbook:
    """Records refusals before they are told, so that an auditor sees them and nobody fills the disk by being refused.

    A page is a minute of one process. On it each sender (a caller or nobody, a network, a reason) has ten lines, and all
    together sixty; what comes beyond is counted, in one line a sender when the page is turned, and one for those who are too many
    to be told apart. Callers whom the door knew have a page of their own: no crowd of strangers pushes them off it. Without a
    trail nothing is recorded. Its pages belong to one event loop; `close` it before that ends.
    """

    def __init__(self, trail: Trail | None, clock: Callable[[], datetime]) -> None:
        self._trail, self._clock = trail, clock
        self._pages = {True: _Page(), False: _Page()}
        self._timer: asyncio.TimerHandle | None = None
        self._turning: asyncio.Task[None] | None = None

    async def note(self, refusal: Refusal) -> None:
        """Record a refusal, or count it. Never raises for the trail's sake: what is refused stays refused."""
        if self._trail is None:
            return
        entry = self._entry(refusal)
        sender = (entry.who, network_of(entry.address), refusal.reason)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_PAGE_SECONDS, self._due)
        if self._pages[refusal.admitted].takes(sender, entry):
            await self._write(entry)

    async def turn(self) -> None:
        """Write down what was only counted, and begin a new page."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        full, self._pages = self._pages, {True: _Page(), False: _Page()}
        for page in full.values():
            for entry in page.counts(self._clock()):
                await self._write(entry)

    async def close(self) -> None:
        """Turn the last page."""
        if self._turning is not None:
            await self._turning
        await self.turn()

    def _due(self) -> None:
        self._turning = asyncio.get_running_loop().create_task(self.turn())

    def _entry(self, refusal: Refusal) -> Entry:
        visit = present_visit()
        return Entry(
            time=self._clock(),
            who=refusal.who,
            address=visit.address,
            request=visit.number,
            tool=refusal.tool,
            arguments=None,
            shown=(),
            outcome=REFUSED,
            milliseconds=0,
            reason=refusal.reason,
        )

    async def _write(self, entry: Entry) -> None:
        if self._trail is None:
            return
        try:
            await asyncio.to_thread(self._trail.write, entry)
        except NotRecorded as error:
            log.error("%d refused and not recorded (%s): %s", entry.times, type(error.__cause__).__name__, entry.reason)


class _Page:
    """What was written and what was counted in one minute."""

    def __init__(self) -> None:
        self._lines: Counter[Sender] = Counter()
        self._counted: dict[Sender, tuple[Entry, int]] = {}

    def takes(self, sender: Sender, entry: Entry) -> bool:
        """Whether there is room for another line of this sender; else the entry is counted."""
        if self._lines[sender] < _LINES and self._lines.total() < _MOST_LINES:
            self._lines[sender] += 1
            return True
        told_apart = sender in self._counted or len(self._counted) < _MOST_COUNTED
        key = sender if told_apart else _REST
        first, times = self._counted.get(key, (entry, 0))
        self._counted[key] = (first, times + 1)
        return False

    def counts(self, now: datetime) -> Iterator[Entry]:
        """A line for each sender of whom something was only counted."""
        for (who, network, reason), (first, times) in self._counted.items():
            yield replace(first, time=now, who=who, address=network, reason=reason, times=times, since=first.time)
