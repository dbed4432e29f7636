"""Days in the life of an emulated Drive: random edits of every kind, and what a sync after them must see."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from drive_emulator import FOLDER, OWNER, ROBOT, SHORTCUT, Drive
from drive_emulator_items import Item
from drive_emulator_rights import held, may_share, sees

from index.ledger import Ledger
from ingest.drive import DriveSource
from ingest.drive_scope import Wanted
from ingest.google_client import Access, Clock, GoogleClient

TYPES = frozenset({"application/pdf", "text/plain", "application/vnd.google-apps.document"})
PRINCIPALS = ("user:anna@firm.example", "user:carl@firm.example", "group:team@firm.example", "domain:firm.example", "anyone")
Seen = dict[str, tuple[str, str, frozenset[str]]]


def source_of(drive: Drive, ledger: Path, **wanted: object) -> DriveSource:
    """A source on the emulated Drive that never really waits, at the time by Drive's clock."""
    clock = Clock(now=lambda: drive.now, sleep=lambda _: None)
    access = Access(drive.account, endpoint=drive.url)
    return DriveSource(GoogleClient(access, clock), Ledger(ledger), Wanted(mime_types=TYPES, **wanted), clock)  # type: ignore[arg-type]


def seen(source: DriveSource) -> Seen:
    """What a source lists after a refresh: folder, name and readers by id and version."""
    return {f"{file.id} {file.version}": (file.folder, file.name, file.readers) for file in source.files()}


def readers(source: DriveSource) -> dict[str, frozenset[str]]:
    """Who may read what, by id."""
    return {file.id: file.readers for file in source.files()}


def truth(drive: Drive) -> dict[str, frozenset[str]]:
    """Who may read each file that the account sees, by the rules that Drive itself would decide by."""
    return {
        item.id: _readers(drive, item)
        for item in drive.items.values()
        if item.mime not in {FOLDER, SHORTCUT} and not drive.is_trashed(item) and sees(drive, item, ROBOT)
    }


def _readers(drive: Drive, item: Item) -> frozenset[str]:
    if not item.drive and not may_share(drive, item, ROBOT):
        return frozenset()
    return frozenset(_counting(drive, item))


def _counting(drive: Drive, item: Item) -> Iterator[str]:
    for each in held(drive, item):
        grant = each.grant
        link = grant.principal == "anyone" or grant.principal.startswith("domain:")
        expired = grant.expires is not None and grant.expires <= drive.now
        if each.view is None and not (grant.deleted or grant.pending_owner or expired or (link and not grant.found)):
            yield grant.principal


class Days:
    """A firm that works in its Drive, by dice."""

    def __init__(self, drive: Drive, seed: int) -> None:
        self.drive = drive
        self.dice = random.Random(seed)  # noqa: S311  # dice, no secret
        self.made = 0
        self.drives = [drive.shared_drive("Legal", {"user:anna@firm.example": "reader"}), drive.shared_drive("Sales")]
        for _ in range(12):
            self.new_folder()
        for _ in range(25):
            self.new_file()

    def places(self) -> list[str]:
        """Folders and drives that a person could choose."""
        return [
            item.id
            for item in self.drive.items.values()
            if item.mime == FOLDER and item.id not in self.drive.roots.values() and not self.drive.is_trashed(item)
        ]

    def files(self) -> list[str]:
        """Files that a person could choose."""
        return [item.id for item in self.drive.items.values() if item.mime != FOLDER and not self.drive.is_trashed(item)]

    def new_folder(self) -> None:
        """A folder somewhere."""
        self.made += 1
        parent = self.dice.choice([None, *self.places()])
        self.drive.folder(f"folder {self.made}", parent)

    def new_file(self) -> None:
        """A file somewhere."""
        self.made += 1
        parent = self.dice.choice([None, *self.places()])
        self.drive.file(f"paper {self.made}.pdf", f"words {self.made}".encode(), parent)

    def step(self) -> str:
        """One edit; answers which."""
        deeds = [
            "new_folder", "new_file", "edit", "rename", "move_file", "move_folder", "trash", "restore", "delete",
            "share", "share", "share_drive", "unshare", "limit", "hide",
        ]  # fmt: skip
        deed = self.dice.choice(deeds)
        getattr(self, deed)()
        return deed

    def edit(self) -> None:
        """New words."""
        self.drive.edit(self.dice.choice(self.files()), f"words {self.dice.random()}".encode())

    def rename(self) -> None:
        """Another name, of a file or a folder or a drive."""
        self.made += 1
        self.drive.rename(self.dice.choice([*self.files(), *self.places()]), f"renamed {self.made}")

    def move_file(self) -> None:
        """A file elsewhere."""
        self.drive.move(self.dice.choice(self.files()), self.dice.choice(self.places()))

    def move_folder(self) -> None:
        """A folder elsewhere, with all in it."""
        folder, into = self.dice.choice(self.places()), self.dice.choice(self.places())
        if folder not in self.drives and into not in set(self.drive.tree(folder)):
            self.drive.move(folder, into)

    def trash(self) -> None:
        """Into the bin."""
        chosen = self.dice.choice([*self.files(), *self.places()])
        if chosen not in self.drives:
            self.drive.trash(chosen)

    def restore(self) -> None:
        """Out of the bin."""
        trashed = [item.id for item in self.drive.items.values() if item.trashed]
        if trashed:
            self.drive.trash(self.dice.choice(trashed), False)

    def delete(self) -> None:
        """For good."""
        chosen = self.dice.choice([*self.files(), *self.places()])
        if chosen not in self.drives and len(list(self.drive.tree(chosen))) < 8:
            self.drive.delete(chosen)

    def share(self) -> None:
        """A grant on a file or folder."""
        chosen = self.dice.choice([*self.files(), *self.places()])
        principal = self.dice.choice(PRINCIPALS)
        flags = {"found": self.dice.random() < 0.5} if principal in {"anyone", "domain:firm.example"} else {}
        if chosen not in self.drives:
            self.drive.share(chosen, principal, self.dice.choice(["reader", "writer"]), **flags)

    def share_drive(self) -> None:
        """A member more."""
        self.drive.share(
            self.dice.choice(self.drives), self.dice.choice(PRINCIPALS[:3]), self.dice.choice(["reader", "organizer"])
        )

    def unshare(self) -> None:
        """A grant taken back."""
        granted = [
            (item.id, grant.principal)
            for item in self.drive.items.values()
            for grant in item.grants.values()
            if grant.principal not in {f"user:{ROBOT}", f"user:{OWNER}"}
        ]
        if granted:
            self.drive.unshare(*self.dice.choice(granted))

    def limit(self) -> None:
        """Limited access, or no more."""
        chosen = self.dice.choice(self.places())
        if chosen not in self.drives:
            self.drive.limit(chosen, self.dice.random() < 0.5)

    def hide(self) -> None:
        """A folder or file of My Drive is shared with the account no more, or is again."""
        mine = [item.id for item in self.drive.items.values() if not item.drive and item.parent and not item.trashed]
        if mine:
            chosen = self.dice.choice(mine)
            if self.dice.random() < 0.5:
                self.drive.unshare(chosen, f"user:{ROBOT}")
            else:
                self.drive.share(chosen, f"user:{ROBOT}", "writer")
