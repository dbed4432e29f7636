"""What the server is told about the authorization servers whose tokens it takes."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ClaimNames:
    """Under which names a token says who its bearer is; without one for `verified`, every e-mail address counts as verified."""

    email: str = "email"
    verified: str = "email_verified"
    groups: str = "groups"
    scopes: str = "scope"


@dataclass(frozen=True, slots=True)
class Introspection:
    """Where tokens are looked up that only their issuer can read (RFC 7662), and as whom."""

    url: str
    issuer: str
    client: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OAuthOptions:
    """Whose tokens are taken, and for which address.

    `resource` is the server's address as clients know it, `https://…/mcp`; `audience` is what a token must name, usually the
    same. `issuers` are compared letter by letter with a token's `iss`. None of the `algorithms` may need a shared secret: with
    one, whoever can check a token could make one.
    """

    resource: str
    audience: str
    issuers: tuple[str, ...]
    algorithms: tuple[str, ...] = ("RS256", "PS256", "ES256", "EdDSA")
    leeway_seconds: int = 30
    claims: ClaimNames = ClaimNames()
    introspection: Introspection | None = None
