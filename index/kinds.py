"""What people call the kinds of contract, found in words that somebody typed."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

_TOKEN = re.compile(r"[^\W_]+")
_NAMES: Mapping[tuple[str, ...], str] = {
    tuple(name.split()): kind
    for kind, names in tomllib.loads(Path(__file__).with_name("kinds.toml").read_text("utf-8")).items()
    for name in (*names, kind.replace("_", " "))
}
_LONGEST = max(map(len, _NAMES))


def tokens_of(text: str) -> list[str]:
    """The words of a text in lower case, letters and digits only: "Co-Branding" is two."""
    return _TOKEN.findall(text.lower())


def kinds_in(tokens: Sequence[str]) -> dict[str, frozenset[str]]:
    """The contract types that words name, each with the words that name it; a longer name hides the shorter ones in it."""
    found: dict[str, frozenset[str]] = {}
    at = 0
    while at < len(tokens):
        for length in range(min(_LONGEST, len(tokens) - at), 0, -1):
            name = tuple(tokens[at : at + length])
            if kind := _NAMES.get(name):
                found[kind] = found.get(kind, frozenset()) | frozenset(name)
                at += length
                break
        else:
            at += 1
    return found
