"""Google Drive as a source of documents: a mirror of what is there, and the bytes of what is asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from index.ledger import Ledger
from index.records import File
from ingest.drive_check import Finding, examined
from ingest.drive_documents import file_of, folder_path, is_document, is_shortcut, why_dangling, why_not_read
from ingest.drive_download import bring
from ingest.drive_mirror import Mirror
from ingest.drive_readers import UNKNOWN, Readers, named
from ingest.drive_records import Accounted, Explanation, Item, Refreshed, Usage
from ingest.drive_refresh import assert_identity, refresh
from ingest.drive_scope import Wanted
from ingest.drive_waits import Waits
from ingest.google_client import Clock, GoogleClient
from ingest.google_faults import Interrupted, Refused
from ingest.source import FetchFailed, IngestError, Skipped, SourceFailed

_MOST_SILENT = 5


class UnknownFile(IngestError):
    """No file of this id or path in the mirror, or more than one."""


@dataclass(frozen=True, slots=True)
class _Listed:
    item: Item
    folder: str
    reason: str | None


class DriveSource:
    """See `ingest.source.Source`. It takes no lock: one process refreshes or fetches at a time; any number may ask off line."""

    def __init__(self, client: GoogleClient, ledger: Ledger, wanted: Wanted, clock: Clock, subject: str | None = None) -> None:
        self._client = client
        self._ledger = ledger
        self._wanted = wanted
        self._clock = clock
        self._subject = subject
        self._mirror = Mirror(ledger)
        self._waits = Waits(ledger, clock.now)
        self._refreshed: Refreshed | None = None
        self._silent = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the ledger and of connections."""
        self._client.close()
        self._ledger.close()

    @property
    def usage(self) -> Usage:
        """What was asked of Drive since the source was opened."""
        return self._client.usage

    @property
    def problems(self) -> tuple[str, ...]:
        """What went wrong in the last refresh, in sentences."""
        return self._refreshed.problems if self._refreshed else ()

    def refresh(self, full: bool = False) -> Refreshed:
        """Bring the mirror up to date, as far as Drive lets it; `full` compares everything and tries every failure again.

        Raises SourceFailed where nothing could be asked at all; what is done by then stays, and the next refresh goes on.
        """
        self._mirror.catch_up()
        if full:
            self._waits.end_all()
        try:
            self._refreshed = refresh(self._client, self._mirror, self._wanted, self._subject, full=full)
        except Refused as error:
            raise SourceFailed(str(error)) from error
        return self._refreshed

    def files(self) -> Iterator[File]:
        """Every document and everything that is listed and not read, from the mirror; see `ingest.source.Source`."""
        refreshed = self._refreshed or self.refresh()
        readers = self._readers()
        for listed in sorted(self._listed(), key=lambda each: (each.folder, each.item.name, each.item.id)):
            yield file_of(listed.item, listed.folder, readers.of(listed.item), listed.reason)
        if refreshed.unlisted:
            raise SourceFailed(
                f"{', '.join(refreshed.unlisted)} could not be listed to the end, so nothing is removed: "
                + ("; ".join(refreshed.problems) or "run again")
            )

    def fetch(self, file: File) -> bytes:
        """The bytes of a file; see `ingest.source.Source`. A failure is tried again after a time that grows with each."""
        item = self._mirror.items.get(file.id) or self._mirror.targets.get(file.id)
        if item is None:
            raise FetchFailed("is not in Drive any more, as far as the last sync knows")
        reason = why_dangling(item, self._mirror) if is_shortcut(item) else why_not_read(item, self._wanted)
        if reason:
            raise Skipped(reason)
        self._waits.check(file)
        try:
            data = bring(self._client, item, self._wanted.max_bytes)
        except FetchFailed as error:
            self._tell_silence(error)
            raise FetchFailed(self._waits.lengthen(file, str(error))) from error
        self._silent = 0
        self._waits.end(file.id)
        return data

    def _tell_silence(self, error: FetchFailed) -> None:
        """Where one file after the other gets no answer, ask who we are: without an answer to that the run is at its end."""
        self._silent = self._silent + 1 if isinstance(error.__cause__, Interrupted) else 0
        if self._silent >= _MOST_SILENT:
            assert_identity(self._client, self._subject)
            self._silent = 0

    def account(self) -> Iterator[Accounted]:
        """Every listed file that is no folder, and what became of it here. Asks nothing of Drive."""
        for listed in self._listed():
            state = "skipped" if listed.reason else "wanted"
            yield Accounted(listed.item.id, listed.item.id, listed.folder, listed.item.name, state, listed.reason)  # type: ignore[arg-type]  # one of the two
        for shortcut in self._mirror.shortcuts():
            if why_dangling(shortcut, self._mirror) is None and shortcut.target:
                folder = self._folder(shortcut)
                yield Accounted(
                    shortcut.id, shortcut.target, folder, shortcut.name, "shortcut", f"leads to {self._path(shortcut)}"
                )

    def explain(self, principals: frozenset[str], wanted: str) -> Explanation:
        """Why somebody may see a file, given by id, path or a name that only one has; raises UnknownFile. Off line."""
        item = self._found(wanted)
        readers = self._readers()
        may_read = readers.of(item)
        grounds = [named(ground) for ground in readers.grounds(item)]
        theirs = tuple(ground for ground in grounds if ground.principal in principals or ground.principal == "anyone")
        return Explanation(
            file_id=item.id,
            folder=self._folder(item),
            name=item.name,
            may=bool(may_read & (principals | {"anyone"})),
            grounds=theirs,
            readers=tuple(sorted(may_read)),
            note=UNKNOWN if item.grants is None else None,
        )

    def check(self) -> Iterator[Finding]:
        """Who we are, what we see and what is missing, in words for an administrator."""
        yield from examined(self._client, self._mirror, self._wanted, self._subject)

    def _listed(self) -> Iterator[_Listed]:
        """Every document once, and every file that is not read."""
        outside: set[str] = set()
        for item in sorted(self._mirror.items.values(), key=lambda each: each.id):
            if not is_document(item):
                continue
            if not is_shortcut(item):
                yield _Listed(item, self._folder(item), why_not_read(item, self._wanted))
                continue
            if reason := why_dangling(item, self._mirror):
                yield _Listed(item, self._folder(item), reason)
                continue
            target = self._mirror.targets.get(item.target or "")
            if target and target.id not in self._mirror.items and target.id not in outside:
                outside.add(target.id)
                yield _Listed(target, self._folder(item), why_not_read(target, self._wanted))

    def _found(self, wanted: str) -> Item:
        known = self._mirror.items.get(wanted) or self._mirror.targets.get(wanted)
        if known:
            return known
        every = [listed.item for listed in self._listed()]
        found = [item for item in every if f"{self._folder(item)}/{item.name}".strip("/") == wanted.strip("/")]
        found = found or [item for item in every if item.name == wanted]
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(item.id for item in found[:10])
            raise UnknownFile(f"{len(found)} files are called {wanted!r}: name one by its id ({ids})")
        raise UnknownFile(f"no file {wanted!r} in what the last sync saw: give its id, or its path with its name")

    def _readers(self) -> Readers:
        return Readers(self._mirror, self._clock.now(), link_readers=self._wanted.link_readers)

    def _folder(self, item: Item) -> str:
        return folder_path(self._mirror, item.parent or "")

    def _path(self, shortcut: Item) -> str:
        target = self._mirror.items.get(shortcut.target or "") or self._mirror.targets.get(shortcut.target or "") or shortcut
        return f"{self._folder(target if target.id in self._mirror.items else shortcut)}/{target.name}".strip("/")
