"""A folder on this machine as a source of documents."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from index.records import File
from ingest.source import FetchFailed, SourceFailed, UnreadableDocument

# What desktops and editors leave beside documents; no contract is among them.
_LEAVINGS = ("~$", ".~lock", "._")
_LEAVINGS_WHOLE = {"thumbs.db", "desktop.ini", "icon\r"}


@dataclass(slots=True)
class Folder:
    """Every file below a folder, to any depth; hidden ones and what editors leave behind are passed over.

    `id` is made from the path, `version` from size and time of change. All files have the same `readers`, from the settings.
    """

    root: Path
    readers: frozenset[str]
    _paths: dict[str, Path] = field(default_factory=dict)

    def files(self) -> Iterator[File]:
        """Every file, in the order of their paths. Raises SourceFailed, at the end, where a folder could not be listed."""
        if not self.root.is_dir():
            raise SourceFailed(f"{self.root} is not a folder: set MUNIMENT_FOLDER, or pass --folder")
        unlisted: list[str] = []
        for place, folders, names in os.walk(self.root, onerror=lambda error: unlisted.append(str(error))):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                if not _is_leaving(name) and (file := self._file(Path(place, name))):
                    yield file
        if unlisted:
            raise SourceFailed(f"{len(unlisted)} folder(s) could not be listed, the first: {unlisted[0]}")

    def fetch(self, file: File) -> bytes:
        """The bytes of a file that `files` listed."""
        path = self._paths[file.id]
        if not path.resolve().is_relative_to(self.root.resolve()):
            raise UnreadableDocument("is a link that leads out of the folder: put the file itself there")
        try:
            return path.read_bytes()
        except PermissionError as error:
            raise UnreadableDocument("may not be opened by the user who indexes: change the file's permissions") from error
        except OSError as error:
            raise FetchFailed(f"could not be read from disk: {error.strerror}") from error

    def _file(self, path: Path) -> File | None:
        try:
            found = path.stat()
        except OSError:
            try:
                found = path.lstat()  # a link to nothing is listed, so that somebody can mend it
            except FileNotFoundError:
                return None  # gone since the folder was listed
        place = path.relative_to(self.root)
        file_id = sha256(os.fsencode(place)).hexdigest()[:24]
        self._paths[file_id] = path
        return File(
            id=file_id,
            version=f"{found.st_mtime_ns:x}-{found.st_size:x}",
            name=_printable(place.name),
            folder="" if place.parent == Path() else _printable(place.parent.as_posix()),
            mime_type=None,
            size=found.st_size,
            modified=datetime.fromtimestamp(found.st_mtime, UTC).replace(microsecond=0),
            url=path.absolute().as_uri(),
            readers=self.readers,
        )


def _is_leaving(name: str) -> bool:
    return name.startswith((".", *_LEAVINGS)) or name.lower() in _LEAVINGS_WHOLE


def _printable(name: str) -> str:
    # A name that is not UTF-8 can't be stored or sent as it is, yet the file must stay listed.
    return os.fsencode(name).decode("utf-8", "replace")
