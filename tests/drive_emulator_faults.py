"""What can go wrong between the client and Drive, told to the emulator as rules."""

import random
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal

FaultKind = Literal["status", "html", "reset", "truncate", "short", "slow", "expired", "incomplete", "corrupt"]


@dataclass
class Fault:
    """A rule: which requests go wrong, how, and how often.

    `kind`: `status` (an error of Drive with `status`, `reason` and `retry_after`), `html` (a proxy's page with `status`), `reset`
    (the connection is reset in mid-body), `truncate` (it is closed in mid-body), `short` (a shorter body with a length that
    fits it), `corrupt` (the right length, wrong bytes), `slow` (the body in pieces with `pause` seconds between), `expired`
    (401), `incomplete` (`incompleteSearch` is true in a listing).

    `on` is a route ("files.list", "files.get", "media", "export", "export_link", "changes.list", "permissions.list",
    "drives.list", "drives.get", "about.get", "changes.getStartPageToken", "token"), or "" for all but the token's;
    `path` further narrows to addresses that hold these characters.
    `times` is how often (None: always), after the first `after` fitting requests; with `rate` only that share, drawn with `seed`.
    """

    kind: FaultKind = "status"
    status: int = 503
    reason: str = "backendError"
    retry_after: str | None = None
    on: str = ""
    path: str = ""
    times: int | None = None
    after: int = 0
    rate: float = 1.0
    seed: int = 0
    pause: float = 0.0
    hits: int = 0
    _met: int = 0
    _dice: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)  # noqa: S311  # dice, no secret

    def strikes(self, route: str, address: str) -> bool:
        """Whether this request is one that goes wrong; counts it."""
        if (self.on or "token") != route and (self.on or route == "token"):
            return False
        if self.path not in address:
            return False
        self._met += 1
        if self._met <= self.after or (self.times is not None and self.hits >= self.times) or self._dice.random() >= self.rate:
            return False
        self.hits += 1
        return True


def random_faults(rate: float, seed: int) -> list[Fault]:
    """A share of all requests fails, in every way that a network and a busy server know."""
    kinds = [
        Fault("status", 503, "backendError"),
        Fault("status", 429, "rateLimitExceeded", retry_after="1"),
        Fault("status", 403, "userRateLimitExceeded"),
        Fault("status", 500, "internalError"),
        Fault("html", 502),
        Fault("reset"),
        Fault("truncate"),
        Fault("expired"),
    ]
    for number, fault in enumerate(kinds):
        fault.rate = rate / len(kinds)
        fault._dice = random.Random(seed * 100 + number)  # noqa: S311  # dice, no secret
    return kinds


class Faults:
    """The rules in force; the first that strikes is the one."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.rules: list[Fault] = []

    def add(self, *rules: Fault) -> None:
        """Put rules in force."""
        with self._lock:
            self.rules.extend(rules)

    def clear(self) -> None:
        """From now on all goes well."""
        with self._lock:
            self.rules.clear()

    def struck(self, route: str, address: str) -> Fault | None:
        """The rule that strikes this request."""
        with self._lock:
            return next((rule for rule in self.rules if rule.strikes(route, address)), None)
