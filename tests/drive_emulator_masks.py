"""Partial responses: Drive's `fields` masks, parsed, checked against the discovery document, and applied."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import googleapiclient

Json = dict[str, Any]
# A mask as a tree; an empty one means everything below.
Tree = dict[str, "Tree"]


class BadMask(Exception):
    """The mask names no field of the answer; the text is Drive's."""


@cache
def discovery(api: str = "drive.v3") -> Json:
    """The discovery document of an API that the client's package ships."""
    place = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents" / f"{api}.json"
    document: Json = json.loads(place.read_text(encoding="utf-8"))
    return document


@cache
def checked(mask: str, schema: str, api: str = "drive.v3") -> Tree:
    """The tree of a mask, every name of which is a field of the schema (`File`, `FileList`, …). Raises BadMask."""
    tree = _parse(mask)
    _check(tree, {"$ref": schema}, "", api)
    return tree


def applied(tree: Tree, answer: Any) -> Any:
    """What a mask leaves of an answer."""
    if not tree:
        return answer
    if isinstance(answer, list):
        return [applied(tree, each) for each in answer]
    if not isinstance(answer, dict):
        return answer
    if "*" in tree:
        return {name: applied(tree["*"] or tree.get(name, {}), value) for name, value in answer.items()}
    return {name: applied(below, answer[name]) for name, below in tree.items() if name in answer}


def _parse(mask: str) -> Tree:
    tree, rest = _selection(mask.replace(" ", ""))
    if rest:
        raise BadMask(f"Invalid field selection {mask}")
    return tree


def _selection(text: str) -> tuple[Tree, str]:
    tree: Tree = {}
    while True:
        path, text = _path(text)
        below: Tree = {}
        if text.startswith("("):
            below, text = _selection(text[1:])
            if not text.startswith(")"):
                raise BadMask(f"Invalid field selection {text}")
            text = text[1:]
        _add(tree, path, below)
        if not text.startswith(","):
            return tree, text
        text = text[1:]


def _path(text: str) -> tuple[list[str], str]:
    end = next((at for at, letter in enumerate(text) if letter in ",()"), len(text))
    names = text[:end].split("/")
    if not all(name == "*" or name.replace("_", "").isalnum() for name in names):
        raise BadMask(f"Invalid field selection {text[:end] or text}")
    return names, text[end:]


def _add(tree: Tree, path: list[str], below: Tree) -> None:
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
    known = tree.get(path[-1])
    tree[path[-1]] = {**known, **below} if known and below else {}
    if known is None:
        tree[path[-1]] = below


def _check(tree: Tree, schema: Json, above: str, api: str) -> None:
    schema = _resolved(schema, api)
    for name, below in tree.items():
        if name == "*":
            if schema.get("additionalProperties"):
                _check(below, schema["additionalProperties"], above, api)
            continue
        properties = schema.get("properties", {})
        if name in properties:
            _check(below, properties[name], f"{above}{name}/", api)
        elif not schema.get("additionalProperties"):
            raise BadMask(f"Invalid field selection {name}")


def _resolved(schema: Json, api: str) -> Json:
    while "$ref" in schema or schema.get("type") == "array":
        schema = discovery(api)["schemas"][schema["$ref"]] if "$ref" in schema else schema["items"]
    return schema
