"""What the official conformance runner asks a server for, installed on the real application: `python -m conformance_fixtures`.

Only the fixtures are made for the test; transport, authentication, middleware and the server's own tools are the product's.
"""

import argparse
import base64
import json
import logging
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from mcp.server.context import ServerRequestContext
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.prompts.base import UserMessage
from mcp.shared.exceptions import MCPError
from mcp_types import (
    AudioContent,
    ClientCapabilities,
    CreateMessageRequest,
    CreateMessageRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    EmbeddedResource,
    EmptyResult,
    ImageContent,
    InputRequest,
    InputRequiredResult,
    ListRootsRequest,
    MissingRequiredClientCapabilityErrorData,
    SamplingCapability,
    SamplingMessage,
    SetLevelRequestParams,
    SubscribeRequestParams,
    TextContent,
    TextResourceContents,
    UnsubscribeRequestParams,
)
from pydantic import BaseModel, Field
from small_firm import WordEncoder, build, opened
from small_server import now
from starlette.types import ASGIApp, Receive, Scope, Send

from server.app import create_app
from server.keys import add_key
from server.options import ServerOptions

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
SILENCE = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA="
MISSING_CAPABILITY = -32021
MADE = "A fixture that the conformance runner asks for."


def form(message: str, field: str, kind: str = "string") -> ElicitRequest:
    schema: dict[str, Any] = {"type": "object", "properties": {field: {"type": kind}}, "required": [field]}
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def sample(words: str, most: int = 100) -> CreateMessageRequest:
    message = SamplingMessage(role="user", content=TextContent(text=words))
    return CreateMessageRequest(params=CreateMessageRequestParams(messages=[message], max_tokens=most))


def need(ctx: Context[Any, Any], requests: dict[str, InputRequest], state: str | None = None) -> InputRequiredResult | None:
    """What is still to be asked, or None where every answer is there and of the right kind."""
    given = ctx.input_responses or {}
    kinds = {"elicitation/create": "content", "sampling/createMessage": "model", "roots/list": "roots"}
    answered = all(hasattr(given.get(name), kinds[request.method]) for name, request in requests.items())
    return None if answered else InputRequiredResult(input_requests=requests, request_state=state)


def add_contents(mcp: MCPServer[Any]) -> None:
    """Tools that answer with each kind of content."""

    @mcp.tool(description=MADE)
    def test_simple_text() -> str:
        return "This is a simple text response for testing."

    @mcp.tool(description=MADE)
    def test_image_content() -> list[ImageContent]:
        return [ImageContent(data=PIXEL, mime_type="image/png")]

    @mcp.tool(description=MADE)
    def test_audio_content() -> list[AudioContent]:
        return [AudioContent(data=SILENCE, mime_type="audio/wav")]

    @mcp.tool(description=MADE)
    def test_embedded_resource() -> list[EmbeddedResource]:
        return [embedded("test://embedded-resource", "This is an embedded resource content.")]

    @mcp.tool(description=MADE)
    def test_multiple_content_types() -> list[TextContent | ImageContent | EmbeddedResource]:
        return [
            TextContent(text="Multiple content types test:"),
            ImageContent(data=PIXEL, mime_type="image/png"),
            embedded("test://mixed-content-resource", '{"test":"data","value":123}', "application/json"),
        ]

    @mcp.tool(description=MADE)
    def test_error_handling() -> str:
        raise ToolError("This tool intentionally returns an error for testing")


def embedded(uri: str, text: str, kind: str = "text/plain") -> EmbeddedResource:
    return EmbeddedResource(resource=TextResourceContents(uri=uri, mime_type=kind, text=text))


