"""The clause types that lawyers ask for, read from taxonomy.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class ClauseType:
    """One kind of clause. `name` is what answers call it, and what a `Finding.clause_type` says.

    `synonyms` are other names of the thing, `questions` how people ask for it. `headings` (lower case) are those under which
    such a clause stands, `cues` (lower case, no punctuation but hyphens and full stops) words that stand in such a clause itself.
    """

    name: str
    definition: str
    synonyms: tuple[str, ...]
    questions: tuple[str, ...]
    headings: tuple[str, ...]
    cues: tuple[str, ...]


@cache
def clause_types() -> tuple[ClauseType, ...]:
    """Every clause type, in the order of the data file."""
    data = tomllib.loads(files("index").joinpath("taxonomy.toml").read_text(encoding="utf-8"))
    return tuple(
        ClauseType(
            name=entry["name"],
            definition=entry["definition"],
            synonyms=tuple(entry["synonyms"]),
            questions=tuple(entry["questions"]),
            headings=tuple(entry["headings"]),
            cues=tuple(entry["cues"]),
        )
        for entry in data["clause"]
    )


@cache
def _by_name() -> dict[str, ClauseType]:
    return {clause_type.name: clause_type for clause_type in clause_types()}


def clause_type(name: str) -> ClauseType | None:
    """The clause type of exactly this name, or `None`."""
    return _by_name().get(name)
