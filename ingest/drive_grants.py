"""Asks who may see what, where a listing does not tell it, and no more often than that takes."""

from collections.abc import Container, Sequence

from ingest import drive_questions as questions
from ingest.drive_forms import Answer, grants_of, item_of
from ingest.drive_mirror import Mirror
from ingest.drive_records import Item
from ingest.google_client import GoogleClient
from ingest.google_faults import Interrupted, Refused

_BATCH = 64


def with_grants(client: GoogleClient, mirror: Mirror, told: Sequence[Answer], *, audit: bool) -> list[Item]:
    """Items of a page with their grants. `audit` asks even where nothing points to a change. Raises Interrupted, Barred."""
    settled = [_settled(each, mirror, audit) for each in told]
    asked = iter(ask_grants(client, [item for item, is_settled in settled if not is_settled]))
    return [item if is_settled else next(asked) for item, is_settled in settled]


def ask_grants(client: GoogleClient, items: Sequence[Item]) -> list[Item]:
    """Items with their grants asked for, None where Drive refuses. Raises Interrupted where most get no answer."""
    answered: list[Item] = []
    for start in range(0, len(items), _BATCH):
        batch = list(client.side_by_side(lambda item: _asked(client, item), items[start : start + _BATCH]))
        if sum(item.unasked for item in batch) > len(batch) / 2 and len(batch) > 2:
            raise Interrupted("Drive did not say who may see its files; the next run tries again")
        answered += batch
    return answered


def ask_again(client: GoogleClient, mirror: Mirror, roots: Container[str]) -> int:
    """Ask for the grants that could not be asked, and for those of items whose folder is hidden; how many still can't be."""
    waiting = [item for item in mirror.items.values() if item.unasked or (item.id not in roots and _is_top(item, mirror))]
    for item in ask_grants(client, waiting):
        with mirror.changing():
            mirror.put(item)
    return sum(item.unasked for item in mirror.items.values())


def _asked(client: GoogleClient, item: Item) -> Item:
    try:
        grants, blended = grants_of(questions.permissions(client, item.id))
    except Refused:
        return item.with_grants(None, blended=False)
    except Interrupted:
        return item.with_grants(None, blended=False, unasked=True)
    return item.with_grants(grants, blended)


def _settled(told: Answer, mirror: Mirror, audit: bool) -> tuple[Item, bool]:
    """An item, and whether its grants are as known as they get without asking."""
    item = item_of(told)
    old = mirror.items.get(item.id)
    if item.grants is not None:
        if old and old.parent == item.parent and _is_hidden(item, mirror) and _inherits(old):
            return item.with_grants(old.grants, old.blended), True  # `ask_again` asks for those of folders every time
        return item, True
    if item.drive is None and (told.get("capabilities") or {}).get("canShare") is False:
        return item, True  # in My Drive, who may not share is not told
    if item.drive and told.get("hasAugmentedPermissions") is None and _inherits_all(item, mirror):
        return item.with_grants((), blended=False), True
    unchanged = old and old.grants is not None and old.ids is not None and old.ids == item.ids and old.parent == item.parent
    if old and unchanged and not audit and not item.limited:
        return item.with_grants(old.grants, old.blended), True
    return item, False


def _inherits_all(item: Item, mirror: Mirror) -> bool:
    above = mirror.items.get(item.parent or "") or mirror.drives.get(item.parent or "")
    return bool(item.ids and above and above.ids) and set(item.ids or ()) <= set((above and above.ids) or ())


def _is_top(item: Item, mirror: Mirror) -> bool:
    """Whether what an item inherits comes from where the account can't see, so that only its own list tells it."""
    return _is_hidden(item, mirror) and (item.is_folder or not _inherits(item))


def _is_hidden(item: Item, mirror: Mirror) -> bool:
    known = item.parent in mirror.items or (item.parent == item.drive and item.drive in mirror.drives)
    return item.drive is not None and not known


def _inherits(item: Item) -> bool:
    return any(grant.via is not None for grant in item.grants or ())
