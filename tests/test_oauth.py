"""Only tokens that an authorization server of ours issued for this very server let anybody in, and only to what they say."""

import asyncio
import base64
import gzip
import hmac
import json
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import jwt
import pytest
from authorization_server import Issuer, on_a_port
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from jwt.warnings import InsecureKeyLengthWarning
from mcp import Client
from mcp.client.auth import OAuthClientProvider, TokenStorage
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from small_firm import ANNA, NOW, WordEncoder, opened
from small_server import ERAS

from server.app import create_app
from server.keys import add_key
from server.oauth_http import IssuerUnreachable
from server.oauth_keys import IssuerKeys
from server.oauth_options import Introspection, OAuthOptions
from server.oauth_tokens import TokenReader, TokenRefused
from server.options import ServerOptions
from server.trails import query

HEADERS = {"MCP-Protocol-Version": "2025-06-18", "Accept": "application/json, text/event-stream"}
LISTED = {"jsonrpc": "2.0", "id": "call-7", "method": "tools/list"}
SEARCH_TOOL, READ_TOOL = "search_documents_by_metadata", "read_contract"


class Clock:
    """The time of day, as the test has it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def on(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@contextmanager
def issuing(clock: Clock) -> Iterator[Issuer]:
    found: list[Issuer] = []

    def make(url: str) -> Any:
        found.append(Issuer(url, clock))
        return found[0].app()

    with on_a_port(make):
        yield found[0]


@pytest.fixture
def issuer(clock: Clock) -> Iterator[Issuer]:
    with issuing(clock) as made:
        yield made


@contextmanager
def guarding(place: Path, clock: Clock, *issuers: str, **options: Any) -> Iterator[str]:
    """The address of a server that takes these issuers' tokens; its resource is that address with /mcp."""

    def make(url: str) -> Any:
        found = OAuthOptions(f"{url}/mcp", f"{url}/mcp", issuers, introspection=options.pop("introspection", None))
        return create_app(lambda: opened(place), WordEncoder(), replace(ServerOptions(oauth=found), **options), clock)

    with on_a_port(make) as url:
        yield url


@pytest.fixture
def url(place: Path, clock: Clock, issuer: Issuer) -> Iterator[str]:
    with guarding(place, clock, issuer.url) as address:
        yield address


def post(url: str, token: str | None, body: Any = LISTED, **headers: str) -> httpx2.Response:
    sent = {"Authorization": f"Bearer {token}"} if token is not None else {}
    return httpx2.post(f"{url}/mcp", json=body, headers={**HEADERS, **sent, **headers})


def called(tool: str, **arguments: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}


def test_a_stranger_is_told_where_to_sign_in(url: str, issuer: Issuer) -> None:
    answer = post(url, None)
    assert (answer.status_code, answer.json()["id"]) == (401, "call-7")
    metadata = f"{url}/.well-known/oauth-protected-resource/mcp"
    expected = f'Bearer realm="muniment", resource_metadata="{metadata}", scope="contracts:search contracts:read"'
    assert answer.headers["www-authenticate"] == expected
    for place in (metadata, f"{url}/.well-known/oauth-protected-resource"):
        said = httpx2.get(place).json()
        assert (said["resource"], said["authorization_servers"]) == (f"{url}/mcp", [issuer.url])
        assert said["scopes_supported"] == ["contracts:search", "contracts:read"]
        assert said["bearer_methods_supported"] == ["header"]


def test_a_good_token_lets_in(url: str, issuer: Issuer) -> None:
    assert post(url, issuer.token(f"{url}/mcp")).status_code == 200
    assert post(url, issuer.token([f"{url}/mcp", "https://other.example"])).status_code == 200  # type: ignore[arg-type]  # may be many
    assert issuer.asked == ["/.well-known/oauth-authorization-server", "/jwks"]


