"""Files of rules in TOML, checked against a model, with a sentence for what is wrong."""

import tomllib
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from index.capitals import lowered
from server.errors import RulesUnusable

M = TypeVar("M", bound="Rules")

_TOLD = 3


def _lower(given: object) -> object:
    return lowered(given.strip()) if isinstance(given, str) else given


Principal = Annotated[str, BeforeValidator(_lower), Field(pattern=r"^(anyone|(user|group|domain):\S{1,254})$")]


class Rules(BaseModel):
    """A part of such a file: unknown names are refused, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read_rules(model: type[M], text: str) -> M:
    """What a file says. Raises RulesUnusable with what is wrong, and where."""
    try:
        return model.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise RulesUnusable(f"it is no TOML: {error}") from None
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False)[:_TOLD]]
        raise RulesUnusable("; ".join(wrong)) from None
