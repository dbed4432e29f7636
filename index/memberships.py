"""Who belongs to which groups as a directory told it: a file that one program writes and the other reads."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from index.capitals import lowered
from index.errors import DirectoryUnusable
from index.placing import put_whole

LONGEST = 64 << 20
_FORMAT = 1
_ADDRESS = re.compile(r"\S{1,254}")
_PRINCIPAL = re.compile(r"(user|group|domain):\S{1,254}")


@dataclass(frozen=True, slots=True)
class Group:
    """A group by its address, with its direct members as principals (user:…, group:…, domain:…), in small letters.

    `suspended` are members whose account is suspended: they count for nothing that lets somebody in, and for all that keeps
    somebody out. `aliases` are other addresses of the same group.
    """

    address: str
    members: tuple[str, ...] = ()
    suspended: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Directory:
    """All groups of an organization, as of the moment at which the directory began to be asked."""

    as_of: datetime
    groups: tuple[Group, ...]


def write_directory(place: Path, directory: Directory) -> None:
    """Put it in the place of what was known before, whole or not at all. Raises DirectoryUnusable where it is too long."""
    groups = {group.address: _said(group) for group in directory.groups}
    told = {"format": _FORMAT, "as_of": directory.as_of.isoformat(timespec="seconds"), "groups": groups}
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > LONGEST:
        raise DirectoryUnusable(f"{len(groups)} groups make a file of more than {LONGEST >> 20} MB, which no server reads")
    try:
        put_whole(place, text)
    except OSError as error:
        raise DirectoryUnusable(f"{place} can't be written ({error.strerror})") from error


def read_directory(text: str) -> Directory:
    """What such a file says. Raises DirectoryUnusable for anything else."""
    try:
        told = json.loads(text)
        if told["format"] != _FORMAT:
            raise DirectoryUnusable(f"its format is {told['format']!r} and not {_FORMAT}: run `muniment groups sync`")
        as_of = datetime.fromisoformat(told["as_of"])
        groups = tuple(_read(address, each) for address, each in told["groups"].items())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DirectoryUnusable(f"it is no directory's file ({type(error).__name__}): run `muniment groups sync`") from None
    if as_of.tzinfo is None:
        raise DirectoryUnusable("its time has no zone: run `muniment groups sync`")
    return Directory(as_of, groups)


def _said(group: Group) -> dict[str, tuple[str, ...]]:
    lists = {"members": group.members, "suspended": group.suspended, "aliases": group.aliases}
    return {name: value for name, value in lists.items() if value}


def _read(address: str, told: Mapping[str, Any]) -> Group:
    if unknown := told.keys() - {"members", "suspended", "aliases"}:
        raise ValueError(f"unknown: {unknown}")
    members, suspended = _texts(told, "members", _PRINCIPAL), _texts(told, "suspended", _PRINCIPAL)
    return Group(_matching(address, _ADDRESS), members, suspended, _texts(told, "aliases", _ADDRESS))


def _texts(told: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
    listed = told.get(name, [])
    if not isinstance(listed, list):
        raise TypeError("not a list")
    return tuple(_matching(each, pattern) for each in listed)


def _matching(value: str, pattern: re.Pattern[str]) -> str:
    if not pattern.fullmatch(value):
        raise ValueError("not an address")
    return lowered(value)
