"""What the server is told by the door that opens it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from server.oauth_options import OAuthOptions


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Where the server listens, for whom, and what one call may cost.

    `allowed_hosts` and `allowed_origins` come on top of the loopback names. `principals` is whom a caller without a key counts
    as: on stdio, and over HTTP on loopback as long as the file `keys` does not exist. Once it exists, every HTTP caller needs a
    key from it. `workers` calls are answered side by side and `waiting` more may wait; any further one is turned away. Seconds
    are wall clock: for one call (a tool's own in `deadlines`), and for calls in flight when the server is told to stop.
    `proxies` are the addresses whose word counts for where a call comes from. `caller_limit` and `address_limit` are written as
    "600/minute; 20/second", counted in `limit_store` (see `limits.Limits`). Without a folder for `audit`, no trail is kept;
    `audit_clear` keeps arguments as they are. `metrics` is the folder in which several workers add up their figures. `oauth`
    says whose tokens are taken beside keys. `groups`, `directory` and `walls` are files of rules that are read again when they
    change (`clearance`); one that does not exist says nothing.
    """

    version: str = "0"
    host: str = "127.0.0.1"
    port: int = 8080
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    principals: frozenset[str] = frozenset({"anyone"})
    keys: Path | None = None
    oauth: OAuthOptions | None = None
    groups: Path | None = None
    directory: Path | None = None
    walls: Path | None = None
    call_seconds: float = 20
    stop_seconds: int = 5
    workers: int = 4
    waiting: int = 32
    body_bytes: int = 1 << 20
    deadlines: Mapping[str, float] = field(default_factory=dict)
    proxies: tuple[str, ...] = ()
    caller_limit: str = ""
    address_limit: str = ""
    limit_store: str = "memory://"
    audit: Path | None = None
    audit_clear: bool = False
    metrics: Path | None = None

    def seconds(self, tool: str) -> float:
        """How long a call of a tool may take."""
        return self.deadlines.get(tool, self.call_seconds)
