"""The file of ethical walls: who may not see which folders, parties and documents, whoever granted it."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from index.names import name_key
from index.walls import Wall
from server.rules import Principal, Rules, read_rules

_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
_Many = Annotated[tuple[_Words, ...], Field(max_length=1_000)]


class WallRule(Rules):
    """One wall: whom it keeps out, whom of those it lets in all the same, and what lies behind it."""

    name: _Words
    keep_out: Annotated[tuple[Principal, ...], Field(min_length=1, max_length=1_000)]
    let_in: Annotated[tuple[Principal, ...], Field(max_length=1_000)] = ()
    documents: _Many = ()
    folders: _Many = ()
    parties: _Many = ()

    @model_validator(mode="after")
    def _hides_something(self) -> Self:
        if not (self.documents or self.folders or self.parties):
            raise ValueError("it hides nothing: give documents, folders or parties")
        for party in self.parties:
            if not name_key(party):
                raise ValueError(f"{party!r} is nobody's name")
        for folder in self.folders:
            if not folder.strip("/ "):
                raise ValueError(f"{folder!r} is no folder")
        return self

    @property
    def wall(self) -> Wall:
        """What lies behind it."""
        return Wall(frozenset(self.documents), frozenset(self.folders), frozenset(self.parties))


class WallRules(Rules):
    """All walls. That there are none must be said, so that a file that was cut short is not taken for it."""

    walls: Annotated[tuple[WallRule, ...], Field(max_length=1_000)]

    def before(self, principals: frozenset[str], doubtful: frozenset[str] = frozenset()) -> frozenset[Wall]:
        """The walls before somebody with these principals, in small letters; `doubtful` ones may keep out, and let in nobody."""
        every = principals | doubtful
        return frozenset(
            rule.wall for rule in self.walls if every.intersection(rule.keep_out) and principals.isdisjoint(rule.let_in)
        )


def read_walls(text: str) -> WallRules:
    """The walls that a file describes. Raises RulesUnusable."""
    return read_rules(WallRules, text)
