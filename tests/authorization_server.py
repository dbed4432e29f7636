"""A real authorization server over HTTP: discovery, registration, code with PKCE, refresh, keys that rotate, introspection."""

import base64
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jwt.algorithms import RSAAlgorithm
from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

ANNA_CLAIMS = {"sub": "anna", "email": "Anna@firm.example", "email_verified": True, "groups": ["Partners@firm.example"]}


@dataclass
class Issuer:
    """One that signs tokens. What it grants of the scopes asked for, and to whom, a test may change at any time."""

    url: str
    clock: Callable[[], datetime]
    who: dict[str, Any] = field(default_factory=lambda: dict(ANNA_CLAIMS))
    grants: Callable[[set[str]], set[str]] = lambda asked: asked
    kid: str = "key-1"
    key: RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    asked: list[str] = field(default_factory=list)
    down: bool = False
    opaque: dict[str, dict[str, Any]] = field(default_factory=dict)
    clients: dict[str, dict[str, Any]] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def rotate(self) -> None:
        """Sign with a new key from now on, and forget the old one."""
        self.kid, self.key = token_urlsafe(4), rsa.generate_private_key(65537, 2048)

    def claims(self, audience: str, scope: str, **others: Any) -> dict[str, Any]:
        """What a good token says."""
        now = self.clock()
        times = {"iat": now, "nbf": now, "exp": now + timedelta(minutes=5)}
        return {"iss": self.url, "aud": audience, "scope": scope, "client_id": "c", **times, **self.who, **others}

    def token(self, audience: str, scope: str = "contracts:search contracts:read", **others: Any) -> str:
        """A token, good but for what is said otherwise."""
        return self.signed(self.claims(audience, scope, **others))

    def signed(self, claims: dict[str, Any], **header: Any) -> str:
        """Claims under this issuer's key."""
        return jwt.encode(claims, self.key, "RS256", {"kid": self.kid, "typ": "at+jwt", **header})

    def public(self) -> dict[str, Any]:
        """The key that checks them."""
        made: dict[str, Any] = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return made | {"kid": self.kid, "use": "sig", "alg": "RS256"}

    def app(self) -> Starlette:
        """It, over HTTP."""
        steps = {"jwks": self._jwks, "register": self._register, "authorize": self._authorize}
        steps |= {"token": self._token, "introspect": self._introspect}
        routes = [Route(f"/{name}", self._heard(step), methods=["GET", "POST"]) for name, step in steps.items()]
        about = Route("/.well-known/oauth-authorization-server", self._heard(self._metadata))
        return Starlette(routes=[about, *routes])

    def _heard(self, step: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            self.asked.append(request.url.path)
            if self.down:
                return Response(status_code=500)
            found: Response = await step(request)
            return found

        return answer

    async def _metadata(self, _: Request) -> Response:
        places = {"jwks_uri": "jwks", "registration_endpoint": "register", "introspection_endpoint": "introspect"}
        places |= {"authorization_endpoint": "authorize", "token_endpoint": "token"}
        said = {"issuer": self.url, "response_types_supported": ["code"], "code_challenge_methods_supported": ["S256"]}
        return JSONResponse(said | {name: f"{self.url}/{place}" for name, place in places.items()})

    async def _jwks(self, _: Request) -> Response:
        return JSONResponse({"keys": [self.public(), {"kty": "oct", "kid": "shared", "k": "c2VjcmV0"}]})

    async def _register(self, request: Request) -> Response:
        client = token_urlsafe(8)
        self.clients[client] = (await request.json()) | {"client_id": client, "token_endpoint_auth_method": "none"}
        return JSONResponse(self.clients[client], status_code=201)

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["code_challenge_method"] == "S256"
        assert asked["redirect_uri"] in self.clients[asked["client_id"]]["redirect_uris"]
        code = token_urlsafe(8)
        self.codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?code={code}&state={asked['state']}", 302)

    async def _token(self, request: Request) -> Response:
        form: FormData = await request.form()
        asked = self.codes.pop(str(form["code"]))
        proof = base64.urlsafe_b64encode(sha256(str(form["code_verifier"]).encode()).digest()).decode().rstrip("=")
        if proof != asked["code_challenge"] or form["client_id"] != asked["client_id"] or form["resource"] != asked["resource"]:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        scope = " ".join(sorted(self.grants(set(asked["scope"].split()))))
        token = self.token(asked["resource"], scope)
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": 300, "scope": scope})

    async def _introspect(self, request: Request) -> Response:
        expected = base64.b64encode(b"muniment:s%20ecret").decode()
        if request.headers.get("authorization") != f"Basic {expected}":
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        form = await request.form()
        return JSONResponse(self.opaque.get(str(form["token"]), {"active": False}))


@contextmanager
def on_a_port(make: Callable[[str], Any]) -> Iterator[str]:
    """The address of an application that is told it when it is made, on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        url = f"http://127.0.0.1:{door.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(make(url), log_config=None, access_log=False, timeout_graceful_shutdown=2))
        started = threading.Event()
        thread = threading.Thread(target=_run, args=(server, door, started))
        thread.start()
        started.wait(20)
        try:
            yield url
        finally:
            server.should_exit = True
            thread.join(20)


def _run(server: uvicorn.Server, door: socket.socket, started: threading.Event) -> None:
    startup = server.startup

    async def announced(sockets: list[socket.socket] | None = None) -> None:
        await startup(sockets=sockets)
        started.set()

    server.startup = announced  # type: ignore[method-assign]  # uvicorn has no hook for it
    server.run(sockets=[door])
