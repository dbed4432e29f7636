"""Access tokens checked: who issued them, for whom, until when, and that nobody else could have."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from math import isfinite
from typing import Any

import jwt
from jwt.exceptions import PyJWTError

from server.oauth_introspection import Introspector
from server.oauth_keys import IssuerKeys
from server.oauth_options import OAuthOptions

log = logging.getLogger(__name__)

_LONGEST = 16_384
_TYPES = {"at+jwt", "application/at+jwt", "jwt"}

Claims = Mapping[str, Any]


class TokenReader:
    """Gives the claims of a token that is good here and now.

    A token that can be read is checked against its issuer's keys, any other one looked up where the settings say so.
    """

    def __init__(self, options: OAuthOptions, clock: Callable[[], datetime]) -> None:
        self._options, self._clock = options, clock
        self._keys = {issuer: IssuerKeys(issuer, clock) for issuer in options.issuers}
        self._introspector = Introspector(options.introspection, clock) if options.introspection else None
        self._jwt = jwt.PyJWT()

    async def read(self, token: str) -> Claims:
        """The claims. Raises TokenRefused where it is good for nothing here, IssuerUnreachable where nobody can tell."""
        try:
            claims = await self._claims(token)
            self._check_audience(claims)
            self._check_times(claims)
        except TokenRefused as refused:
            log.info("a token was refused: %s", refused)
            raise
        return claims

    async def _claims(self, token: str) -> Claims:
        if len(token) > _LONGEST:
            raise TokenRefused("it is too long")
        try:
            header = jwt.get_unverified_header(token)
        except (PyJWTError, ValueError):
            looked_up = await self._introspector.look_up(token) if self._introspector else None
            if looked_up is None:
                raise TokenRefused("it is no token that can be read, or not active") from None
            return looked_up
        try:
            return await self._verified(token, header)
        except (PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise TokenRefused(type(error).__name__) from None

    async def _verified(self, token: str, header: Mapping[str, Any]) -> Claims:
        algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", "jwt")
        if algorithm not in self._options.algorithms or not isinstance(kind, str) or kind.lower() not in _TYPES:
            raise TokenRefused("its algorithm or its type is not allowed")
        issuer = self._jwt.decode(token, options={"verify_signature": False}).get("iss")
        keys = self._keys.get(issuer) if isinstance(issuer, str) else None
        if keys is None:
            raise TokenRefused("its issuer is none of ours")
        key = await keys.of(kid if isinstance(kid, str) else None, algorithm)
        if key is None:
            raise TokenRefused(f"{issuer} has no such key")
        claims: Claims = self._jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=self._options.audience,
            issuer=issuer,
            options={
                "require": ["iss", "aud", "sub", "exp"],
                "enforce_minimum_key_length": True,
                # The time of day is the door's to say, and is compared here.
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            },
        )
        if _moment(claims["exp"]) is None:
            raise TokenRefused("it does not say until when")
        return claims

    def _check_audience(self, claims: Claims) -> None:
        named = claims.get("aud")
        if self._options.audience not in ([named] if isinstance(named, str) else named or []):
            raise TokenRefused("it is for another audience")

    def _check_times(self, claims: Claims) -> None:
        now, leeway = self._clock().timestamp(), self._options.leeway_seconds
        ends, begins, made = (_moment(claims.get(name)) for name in ("exp", "nbf", "iat"))
        if ends is not None and now >= ends + leeway:
            raise TokenRefused("it has expired", claims)
        if any(start is not None and now < start - leeway for start in (begins, made)):
            raise TokenRefused("it is from the future")


class TokenRefused(Exception):
    """The token is good for nothing here; its claims, where it was ours once."""

    def __init__(self, why: str, claims: Claims | None = None) -> None:
        super().__init__(why)
        self.claims = claims


def _moment(value: object) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    return float(value) if known else None  # type: ignore[arg-type]  # a number
