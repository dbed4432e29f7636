"""Puts the rooms together as the settings say."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from index.capitals import lowered
from index.ledger import Ledger
from index.local import LocalIndex, open_for_writing, open_index
from index.store import Encoder, Index, Manifest, WritableIndex
from ingest.folder import Folder
from ingest.isolation import Limits, Reader
from ingest.pipeline import Recipe
from ingest.source import Source
from models.encoder import LocalEncoder
from models.ocr import find_ocr, open_ocr
from models.weights import DEFAULT
from scripts.settings import Settings, SettingsError

if TYPE_CHECKING:
    from ingest.drive import DriveSource
    from ingest.google_client import GoogleClient

# What only lists and carries bytes does not change what is made of them.
_CARRIERS = {"folder.py", "isolation.py", "pipeline.py", "source.py"}
_CARRYING = ("drive", "google", "directory")
_PARSERS = ("pypdfium2", "pypdf", "lxml", "charset-normalizer", "rapidocr")
_ROOT = Path(__file__).parents[1]


def index_place(settings: Settings) -> Path:
    """Where the index lies."""
    return settings.data_dir / "index"


def keys_file(settings: Settings) -> Path:
    """Where the API keys' hashes lie."""
    return settings.data_dir / "keys.json"


def audit_folder(settings: Settings) -> Path:
    """Where the audit trail lies."""
    return settings.audit.folder or settings.data_dir / "audit"


def ledger_file(settings: Settings) -> Path:
    """Where what is known of Drive lies."""
    return settings.data_dir / "drive.db"


def model_name(settings: Settings) -> str:
    """The encoder's name or folder, as `models` knows it."""
    return str(settings.encoder) if settings.encoder else DEFAULT


def office() -> str | None:
    """Where LibreOffice is, if it is installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def open_encoder(settings: Settings, threads: int, remembered: int = 512) -> LocalEncoder:
    """The encoder that the settings name, which remembers so many questions; nothing heavy is loaded before the first text."""
    return LocalEncoder(model_name(settings), threads=threads, remembered=remembered)


def open_source(settings: Settings) -> Source:
    """Where the contracts come from. Raises SettingsError where that is not said."""
    if settings.source == "drive":
        return open_drive(settings)
    if settings.folder is None:
        raise SettingsError("no folder of contracts is set: pass --folder, or set MUNIMENT_FOLDER")
    return Folder(settings.folder, frozenset(map(lowered, settings.folder_readers)))


def open_drive(settings: Settings) -> "DriveSource":
    """Google Drive, with its ledger open; nothing of the account is read and nothing asked before the first question."""
    from ingest.drive import DriveSource
    from ingest.drive_scope import Wanted
    from ingest.google_client import Access, Clock, GoogleClient

    drive, clock = settings.drive, Clock()
    access = Access(
        account_file=drive.service_account_file,
        subject=drive.subject,
        endpoint=drive.api_endpoint,
        per_minute=drive.queries_per_minute,
        timeout=drive.timeout_seconds,
        attempts=drive.attempts,
    )
    wanted = Wanted(
        folder_ids=drive.folder_ids,
        shared_drive_ids=drive.shared_drive_ids,
        mime_types=frozenset(name.lower() for name in drive.mime_types),
        max_bytes=settings.reading.max_mb << 20,
        link_readers=drive.link_readers,
    )
    return DriveSource(GoogleClient(access, clock), Ledger(ledger_file(settings)), wanted, clock, drive.subject)


def open_directory(settings: Settings) -> "GoogleClient":
    """The way to the directory of groups; nothing of the account is read and nothing asked before the first question."""
    from ingest.google_apis import DIRECTORY
    from ingest.google_client import Access, Clock, GoogleClient

    drive, directory = settings.drive, settings.directory
    access = Access(
        account_file=directory.service_account_file or drive.service_account_file,
        subject=directory.subject,
        endpoint=directory.api_endpoint,
        per_minute=directory.queries_per_minute,
        timeout=drive.timeout_seconds,
        attempts=drive.attempts,
    )
    return GoogleClient(access, Clock(), DIRECTORY)


def open_recipe(settings: Settings) -> Recipe:
    """How files become searchable with these settings on this machine."""
    threads = settings.embedding_threads or os.cpu_count() or 1
    encoder = open_encoder(settings, threads)
    ocr = ocr_engine(settings)
    command = [sys.executable, "-m", "scripts.reader", "--model", model_name(settings)]
    reading = settings.reading
    command += ["--max-tokens", str(encoder.max_tokens), "--max-bytes", str(reading.max_mb << 20)]
    command += [*(["--ocr", ocr] if ocr else []), *(["--soffice", found] if (found := office()) else [])]
    return Recipe(
        fingerprint=fingerprint(encoder, ocr, office()),
        reader=partial(Reader, command, Limits(reading.seconds, reading.memory_mb)),
        readers=reading.processes,
        max_bytes=reading.max_mb << 20,
        encoder=encoder,
    )


def ocr_engine(settings: Settings) -> str | None:
    """The engine that reads scanned pages, or None where there is none or none is wanted. Raises OcrMissing for a named one."""
    wanted = settings.reading.ocr
    if wanted == "off":
        return None
    if wanted == "auto":
        return find_ocr()
    open_ocr(wanted)
    return wanted


def fingerprint(encoder: Encoder, ocr: str | None, soffice: str | None) -> str:
    """A hash of everything that a document's stored form depends on: code, weights, parsers. 16 hex digits."""
    digest = sha256(f"{encoder.name} {ocr} {soffice}".encode())
    for name in _PARSERS:
        digest.update(f"{name} {_version(name)}".encode())
    for file in _steps():
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _steps() -> list[Path]:
    code = [file for file in (_ROOT / "ingest").iterdir() if file.suffix != ".pyc" and not _only_carries(file.name)]
    scorer = [*(_ROOT / "models").glob("clause*.py"), *(_ROOT / "models").glob("clause_weights/*")]
    shared = [_ROOT / "index" / "records.py", _ROOT / "index" / "sentences.py", _ROOT / "scripts" / "reader.py"]
    return sorted(file for file in (*code, *scorer, *shared) if file.is_file() and file.suffix != ".md")


def _only_carries(name: str) -> bool:
    return name in _CARRIERS or name.startswith(_CARRYING)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def replace_index(settings: Settings, new: Settings) -> None:
    """Put a newly built index in the place of the old one. Servers move to it by themselves."""
    place, built = index_place(settings), index_place(new)
    old = place.with_name("index.old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    built.rename(place)
    shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(new.data_dir, ignore_errors=True)


@contextmanager
def writing(settings: Settings, recipe: Recipe) -> Iterator[WritableIndex]:
    """The index open for writing."""
    manifest = Manifest(recipe.encoder.name, recipe.encoder.dimensions, recipe.fingerprint)
    index = open_for_writing(index_place(settings), manifest)
    try:
        yield index
    finally:
        index.close()


@contextmanager
def reading(settings: Settings) -> Iterator[Index]:
    """The index open for reading."""
    index: LocalIndex = open_index(index_place(settings))
    try:
        yield index
    finally:
        index.close()