def forged(issuer: Issuer, claims: dict[str, Any], header: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    said = {**claims, **{name: claims[name].timestamp() for name in ("iat", "nbf", "exp")}}
    head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, said))
    seal = base64.urlsafe_b64encode(sign(head + b"." + body)).rstrip(b"=")
    return (head + b"." + body + b"." + seal).decode()


def with_shared_secret(issuer: Issuer, claims: dict[str, Any]) -> str:
    public = issuer.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header = {"alg": "HS256", "typ": "at+jwt", "kid": issuer.kid}
    return forged(issuer, claims, header, lambda data: hmac.digest(public, data, "sha256"))


def with_published_secret(issuer: Issuer, claims: dict[str, Any]) -> str:
    header = {"alg": "HS256", "typ": "at+jwt", "kid": "shared"}
    return forged(issuer, claims, header, lambda data: hmac.digest(b"secret", data, "sha256"))


def unsigned(issuer: Issuer, claims: dict[str, Any]) -> str:
    return forged(issuer, claims, {"alg": "none", "typ": "at+jwt", "kid": issuer.kid}, lambda _: b"")


def tampered(issuer: Issuer, claims: dict[str, Any]) -> str:
    head, body, seal = issuer.signed(claims).split(".")
    other = json.loads(base64.urlsafe_b64decode(body + "==")) | {"email": "partner@firm.example"}
    return f"{head}.{base64.urlsafe_b64encode(json.dumps(other).encode()).decode().rstrip('=')}.{seal}"


def by_own_key(issuer: Issuer, claims: dict[str, Any]) -> str:
    """Signed by another key, which the header brings along."""
    thief = Issuer(issuer.url, issuer.clock, kid=issuer.kid)
    return thief.signed(claims, jwk=thief.public(), jku="https://evil.example/jwks", x5u="https://evil.example/x")


BAD: dict[str, Callable[[Issuer, dict[str, Any]], str]] = {
    "another audience": lambda it, claims: it.signed(claims | {"aud": "https://other.example/mcp"}),
    "an audience that begins alike": lambda it, claims: it.signed(claims | {"aud": claims["aud"] + "/"}),
    "no audience": lambda it, claims: it.signed({name: claims[name] for name in claims if name != "aud"}),
    "an identity token": lambda it, claims: it.signed(claims | {"aud": "client-7", "nonce": "n"}),
    "another issuer": lambda it, claims: it.signed(claims | {"iss": "https://evil.example"}),
    "an issuer that is nearly ours": lambda it, claims: it.signed(claims | {"iss": it.url + "/"}),
    "an issuer that is no text": lambda it, claims: it.signed({name: claims[name] for name in claims if name != "iss"}),
    "no end": lambda it, claims: it.signed({name: claims[name] for name in claims if name != "exp"}),
    "an end that is no time": lambda it, claims: it.signed(claims | {"exp": float("nan")}),
    "expired": lambda it, claims: it.signed(claims | {"exp": NOW - timedelta(seconds=31)}),
    "not yet good": lambda it, claims: it.signed(claims | {"nbf": NOW + timedelta(seconds=31)}),
    "made in the future": lambda it, claims: it.signed(claims | {"iat": NOW + timedelta(minutes=5)}),
    "nobody's": lambda it, claims: it.signed({name: claims[name] for name in claims if name != "sub"}),
    "another kind": lambda it, claims: it.signed(claims, typ="logout+jwt"),
    "an unknown key": lambda it, claims: it.signed(claims, kid="nobody's"),
    "a critical extension": lambda it, claims: it.signed(claims, crit=["exp"]),
    "alg none": unsigned,
    "HS256 with the public key": with_shared_secret,
    "HS256 with a published secret": with_published_secret,
    "tampered": tampered,
    "its own key": by_own_key,
    "very long": lambda it, claims: it.signed(claims | {"padding": "x" * 20_000}),
}


@pytest.fixture(scope="module")
def door(place: Path) -> Iterator[tuple[str, Issuer]]:
    clock = Clock()
    with issuing(clock) as issuer, guarding(place, clock, issuer.url) as address:
        yield address, issuer


