"""What the mirror of a Drive is made of, and what the source reports: plain records."""

from dataclasses import dataclass, replace
from typing import Literal

FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
DOCUMENT = "application/vnd.google-apps.document"
GOOGLE = "application/vnd.google-apps."
# The feed of changes of what is not in a shared drive.
USER = "user"


@dataclass(frozen=True, slots=True)
class Grant:
    """One permission as Drive tells it. `principal` is empty where Drive does not say whose it is.

    `dead` says why it never counts ("deleted account", …). `link` is set where only those who know the address have it.
    `via` is the item that it is inherited from, "" where it is inherited and Drive does not say from where, None where it
    stands on the item itself.
    """

    principal: str
    role: str
    link: bool = False
    expires: str | None = None
    dead: str | None = None
    via: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A file, folder or shortcut as the mirror keeps it.

    `grants` is None where Drive does not tell who may see it; `unasked` says that it could not be asked, so that the next sync
    asks again. `ids` are the grantees by Drive's numbers, a fingerprint. `blended`: grants that may be inherited without
    being marked as such. `walked`: the children of a folder are known.
    """

    id: str
    name: str
    mime: str
    parent: str | None = None
    drive: str | None = None
    version: str = ""
    size: int = 0
    modified: str = ""
    url: str | None = None
    md5: str | None = None
    sha256: str | None = None
    target: str | None = None
    target_mime: str | None = None
    key: str | None = None
    limited: bool = False
    downloadable: bool = True
    ids: tuple[str, ...] | None = None
    grants: tuple[Grant, ...] | None = None
    blended: bool = False
    unasked: bool = False
    walked: bool = False

    @property
    def feed(self) -> str:
        """The feed of changes that tells of it."""
        return self.drive or USER

    @property
    def is_folder(self) -> bool:
        """Whether it has children."""
        return self.mime == FOLDER

    def with_grants(self, grants: tuple[Grant, ...] | None, blended: bool, unasked: bool = False) -> "Item":
        """The same with other grants."""
        return replace(self, grants=grants, blended=blended, unasked=unasked)


@dataclass(frozen=True, slots=True)
class SharedDrive:
    """A shared drive and its members; `grants` is None where they can't be seen, `ids` are the members by Drive's numbers."""

    id: str
    name: str
    grants: tuple[Grant, ...] | None = None
    ids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """How far a feed of changes was followed. `token` is where to go on; `listed` says that there is a whole listing under it.

    `doubtful`: something happened that only another listing can tell the end of.
    """

    id: str
    token: str = ""
    listed: bool = False
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh of the mirror did. `full`: something was compared in full; `changes`, `listed`: entries read.

    `problems` are sentences for the administrator; where there are any, the sync was not whole. `unlisted` names what was
    never listed to its end, so that nothing can be concluded from what is missing.
    """

    full: bool
    changes: int
    listed: int
    problems: tuple[str, ...]
    unlisted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Accounted:
    """A listed file that is no folder, and what the source makes of it. `document_id` is what the index knows it by.

    `wanted` is for the index to tell; `skipped` bears its reason; `shortcut` is another path to a document that is
    accounted for under its own id.
    """

    file_id: str
    document_id: str
    folder: str
    name: str
    state: Literal["wanted", "skipped", "shortcut"]
    reason: str | None


@dataclass(frozen=True, slots=True)
class Ground:
    """A grant that bears on a file, where it stands, and why it does not count, if so."""

    principal: str
    role: str
    where: str
    counts: bool
    why_not: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why somebody may see a file or may not. `grounds` are theirs alone; `readers` is everybody who may."""

    file_id: str
    folder: str
    name: str
    may: bool
    grounds: tuple[Ground, ...]
    readers: tuple[str, ...]
    note: str | None


@dataclass(frozen=True, slots=True)
class Usage:
    """What was asked of Drive, and how much of documents came."""

    requests: int
    bytes: int
