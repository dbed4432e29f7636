"""`muniment groups`: who belongs to which groups, by the files and the directory, and that brought up to date."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from index.capitals import lowered
from index.errors import IndexBusy
from scripts.authorities import directory_file, sources_of
from scripts.belonging import Belonging, as_records
from scripts.options import AsJson, Data
from scripts.settings import load_settings

if TYPE_CHECKING:
    from server.groups import ListedGroups

ANOTHER_RUNS = 3

groups = typer.Typer(help="Who belongs to which groups, by groups.toml and by the directory.", no_args_is_help=True)


@groups.callback()
def _groups() -> None:
    """Who belongs to which groups."""


@groups.command(epilog="Example: muniment groups sync")
def sync(
    allow_removals: Annotated[
        bool, typer.Option("--allow-removals", help="Take what the directory tells, however many memberships are gone.")
    ] = False,
    data: Data = None,
) -> None:
    """Ask Google's directory for all groups and their members, and keep that beside the index for the server.

    Exit code 0; 2 when it could not be asked to the end, and what was known goes on to hold; 3 when another one is running.
    """
    from scripts.directory import bring_directory, notes_of
    from scripts.rounds import stopping_in_order

    settings = load_settings(data_dir=data)
    try:
        with stopping_in_order():
            told = bring_directory(settings, allow_removals=allow_removals)
    except IndexBusy as busy:
        typer.echo(f"muniment: {busy}", err=True)
        raise typer.Exit(ANOTHER_RUNS) from None
    members = sum(len(group.members) + len(group.suspended) for group in told.directory.groups)
    print(f"{len(told.directory.groups)} groups with {members} memberships, kept in {directory_file(settings)}")
    for note in notes_of(told):
        print(f"note: {note}")


@groups.command(epilog="Example: muniment groups show anna@firm.example")
def show(
    address: Annotated[str | None, typer.Argument(help="A person's or a group's, or user:…, group:…, domain:…")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Say which groups an address is in and through what, or which groups there are."""
    sources = sources_of(load_settings(data_dir=data))
    if address is None:
        _show_all(sources, as_json)
        return
    principal = _principal(address, sources)
    belongs = Belonging(sources, frozenset({principal}))
    members = _members(principal, sources)
    if as_json:
        print(json.dumps({"principal": principal, "groups": as_records(belongs.found), "members": sorted(members)}, indent=1))
        return
    print(f"{principal} is in {len(belongs.found)} groups")
    for each in belongs.found:
        print(f"  {each.group}: {belongs.way_to(each)}")
    if members:
        named = (f"{name} (suspended)" if members[name] else name for name in sorted(members))
        print(f"{len(members)} right in it: {', '.join(named)}")


def _show_all(sources: "Mapping[str, ListedGroups]", as_json: bool) -> None:
    if as_json:
        told = {
            name: {"as_of": source.as_of.isoformat() if source.as_of else None, "groups": sorted(source.groups)}
            for name, source in sources.items()
        }
        print(json.dumps(told, indent=1))
        return
    for name, source in sources.items():
        asked = f", asked at {source.as_of:%Y-%m-%d %H:%M} UTC" if source.as_of else ""
        print(f"{len(source.groups - source.aliases)} groups by {name}{asked}")
        for group in sorted(source.groups):
            print(f"  {group}" + (", another address of one" if group in source.aliases else ""))


def _principal(address: str, sources: "Mapping[str, ListedGroups]") -> str:
    name = lowered(address.strip())
    if name == "anyone" or name.partition(":")[0] in {"user", "group", "domain"}:
        return name
    is_group = any(f"group:{name}" in source.groups for source in sources.values())
    return f"group:{name}" if is_group else f"user:{name}"


def _members(group: str, sources: "Mapping[str, ListedGroups]") -> dict[str, bool]:
    """Who is named as a group's member, and whether that is by a suspended account alone."""
    suspended = {member for source in sources.values() for member, held in source.suspended.items() if group in held}
    counting = {member for source in sources.values() for member, held in source.holding.items() if group in held}
    same = {alias for source in sources.values() for alias in source.aliases}
    return {member: member not in counting for member in (suspended | counting) - same}
