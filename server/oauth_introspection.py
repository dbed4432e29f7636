"""Tokens that only their issuer can read, looked up with it (RFC 7662)."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from server.oauth_http import IssuerUnreachable, fetch_json
from server.oauth_options import Introspection

# A token that was withdrawn opens for at most so long.
_KEPT_FOR = timedelta(seconds=30)
_MOST_KEPT = 1_000
_AT_ONCE = 8


class Introspector:
    """Asks the issuer, a bounded number of times at once, and keeps what it says for a moment."""

    def __init__(self, options: Introspection, clock: Callable[[], datetime]) -> None:
        self._options, self._clock = options, clock
        self._kept: OrderedDict[bytes, tuple[datetime, Mapping[str, Any]]] = OrderedDict()
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def look_up(self, token: str) -> Mapping[str, Any] | None:
        """The claims of an active token, or None. Raises IssuerUnreachable."""
        name = sha256(token.encode(errors="replace")).digest()
        kept = self._kept.get(name)
        if kept and self._clock() - kept[0] < _KEPT_FOR:
            return kept[1]
        claims = await self._asked(token)
        if claims is not None:
            self._kept[name] = (self._clock(), claims)
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return claims

    async def _asked(self, token: str) -> Mapping[str, Any] | None:
        it = self._options
        login = (quote(it.client, safe=""), quote(it.secret, safe=""))
        async with self._room:
            said = await fetch_json(it.url, {"token": token, "token_type_hint": "access_token"}, login)
        if said is None:
            raise IssuerUnreachable(f"{it.url} is not there")
        if said.get("active") is not True or said.get("iss", it.issuer) != it.issuer:
            return None
        return {**said, "iss": it.issuer}
