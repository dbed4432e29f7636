"""Who asks, and what they may do and see."""

from dataclasses import dataclass

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken

from server.errors import Forbidden

SEARCH = "contracts:search"
READ = "contracts:read"
METRICS = "metrics:read"
ADMIN = "admin"
SCOPES = (SEARCH, READ, METRICS, ADMIN)
# What an assistant needs to answer questions.
ASSISTANT = (SEARCH, READ)

# A document that anyone may read is readable to whoever is let in.
EVERYBODY = "anyone"


@dataclass(frozen=True, slots=True)
class Caller:
    """One who asks: a name for the log, the principals that decide what is visible, the scopes that decide what is allowed."""

    name: str
    principals: frozenset[str]
    scopes: frozenset[str]

    def need(self, scope: str) -> None:
        """Raise Forbidden where the caller lacks a scope."""
        if scope not in self.scopes:
            raise Forbidden(scope)


def local_caller(principals: frozenset[str]) -> Caller:
    """The one on this machine: over stdio, or on loopback where no keys were made."""
    return Caller("local", principals | {EVERYBODY}, frozenset(SCOPES))


def token_of(caller: Caller, issuer: str | None = None) -> AccessToken:
    """A caller in the shape in which the protocol's own middleware carries one; the secret itself is not in it.

    `issuer` is the authorization server that named the caller, if one did: it can be asked for more scopes.
    """
    return AccessToken(
        token="",
        client_id=caller.name,
        scopes=sorted(caller.scopes),
        claims={"principals": sorted(caller.principals), "iss": issuer},
    )


def present_caller() -> Caller:
    """The caller of the HTTP request being answered; nobody is let through where the door left no name."""
    token = get_access_token()
    if token is None:
        raise Forbidden(SEARCH)
    claims = token.claims or {}
    return Caller(token.client_id, frozenset(claims.get("principals", ())) | {EVERYBODY}, frozenset(token.scopes))