@pytest.mark.parametrize("name", BAD)
def test_a_bad_token_lets_nobody_in_and_learns_nothing(door: tuple[str, Issuer], name: str) -> None:
    url, issuer = door
    claims = issuer.claims(f"{url}/mcp", "contracts:search contracts:read")
    assert post(url, issuer.signed(claims)).status_code == 200
    answer = post(url, BAD[name](issuer, claims))
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert "resource_metadata=" in answer.headers["www-authenticate"]
    assert not [word for word in ("audience", "signature", "anna", "kid") if word in answer.text.lower()]


def test_a_short_key_counts_for_nothing(url: str, issuer: Issuer) -> None:
    issuer.key = rsa.generate_private_key(65537, 1024)  # noqa: S505  # it is refused
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InsecureKeyLengthWarning)
        token = issuer.token(f"{url}/mcp")
    assert post(url, token).status_code == 401


def test_clocks_may_differ_a_little(url: str, issuer: Issuer) -> None:
    for times in ({"exp": NOW - timedelta(seconds=29)}, {"nbf": NOW + timedelta(seconds=29)}):
        assert post(url, issuer.token(f"{url}/mcp", **times)).status_code == 200


def test_a_token_for_one_server_is_refused_by_another_of_the_same_issuer(
    place: Path, clock: Clock, issuer: Issuer, url: str
) -> None:
    with guarding(place, clock, issuer.url) as other:
        token = issuer.token(f"{other}/mcp")
        assert post(other, token).status_code == 200
        assert post(url, token).status_code == 401


def test_several_issuers_are_taken_each_with_its_own_keys(place: Path, clock: Clock, issuer: Issuer) -> None:
    with issuing(clock) as second, guarding(place, clock, issuer.url, second.url) as url:
        for one in (issuer, second):
            assert post(url, one.token(f"{url}/mcp")).status_code == 200
        stranger = replace(second, key=issuer.key)
        assert post(url, stranger.token(f"{url}/mcp")).status_code == 401


def test_new_keys_are_fetched_when_a_token_names_one_and_not_more_often(url: str, issuer: Issuer, clock: Clock) -> None:
    old = issuer.token(f"{url}/mcp")
    assert post(url, old).status_code == 200
    clock.on(seconds=11)
    issuer.rotate()
    assert post(url, issuer.token(f"{url}/mcp")).status_code == 200
    assert post(url, old).status_code == 401
    before = len(issuer.asked)
    for number in range(5):
        assert post(url, issuer.signed(issuer.claims(f"{url}/mcp", ""), kid=f"made-up-{number}")).status_code == 401
    assert len(issuer.asked) == before


def test_while_the_issuer_is_away_known_keys_go_on_and_nobody_comes_in_unchecked(url: str, issuer: Issuer, clock: Clock) -> None:
    good = issuer.token(f"{url}/mcp")
    assert post(url, good).status_code == 200
    issuer.down = True
    clock.on(seconds=11)
    assert post(url, good).status_code == 200
    issuer.rotate()
    for token in (issuer.token(f"{url}/mcp"), issuer.token(f"{url}/mcp")):
        answer = post(url, token)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "issuer does not answer" in answer.json()["error"]["message"]
        assert issuer.url not in answer.text
    issuer.down = False
    clock.on(seconds=11)
    assert post(url, issuer.token(f"{url}/mcp")).status_code == 200


def test_a_withdrawn_key_closes_though_no_token_names_another(url: str, issuer: Issuer, clock: Clock) -> None:
    token = issuer.token(f"{url}/mcp", exp=NOW + timedelta(days=1))
    assert post(url, token).status_code == 200
    issuer.rotate()
    clock.on(minutes=11)
    # The call that finds the keys old still goes by them; the fetching that it sets off ends before the one after next.
    answers = [post(url, token).status_code for _ in range(4)]
    assert answers[-1] == 401


