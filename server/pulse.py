"""A call's pulse: whoever asked to be told hears at its start, and about every second from then on, that it is worked on."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

# Is told how many seconds have passed, how many the call may take, and what is done meanwhile.
Tell = Callable[[float, float, str], Awaitable[None]]

_SECONDS = 1.0
# The same for every call, since what is looked for is nobody's business on the way.
_DOING = "at work"


@asynccontextmanager
async def pulse(tell: Tell | None, most: float) -> AsyncIterator[None]:
    """While something is awaited inside, tell a caller so; with None, nothing is done. Nothing is told once it is left."""
    if tell is None:
        yield
        return
    await tell(0, most, _DOING)
    beating = asyncio.create_task(_beat(tell, most, time.perf_counter()))
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.wait({beating})


async def _beat(tell: Tell, most: float, started: float) -> None:
    while True:
        await asyncio.sleep(_SECONDS)
        await tell(round(time.perf_counter() - started, 3), most, _DOING)
