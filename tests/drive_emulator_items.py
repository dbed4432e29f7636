"""The nouns of the emulated Drive: grants, items, shared drives, and the entries of the log of changes."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
GOOGLE_DOC = "application/vnd.google-apps.document"
GOOGLE_SHEET = "application/vnd.google-apps.spreadsheet"
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEXT = "text/plain"

OWNER = "boss@firm.example"
ROBOT = "muniment@project.iam.gserviceaccount.com"
RANKS = ("reader", "commenter", "writer", "fileOrganizer", "organizer", "owner")


@dataclass(frozen=True)
class Grant:
    """Who may do what: `principal` is `user:…`, `group:…`, `domain:…` or `anyone`; `found` says that search shows it to them."""

    principal: str
    role: str
    found: bool = False
    expires: datetime | None = None
    deleted: bool = False
    pending_owner: bool = False

    @property
    def id(self) -> str:
        """Drive's number for the grantee, the same wherever it is granted something."""
        if self.principal == "anyone":
            return "anyone" if self.found else "anyoneWithLink"
        digits = str(int(hashlib.sha256(self.principal.encode()).hexdigest()[:15], 16)).zfill(19)
        return digits + ("k" if self.principal.startswith("domain:") else "")


@dataclass
class Item:
    """A file, a folder, a shortcut or the root of a drive."""

    id: str
    name: str
    mime: str
    parent: str | None
    drive: str | None
    owner: str
    created: datetime
    modified: datetime
    data: bytes = b""
    version: int = 1
    revision: int = 1
    grants: dict[str, Grant] = field(default_factory=dict)
    trashed: bool = False
    target: str | None = None
    resource_key: str | None = None
    can_download: bool = True
    limited: bool = False
    exports: Mapping[str, bytes] = field(default_factory=dict)
    most_exported: int = 10_000_000

    @property
    def binary(self) -> bool:
        """Whether it has bytes of its own."""
        return not self.mime.startswith("application/vnd.google-apps.")


@dataclass
class SharedDrive:
    """A shared drive; its members' grants are those of its root, the item of the same id."""

    id: str
    name: str
    created: datetime


@dataclass(frozen=True)
class Change:
    """An entry of the log: what changed, in which feed (None: the users') it is told, and to whom (None: to all who see it)."""

    number: int
    time: datetime
    subject: str
    feed: str | None
    of_drive: bool = False
    told_to: str | None = None