@pytest.mark.parametrize("said", ["another issuer", "no keys", "a redirect", "too much", "no JSON", "what unfolds"])
def test_an_issuer_that_answers_nonsense_lets_nobody_in(place: Path, clock: Clock, issuer: Issuer, said: str) -> None:
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse, RedirectResponse, Response
    from starlette.routing import Route

    answers = {
        "another issuer": lambda url: JSONResponse({"issuer": issuer.url, "jwks_uri": f"{issuer.url}/jwks"}),
        "no keys": lambda url: JSONResponse({"issuer": url}),
        "a redirect": lambda url: RedirectResponse(f"{issuer.url}/.well-known/oauth-authorization-server"),
        "too much": lambda url: Response(b" " * (1 << 19)),
        "no JSON": lambda url: Response(b"[" * 100_000),
        "what unfolds": lambda url: Response(
            gzip.compress(json.dumps({"issuer": url}).encode()), headers={"Content-Encoding": "gzip"}
        ),
    }
    found: list[str] = []

    def make(url: str) -> Starlette:
        found.append(url)
        return Starlette(routes=[Route("/{rest:path}", lambda _: answers[said](url))])

    with on_a_port(make), guarding(place, clock, found[0]) as url:
        assert post(url, replace(issuer, url=found[0]).token(f"{url}/mcp")).status_code == 503


def test_an_opaque_token_is_looked_up_with_its_issuer_and_kept_for_a_moment(place: Path, clock: Clock, issuer: Issuer) -> None:
    looked = Introspection(f"{issuer.url}/introspect", issuer.url, "muniment", "s ecret")
    with guarding(place, clock, issuer.url, introspection=looked) as url:
        said = {"active": True, "aud": f"{url}/mcp", "sub": "anna", "scope": "contracts:search", "exp": NOW.timestamp() + 600}
        issuer.opaque = {
            "good": said,
            "idle": said | {"active": False},
            "elsewhere": said | {"aud": "https://other.example"},
            "old": said | {"exp": NOW.timestamp() - 60},
            "foreign": said | {"iss": "https://evil.example"},
            "unaddressed": {name: said[name] for name in said if name != "aud"},
        }
        assert {name: post(url, name).status_code for name in [*issuer.opaque, "unknown"]} == {
            "good": 200, "idle": 401, "elsewhere": 401, "old": 401, "foreign": 401, "unaddressed": 401, "unknown": 401
        }  # fmt: skip
        issuer.opaque.clear()
        assert post(url, "good").status_code == 200
        clock.on(seconds=31)
        assert post(url, "good").status_code == 401
        issuer.down = True
        assert post(url, "whatever").status_code == 503


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["iss", "aud", "exp", "alg", "kid"]), inner),
    max_leaves=6,
)
_HEAD = st.fixed_dictionaries(
    {"alg": st.sampled_from(["RS256", "ES256", "EdDSA", "none", "HS256"]) | _JSON}, optional={"kid": _JSON}
)
_BODY = st.fixed_dictionaries({"iss": st.just("https://issuer.example") | _JSON}, optional={"aud": _JSON, "exp": _JSON})


@given(st.text(max_size=60) | st.tuples(_HEAD | _JSON, _BODY | _JSON, st.binary(max_size=40)))
def test_whatever_is_sent_as_a_token_is_refused_and_never_a_fault(sent: str | tuple[Any, Any, bytes]) -> None:
    token = sent
    if not isinstance(sent, str):
        parts = (json.dumps(sent[0]).encode(), json.dumps(sent[1]).encode(), sent[2])
        token = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    reader = TokenReader(OAuthOptions("https://us.example/mcp", "us", ("https://issuer.example",)), lambda: NOW)
    reader._keys["https://issuer.example"] = IssuerKeys("http://not-https.example", lambda: NOW)
    with pytest.raises((TokenRefused, IssuerUnreachable)):
        asyncio.run(reader.read(str(token)))


