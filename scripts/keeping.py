"""`muniment backup` and `muniment restore`: everything that can't be made again, copied while the server serves, and put back."""

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import file_digest
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from index.copying import check_database, copy_database, is_database
from index.errors import StoreError
from index.local import open_for_writing, open_index
from index.locks import write_lock
from index.schema import database_at
from scripts.options import Data
from scripts.settings import Settings, load_settings
from scripts.wiring import audit_folder, index_place, replace_index

_LIST = "backup.json"
_PASSING = (".lock", ".new", "-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class _Held:
    """What an index holds, by which a restored one is known to be whole."""

    generation: int
    documents: int
    chunks: int


def backup(
    to: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder for the copy.")],
    data: Data = None,
) -> None:
    """Copy the catalogue, the keys, the notes of sources and the audit trail as they are at this moment, and check the copy.

    The server and a run of ingest may go on meanwhile. The search caches are left out: they are made anew from the catalogue.
    """
    settings = load_settings(data_dir=data)
    if to.exists():
        raise StoreError(f"{to} exists already: name a new folder")
    draft = to.with_name(f"{to.name}.unfinished")
    shutil.rmtree(draft, ignore_errors=True)
    place = draft / "index"
    place.mkdir(mode=0o700, parents=True)
    draft.chmod(0o700)
    # First what the index was made from: a source's older notes make the next run look twice, newer ones might make it not look.
    for file in _files(settings.data_dir):
        (copy_database if is_database(file) else shutil.copy2)(file, draft / file.name)
    copy_database(database_at(index_place(settings)), database_at(place))
    if (audit_folder(settings) / "audit.key").exists():
        from server.trails import copy_trail

        copy_trail(audit_folder(settings), draft / "audit")
    check_database(database_at(place))
    held = _held(place)
    (draft / _LIST).write_text(json.dumps(_listed(draft, held), indent=1), encoding="utf-8")
    draft.rename(to)
    size = sum(file.stat().st_size for file in to.rglob("*") if file.is_file())
    print(f"{held.documents} contracts (generation {held.generation}) kept in {to}, {size >> 20} MB, checked")


def restore(
    source: Annotated[Path, typer.Argument(metavar="FOLDER", help="What `muniment backup` made.")],
    data: Data = None,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of an index that is there.")] = False,
) -> None:
    """Check a backup, make the search caches from it, and put it in place; a running server moves to it by itself.

    Keys, rules and the audit trail that are there stay as they are: a key that was revoked since does not open again.
    """
    settings = load_settings(data_dir=data)
    place = index_place(settings)
    if place.exists() and not replace:
        raise StoreError(f"there is an index at {place}: give --replace to put the backup in its place")
    listed = _checked(source)
    new = settings.model_copy(update={"data_dir": settings.data_dir / "restoring"})
    shutil.rmtree(new.data_dir, ignore_errors=True)
    index_place(new).mkdir(parents=True)
    shutil.copyfile(database_at(source / "index"), database_at(index_place(new)))
    check_database(database_at(index_place(new)))
    with closing(open_index(index_place(new))) as old:
        manifest = old.inventory().manifest
    with closing(open_for_writing(index_place(new), manifest)) as index:
        index.view()
    found = _held(index_place(new))
    if found != _Held(**listed["held"]):
        raise StoreError(f"the backup held {listed['held']}, and what was restored holds {found}: nothing was changed")
    place.mkdir(parents=True, exist_ok=True)
    lock = write_lock(place, datetime.now(UTC))
    replace_index(settings, new)
    lock.free()
    kept = [*_put_back(source, settings)]
    print(f"{found.documents} contracts (generation {found.generation}) restored from {listed['made']}")
    if kept:
        print(f"left as they were: {', '.join(kept)}")


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.endswith(_PASSING):
            yield path


def _held(place: Path) -> _Held:
    with closing(open_index(place)) as index:
        inventory = index.inventory()
    return _Held(inventory.generation, inventory.documents, inventory.chunks)


def _listed(folder: Path, held: _Held) -> dict[str, Any]:
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {
        "muniment": version("muniment"),
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "held": {"generation": held.generation, "documents": held.documents, "chunks": held.chunks},
        "files": {name: _hash(folder / name) for name in names},
    }


def _checked(folder: Path) -> dict[str, Any]:
    """The list of a backup, once every file is found to be what was written."""
    try:
        listed: dict[str, Any] = json.loads((folder / _LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise StoreError(f"{folder} is no whole backup: it has no {_LIST} that can be read") from None
    for name, wanted in listed["files"].items():
        if not (folder / name).is_file() or _hash(folder / name) != wanted:
            raise StoreError(f"{folder / name} is missing, or not what was backed up: take another backup; nothing was changed")
    return listed


def _put_back(source: Path, settings: Settings) -> Iterator[str]:
    """Put the other files where they are missing, and a source's notes in any case; names those that were left as they are."""
    for file in _files(source):
        there = settings.data_dir / file.name
        if file.name == _LIST:
            continue
        if is_database(file):
            for old in settings.data_dir.glob(f"{file.name}*"):
                old.unlink()
        elif there.exists():
            yield file.name
            continue
        shutil.copy2(file, there)
    if (source / "audit").is_dir():
        if (audit_folder(settings) / "audit.key").exists():
            yield "the audit trail"
        else:
            shutil.copytree(source / "audit", audit_folder(settings), dirs_exist_ok=True)


def _hash(file: Path) -> str:
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()
