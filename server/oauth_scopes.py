"""Which scopes a protocol message needs, read from the message itself."""

import json
from collections.abc import Mapping
from typing import Any

from server.callers import READ, SEARCH

# Whoever may read text finds it by search.
_TOOLS = {
    "search_documents_by_metadata": frozenset({SEARCH}),
    "extract_clause": frozenset({READ}),
    "read_contract": frozenset({READ}),
}
_METHODS = {"resources/list": frozenset({SEARCH}), "completion/complete": frozenset({SEARCH})}
_DEEPEST = 1 << 20


def needed_by(body: bytes) -> frozenset[str]:
    """The scopes without which a request would be refused further in; none for what is no message."""
    if len(body) > _DEEPEST:
        return frozenset()
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return frozenset()
    messages = said if isinstance(said, list) else [said]
    return frozenset[str]().union(*(_needed(message) for message in messages if isinstance(message, dict)))


def allows(scopes: frozenset[str], tool: str) -> bool:
    """Whether somebody with these scopes may call a tool."""
    return _TOOLS.get(tool, frozenset()) <= scopes


def _needed(message: Mapping[str, Any]) -> frozenset[str]:
    method, params = message.get("method"), message.get("params")
    asked = params if isinstance(params, dict) else {}
    if method == "tools/call":
        return _TOOLS.get(str(asked.get("name")), frozenset())
    if method == "resources/read":
        return frozenset({READ if str(asked.get("uri")).startswith("contract://") else SEARCH})
    return _METHODS.get(str(method), frozenset())