def add_conversations(mcp: MCPServer[Any]) -> None:
    """Tools that report while they work, or need something of the client."""

    @mcp.tool(description=MADE)
    async def test_tool_with_progress(ctx: Context[Any, Any]) -> str:
        for done in (0, 50, 100):
            await ctx.report_progress(done, 100, f"Completed step {done} of 100")
        return "done"

    @mcp.tool(description=MADE)
    async def test_tool_with_logging(ctx: Context[Any, Any]) -> str:
        for words in ("Tool execution started", "Tool processing data", "Tool execution completed"):
            await ctx.session.send_log_message("info", words, related_request_id=ctx.request_id)
        return "Tool with logging executed successfully"

    @mcp.tool(description=MADE)
    async def test_logging_tool(ctx: Context[Any, Any]) -> str:
        return await test_tool_with_logging(ctx)

    @mcp.tool(description=MADE)
    def test_missing_capability(ctx: Context[Any, Any]) -> str:
        declared = ctx.client_capabilities
        if declared is None or declared.sampling is None:
            wanted = MissingRequiredClientCapabilityErrorData(
                required_capabilities=ClientCapabilities(sampling=SamplingCapability())
            )
            data = wanted.model_dump(by_alias=True, mode="json", exclude_none=True)
            raise MCPError(MISSING_CAPABILITY, "sampling is needed", data)
        return "sampling is declared"

    @mcp.tool(description=MADE)
    async def test_streaming_elicitation(ctx: Context[Any, Any]) -> str | InputRequiredResult:
        await ctx.report_progress(1, 2, "about to ask")
        return need(ctx, {"user_name": form("What is your name?", "name")}) or "thanks"

    @mcp.tool(description=MADE)
    def test_custom_headers(region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})]) -> str:
        return region


def add_input_required(mcp: MCPServer[Any]) -> None:
    """Tools and a prompt that ask back within the call."""

    @mcp.tool(description=MADE)
    def test_input_required_result_elicitation(ctx: Context[Any, Any]) -> str | InputRequiredResult:
        asked = need(ctx, {"user_name": form("What is your name?", "name")})
        return asked or f"Hello, {ctx.input_responses['user_name'].content['name']}!"  # type: ignore[index,union-attr,call-overload]

    @mcp.tool(description=MADE)
    def test_input_required_result_sampling(ctx: Context[Any, Any]) -> str | InputRequiredResult:
        asked = need(ctx, {"capital_question": sample("What is the capital of France?")})
        return asked or str((ctx.input_responses or {})["capital_question"].content.text)  # type: ignore[union-attr]

    @mcp.tool(description=MADE)
    def test_input_required_result_list_roots(ctx: Context[Any, Any]) -> str | InputRequiredResult:
        asked = need(ctx, {"client_roots": ListRootsRequest()})
        return asked or ", ".join(str(root.uri) for root in (ctx.input_responses or {})["client_roots"].roots)  # type: ignore[union-attr]

    @mcp.tool(description=MADE)
    def test_input_required_result_request_state(ctx: Context[Any, Any]) -> str | InputRequiredResult:
        return need(ctx, {"confirm": form("Please confirm", "ok", "boolean")}, "one") or f"state-ok {ctx.request_state == 'one'}"

    @mcp.tool(description=MADE)
    def test_input_required_result_tampered_state(ctx: Context[Any, Any]) -> str | InputRequiredResult:
        return need(ctx, {"confirm": form("Please confirm", "ok", "boolean")}, "one") or "state-ok"

    @mcp.tool(description=MADE)
    def test_input_required_result_multiple_inputs(ctx: Context[Any, Any]) -> str | InputRequiredResult:
        requests: dict[str, InputRequest] = {
            "user_name": form("What is your name?", "name"),
            "greeting": sample("Generate a greeting", 50),
            "client_roots": ListRootsRequest(),
        }
        return need(ctx, requests, "many") or "all there"

    @mcp.tool(description=MADE)
    def test_input_required_result_multi_round(ctx: Context[Any, Any]) -> str | InputRequiredResult:
        if ctx.request_state != "second":
            first = need(ctx, {"step1": form("Step 1: What is your name?", "name")}, "first")
            if first:
                return first
        return need(ctx, {"step2": form("Step 2: What is your favorite color?", "color")}, "second") or "both there"

    @mcp.tool(description=MADE)
    def test_input_required_result_capabilities(ctx: Context[Any, Any]) -> str | InputRequiredResult:
        declared = ctx.client_capabilities or ClientCapabilities()
        requests: dict[str, InputRequest] = {}
        if declared.sampling is not None:
            requests["greeting"] = sample("Generate a greeting", 50)
        if declared.elicitation is not None:
            requests["user_name"] = form("What is your name?", "name")
        return need(ctx, requests) or "nothing to ask"

    @mcp.prompt(description=MADE)
    def test_input_required_result_prompt(ctx: Context[Any, Any]) -> Any:
        return need(ctx, {"user_context": form("What context should the prompt use?", "context")}) or "with its context"


