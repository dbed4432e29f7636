"""Says who we are to Drive, what we see, and what is missing, in words that an administrator can act on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from ingest import drive_questions as questions
from ingest.drive_mirror import Mirror
from ingest.drive_records import USER
from ingest.drive_refresh import assert_identity
from ingest.drive_scope import Scope, Wanted, find_scope
from ingest.google_apis import DRIVE
from ingest.google_client import GoogleClient
from ingest.google_faults import Refused
from ingest.source import SourceFailed


@dataclass(frozen=True, slots=True)
class Finding:
    """What is said of one thing."""

    subject: str
    grade: Literal["ok", "note", "wrong"]
    words: str


def examined(client: GoogleClient, mirror: Mirror, wanted: Wanted, subject: str | None) -> Iterator[Finding]:
    """Ask Drive a few questions and say what the answers mean. Raises nothing for what it examines."""
    yield Finding("address", "ok", client.endpoint or "Google's own")
    try:
        account = client.account
        yield Finding("account", "ok", account or "Application Default Credentials")
        yield Finding("acts for", "ok", assert_identity(client, subject) or "nobody that Drive names")
        yield Finding("scope", "ok", f"{DRIVE.scopes[0]}: reading alone")
        scope = find_scope(client, wanted, ())
    except (SourceFailed, Refused) as error:
        yield Finding("access", "wrong", str(error))
        return
    yield from (Finding("settings", "wrong", problem) for problem in scope.problems)
    yield _in_sight(scope, account)
    for feed in scope.feeds:
        yield from _of_feed(client, scope, feed)
    yield Finding(
        "quota",
        "note",
        f"asks at most {client.per_minute:.0f} times a minute (MUNIMENT_DRIVE__QUERIES_PER_MINUTE); "
        "the project's own limits stand in the Google Cloud console under APIs & Services, Google Drive API, Quotas",
    )
    yield from _known(mirror)


def _in_sight(scope: Scope, account: str | None) -> Finding:
    drives, folders = ", ".join(sorted(scope.visible.values())), len(scope.roots)
    if not scope.feeds:
        return Finding(
            "sees", "wrong", f"nothing: share a folder with {account or 'the account'}, or make it a member of a shared drive"
        )
    return Finding(
        "sees", "ok", f"shared drives: {drives or 'none'}" + (f"; {folders} folder(s) of the settings" if folders else "")
    )


def _of_feed(client: GoogleClient, scope: Scope, feed: str) -> Iterator[Finding]:
    name = scope.name_of(feed)
    yield _tried(name, lambda: "its changes can be followed" if questions.start_token(client, feed) else "")
    if feed in scope.whole:
        yield _tried(name, lambda: _amount(client, feed))
    if feed != USER:
        yield _tried(name, lambda: f"{len(questions.permissions(client, feed))} members can be seen")


def _amount(client: GoogleClient, feed: str) -> str:
    page = next(questions.listing(client, feed), [])
    hidden = sum("permissions" not in told and not told.get("driveId") for told in page)
    more = f"; {hidden} of them do not tell who may see them, so nobody may: make the account an editor of them" if hidden else ""
    return f"{len(page)} files and folders on its first page{more}"


def _tried(subject: str, ask: Callable[[], str]) -> Finding:
    try:
        return Finding(subject, "ok", ask())
    except (SourceFailed, Refused) as error:
        return Finding(subject, "wrong", str(error))


def _known(mirror: Mirror) -> Iterator[Finding]:
    if not mirror.feeds:
        yield Finding("mirror", "note", "nothing was synced yet: run `muniment sync`")
        return
    files = [item for item in mirror.items.values() if not item.is_folder]
    yield Finding(
        "mirror", "ok", f"{len(files)} files, {len(mirror.items) - len(files)} folders, {len(mirror.drives)} shared drives"
    )
    hidden = sum(item.grants is None for item in files)
    if hidden:
        yield Finding(
            "readers",
            "wrong",
            f"{hidden} files do not tell the account who may see them, so nobody may: "
            "in My Drive make the account an editor of the folder, in a shared drive a content manager, "
            "or let it act for somebody (MUNIMENT_DRIVE__SUBJECT)",
        )
