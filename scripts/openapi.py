"""Describes every HTTP route of the application as an OpenAPI document, from what the server says it offers, for a fuzzer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

MODERN = "2026-07-28"
_HANDSHAKE = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
META = {"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
_WORD = {"type": "string"}
_ODD = ("no-such-contract", "", " ", "../../etc/passwd", "contract://", "' OR 1=1 --", "\u202e\u0000", "x" * 5_000)
# Whatever is wrong with a request, it is told with one of these; nothing is answered 5xx.
_REFUSALS = ("400", "401", "403", "404", "405", "406", "413", "415", "421")


@dataclass(frozen=True, slots=True)
class Offered:
    """What a server says that it offers: its tools, prompts and the addresses of its resources, each as it was listed."""

    tools: Sequence[Json]
    prompts: Sequence[Json]
    uris: Sequence[str]

    def documents(self) -> list[str]:
        """The ids of the contracts among the resources."""
        return [uri.removeprefix("contract://") for uri in self.uris if uri.startswith("contract://")]


def document(offered: Offered, key: str) -> Json:
    """The document. A fragment, which is never sent, tells the many questions of the one address /mcp apart."""
    paths: Json = {path: {"get": _operation(path, [], None, {"200": _any("application/json")})} for path in _plain()}
    paths["/metrics"] = {"get": _operation("/metrics", [_header("X-API-Key", [key])], None, {"200": _any("text/plain")})}
    paths["/mcp"] = {
        method: _operation(f"{method} /mcp", [], None, {"405": {"description": "405"}}) for method in ("get", "delete")
    }
    for method, name, params, result in _questions(offered):
        for version, versions in (("modern", (MODERN,)), ("handshake", _HANDSHAKE)):
            label = "-".join(filter(None, (method.replace("/", "."), name, version)))
            headers = [_header("MCP-Protocol-Version", versions), _header("Mcp-Method", [method]), _header("X-API-Key", [key])]
            headers += [_header("Mcp-Name", [name])] if name else []
            paths[f"/mcp#{label}"] = {"post": _operation(label, headers, _request(method, params), _answered(result))}
    paths["/mcp#stranger"] = {"post": _operation("stranger", [_header("Authorization", None)], _anything(), _answered({}))}
    paths["/mcp"]["post"] = _operation("anything", [_header("X-API-Key", [key])], _anything(), _answered({}))
    return {"openapi": "3.1.0", "info": {"title": "Muniment", "version": "1"}, "paths": paths}


def _plain() -> tuple[str, ...]:
    metadata = "/.well-known/oauth-protected-resource"
    return ("/healthz", "/readyz", metadata, f"{metadata}/mcp")


def _questions(offered: Offered) -> Iterator[tuple[str, str, Json, Json]]:
    """Method, name, parameters and result of everything that can be asked."""
    for tool in offered.tools:
        arguments = _knowing(tool["inputSchema"], offered.documents())
        params = _object({"name": {"const": tool["name"]}, "arguments": arguments})
        yield "tools/call", tool["name"], params, {"properties": {"structuredContent": tool["outputSchema"]}}
    for prompt in offered.prompts:
        arguments = _object({it["name"]: _one_of(offered.documents()) for it in prompt.get("arguments", [])})
        yield "prompts/get", prompt["name"], _object({"name": {"const": prompt["name"]}, "arguments": arguments}), {}
    pages = [f"{uri}/{rest}" for uri in offered.uris for rest in ("text", "pages/1", "pages/99", "pages/x")]
    yield "resources/read", "", _object({"uri": _one_of([*offered.uris, *pages])}), {}
    yield "completion/complete", "", _completion(offered), {}
    for method in ("tools/list", "prompts/list", "resources/list", "resources/templates/list"):
        yield method, "", {"type": "object", "properties": {"cursor": _WORD}}, {}
    client = _object({"name": _WORD, "version": _WORD})
    yield (
        "initialize",
        "",
        _object({"protocolVersion": _one_of(_HANDSHAKE), "capabilities": _object({}), "clientInfo": client}),
        {},
    )
    for method in ("ping", "server/discover", "subscriptions/listen", "logging/setLevel", "notifications/cancelled"):
        yield method, "", {"type": "object"}, {}


def _completion(offered: Offered) -> Json:
    prompts = _object({"type": {"const": "ref/prompt"}, "name": _one_of([it["name"] for it in offered.prompts])})
    templates = [f"contract://{{document_id}}{rest}" for rest in ("", "/text", "/pages/{page}")]
    resources = _object({"type": {"const": "ref/resource"}, "uri": _one_of(templates)})
    argument = _object({"name": _one_of(["client", "agreement", "document_id", "page"]), "value": _WORD})
    context = {"type": "object", "properties": {"arguments": {"type": "object", "additionalProperties": _WORD}}}
    return {**_object({"ref": {"anyOf": [prompts, resources]}, "argument": argument}), "properties": {
        "ref": {"anyOf": [prompts, resources]}, "argument": argument, "context": context}}  # fmt: skip


def _knowing(schema: Json, documents: Iterable[str]) -> Json:
    """A tool's arguments with what its schema can't say: which contracts there are, and what can't be given together."""
    properties: Json = schema["properties"]
    if "document_id" not in properties:
        return schema
    return {**schema, "properties": {**properties, "document_id": _one_of(documents)}, "not": {"required": ["pages", "offset"]}}


def _request(method: str, params: Json) -> Json:
    """The body of a question; a notification has no id."""
    told = {**params, "properties": {**params.get("properties", {}), "_meta": {"const": META}}}
    told["required"] = [*params.get("required", []), "_meta"]
    fixed: Json = {"jsonrpc": {"const": "2.0"}, "method": {"const": method}, "params": told}
    number = {"type": ["integer", "string"], "maxLength": 20}
    return _object(fixed if method.startswith("notifications/") else {**fixed, "id": number})


def _anything() -> Json:
    params = {"type": ["object", "array", "null", "string"]}
    return {"type": "object", "properties": {"jsonrpc": _WORD, "id": {}, "method": _WORD, "params": params}}


def _object(properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _one_of(values: Iterable[str]) -> Json:
    """One that there is, or an odd one; beside "any string", a fuzzer would never choose one that there is."""
    return {"enum": [*values, *_ODD]}


def _header(name: str, values: Sequence[str] | None) -> Json:
    return {"name": name, "in": "header", "required": True, "schema": {"enum": list(values)} if values else _WORD}


def _operation(label: str, headers: Sequence[Json], body: Json | None, responses: Mapping[str, Json]) -> Json:
    accepted = [_header("Accept", ["application/json, text/event-stream"])] if body else []
    sent = {"requestBody": {"required": True, "content": {"application/json": {"schema": body}}}} if body else {}
    refused = {status: {"description": "refused"} for status in _REFUSALS}
    return {"operationId": label, "parameters": [*accepted, *headers], **sent, "responses": {**refused, **responses}}


def _answered(result: Json) -> Mapping[str, Json]:
    """A question's answers: JSON, or a stream of events that ends with it; 202 where there is nothing to answer."""
    whole = {
        **_object({"jsonrpc": {"const": "2.0"}}),
        "properties": {"jsonrpc": {"const": "2.0"}, "result": {**result, "type": "object"}},
    }
    content = {"application/json": {"schema": whole}, "text/event-stream": {}}
    return {"200": {"description": "answered", "content": content}, "202": {"description": "taken note of"}}


def _any(kind: str) -> Json:
    return {"description": "answered", "content": {kind: {}}}
