"""The public keys of one issuer: fetched when first needed, again when they grow old or a token names another one."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from server.oauth_http import IssuerUnreachable, fetch_json

log = logging.getLogger(__name__)

_OLD = timedelta(minutes=10)
# Whoever sends tokens with made-up key ids makes the server ask its issuer this often, and no more.
_PAUSE = timedelta(seconds=10)
_MOST = 100
_KINDS = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


class IssuerKeys:
    """Knows which of an issuer's keys a token names.

    Keys that are known go on while the issuer can't be reached; for others IssuerUnreachable is raised then.
    """

    def __init__(self, issuer: str, clock: Callable[[], datetime]) -> None:
        self._issuer, self._clock = issuer, clock
        self._keys: tuple[Mapping[str, Any], ...] = ()
        self._place: str | None = None
        self._fetched = self._tried = datetime.min.replace(tzinfo=clock().tzinfo)
        self._trouble: IssuerUnreachable | None = None
        self._fetching = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None

    async def of(self, kid: str | None, algorithm: str) -> PyJWK | None:
        """The key that a token's header names, or None where the issuer has none such. Raises IssuerUnreachable."""
        found = self._pick(kid, algorithm)
        if found:
            self._keep_fresh()
            return found
        await self._fetch()
        found = self._pick(kid, algorithm)
        if found is None and self._trouble:
            raise self._trouble
        return found

    def _pick(self, kid: str | None, algorithm: str) -> PyJWK | None:
        kind = _KINDS[algorithm[:2]]
        fit = [
            key
            for key in self._keys
            if key.get("kty") == kind and key.get("use", "sig") == "sig" and key.get("alg", algorithm) == algorithm
        ]
        named = [key for key in fit if key.get("kid") == kid] if kid is not None else fit
        if len(named) != 1:
            return None
        try:
            return PyJWK(dict(named[0]), algorithm)
        except PyJWTError as error:
            log.warning("%s: its key %r can't be used (%s)", self._issuer, kid, type(error).__name__)
            return None

    def _keep_fresh(self) -> None:
        """Fetch old keys anew beside the call: one that was withdrawn must not open for ever."""
        if self._clock() - self._fetched > _OLD and (self._refreshing is None or self._refreshing.done()):
            self._refreshing = asyncio.create_task(self._fetch())

    async def _fetch(self) -> None:
        async with self._fetching:
            if self._clock() - self._tried < _PAUSE:
                return
            self._tried = self._clock()
            try:
                self._place = self._place or await _place_of_keys(self._issuer)
                self._keys = await _keys_at(self._place)
            except IssuerUnreachable as error:
                self._place, self._trouble = None, error
                log.warning("%s: no new keys, %s", self._issuer, error)
            else:
                self._fetched, self._trouble = self._tried, None


async def _place_of_keys(issuer: str) -> str:
    for url in metadata_places(issuer):
        said = await fetch_json(url)
        if said is None:
            continue
        if said.get("issuer") != issuer:
            raise IssuerUnreachable(f"{url} speaks for another issuer")
        if isinstance(place := said.get("jwks_uri"), str):
            return place
        raise IssuerUnreachable(f"{url} names no jwks_uri")
    raise IssuerUnreachable(f"{issuer} publishes no metadata")


def metadata_places(issuer: str) -> tuple[str, ...]:
    """Where an issuer may describe itself: as OAuth has it (RFC 8414), and as OpenID Connect has it."""
    parts = urlsplit(issuer)
    root, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    places = (
        f"{root}/.well-known/oauth-authorization-server{path}",
        f"{root}{path}/.well-known/openid-configuration",
        f"{root}/.well-known/openid-configuration{path}",
    )
    return tuple(dict.fromkeys(places))


async def _keys_at(place: str) -> tuple[Mapping[str, Any], ...]:
    keys = (await fetch_json(place) or {}).get("keys")
    if not isinstance(keys, list):
        raise IssuerUnreachable(f"{place} has no keys")
    return tuple(key for key in keys[:_MOST] if isinstance(key, dict))
