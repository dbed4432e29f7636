"""`muniment why`: why somebody may or may not see a document, grant by grant."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index.capitals import lowered
from index.errors import UnknownDocument
from index.records import File
from index.store import Index
from index.walls import Wall
from ingest.drive_records import Explanation, Ground
from scripts.authorities import clearance_of, sources_of, walls_file
from scripts.belonging import Belonging, as_records
from scripts.options import AsJson, Data
from scripts.rounds import Mirrored, opened_source
from scripts.settings import Settings, load_settings
from scripts.wiring import reading

if TYPE_CHECKING:
    from server.clearance import Sight
    from server.walls import WallRules


def why(
    user: Annotated[str, typer.Argument(help="An e-mail address, or a principal: user:…, group:…, domain:…")],
    document: Annotated[str, typer.Argument(help="A document's id, its path in the source, or its name.")],
    group: Annotated[list[str] | None, typer.Option(help="A group they belong to, by its address; may be repeated.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Say why somebody may or may not see a document: which grant lets them in, where it stands, and what the index knows."""
    settings = load_settings(data_dir=data)
    person = _person(user, group or ())
    sight, rules = _sight(settings, person)
    belongs = Belonging(sources_of(settings), person)
    with reading(settings) as index, opened_source(settings) as source:
        if isinstance(source, Mirrored):
            told = source.explain(sight.principals, document)
        else:
            told = _explained(_found(index, document), sight.principals)
        before = [rule.name for rule in rules.walls if rule.wall in sight.walls and _hides(rule.wall, index, told.file_id)]
        state = _state(index, told)
    if before:
        note = f"behind the wall {', '.join(before)}, whoever granted it (muniment walls)"
        told = replace(told, may=False, note=note)
    if as_json:
        print(json.dumps(_as_json(user, told, state) | {"memberships": as_records(belongs.found)}, indent=1))
        return
    print(f"{user} {'may' if told.may else 'may not'} see {Path(told.folder, told.name)} ({told.file_id})")
    for ground in told.grounds:
        against = "" if ground.counts else f", which does not count: {ground.why_not}"
        print(f"  {ground.principal} is {ground.role} by {ground.where}{against}")
    if told.note:
        print(f"  {told.note}")
    for line in belongs.told_of(user, told):
        print(f"  {line}")
    print(f"in the index: {state}")


def _person(user: str, groups: Sequence[str]) -> frozenset[str]:
    name = lowered(user.strip())
    name = name if name == "anyone" or name.partition(":")[0] in {"user", "group", "domain"} else f"user:{name}"
    return frozenset({name, *(f"group:{lowered(each.strip()).removeprefix('group:')}" for each in groups)})


def _sight(settings: Settings, person: frozenset[str]) -> "tuple[Sight, WallRules]":
    """What the server would let somebody see: with their domain, the groups that are named, on file or told, and the walls."""
    from server.callers import local_caller
    from server.walls import WallRules, read_walls
    from server.watched import Watched

    sight = clearance_of(settings).of(local_caller(person))
    return sight, Watched(walls_file(settings), read_walls, WallRules(walls=())).now()


def _hides(wall: Wall, index: Index, document_id: str) -> bool:
    """Whether a document lies behind a wall, asked of the index as a question would be."""
    file = next((file for file in index.files() if file.id == document_id), None)
    if file is None:
        return False
    view = index.view()
    try:
        view.key_of(document_id, file.readers)
    except UnknownDocument:
        return wall.hides(file)
    try:
        view.behind(frozenset({wall})).key_of(document_id, file.readers)
    except UnknownDocument:
        return True
    return False


def _found(index: Index, wanted: str) -> File:
    files = index.files()
    for fits in (lambda f: f.id == wanted, lambda f: Path(f.folder, f.name).as_posix() == wanted, lambda f: f.name == wanted):
        if len(found := [file for file in files if fits(file)]) == 1:
            return found[0]
    raise UnknownDocument(wanted)


def _explained(file: File, principals: frozenset[str]) -> Explanation:
    """In a folder all files have the readers that the settings name."""
    theirs = sorted(file.readers & principals)
    grounds = tuple(Ground(each, "reader", "MUNIMENT_FOLDER_READERS", True, None) for each in theirs)
    return Explanation(file.id, file.folder, file.name, bool(theirs), grounds, tuple(sorted(file.readers)), None)


def _state(index: Index, told: Explanation) -> str:
    """What the index would do with a question about it."""
    file = next((file for file in index.files() if file.id == told.file_id), None)
    if file is None:
        return "not there yet; the next sync brings it"
    if set(told.readers) != file.readers:
        return f"with the readers of the last sync ({', '.join(sorted(file.readers)) or 'nobody'}); the next sync brings these"
    failure = next((each for each in index.inventory().failures if each.file.id == told.file_id), None)
    return f"listed, but {failure.kind}: {failure.reason}" if failure else "with these readers"


def _as_json(user: str, told: Explanation, state: str) -> dict[str, object]:
    return {
        "user": user,
        "document_id": told.file_id,
        "path": Path(told.folder, told.name).as_posix(),
        "may": told.may,
        "grounds": [
            {"principal": g.principal, "role": g.role, "where": g.where, "counts": g.counts, "why_not": g.why_not}
            for g in told.grounds
        ],
        "readers": list(told.readers),
        "note": told.note,
        "index": state,
    }