def test_keys_go_on_beside_tokens(place: Path, clock: Clock, issuer: Issuer, tmp_path: Path) -> None:
    secret = add_key(tmp_path / "keys.json", "job", frozenset({ANNA}), NOW)
    with guarding(place, clock, issuer.url, keys=tmp_path / "keys.json") as url:
        assert post(url, secret).status_code == 200
        assert post(url, None, **{"X-API-Key": secret}).status_code == 200
        assert post(url, f"{secret}x").status_code == 401
        assert post(url, issuer.token(f"{url}/mcp")).status_code == 200


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ({}, True),
        ({"email": "ANNA@FIRM.EXAMPLE"}, True),
        ({"email_verified": False}, False),
        ({"email_verified": None}, False),
        ({"email_verified": 1}, True),
        ({"email": "bert@firm.example"}, False),
        ({"email": "anna@\ufb01rm.example"}, False),  # fi as one letter
        ({"email": ["anna@firm.example"]}, False),
        ({"email": "anna@firm.example anna@firm.example"}, False),
        ({"email": None, "sub": "anna@firm.example", "name": "user:anna@firm.example"}, False),
    ],
)
def test_only_a_verified_address_of_the_token_decides_what_is_seen(
    url: str, issuer: Issuer, who: dict[str, Any], sees: bool
) -> None:
    issuer.who |= who
    answer = post(url, issuer.token(f"{url}/mcp"), called(SEARCH_TOOL, party="Orion"))
    assert answer.status_code == 200
    assert ("secret-merger" in answer.text) is sees


def test_a_wall_before_a_group_of_the_token_holds_from_the_next_call_on(
    place: Path, clock: Clock, issuer: Issuer, tmp_path: Path
) -> None:
    with guarding(place, clock, issuer.url, walls=tmp_path / "walls.toml") as url:
        token = issuer.token(f"{url}/mcp")
        assert "secret-merger" in post(url, token, called(SEARCH_TOOL, party="Orion")).text
        wall = 'name = "w"\nkeep_out = ["group:partners@firm.example"]\ndocuments = ["secret-merger"]'
        (tmp_path / "walls.toml").write_text(f"[[walls]]\n{wall}\n")
        assert "secret-merger" not in post(url, token, called(SEARCH_TOOL, party="Orion")).text
        issuer.who["groups"] = []
        assert "secret-merger" in post(url, issuer.token(f"{url}/mcp"), called(SEARCH_TOOL, party="Orion")).text


def test_where_the_token_could_not_hold_all_groups_nobody_knows_the_walls_and_it_lets_nobody_in(url: str, issuer: Issuer) -> None:
    for who in ({"_claim_names": {"groups": "src1"}}, {"hasgroups": True}, {"groups": {"a": 1}}, {"groups": ["g"] * 2_001}):
        answer = post(url, issuer.token(f"{url}/mcp", **who))
        assert answer.status_code == 403
        assert "all your groups" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("message", "needed"),
    [
        (called(READ_TOOL, document_id="nda-acme"), "contracts:read"),
        (called("extract_clause", clause="liability"), "contracts:read"),
        ({"method": "resources/read", "params": {"uri": "contract://nda-acme/text"}}, "contracts:read"),
        (called(SEARCH_TOOL), "contracts:search"),
        ({"method": "resources/list"}, "contracts:search"),
        ({"method": "resources/read", "params": {"uri": "contracts://types"}}, "contracts:search"),
        ({"method": "completion/complete", "params": {}}, "contracts:search"),
    ],
)
def test_a_missing_scope_is_named_with_those_that_are_held(
    url: str, issuer: Issuer, message: dict[str, Any], needed: str
) -> None:
    held = next(scope for scope in ("contracts:search", "contracts:read") if scope != needed)
    answer = post(url, issuer.token(f"{url}/mcp", held), {"jsonrpc": "2.0", "id": 3} | message)
    assert (answer.status_code, answer.json()["id"]) == (403, message.get("id", 3))
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
    assert 'scope="contracts:search contracts:read"' in answer.headers["www-authenticate"]
    assert f"{url}/.well-known/oauth-protected-resource/mcp" in answer.headers["www-authenticate"]


