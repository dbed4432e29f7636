"""Finds out what is there by asking for all of it: whole feeds, what lies below folders, and who may see folders."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ingest import drive_questions as questions
from ingest.drive_forms import item_of
from ingest.drive_grants import with_grants
from ingest.drive_mirror import Mirror
from ingest.drive_records import USER, Feed, Item
from ingest.drive_scope import Scope, regranted
from ingest.google_client import GoogleClient

# With more folders than these, asking for all of a feed takes fewer questions than asking below each.
_MOST_BY_PARENT = 5 * questions.PARENTS_AT_ONCE


@dataclass(slots=True)
class Round:
    """One refresh: what it works with, and what it counts."""

    client: GoogleClient
    mirror: Mirror
    scope: Scope
    changes: int = 0
    listed: int = 0
    full: bool = False


def list_feed(round_: Round, feed: str, *, audit: bool) -> None:
    """Compare a whole feed. Nothing counts as vanished before the last page, and the token is older than the first."""
    mirror, round_.full = round_.mirror, True
    token = questions.start_token(round_.client, feed)
    seen: set[str] = set()
    for page in questions.listing(round_.client, feed):
        items = with_grants(round_.client, mirror, [told for told in page if (told.get("driveId") or USER) == feed], audit=audit)
        round_.listed += len(items)
        with mirror.changing():
            for item in items:
                put(mirror, replace(item, walked=item.is_folder))
                seen.add(item.id)
    with mirror.changing():
        for item in [item for item in mirror.items.values() if item.feed == feed and item.id not in seen]:
            mirror.remove(item.id)
        mirror.put_feed(Feed(feed, token, listed=True))


def walk(round_: Round, *, audit: bool) -> int:
    """Learn what lies in folders whose children are not known, to any depth; answers how many folders that were."""
    walked = 0
    while folders := round_.mirror.unwalked():
        for batch in _batches(folders):
            _walk_batch(round_, batch, audit)
            walked += len(batch)
    return walked


def _walk_batch(round_: Round, folders: list[Item], audit: bool) -> None:
    mirror, ids = round_.mirror, {folder.id for folder in folders}
    seen: set[str] = set()
    for page in _children(round_, folders):
        items = with_grants(round_.client, mirror, page, audit=audit)
        round_.listed += len(items)
        with mirror.changing():
            for item in items:
                put(mirror, arrived(item, mirror.items.get(item.id)))
                seen.add(item.id)
    with mirror.changing():
        for child in [child for folder in folders for child in mirror.children(folder.id) if child.id not in seen]:
            mirror.remove_tree(child.id)
        for folder in folders:
            if folder.id in ids & mirror.items.keys():
                mirror.put(replace(mirror.items[folder.id], walked=True))


def check_folders(round_: Round, feed: str) -> None:
    """Ask for all folders of a feed: their grants bear on what lies below, and no feed of changes tells that."""
    mirror, whole = round_.mirror, feed in round_.scope.whole
    known = {item.id for item in mirror.items.values() if item.is_folder and round_.scope.feed_of(item) == feed}
    folders = [mirror.items[folder] for folder in sorted(known)]
    at_once = whole or (len(folders) > _MOST_BY_PARENT and all(folder.feed == feed for folder in folders))
    pages = questions.listing(round_.client, feed, questions.ONLY_FOLDERS) if at_once else _folders_below(round_, folders)
    missing = known - round_.scope.roots.keys()
    for page in pages:
        told = [each for each in page if not at_once or _belongs(round_, each, feed)]
        items = with_grants(round_.client, mirror, told, audit=False)
        with mirror.changing():
            for item in items:
                missing.discard(item.id)
                put(mirror, arrived(item, mirror.items.get(item.id)))
    if missing:
        _doubt(mirror, feed, missing, whole)
    # What files inherit through a folder that does not tell its grants, only they tell.
    untold = [mirror.items[each] for each in known if each in mirror.items and mirror.items[each].grants is None]
    with mirror.changing():
        mirror.walk_anew(folder for folder in untold if any(child.grants for child in mirror.children(folder.id)))


def _belongs(round_: Round, told: questions.Answer, feed: str) -> bool:
    item = item_of(told)
    return item.feed == feed and round_.scope.holds(item, round_.mirror.items)


def put(mirror: Mirror, item: Item) -> None:
    """Know an item; where a folder's grants are others than before, what bears them below is asked for again."""
    old = mirror.items.get(item.id)
    mirror.put(item)
    if old and item.is_folder and old.grants != item.grants:
        regranted(mirror, item.id)


def arrived(item: Item, old: Item | None) -> Item:
    """An item as it comes in, a folder with whether its children are known still."""
    if not item.is_folder:
        return item
    same = old is not None and old.drive == item.drive and old.limited == item.limited
    return replace(item, walked=bool(same and old and old.walked))


def _doubt(mirror: Mirror, feed: str, missing: set[str], whole: bool) -> None:
    with mirror.changing():
        if whole:
            mirror.put_feed(replace(mirror.feeds[feed], doubtful=True))
        parents = {mirror.items[each].parent for each in missing if each in mirror.items}
        mirror.walk_anew([mirror.items[parent] for parent in parents if parent in mirror.items])


def _folders_below(round_: Round, folders: list[Item]) -> Iterator[list[questions.Answer]]:
    for batch in _batches(folders):
        yield from _children(round_, batch, questions.ONLY_FOLDERS)


def _children(round_: Round, folders: list[Item], condition: str = "") -> Iterator[list[questions.Answer]]:
    return questions.children(round_.client, folders, set(round_.scope.visible), condition)


def _batches(folders: list[Item]) -> Iterator[list[Item]]:
    """Folders of one drive each."""
    for drive in sorted({folder.drive or "" for folder in folders}):
        same = [folder for folder in folders if (folder.drive or "") == drive]
        for start in range(0, len(same), questions.PARENTS_AT_ONCE):
            yield same[start : start + questions.PARENTS_AT_ONCE]
