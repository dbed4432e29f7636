"""The firm's Drive behind the emulator: people, shared drives, files, grants, and the log of changes that Drive would keep.

Every method that edits it is what a person could do in Drive's web page. `Drive` (drive_emulator.py) offers them all.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from threading import RLock

from drive_emulator_items import FOLDER, GOOGLE_DOC, OWNER, PDF, ROBOT, SHORTCUT, Change, Grant, Item, SharedDrive


class World:
    """All of it, under one lock."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.items: dict[str, Item] = {}
        self.drives: dict[str, SharedDrive] = {}
        self.below: dict[str, set[str]] = {}
        self.groups: dict[str, set[str]] = {}
        self.log: list[Change] = []
        self.now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
        self.roots: dict[str, str] = {}
        self._made = 0

    # What stands where

    def ancestors(self, item: Item) -> Iterator[Item]:
        """The folders above, the nearest first."""
        parent = item.parent
        while parent and (folder := self.items.get(parent)):
            yield folder
            parent = folder.parent

    def is_trashed(self, item: Item) -> bool:
        """Whether it or a folder above it lies in the bin."""
        return item.trashed or any(folder.trashed for folder in self.ancestors(item))

    def tree(self, item_id: str) -> Iterator[str]:
        """An item and all below it."""
        yield item_id
        for child in sorted(self.below.get(item_id, ())):
            yield from self.tree(child)

    # Making

    def root_of(self, owner: str) -> str:
        """The id of somebody's My Drive."""
        if owner not in self.roots:
            self.roots[owner] = self._put("My Drive", FOLDER, None, None, owner)
            self.items[self.roots[owner]].grants["owner"] = Grant(f"user:{owner}", "owner")
        return self.roots[owner]

    def shared_drive(self, name: str, members: Mapping[str, str] | None = None, robot: str | None = "organizer") -> str:
        """A new shared drive, with members as {"user:anna@firm.example": "reader"}; `robot` is the service account's role."""
        with self.lock:
            drive_id = self._put("Drive", FOLDER, None, "self", OWNER)
            self.items[drive_id].drive = drive_id
            self.drives[drive_id] = SharedDrive(drive_id, name, self.now)
            for principal, role in {f"user:{OWNER}": "organizer", **(members or {})}.items():
                self._grant(drive_id, Grant(principal, role))
            if robot:
                self._grant(drive_id, Grant(f"user:{ROBOT}", robot))
            self._tell(drive_id, feed=None, of_drive=True)
            return drive_id

    def folder(self, name: str, parent: str | None = None, *, owner: str = OWNER, robot: str | None = "writer") -> str:
        """A new folder. Without a parent it lies in the owner's My Drive, shared with the service account as `robot`."""
        return self._new(name, FOLDER, parent, owner, robot)

    def file(
        self,
        name: str,
        data: bytes,
        parent: str | None = None,
        *,
        mime: str = PDF,
        owner: str = OWNER,
        robot: str | None = "writer",
        **further: object,
    ) -> str:
        """A new file with bytes; `further` sets fields of `Item` (resource_key, can_download, …)."""
        return self._new(name, mime, parent, owner, robot, data=data, **further)

    def google_doc(
        self, name: str, exports: Mapping[str, bytes], parent: str | None = None, *, mime: str = GOOGLE_DOC, **further: object
    ) -> str:
        """A new Google document: what it exports to, by MIME type; over `most_exported` bytes `files.export` refuses."""
        return self._new(name, mime, parent, OWNER, "writer", exports=dict(exports), **further)

    def shortcut(self, name: str, target: str, parent: str | None = None, **further: object) -> str:
        """A new shortcut; its target need not exist (any more)."""
        return self._new(name, SHORTCUT, parent, OWNER, "writer", target=target, **further)

    # Changing

    def edit(self, item_id: str, data: bytes | None = None, exports: Mapping[str, bytes] | None = None) -> None:
        """New content."""
        with self._changing(item_id) as item:
            item.data = item.data if data is None else data
            item.exports = item.exports if exports is None else dict(exports)
            item.revision += 1
            item.modified = self.now

    def rename(self, item_id: str, name: str) -> None:
        """Another name; for a shared drive too."""
        with self._changing(item_id) as item:
            if item_id in self.drives:
                self.drives[item_id].name = name
                self._tell(item_id, feed=None, of_drive=True)
            else:
                item.name = name

    def move(self, item_id: str, parent: str) -> None:
        """Into another folder, or shared drive; the feeds speak of the item alone, not of what lies below it."""
        with self._changing(item_id) as item:
            before, after = item.drive, self.items[parent].drive
            self.below[item.parent or ""].discard(item_id)
            self.below.setdefault(parent, set()).add(item_id)
            item.parent = parent
            for below in self.tree(item_id):
                self.items[below].drive = after
            if before != after:
                self._tell(item_id, feed=before)

    def trash(self, item_id: str, trashed: bool = True) -> None:
        """Into the bin, or out of it; `modifiedTime` stays, and what lies below is trashed with it, untold."""
        with self._changing(item_id) as item:
            item.trashed = trashed

    def delete(self, item_id: str, *, tell_below: bool = False) -> None:
        """For good, with all below it."""
        with self.lock:
            self._step()
            gone = list(self.tree(item_id))
            feed = self.items[item_id].drive
            for each in gone if tell_below else [item_id]:
                self._tell(each, feed)
            self.below.get(self.items[item_id].parent or "", set()).discard(item_id)
            for each in gone:
                del self.items[each]
                self.below.pop(each, None)

    def delete_drive(self, drive_id: str) -> None:
        """A whole shared drive; its own feed never tells."""
        with self.lock:
            self._tell(drive_id, feed=None, of_drive=True)
            for each in list(self.tree(drive_id)):
                del self.items[each]
            del self.drives[drive_id]

    def share(self, item_id: str, principal: str, role: str = "reader", **flags: object) -> None:
        """Grant something on a file, folder or shared drive (then as a member); `flags` are fields of `Grant`."""
        with self._changing(item_id):
            self._grant(item_id, Grant(principal, role, **flags))  # type: ignore[arg-type]
            self._tell_membership(item_id, principal)

    def unshare(self, item_id: str, principal: str) -> None:
        """Take back what was granted here."""
        with self._changing(item_id) as item:
            item.grants = {key: grant for key, grant in item.grants.items() if grant.principal != principal}
            self._tell_membership(item_id, principal)

    def limit(self, item_id: str, limited: bool = True) -> None:
        """Make a folder one of limited access: what is granted above does not reach it, but for organizers."""
        with self._changing(item_id) as item:
            item.limited = limited

    def set(self, item_id: str, **fields: object) -> None:
        """Set fields of an item (can_download, resource_key, most_exported, …)."""
        with self._changing(item_id) as item:
            for name, value in fields.items():
                assert hasattr(item, name), name
                setattr(item, name, value)

    def touch(self, item_id: str) -> None:
        """A change that nobody sees: it is in the feed, and only `version` differs."""
        with self._changing(item_id):
            pass

    # How it is done

    def _new(self, name: str, mime: str, parent: str | None, owner: str, robot: str | None, **fields: object) -> str:
        with self.lock:
            place = parent or self.root_of(owner)
            item_id = self._put(name, mime, place, self.items[place].drive, owner)
            for key, value in fields.items():
                assert hasattr(self.items[item_id], key), key
                setattr(self.items[item_id], key, value)
            if parent is None and robot:
                self._grant(item_id, Grant(f"user:{ROBOT}", robot))
            self._tell(item_id, self.items[item_id].drive)
            return item_id

    def _put(self, name: str, mime: str, parent: str | None, drive: str | None, owner: str) -> str:
        self._step()
        self._made += 1
        item_id = "1" + hashlib.sha256(f"item {self._made}".encode()).hexdigest()[:32]
        self.items[item_id] = Item(item_id, name, mime, parent, drive, owner, self.now, self.now)
        if parent:
            self.below.setdefault(parent, set()).add(item_id)
        return item_id

    def _grant(self, item_id: str, grant: Grant) -> None:
        self.items[item_id].grants[grant.id] = grant

    def _step(self) -> None:
        self.now += timedelta(seconds=1)

    def _tell(self, subject: str, feed: str | None, of_drive: bool = False, told_to: str | None = None) -> None:
        self.log.append(Change(len(self.log) + 1, self.now, subject, feed, of_drive, told_to))

    def _tell_membership(self, item_id: str, principal: str) -> None:
        # Only who comes or goes is told; that others do is in nobody's feed.
        if item_id in self.drives:
            self._tell(item_id, feed=None, of_drive=True, told_to=principal)

    def _changing(self, item_id: str) -> "_Changing":
        return _Changing(self, item_id)


class _Changing:
    """Under the lock, one second later; the item's version counts up and its feed tells of it, except for a drive's root."""

    def __init__(self, world: World, item_id: str) -> None:
        self._world, self._id = world, item_id

    def __enter__(self) -> Item:
        self._world.lock.acquire()
        self._world._step()
        return self._world.items[self._id]

    def __exit__(self, *_: object) -> None:
        item = self._world.items[self._id]
        item.version += 1
        if self._id not in self._world.drives:
            self._world._tell(self._id, item.drive)
        self._world.lock.release()
