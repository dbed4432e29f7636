"""From a token's claims to a caller: only what the issuer vouches for counts."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from index.capitals import lowered
from server.callers import EVERYBODY, SCOPES, Caller
from server.oauth_options import ClaimNames

_EMAIL = re.compile(r"(?=.{3,254}$)[^\s@]+@[^\s@]+")
_GROUP = re.compile(r"\S{1,254}")
_MOST_GROUPS = 2_000
_LONGEST_NAME = 254


class GroupsMissing(Exception):
    """The token could not hold all groups: which walls stand before its bearer, nobody knows."""


def caller_from(claims: Mapping[str, Any], names: ClaimNames) -> Caller:
    """The bearer of a token whose claims were checked. Raises GroupsMissing."""
    email = _email(claims, names)
    principals = {EVERYBODY, *_groups(claims, names)}
    if email:
        principals |= {f"user:{email}", f"domain:{email.partition('@')[2]}"}
    return Caller(name_from(claims, names), frozenset(principals), _scopes(claims.get(names.scopes)))


def name_from(claims: Mapping[str, Any], names: ClaimNames) -> str:
    """What the bearer of checked claims is called in the log and the trail: an address, or a number of their issuer's."""
    name = _email(claims, names) or f"{claims.get('sub', '')} of {claims['iss']}"
    return name[:_LONGEST_NAME]


def _email(claims: Mapping[str, Any], names: ClaimNames) -> str | None:
    verified = not names.verified or claims.get(names.verified) in (True, "true")
    email = claims.get(names.email)
    return lowered(email) if verified and isinstance(email, str) and _EMAIL.fullmatch(email) else None


def _groups(claims: Mapping[str, Any], names: ClaimNames) -> Iterator[str]:
    elsewhere = claims.get("_claim_names")
    found = claims.get(names.groups, [])
    found = [found] if isinstance(found, str) else found
    # Microsoft's issuer leaves them out where they are many, and says so in one of these ways.
    if (isinstance(elsewhere, Mapping) and names.groups in elsewhere) or claims.get("hasgroups"):
        raise GroupsMissing
    if not isinstance(found, list) or len(found) > _MOST_GROUPS:
        raise GroupsMissing
    for group in found:
        if isinstance(group, str) and _GROUP.fullmatch(group):
            yield f"group:{lowered(group)}"


def _scopes(said: object) -> frozenset[str]:
    named = said.split() if isinstance(said, str) else said if isinstance(said, list) else []
    return frozenset(scope for scope in SCOPES if scope in named)
