"""The token endpoint: a service account's assertion, signed with RS256, against an access token."""

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from drive_emulator_forms import Refused
from drive_emulator_items import ROBOT

AUDIENCE = "https://oauth2.googleapis.com/token"
READONLY = "https://www.googleapis.com/auth/drive.readonly"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class TokenRefused(Exception):
    """The endpoint's own kind of error."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description


@dataclass(frozen=True)
class Access:
    """Whom a token stands for, what it allows, and until when (seconds since 1970)."""

    caller: str
    scopes: frozenset[str]
    until: float


class Tokens:
    """Gives and checks tokens. `delegated` are the subjects that domain-wide delegation allows; `ignore_subject` forgets them."""

    def __init__(self, key: rsa.RSAPrivateKey | None = None) -> None:
        self.key = key or rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._given: dict[str, Access] = {}
        self.delegated: set[str] = set()
        self.ignore_subject = False
        self.allowed = {READONLY}
        self.lifetime = 3600.0

    def write_account(self, path: Path, endpoint: str) -> None:
        """The service account's key file, as Google's console would hand it out."""
        pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        account = {
            "type": "service_account",
            "project_id": "project",
            "private_key_id": "key-1",
            "private_key": pem,
            "client_email": ROBOT,
            "client_id": "100000000000000000001",
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": endpoint,
            "universe_domain": "googleapis.com",
        }
        path.write_text(json.dumps(account, indent=1), encoding="utf-8")

    def exchange(self, form: Mapping[str, str]) -> dict[str, object]:
        """An access token for an assertion. Raises TokenRefused."""
        if form.get("grant_type") != GRANT:
            raise TokenRefused("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type')}")
        try:
            claims = jwt.decode(form["assertion"], self.key.public_key(), ["RS256"], audience=AUDIENCE, leeway=60)
        except (jwt.PyJWTError, KeyError) as error:
            raise TokenRefused("invalid_grant", f"Invalid JWT Signature. {error}") from error
        if claims.get("iss") != ROBOT or claims["exp"] - claims["iat"] > 3600:
            raise TokenRefused("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes)")
        scopes = frozenset(str(claims.get("scope", "")).split())
        subject = claims.get("sub", ROBOT)
        if not scopes <= self.allowed or (subject != ROBOT and subject not in self.delegated):
            raise TokenRefused(
                "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the "
                "scopes requested.",
            )
        token = f"ya29.{secrets.token_urlsafe(24)}"
        caller = ROBOT if self.ignore_subject else subject
        self._given[token] = Access(caller, scopes, time.time() + self.lifetime)
        return {"access_token": token, "expires_in": 3599, "token_type": "Bearer"}

    def caller(self, header: str, needed: str = READONLY) -> str:
        """Whom an Authorization header stands for, where its token has the scope that is needed. Raises Refused."""
        access = self._given.get(header.removeprefix("Bearer "))
        if not access or access.until <= time.time():
            raise Refused(401, "authError", "Invalid Credentials", "Authorization")
        if needed not in access.scopes:
            raise Refused(
                403, "insufficientPermissions", "Insufficient Permission: Request had insufficient authentication scopes."
            )
        return access.caller

    def expire(self) -> None:
        """Every token given so far is worth nothing from now on."""
        self._given.clear()
