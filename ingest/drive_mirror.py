"""The mirror of a Drive: what is there, whose it is and how far its feeds were followed, in memory and durably in a ledger."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace

from index.ledger import Ledger
from ingest.drive_forms import packed, packed_grants, unpacked, unpacked_grants
from ingest.drive_records import FOLDER, SHORTCUT, Feed, Item, SharedDrive


class Mirror:
    """Every item that is in scope and not in the trash. What changes inside one `changing` block is durable together.

    `targets` are files outside the scope that a shortcut inside leads to; None where such a file is not to be had.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.items: dict[str, Item] = {}
        self.drives: dict[str, SharedDrive] = {}
        self.feeds: dict[str, Feed] = {}
        self.targets: dict[str, Item | None] = {}
        self._children: dict[str, set[str]] = {}
        self._load()

    def catch_up(self) -> None:
        """Read the ledger again where another process has written to it: to be called by who has become the one writer."""
        if self._ledger.tide() != self._tide:
            self._load()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """One step from one true picture of the Drive to the next."""
        try:
            with self._ledger.transaction():
                yield
        except BaseException:
            self._load()  # memory must not know what the disk does not
            raise

    def put(self, item: Item) -> None:
        """Know an item, or know it anew."""
        old = self.items.get(item.id)
        if old == item:
            return
        self._remember(item)
        self._ledger.put("item", item.id, packed(item))

    def remove(self, item_id: str) -> None:
        """Forget an item, and leave what is below it."""
        old = self.items.pop(item_id, None)
        if old:
            self._children.get(old.parent or "", set()).discard(item_id)
            self._ledger.drop("item", item_id)

    def remove_tree(self, item_id: str) -> None:
        """Forget an item and all below it."""
        for each in list(self.below(item_id)):
            self.remove(each.id)
        self.remove(item_id)

    def children(self, item_id: str) -> list[Item]:
        """What lies right in a folder or drive."""
        return [self.items[child] for child in self._children.get(item_id, ())]

    def below(self, item_id: str) -> Iterator[Item]:
        """What lies in a folder or drive, to any depth, each once even where Drive tells of a ring."""
        seen, waiting = {item_id}, [item_id]
        while waiting:
            for child in self.children(waiting.pop()):
                if child.id not in seen:
                    seen.add(child.id)
                    waiting.append(child.id)
                    yield child

    def above(self, item: Item) -> Iterator[Item]:
        """The folders that an item is in, from the nearest on, as far as they are known."""
        seen = {item.id}
        while (parent := self.items.get(item.parent or "")) and parent.id not in seen:
            seen.add(parent.id)
            yield parent
            item = parent

    def unwalked(self) -> list[Item]:
        """Folders whose children are not known yet."""
        return sorted((item for item in self.items.values() if item.mime == FOLDER and not item.walked), key=lambda item: item.id)

    def walk_anew(self, folders: Iterable[Item]) -> None:
        """Have the children of folders asked for again."""
        for folder in folders:
            if folder.is_folder and folder.id in self.items:
                self.put(replace(self.items[folder.id], walked=False))

    def shortcuts(self) -> list[Item]:
        """Shortcuts to something."""
        return [item for item in self.items.values() if item.mime == SHORTCUT and item.target]

    def put_drive(self, drive: SharedDrive) -> None:
        """Know a shared drive."""
        if self.drives.get(drive.id) != drive:
            self.drives[drive.id] = drive
            grants = None if drive.grants is None else packed_grants(drive.grants)
            self._ledger.put("drive", drive.id, {"name": drive.name, "grants": grants, "ids": drive.ids})

    def remove_drive(self, drive_id: str) -> None:
        """Forget a shared drive, its feed and all that is in it."""
        for item in [item for item in self.items.values() if item.drive == drive_id]:
            self.remove(item.id)
        self.drives.pop(drive_id, None)
        self._ledger.drop("drive", drive_id)
        self.remove_feed(drive_id)

    def put_feed(self, feed: Feed) -> None:
        """Know how far a feed was followed."""
        if self.feeds.get(feed.id) != feed:
            self.feeds[feed.id] = feed
            self._ledger.put("feed", feed.id, asdict(feed))

    def remove_feed(self, feed_id: str) -> None:
        """Forget how far a feed was followed."""
        self.feeds.pop(feed_id, None)
        self._ledger.drop("feed", feed_id)

    def put_target(self, target_id: str, item: Item | None) -> None:
        """Know what a shortcut leads to."""
        if target_id not in self.targets or self.targets[target_id] != item:
            self.targets[target_id] = item
            self._ledger.put("target", target_id, packed(item) if item else None)

    def remove_target(self, target_id: str) -> None:
        """No shortcut leads there any more."""
        if target_id in self.targets:
            del self.targets[target_id]
            self._ledger.drop("target", target_id)

    def settling(self) -> list[tuple[str, int]]:
        """Folders and drives whose grants changed lately, each with for how many syncs more that matters."""
        return [(key, int(syncs)) for key, syncs in self._ledger.items("settling")]

    def put_settling(self, above: str, syncs: int) -> None:
        """Know for how many syncs a change of grants matters; for none, it is over."""
        if syncs > 0:
            self._ledger.put("settling", above, syncs)
        else:
            self._ledger.drop("settling", above)

    def is_of(self, whose: str) -> bool:
        """Whether the mirror was made for this account and scope."""
        return bool(self._ledger.get("mirror", "whose") == whose)

    def begin(self, whose: str) -> None:
        """Belong to another account or scope: what was followed counts no more, and what is known must be found again."""
        with self.changing():
            for feed in list(self.feeds):
                self.remove_feed(feed)
            for target in list(self.targets):
                self.remove_target(target)
            for item in list(self.items):
                self.remove(item)
            for drive in list(self.drives):
                self.remove_drive(drive)
            self._ledger.put("mirror", "whose", whose)

    def _load(self) -> None:
        self._tide = self._ledger.tide()
        self.items.clear()
        self._children.clear()
        for _, note in self._ledger.items("item"):
            self._remember(unpacked(note))
        self.drives = {
            key: SharedDrive(
                key,
                note["name"],
                None if note["grants"] is None else unpacked_grants(note["grants"]),
                None if note["ids"] is None else tuple(note["ids"]),
            )
            for key, note in self._ledger.items("drive")
        }
        self.feeds = {key: Feed(**note) for key, note in self._ledger.items("feed")}
        self.targets = {key: unpacked(note) if note else None for key, note in self._ledger.items("target")}

    def _remember(self, item: Item) -> None:
        old = self.items.get(item.id)
        if old and old.parent != item.parent:
            self._children.get(old.parent or "", set()).discard(item.id)
        self.items[item.id] = item
        self._children.setdefault(item.parent or "", set()).add(item.id)
