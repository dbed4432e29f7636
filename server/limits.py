"""How often somebody may call: by address before anybody asks who it is, by caller after."""

import logging
import time
from collections.abc import Callable
from math import ceil

from limits import RateLimitItem, parse_many
from limits.errors import ConfigurationError, StorageError
from limits.storage import storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from starlette.types import ASGIApp, Receive, Scope, Send

from server.doorbook import Doorbook, Refusal
from server.errors import BadArgument, CannotCount
from server.refusals import TOO_MANY, asked_in, refuse, unread
from server.tally import SharedTally
from server.visits import network_of

log = logging.getLogger(__name__)

_FREE = {"/healthz"}
_STORES = (*SharedTally.STORAGE_SCHEME, "memory", "redis", "rediss", "redis+unix", "valkey", "valkeys", "valkey+unix")


class Limits:
    """Counts calls in a store that all workers share: `tally://FILE` on one machine, `redis://…` on several, or `memory://`.

    The method is the sliding window counter of the `limits` library: of the window before, the part that still counts is taken
    to have been spread evenly. Raises CannotCount where the store can't be opened.
    """

    def __init__(self, store: str) -> None:
        if store.partition(":")[0] not in _STORES:
            raise CannotCount(store)
        try:
            self._limiter = SlidingWindowCounterRateLimiter(storage_from_string(store, wrap_exceptions=True))
        except (OSError, ConfigurationError, StorageError) as error:
            raise CannotCount(store) from error

    def wait(self, allowed: tuple[RateLimitItem, ...], *who: str) -> int | None:
        """Count one call; None where it is allowed, else the seconds until another may be.

        A store that can't be reached allows it, and says so in the log: the contracts are guarded by keys, not by counting.
        """
        try:
            late = [item for item in allowed if not self._limiter.test(item, *who)]
            late = late or [item for item in allowed if not self._limiter.hit(item, *who)]
            if not late:
                return None
            return max(1, *(ceil(self._limiter.get_window_stats(item, *who).reset_time - time.time()) for item in late))
        except StorageError as error:
            log.error("calls can't be counted: %s", type(error.storage_error).__name__)
            return None


def allowance(words: str) -> tuple[RateLimitItem, ...]:
    """What "20/second; 600/minute" allows; nothing for no limit. Raises BadArgument."""
    try:
        return tuple(parse_many(words)) if words.strip() else ()
    except ValueError:
        raise BadArgument(f"limit: got {words!r}; give one like 600/minute, or several like 20/second; 600/minute") from None


class Limited:
    """Turns away with 429 whoever calls more often than allowed; `who` names the caller of a request, None for nobody's.

    `kind` is what is limited: "caller" or "address".
    """

    def __init__(
        self, app: ASGIApp, limits: Limits, allowed: str, kind: str, who: Callable[[Scope], str | None], book: Doorbook
    ) -> None:
        self._app, self._limits, self._kind, self._who, self._book = app, limits, kind, who, book
        self._allowed = allowance(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or turn it away."""
        name = self._who(scope) if scope["type"] == "http" and self._allowed else None
        seconds = None if name is None else self._limits.wait(self._allowed, self._kind, name)
        if seconds is None:
            await self._app(scope, receive, send)
            return
        body = await unread(scope, receive)
        why, caller = f"too many calls from this {self._kind}", caller_of(scope)
        await self._book.note(Refusal(why, caller, asked_in(body), admitted=caller is not None))
        headers = {"Retry-After": str(seconds)}
        await refuse(scope, receive, send, 429, TOO_MANY, f"{why}: ask again in {seconds} seconds", headers, body)


def address_of(scope: Scope) -> str | None:
    """The network that a request comes from: an IPv4 address, or the 64 bits of an IPv6 one that a customer is given."""
    if scope["path"] in _FREE or not scope.get("client"):
        return None
    return network_of(str(scope["client"][0]))


def caller_of(scope: Scope) -> str | None:
    """The name of the caller whom the door let in."""
    user = scope.get("user")
    return user.access_token.client_id if isinstance(user, AuthenticatedUser) else None
