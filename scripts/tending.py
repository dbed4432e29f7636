"""`muniment status`, `doctor` and `settings`: what is there, what is wrong, and what to do about it."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import typer

from index.errors import IndexMissing, StoreError
from index.store import Inventory
from models.encoder import open_tokens
from models.weights import ModelError, find_weights
from scripts.directory import judged
from scripts.options import AsJson, Data
from scripts.progress import duration
from scripts.rounds import KINDS
from scripts.settings import Settings, SettingsError, documented, load_settings
from scripts.wiring import index_place, model_name, ocr_engine, office, reading

SOMETHING_WRONG = 1


def status(data: Data = None, as_json: AsJson = False) -> None:
    """What is indexed, by which models, when, and what could not be read and why."""
    settings = load_settings(data_dir=data)
    with reading(settings) as index:
        inventory, runs = index.inventory(), index.runs(5)
    if as_json:
        print(json.dumps(_as_json(inventory), indent=1))
        return
    print(f"{inventory.documents} contracts, {inventory.chunks} passages, generation {inventory.generation}")
    print(f"index    {index_place(settings).absolute()}")
    print(f"encoder  {inventory.manifest.encoder}, {inventory.manifest.dimensions} dimensions")
    print(f"recipe   {inventory.manifest.recipe}")
    for run in runs:
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(run.counts.items()) if kind in KINDS)
        print(f"run      {run.started:%Y-%m-%d %H:%M} UTC, {duration(run.seconds)}, {run.outcome}: {counts or 'nothing to do'}")
    if inventory.failures:
        print(f"\n{len(inventory.failures)} documents can't be asked:")
        for failure in inventory.failures:
            print(f"  {failure.kind:10} {Path(failure.file.folder, failure.file.name)}: {failure.reason}")


def _as_json(inventory: Inventory) -> dict[str, object]:
    return {
        "documents": inventory.documents,
        "chunks": inventory.chunks,
        "generation": inventory.generation,
        "encoder": inventory.manifest.encoder,
        "recipe": inventory.manifest.recipe,
        "failures": [
            {"document_id": f.file.id, "file_name": f.file.name, "folder": f.file.folder, "kind": f.kind, "reason": f.reason}
            for f in inventory.failures
        ],
    }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the doctor says of one thing."""

    subject: str
    grade: Literal["ok", "note", "wrong"]
    words: str


def doctor(data: Data = None) -> None:
    """Check configuration, weights, index, OCR and disk, and say what to do. Exit code 1 when something is wrong."""
    findings = list(_examined(data))
    for finding in findings:
        print(f"{finding.grade:5} {finding.subject:9} {finding.words}")
    if any(finding.grade == "wrong" for finding in findings):
        raise typer.Exit(SOMETHING_WRONG)


def _examined(data: Path | None) -> Iterator[Verdict]:
    try:
        settings = load_settings(data_dir=data)
    except SettingsError as error:
        yield Verdict("settings", "wrong", str(error).replace("\n", "; "))
        return
    yield Verdict("settings", "ok", "every setting is known and fits")
    checks: tuple[Callable[[Settings], Verdict], ...] = (_weights, _folder, _groups, _index, _ocr, _office, _disk)
    for check in checks:
        yield check(settings)


def _weights(settings: Settings) -> Verdict:
    try:
        weights = find_weights(model_name(settings))
        open_tokens(model_name(settings))
    except ModelError as error:
        return Verdict("weights", "wrong", str(error))
    return Verdict("weights", "ok", f"{weights.name} in {weights.folder}")


def _folder(settings: Settings) -> Verdict:
    if settings.source == "drive":
        return _drive(settings)
    if settings.folder is None:
        return Verdict("folder", "note", "none is set: pass --folder to `muniment ingest`, or set MUNIMENT_FOLDER")
    if not settings.folder.is_dir():
        return Verdict("folder", "wrong", f"{settings.folder} is not a folder: set MUNIMENT_FOLDER")
    return Verdict("folder", "ok", str(settings.folder.absolute()))


def _drive(settings: Settings) -> Verdict:
    key = settings.drive.service_account_file
    if key and not key.is_file():
        return Verdict(
            "drive", "wrong", f"{key} is not there: set MUNIMENT_DRIVE__SERVICE_ACCOUNT_FILE to the account's key file"
        )
    return Verdict("drive", "ok", f"{key or 'Application Default Credentials'}; `muniment drive check` asks Drive itself")


def _groups(settings: Settings) -> Verdict:
    grade, words = judged(settings)
    return Verdict("groups", grade, words)


def _index(settings: Settings) -> Verdict:
    try:
        with reading(settings) as index:
            inventory = index.inventory()
            index.view()
    except IndexMissing as error:
        return Verdict("index", "note", str(error))
    except StoreError as error:
        return Verdict("index", "wrong", str(error))
    built_by, asked_by = inventory.manifest.encoder, find_weights(model_name(settings)).name
    if built_by != asked_by:
        return Verdict("index", "wrong", f"was built by {built_by}, but {asked_by} is set: run `muniment rebuild --from-source`")
    unread = f", {len(inventory.failures)} documents can't be asked (muniment status)" if inventory.failures else ""
    return Verdict("index", "ok", f"{inventory.documents} contracts, generation {inventory.generation}{unread}")


def _ocr(settings: Settings) -> Verdict:
    if engine := ocr_engine(settings):
        return Verdict("ocr", "ok", f"{engine} reads scanned pages")
    return Verdict(
        "ocr", "note", "scanned pages can't be read: `pip install rapidocr onnxruntime`, and MUNIMENT_READING__OCR=auto"
    )


def _office(_: Settings) -> Verdict:
    if found := office():
        return Verdict("office", "ok", f"{found} reads .doc and .odt")
    return Verdict("office", "note", ".doc and .odt can't be read: install LibreOffice (Debian: apt install libreoffice-writer)")


def _disk(settings: Settings) -> Verdict:
    place = settings.data_dir.absolute()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free >> 20
    if free < 1024:
        return Verdict("disk", "wrong", f"{free} MB free at {place}: an index of 50,000 contracts needs about 12 GB")
    return Verdict("disk", "ok", f"{free >> 10} GB free at {place}")


def settings() -> None:
    """List every setting: its environment variable, what it is for, and its default."""
    for name, description, default in documented():
        print(f"{name}\n    {description}" + ("" if default in {None, ()} else f" [default: {_plain(default)}]"))


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
