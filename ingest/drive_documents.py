"""Which items of a mirror are documents, where they stand, and why others are not read."""

import mimetypes
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256

from index.records import File
from ingest.drive_mirror import Mirror
from ingest.drive_records import DOCUMENT, FOLDER, GOOGLE, SHORTCUT, Item
from ingest.drive_scope import Wanted

# Not every client says what it uploads; the name does then.
_VAGUE = {"", "application/octet-stream", "application/x-download", "binary/octet-stream"}
_GOOGLE_NAMES: Mapping[str, str] = {
    "spreadsheet": "a Google Sheet", "presentation": "a Google Slides presentation", "form": "a Google Form",
    "drawing": "a Google Drawing", "site": "a Google Site", "script": "an Apps Script", "jam": "a Jamboard",
    "map": "a Google map", "vid": "a Google Vid",
}  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def why_not_read(item: Item, wanted: Wanted) -> str | None:
    """Why a file is listed and not read; None where it is to be read."""
    if item.mime.startswith(GOOGLE) and item.mime != DOCUMENT:
        kind = _GOOGLE_NAMES.get(item.mime.removeprefix(GOOGLE), "of a kind of Google's own")
        return f"is {kind} and is not read: a contract in it must be saved as a PDF or a Google Doc"
    if not item.downloadable:
        return "may not be downloaded by the account: its owner or an administrator has restricted downloading"
    if _mime(item) not in wanted.mime_types:
        return f"is {item.mime or 'of no named type'}, which MUNIMENT_DRIVE__MIME_TYPES does not name"
    if item.size > wanted.max_bytes and item.mime != DOCUMENT:
        return f"is {item.size >> 20} MB, over the limit of {wanted.max_bytes >> 20} MB: raise MUNIMENT_READING__MAX_MB"
    return None


def why_dangling(item: Item, mirror: Mirror) -> str | None:
    """Why a shortcut leads to nothing that is read; None where its target is known."""
    target = mirror.items.get(item.target or "") or mirror.targets.get(item.target or "")
    if target and (target.id in mirror.items or not target.is_folder):
        return None
    if item.target_mime == FOLDER or target:
        return (
            "is a shortcut to a folder that is not indexed: add the folder to MUNIMENT_DRIVE__FOLDER_IDS, or delete the shortcut"
        )
    return "is a shortcut to a file that is gone, or that the account may not see: share the file with it, or delete the shortcut"


def file_of(item: Item, folder: str, readers: frozenset[str], reason: str | None) -> File:
    """An item as the pipeline knows files. One that is not read bears its reason in its version, so that a change is seen."""
    return File(
        id=item.id,
        version=item.version if reason is None else f"{item.version}!{sha256(reason.encode()).hexdigest()[:8]}",
        name=item.name,
        folder=folder,
        mime_type=item.mime or None,
        # Drive counts what its own documents take on its disks, which is not what comes out of them.
        size=0 if item.mime.startswith(GOOGLE) else item.size,
        modified=_moment(item.modified),
        url=item.url,
        readers=readers,
    )


def folder_path(mirror: Mirror, item_id: str) -> str:
    """The path of a folder with its own name, from the shared drive or the topmost folder that is known: "Legal/Clients/Acme"."""
    item = mirror.items.get(item_id)
    if item is None:
        drive = mirror.drives.get(item_id)
        return _part(drive.name) if drive else ""
    chain = [item, *mirror.above(item)]
    top = mirror.drives.get(chain[-1].parent or "")
    return "/".join(_part(name) for name in [*([top.name] if top else []), *(each.name for each in reversed(chain))])


def is_document(item: Item) -> bool:
    """Whether an item is accounted for: all but folders are."""
    return item.mime != FOLDER


def is_shortcut(item: Item) -> bool:
    """Whether an item is only another way to a file."""
    return item.mime == SHORTCUT


def _mime(item: Item) -> str:
    if item.mime.split(";")[0].strip().lower() in _VAGUE:
        return mimetypes.guess_type(item.name, strict=False)[0] or item.mime
    return item.mime.split(";")[0].strip().lower() if item.mime != DOCUMENT else DOCUMENT


def _part(name: str) -> str:
    # A slash in a name would make two folders of one.
    return name.replace("/", "∕").strip() or "_"


def _moment(told: str) -> datetime:
    try:
        return datetime.fromisoformat(told).astimezone(UTC).replace(microsecond=0)
    except ValueError:
        return _EPOCH
