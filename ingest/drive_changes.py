"""Follows a feed of changes: each page's consequences and the token after it are durable together."""

from dataclasses import replace

from ingest import drive_questions as questions
from ingest.drive_forms import Answer, item_of
from ingest.drive_grants import with_grants
from ingest.drive_listing import Round, arrived, put
from ingest.drive_mirror import Mirror
from ingest.drive_records import Feed, Item
from ingest.google_faults import Interrupted, Refused

_LOST_TOKEN = {400, 404, 410}


class TokenLost(Exception):
    """Drive knows the token no more; only comparing everything tells what changed since."""


def follow(round_: Round, feed: str) -> int:
    """Read a feed from its token to its end; answers how many changes there were. Raises TokenLost, Refused, Interrupted."""
    read = 0
    while True:
        state = round_.mirror.feeds[feed]
        try:
            page = questions.changes(round_.client, feed, state.token)
        except Refused as error:
            if error.status in _LOST_TOKEN:
                raise TokenLost(str(error)) from error
            raise
        changes = [change for change in page.get("changes") or () if _of_file(change)]
        _apply(round_, feed, changes, str(page.get("nextPageToken") or page.get("newStartPageToken") or state.token))
        read += len(changes)
        round_.changes += len(changes)
        if not page.get("nextPageToken"):
            return read
        if page["nextPageToken"] == state.token:
            raise Interrupted("a feed of changes leads back to where it was; the next run tries again")


def _of_file(change: Answer) -> bool:
    return change.get("changeType", "file") == "file" and bool(change.get("fileId") or (change.get("file") or {}).get("id"))


def _apply(round_: Round, feed: str, changes: list[Answer], token: str) -> None:
    mirror = round_.mirror
    present = _present(round_, changes)
    # The last word on a file counts, and asking comes before the transaction, since it may take long.
    items = {item.id: item for item in with_grants(round_.client, mirror, list(present.values()), audit=True)}
    with mirror.changing():
        for file_id in dict.fromkeys(_id_of(change) for change in changes):
            if file_id in items:
                _arrive(round_, items[file_id])
            else:
                _lose(round_, feed, file_id, gone=_is_gone(changes, file_id))
            if file_id in mirror.targets:
                mirror.remove_target(file_id)  # asked for again, as long as a shortcut leads there
        mirror.put_feed(replace(mirror.feeds[feed], token=token))


def _present(round_: Round, changes: list[Answer]) -> dict[str, Answer]:
    """What of a page is in scope and not in the trash, by id."""
    found: dict[str, Answer] = {}
    for change in changes:
        told = change.get("file")
        file_id = _id_of(change)
        found.pop(file_id, None)
        if not told or not told.get("id") or change.get("removed") or told.get("trashed"):
            continue
        if round_.scope.holds(item_of(told), round_.mirror.items, found):
            found[file_id] = told
    return found


def _arrive(round_: Round, item: Item) -> None:
    mirror = round_.mirror
    old = mirror.items.get(item.id)
    put(mirror, arrived(item, old))
    if old and item.is_folder and item.limited and not old.limited:
        _doubt(round_, old)  # what lay in it may be hidden from the account now


def _lose(round_: Round, feed: str, file_id: str, *, gone: bool) -> None:
    mirror = round_.mirror
    old = mirror.items.get(file_id)
    if old is None or (gone and round_.scope.feed_of(old) != feed):
        return  # the feed that a file has left says so too
    if gone and old.feed in round_.scope.whole and mirror.children(old.id):
        # The folder is out of sight; what lay in it may be shared with the account by itself, and no feed tells.
        mirror.remove(old.id)
        _doubt(round_, old)
    else:
        mirror.remove_tree(old.id)


def _doubt(round_: Round, item: Item) -> None:
    mirror: Mirror = round_.mirror
    if item.feed in round_.scope.whole and item.feed in mirror.feeds:
        mirror.put_feed(replace(mirror.feeds[item.feed], doubtful=True))


def _is_gone(changes: list[Answer], file_id: str) -> bool:
    last = next(change for change in reversed(changes) if _id_of(change) == file_id)
    return bool(last.get("removed") or not last.get("file"))


def _id_of(change: Answer) -> str:
    return str(change.get("fileId") or (change.get("file") or {}).get("id"))


def begin(round_: Round, feed: str) -> None:
    """Take a token before anything is listed."""
    token = questions.start_token(round_.client, feed)
    with round_.mirror.changing():
        round_.mirror.put_feed(Feed(feed, token))
