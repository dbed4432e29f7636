"""From a model's arguments to ours, and from a validation error to a sentence that a model can act on."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from server.arguments import Arguments
from server.errors import BadArgument

A = TypeVar("A", bound=Arguments)

_BLANK_WORDS = {"", "null", "none"}
_TOLD = 4


def read_arguments(model: type[A], given: Mapping[str, Any]) -> A:
    """The checked arguments; blank ones count as absent. Raises BadArgument with a sentence for each wrong one."""
    known = parameters_of(model)["properties"]
    try:
        return model.model_validate({name: value for name, value in given.items() if name not in known or not _blank(value)})
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=True)
        sentences = dict.fromkeys(_sentence(model, each) for each in wrong[:_TOLD])
        raise BadArgument(". ".join(sentences)) from None


@cache
def parameters_of(model: type[Arguments]) -> dict[str, Any]:
    """The input schema: a tool's own arguments first, and no null beside a type, which some clients trip over."""
    schema = model.model_json_schema()
    own = [name for name in model.__annotations__ if name in schema["properties"]]
    order = [*own, *(name for name in schema["properties"] if name not in own)]
    return {
        "type": "object",
        "properties": {name: _plain(schema["properties"][name]) for name in order},
        "required": schema.get("required", []),
        "additionalProperties": False,
    }


def _plain(field: dict[str, Any]) -> dict[str, Any]:
    kept = {
        key: value for key, value in field.items() if key not in {"anyOf", "title"} and not (key == "default" and value is None)
    }
    for option in field.get("anyOf", []):
        if option != {"type": "null"}:
            kept = kept | option
    return kept


def _blank(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().casefold() in _BLANK_WORDS
    return value in (None, {}, [])


def _sentence(model: type[Arguments], wrong: ErrorDetails) -> str:
    known = parameters_of(model)["properties"]
    if not wrong["loc"]:
        return str(wrong["ctx"]["error"])
    name = str(wrong["loc"][0])
    if wrong["type"] == "extra_forbidden":
        near = get_close_matches(name, known, n=1)
        guess = f" (did you mean {near[0]}?)" if near else ""
        return f"{name[:60]!r} is not an argument{guess}; the arguments are {', '.join(known)}"
    if wrong["type"] == "missing":
        return f"{name} is missing; give {_right(known[name])}"
    return f"{name}: got {_shown(wrong['input'])}; give {_right(known[name])}"


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}… ({len(str(value))} characters)"


def _right(field: Mapping[str, Any]) -> str:
    if choices := field.get("enum"):
        return f"one of {', '.join(choices)}"
    if field.get("format") == "date":
        return "a date like 2026-11-22"
    if field["type"] == "integer":
        return f"a whole number from {field['minimum']} to {field['maximum']}"
    if "pattern" in field:
        return 'a page or a range of pages, like "3" or "2-4"'
    return f"text of {field['minLength']} to {field['maxLength']} characters"
