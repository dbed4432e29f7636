"""The questions that the mirror is made from, each page by page and strict in what it sends."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ingest.drive_forms import ITEM_FIELDS, PERMISSION_FIELDS
from ingest.drive_records import FOLDER, USER, Item
from ingest.google_client import GoogleClient, pages
from ingest.google_faults import Interrupted, Refused

Answer = Mapping[str, Any]
ONLY_FOLDERS = f"mimeType = '{FOLDER}'"
# Above 2,048 characters, Google's client turns an address into a form, which not every proxy understands.
PARENTS_AT_ONCE = 12


def me(client: GoogleClient) -> Answer:
    """Who we are to Drive."""
    told: Answer = client.ask(lambda drive: drive.about().get(fields="user(emailAddress,displayName,permissionId)")).get(
        "user", {}
    )
    return told


def drives(client: GoogleClient) -> list[Answer]:
    """The shared drives that the account is a member of."""
    listed = pages(
        lambda token: client.ask(
            lambda drive: drive.drives().list(pageSize=100, pageToken=token, fields="nextPageToken,drives(id,name)")
        )
    )
    return [told for page in listed for told in page.get("drives") or ()]


def drive_named(client: GoogleClient, drive_id: str) -> Answer | None:
    """One shared drive; None where there is none that the account can see."""
    try:
        return client.ask(lambda drive: drive.drives().get(driveId=drive_id, fields="id,name"))
    except Refused as error:
        if error.status in {403, 404}:
            return None
        raise


def file(client: GoogleClient, file_id: str, key: str | None = None) -> Answer | None:
    """One file or folder; None where there is none that the account can see."""
    try:
        return client.ask(
            lambda drive: drive.files().get(fileId=file_id, supportsAllDrives=True, fields=ITEM_FIELDS),
            key=f"{file_id}/{key}" if key else None,
        )
    except Refused as error:
        if error.status in {403, 404}:
            return None
        raise


def permissions(client: GoogleClient, item_id: str) -> list[Answer]:
    """Who may see a file, a folder or a shared drive."""
    listed = pages(
        lambda token: client.ask(
            lambda drive: drive.permissions().list(
                fileId=item_id,
                pageSize=100,
                pageToken=token,
                supportsAllDrives=True,
                fields=f"nextPageToken,permissions({PERMISSION_FIELDS})",
            )
        )
    )
    return [told for page in listed for told in page.get("permissions") or ()]


def listing(client: GoogleClient, feed: str, condition: str = "") -> Iterator[list[Answer]]:
    """All that is not in the trash in My Drive and what is shared with the account, or in a shared drive, page by page.

    Raises Interrupted where Drive says that it did not search everything.
    """
    query = f"{condition} and trashed = false" if condition else "trashed = false"
    where = (
        {"corpora": "user", "includeItemsFromAllDrives": False}
        if feed == USER
        else {"corpora": "drive", "driveId": feed, "includeItemsFromAllDrives": True}
    )
    return _files(client, query, where)


def children(client: GoogleClient, folders: Sequence[Item], visible: set[str], condition: str = "") -> Iterator[list[Answer]]:
    """What lies right in folders of one feed, page by page. `visible` are the shared drives that the account is a member of."""
    parents = " or ".join(f"'{_quoted(folder.id)}' in parents" for folder in folders)
    query = f"({parents})" if len(folders) > 1 else parents
    query = f"{query} and {condition}" if condition else query
    drive = folders[0].drive
    if drive is None:
        where: dict[str, object] = {"corpora": "user", "includeItemsFromAllDrives": False}
    elif drive in visible:
        where = {"corpora": "drive", "driveId": drive, "includeItemsFromAllDrives": True}
    else:
        where = {"corpora": "allDrives", "includeItemsFromAllDrives": True}
    return _files(client, f"{query} and trashed = false", where)


def start_token(client: GoogleClient, feed: str) -> str:
    """Where a feed stands now."""
    of = {} if feed == USER else {"driveId": feed}
    told = client.ask(lambda drive: drive.changes().getStartPageToken(supportsAllDrives=True, fields="startPageToken", **of))
    if not told.get("startPageToken"):
        raise Interrupted("Drive gave no token to follow changes from; the next run tries again")
    return str(told["startPageToken"])


def changes(client: GoogleClient, feed: str, token: str) -> Answer:
    """One page of a feed."""
    of = {} if feed == USER else {"driveId": feed}
    return client.ask(
        lambda drive: drive.changes().list(
            pageToken=token,
            pageSize=1000,
            includeRemoved=True,
            includeItemsFromAllDrives=True,
            supportsAllDrives=True,
            fields=f"nextPageToken,newStartPageToken,changes(changeType,removed,fileId,file({ITEM_FIELDS}))",
            **of,
        )
    )


def _files(client: GoogleClient, query: str, where: Mapping[str, object]) -> Iterator[list[Answer]]:
    for page in pages(
        lambda token: client.ask(
            lambda drive: drive.files().list(
                q=query,
                pageSize=1000,
                pageToken=token,
                supportsAllDrives=True,
                fields=f"nextPageToken,incompleteSearch,files({ITEM_FIELDS})",
                **where,
            )
        )
    ):
        if page.get("incompleteSearch"):
            raise Interrupted("Drive did not search everything (incompleteSearch); nothing is concluded from that, run again")
        yield [told for told in page.get("files") or () if told.get("id")]


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")
