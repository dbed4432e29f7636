"""Keeps what the directory tells of groups beside the index: asked for whole, held against what was known, put in place whole."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from index.capitals import lowered
from index.errors import DirectoryUnusable, IndexBusy, StoreError
from index.locks import write_lock
from index.memberships import LONGEST, Directory, read_directory, write_directory
from ingest.source import IngestError, SourceFailed
from scripts.authorities import directory_file, sources_of
from scripts.progress import duration
from scripts.rounds import TimeIsUp, alarm, stopping_in_order
from scripts.settings import OWN_CUSTOMER, Settings, SettingsError
from scripts.wiring import open_directory, reading

if TYPE_CHECKING:
    from ingest.directory import Told

# As the alert that is shipped: with a sync every quarter of an hour, something is wrong by then.
_OLD_SECONDS = 4 * 3600
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of asking the directory in a sync: how many groups it told, None where it was not asked or told nothing."""

    groups: int | None = None
    problems: tuple[str, ...] = ()


def bring_directory(settings: Settings, *, allow_removals: bool = False) -> "Told":
    """Ask the directory for all groups and keep what it tells.

    Raises SettingsError, SourceFailed, DirectoryUnusable, IndexBusy; what was known before then goes on to hold.
    """
    from ingest.directory import check_removals

    place, subject = directory_file(settings), settings.directory.subject
    if subject is None:
        raise SettingsError("MUNIMENT_DIRECTORY__SUBJECT is not set: name an administrator who may read groups")
    started = datetime.now(UTC)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        lock = write_lock(place.parent, started, "directory", str(place))
    except OSError as error:
        raise DirectoryUnusable(f"{error.filename or place.parent} can't be written ({error.strerror})") from error
    try:
        told = _asked(settings, subject, started)
        before = known_directory(place)
        if before and not allow_removals:
            check_removals(before, told.directory, settings.most_removed)
        write_directory(place, told.directory)
    except SourceFailed as error:
        raise SourceFailed(f"{error}. {_stays(known_directory(place))}") from error
    finally:
        lock.free()
    return told


def _asked(settings: Settings, subject: str, now: datetime) -> "Told":
    from ingest.directory import ask_directory

    asked = settings.directory
    # Who asks for another organization's groups, a reseller say, is none of its people.
    own = (subject.rpartition("@")[2],) if asked.customer == OWN_CUSTOMER else ()
    client = open_directory(settings)
    try:
        return ask_directory(client, asked.customer, frozenset(map(lowered, (*own, *asked.domains))), now)
    finally:
        client.close()


def bring_before_sync(settings: Settings, until: float | None) -> Brought:
    """The same as a part of a sync, where it is set up: what goes wrong is a problem of the sync, and not its end.

    `until` is when the sync's time is up, by the monotonic clock.
    """
    if settings.directory.subject is None:
        return Brought()
    try:
        with stopping_in_order(), alarm(until):
            return Brought(len(bring_directory(settings).directory.groups))
    except IndexBusy:
        return Brought()  # somebody else is just asking
    except (IngestError, DirectoryUnusable) as error:
        return Brought(problems=(str(error),))
    except TimeIsUp:
        stays = _stays(known_directory(directory_file(settings)))
        return Brought(problems=(f"the time was up before the directory had told all groups. {stays}",))


def known_directory(place: Path) -> Directory | None:
    """What a directory told before; None where it never did, or where that can't be read."""
    try:
        if place.stat().st_size > LONGEST:
            return None
        return read_directory(place.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, DirectoryUnusable):
        return None


def seconds_left(until: float | None) -> float | None:
    """Of a time that is up at `until` by the monotonic clock; never less than a moment."""
    return None if until is None else max(0.001, until - time.monotonic())


def judged(settings: Settings) -> tuple[Literal["ok", "note", "wrong"], str]:
    """How it stands with groups, for an operator: whether the directory's are fresh, and which nobody lists."""
    from server.errors import RulesUnusable

    place, wanted = directory_file(settings), settings.directory.subject is not None
    try:
        sources = sources_of(settings)
    except (RulesUnusable, SettingsError) as error:
        return "wrong", str(error)
    unlisted = _unlisted(settings, frozenset[str]().union(*(source.groups for source in sources.values())))
    as_of = next((source.as_of for source in sources.values() if source.as_of), None)
    if as_of is None and wanted:
        return "wrong", f"{place} is not there: run `muniment groups sync`, since the server does not start without it"
    counts = "; ".join(f"{len(source.groups - source.aliases)} by {name}" for name, source in sources.items() if source.groups)
    counts = counts or "none are listed"
    if as_of is None:
        return ("note" if unlisted else "ok"), f"{counts}{unlisted}"
    age = (datetime.now(UTC) - as_of).total_seconds()
    words = f"{counts}; the directory was asked {duration(age)} ago{unlisted}"
    if not wanted:
        remedy = f"set MUNIMENT_DIRECTORY__SUBJECT, or delete {place} and start the server anew"
        return "note", f"{words}; it goes on to hold and is asked no more: {remedy}"
    if age > _OLD_SECONDS:
        return "wrong", f"{words}; that is long ago: run `muniment groups sync` and see what it says"
    return ("note" if unlisted else "ok"), words


def _unlisted(settings: Settings, listed: frozenset[str]) -> str:
    """What to say of groups that may read contracts while no file says who is in them."""
    try:
        with reading(settings) as index:
            readers = {lowered(reader) for file in index.files() for reader in file.readers if reader.startswith("group:")}
    except StoreError:
        return ""
    unknown = sorted(readers - listed)
    if not unknown:
        return ""
    named = ", ".join(unknown[:_MOST_NAMED]) + (", …" if len(unknown) > _MOST_NAMED else "")
    return f"; {len(unknown)} that may read contracts are in none, so only tokens and keys say who is in them: {named}"


def notes_of(told: "Told") -> Iterator[str]:
    """What can't be known of what the directory told, in sentences."""
    if told.outside:
        named = ", ".join(told.outside[:_MOST_NAMED]) + (", …" if len(told.outside) > _MOST_NAMED else "")
        yield f"who belongs to {len(told.outside)} groups of other organizations, it does not say: {named}"
    if told.nameless:
        yield f"{told.nameless} members have no address, and count for nobody"


def _stays(before: Directory | None) -> str:
    if before is None:
        return "Nothing was known of its groups before"
    return f"What it told at {before.as_of:%Y-%m-%d %H:%M} UTC goes on to hold"
