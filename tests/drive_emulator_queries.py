"""The query language of `files.list`: tokens, a small grammar of and/or/not, and what each term means for an item.

https://developers.google.com/workspace/drive/api/guides/ref-search-terms
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from drive_emulator_items import RANKS, Item
from drive_emulator_rights import held
from drive_emulator_world import World

Test = Callable[[Item], bool]
_TOKEN = re.compile(r"\s*(?:('(?:[^'\\]|\\.)*')|([A-Za-z]+)|(!=|<=|>=|[=<>()]))")


class BadQuery(Exception):
    """Drive would call the query invalid."""


def compiled(text: str, world: World, caller: str) -> Test:
    """Whether an item meets the query. Raises BadQuery."""
    parser = _Parser(_tokens(text), world, caller)
    test = parser.alternatives()
    if parser.left:
        raise BadQuery(text)
    return test


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if not match:
            raise BadQuery(text)
        tokens.append(match[0].strip())
        at = match.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[str], world: World, caller: str) -> None:
        self.left, self._world, self._caller = tokens, world, caller

    def alternatives(self) -> Test:
        tests = [self._conjunction()]
        while self._take("or"):
            tests.append(self._conjunction())
        return lambda item: any(test(item) for test in tests)

    def _conjunction(self) -> Test:
        tests = [self._factor()]
        while self._take("and"):
            tests.append(self._factor())
        return lambda item: all(test(item) for test in tests)

    def _factor(self) -> Test:
        if self._take("not"):
            test = self._factor()
            return lambda item: not test(item)
        if self._take("("):
            test = self.alternatives()
            if not self._take(")"):
                raise BadQuery("unbalanced parentheses")
            return test
        return self._term()

    def _term(self) -> Test:
        first = self._next()
        if first.startswith("'"):
            if self._next() != "in":
                raise BadQuery(first)
            return self._membership(_unquoted(first), self._next())
        if first == "sharedWithMe":
            if self._take("="):
                self._next()
            return lambda item: item.owner != self._caller and not item.drive
        return self._comparison(first, self._next(), self._next())

    def _membership(self, value: str, collection: str) -> Test:
        if collection == "parents":
            wanted = self._world.root_of(self._caller) if value == "root" else value
            return lambda item: item.parent == wanted
        least = {"owners": "owner", "writers": "writer", "readers": "reader"}.get(collection)
        if not least:
            raise BadQuery(collection)
        return lambda item: any(
            each.grant.principal.partition(":")[2] == value and RANKS.index(each.grant.role) >= RANKS.index(least)
            for each in held(self._world, item)
        )

    def _comparison(self, field: str, operator: str, value: str) -> Test:
        if field == "trashed" and operator in {"=", "!="} and value in {"true", "false"}:
            wanted = (value == "true") == (operator == "=")
            return lambda item: self._world.is_trashed(item) == wanted
        if field in {"modifiedTime", "createdTime"} and value.startswith("'"):
            return _by_time(field, operator, _unquoted(value))
        if field in {"name", "mimeType"} and value.startswith("'"):
            return _by_words("mime" if field == "mimeType" else "name", operator, _unquoted(value))
        raise BadQuery(f"{field} {operator} {value}")

    def _next(self) -> str:
        if not self.left:
            raise BadQuery("ends too early")
        return self.left.pop(0)

    def _take(self, token: str) -> bool:
        if self.left and self.left[0] == token:
            self.left.pop(0)
            return True
        return False


def _by_time(field: str, operator: str, value: str) -> Test:
    try:
        wanted = datetime.fromisoformat(value)
    except ValueError as error:
        raise BadQuery(value) from error
    wanted = wanted if wanted.tzinfo else wanted.replace(tzinfo=UTC)

    def test(item: Item) -> bool:
        found = item.modified if field == "modifiedTime" else item.created
        held_true = {"=": found == wanted, "!=": found != wanted, "<": found < wanted, "<=": found <= wanted}
        held_true |= {">": found > wanted, ">=": found >= wanted}
        return held_true[operator]

    return test


def _by_words(field: str, operator: str, value: str) -> Test:
    if operator == "contains":
        # Drive matches names by the beginnings of their words only.
        return lambda item: any(word.startswith(value.lower()) for word in _suffixes(getattr(item, field).lower()))
    if operator not in {"=", "!="}:
        raise BadQuery(operator)
    return lambda item: (getattr(item, field) == value) == (operator == "=")


def _suffixes(name: str) -> list[str]:
    return [name[match.start() :] for match in re.finditer(r"\b\w", name)] or [name]


def _unquoted(token: str) -> str:
    if not token.startswith("'"):
        raise BadQuery(token)
    return re.sub(r"\\(.)", r"\1", token[1:-1])
