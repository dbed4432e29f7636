"""What the fuzzer is told of the application, and what it holds against an answer."""

from pathlib import Path
from typing import Any

import pytest
from small_firm import WordEncoder, build, opened
from small_server import asking, now
from starlette.routing import Route

from scripts.openapi import Offered, document
from scripts.trials import inside_shown
from server.app import create_app
from server.oauth_options import OAuthOptions
from server.options import ServerOptions


@pytest.mark.anyio
async def test_the_document_has_every_route_tool_prompt_and_contract(tmp_path: Path) -> None:
    build(tmp_path / "index")
    async with asking(tmp_path / "index") as client:
        tools = [it.model_dump(by_alias=True, mode="json") for it in (await client.list_tools()).tools]
        prompts = [it.model_dump(by_alias=True, mode="json") for it in (await client.list_prompts()).prompts]
        uris = [it.uri for it in (await client.list_resources()).resources]
    paths: dict[str, Any] = document(Offered(tools, prompts, uris), "mun_key")["paths"]
    for name in [it["name"] for it in (*tools, *prompts)]:
        assert {f"-{name}-modern", f"-{name}-handshake"} <= {path[path.find("-") :] for path in paths}
    assert "nda-acme" in str(paths["/mcp#tools.call-extract_clause-modern"])
    address = "http://127.0.0.1/mcp"
    options = ServerOptions(oauth=OAuthOptions(address, address, ("https://issuer.example",)))
    app = create_app(lambda: opened(tmp_path / "index"), WordEncoder(), options, now)
    routes = {route.path for route in app.router.routes if isinstance(route, Route)}
    assert "/healthz" in routes
    assert routes <= set(paths)


@pytest.mark.parametrize(
    "answer",
    [
        'Traceback (most recent call last):\n  File "/srv/app.py", line 3',
        "can't open /opt/muniment/index/local.py",
        "OperationalError: near x",
        "SELECT id FROM documents",
        "something went wrong inside the server; the administrator finds it in the log under 12",
    ],
)
def test_words_of_the_inside_are_held_against_an_answer_unless_the_caller_sent_them(answer: str) -> None:
    assert inside_shown(answer, "what the caller asked")
    assert not inside_shown(answer, f"the caller asked: {answer}")


def test_a_contracts_own_words_are_not_taken_for_the_inside() -> None:
    told = (
        '{"text": "The Supplier shall select goods from the index/catalogue of Schedule 1.", "uri": "contract://nda-acme/text"}'
    )
    assert inside_shown(told, "") == []