def add_handshake_methods(mcp: MCPServer[Any]) -> None:
    """Methods of the handshake era that the product does not offer."""

    async def accept(_: ServerRequestContext[Any], __: BaseModel) -> EmptyResult:
        return EmptyResult()

    kinds = {
        "logging/setLevel": SetLevelRequestParams,
        "resources/subscribe": SubscribeRequestParams,
        "resources/unsubscribe": UnsubscribeRequestParams,
    }
    for method, params in kinds.items():
        mcp._lowlevel_server.add_request_handler(method, params, accept)


def add_readings(mcp: MCPServer[Any]) -> None:
    """Resources and prompts."""

    @mcp.resource("test://static-text", mime_type="text/plain")
    def static_text() -> str:
        return "This is the content of the static text resource."

    @mcp.resource("test://static-binary", mime_type="image/png")
    def static_binary() -> bytes:
        return base64.b64decode(PIXEL)

    @mcp.resource("test://template/{id}/data", mime_type="application/json")
    def template(id: str) -> str:  # noqa: A002  # the runner's name for it
        return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})

    @mcp.prompt(description=MADE)
    def test_simple_prompt() -> str:
        return "This is a simple prompt for testing."

    @mcp.prompt(description=MADE)
    def test_prompt_with_arguments(arg1: str, arg2: str) -> str:
        return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"

    @mcp.prompt(description=MADE)
    def test_prompt_with_embedded_resource(resourceUri: str) -> list[UserMessage]:  # noqa: N803  # the runner's name for it
        return [
            UserMessage(embedded(resourceUri, "Embedded resource content for testing.")),
            UserMessage("Please process the embedded resource above."),
        ]

    @mcp.prompt(description=MADE)
    def test_prompt_with_image() -> list[UserMessage]:
        return [UserMessage(ImageContent(data=PIXEL, mime_type="image/png")), UserMessage("Please analyze the image above.")]


def with_key(app: ASGIApp, secret: str) -> ASGIApp:
    """The application, as if each caller sent a key."""

    async def keyed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "headers": [*scope["headers"], (b"x-api-key", secret.encode())]}
        await app(scope, receive, send)

    return keyed


def main() -> None:
    """Serve the real application with the fixtures on it, over a small index of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8103)
    parser.add_argument("--keyed", action="store_true", help="ask every caller for a key, and give the runner's calls one")
    asked = parser.parse_args()
    logging.basicConfig(stream=sys.stderr, level="WARNING")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "index"
        build(place)
        keys = Path(folder) / "keys.json"
        app = create_app(lambda: opened(place), WordEncoder(), ServerOptions(keys=keys), now)
        for add in (add_contents, add_conversations, add_input_required, add_readings, add_handshake_methods):
            add(app.state.mcp)
        door = with_key(app, add_key(keys, "runner", frozenset(), now())) if asked.keyed else app
        uvicorn.run(door, port=asked.port, log_config=None, access_log=False, timeout_graceful_shutdown=2)


if __name__ == "__main__":
    main()