def test_a_refused_token_stands_in_the_trail_with_its_bearer_where_it_was_ours_once(
    place: Path, clock: Clock, issuer: Issuer, tmp_path: Path
) -> None:
    with guarding(place, clock, issuer.url, audit=tmp_path / "audit") as url:
        claims = issuer.claims(f"{url}/mcp", "contracts:search")
        sent = {
            "expired": issuer.signed(claims | {"exp": NOW - timedelta(minutes=1)}),
            "tampered": tampered(issuer, claims),
            "groupless": issuer.signed(claims | {"hasgroups": True}),
            "scopeless": issuer.signed(claims),
        }
        statuses = {name: post(url, token, called(READ_TOOL, document_id="nda-acme")).status_code for name, token in sent.items()}
        issuer.rotate()
        issuer.down = True
        clock.on(seconds=11)
        assert post(url, issuer.token(f"{url}/mcp")).status_code == 503
    assert statuses == {"expired": 401, "tampered": 401, "groupless": 403, "scopeless": 403}
    told = list(query(tmp_path / "audit", outcome="refused"))
    assert [(it["who"], it["reason"]) for it in told] == [
        ("anna@firm.example", "token refused: it has expired"),
        (None, "token refused: InvalidSignatureError"),
        ("anna@firm.example", "the token can't hold all groups"),
        ("anna@firm.example", "lacks the scope contracts:read"),
        (None, "the token's issuer does not answer"),
    ]
    assert told[3]["tool"] == READ_TOOL
    kept = json.dumps(told)
    assert not [name for name, token in sent.items() if any(part in kept for part in token.split("."))]


class Memory(TokenStorage):
    """What a client keeps between its starts."""

    def __init__(self) -> None:
        self.tokens: OAuthToken | None = None
        self.client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


@asynccontextmanager
async def signing_in(url: str, era: str, memory: Memory) -> AsyncIterator[Client]:
    """The SDK's own OAuth client, with a browser that consents at once."""
    landed: list[httpx2.URL] = []

    async def browse(address: str) -> None:
        async with httpx2.AsyncClient() as browser:
            landed.append(httpx2.URL((await browser.get(address)).headers["location"]))

    async def callback() -> AuthorizationCodeResult:
        params = landed[-1].params
        return AuthorizationCodeResult(code=params["code"], state=params["state"])

    asked = OAuthClientMetadata(client_name="test", redirect_uris=["http://127.0.0.1:3030/callback"])  # type: ignore[list-item]  # pydantic reads it
    provider = OAuthClientProvider(f"{url}/mcp", asked, memory, browse, callback)
    async with (
        httpx2.AsyncClient(auth=provider, timeout=30) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http), mode=era) as client,
    ):
        yield client


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_a_client_signs_in_by_itself_and_asks_for_more_when_it_needs_more(url: str, issuer: Issuer, era: str) -> None:
    memory = Memory()
    issuer.grants = lambda asked: asked & {"contracts:search"}
    async with signing_in(url, era, memory) as client:
        found = (await client.call_tool(SEARCH_TOOL, {"party": "Orion"})).structured_content
        assert [row["document_id"] for row in found["documents"]] == ["secret-merger"]
        assert memory.tokens is not None
        assert memory.tokens.scope == "contracts:search"
        assert [tool.name for tool in (await client.list_tools()).tools] == [SEARCH_TOOL]
        issuer.grants = lambda asked: asked
        read = await client.call_tool(READ_TOOL, {"document_id": "secret-merger"})
        assert not read.is_error
        assert memory.tokens.scope == "contracts:read contracts:search"
    async with signing_in(url, era, memory) as client:
        assert len((await client.list_tools()).tools) == 3
    claims = jwt.decode(memory.tokens.access_token, options={"verify_signature": False})
    assert claims["aud"] == f"{url}/mcp"
