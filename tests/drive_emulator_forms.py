"""The resources of the emulated Drive as its answers carry them: files, shared drives, changes, errors."""

import hashlib
from datetime import datetime
from functools import lru_cache
from typing import Any

from drive_emulator_items import FOLDER, RANKS, SHORTCUT, Item, SharedDrive
from drive_emulator_rights import may_share, permissions, role_of, sees
from drive_emulator_world import World

Json = dict[str, Any]
FILE_DEFAULT = "kind,id,name,mimeType,resourceKey"
# What a mask leaves of these is worth computing only where it is asked for.
_DEAR = ("permissions", "permissionIds", "capabilities", "hasAugmentedPermissions", "md5Checksum", "sha1Checksum")


class Refused(Exception):
    """An answer of Drive that is an error, with its status and the reason in its body."""

    def __init__(self, status: int, reason: str, message: str, location: str | None = None) -> None:
        super().__init__(message)
        self.status, self.reason, self.message, self.location = status, reason, message, location

    def body(self) -> Json:
        """The error as Drive writes it."""
        first = {"message": self.message, "domain": _domain(self.reason), "reason": self.reason}
        if self.location:
            kind = "header" if self.location == "Authorization" else "parameter"
            first |= {"location": self.location, "locationType": kind}
        return {"error": {"code": self.status, "message": self.message, "errors": [first]}}


def _domain(reason: str) -> str:
    return "usageLimits" if reason.endswith(("LimitExceeded", "accessNotConfigured")) and "export" not in reason else "global"


def moment(time: datetime) -> str:
    """RFC 3339 as Drive writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def file_form(world: World, item: Item, caller: str, base: str, wanted: frozenset[str]) -> Json:
    """A `File` as somebody sees it; `wanted` names the fields that the mask leaves, empty for all of them."""
    told = _identity(world, item, caller) | _places(world, item, caller) | _content(item, base, wanted)
    if item.mime == SHORTCUT:
        target = world.items.get(item.target or "")
        told["shortcutDetails"] = {"targetId": item.target, "targetMimeType": target.mime if target else "application/pdf"}
        if target and target.resource_key:
            told["shortcutDetails"]["targetResourceKey"] = target.resource_key
    if not wanted or wanted & set(_DEAR):
        told |= _rights(world, item, caller)
    return told


def _identity(world: World, item: Item, caller: str) -> Json:
    told: Json = {
        "kind": "drive#file",
        "id": item.id,
        "name": item.name,
        "mimeType": item.mime,
        "version": str(item.version),
        "createdTime": moment(item.created),
        "modifiedTime": moment(item.modified),
        "trashed": world.is_trashed(item),
        "explicitlyTrashed": item.trashed,
        "starred": False,
        "spaces": ["drive"],
        "webViewLink": f"https://drive.google.com/file/d/{item.id}/view?usp=drivesdk",
        "inheritedPermissionsDisabled": item.limited,
        "copyRequiresWriterPermission": not item.can_download,
    }
    if item.resource_key:
        told["resourceKey"] = item.resource_key
    if not item.drive:
        told["ownedByMe"] = item.owner == caller
        told["owners"] = [{"kind": "drive#user", "displayName": item.owner.split("@")[0], "emailAddress": item.owner}]
        told["shared"] = len(item.grants) > 1
    return told


def _places(world: World, item: Item, caller: str) -> Json:
    told: Json = {}
    parent = world.items.get(item.parent or "")
    if parent and sees(world, parent, caller):
        told["parents"] = [parent.id]
    if item.drive:
        told |= {"driveId": item.drive, "teamDriveId": item.drive}
    return told


def _content(item: Item, base: str, wanted: frozenset[str]) -> Json:
    if item.binary:
        told = {
            "size": str(len(item.data)),
            "quotaBytesUsed": str(len(item.data)),
            "headRevisionId": f"rev{item.revision}-{item.id[:8]}",
            "originalFilename": item.name,
            "fileExtension": item.name.rpartition(".")[2],
        }
        for name in ("md5", "sha1", "sha256"):
            if not wanted or f"{name}Checksum" in wanted:
                told[f"{name}Checksum"] = _checksum(name, item.data)
        return told
    if item.mime in {FOLDER, SHORTCUT}:
        return {}
    links = {mime: f"{base}/export/{item.id}?exportFormat={mime.rpartition('.')[2]}" for mime in item.exports}
    return {"size": str(1024), "exportLinks": links} if links else {"size": "1024"}


@lru_cache(maxsize=100_000)
def _checksum(name: str, data: bytes) -> str:
    return hashlib.new(name, data, usedforsecurity=False).hexdigest()


def _rights(world: World, item: Item, caller: str) -> Json:
    role = role_of(world, item, caller) or "reader"
    effective = permissions(world, item)
    told: Json = {"permissionIds": [each["id"] for each in effective]}
    if item.drive:
        told["hasAugmentedPermissions"] = any(not d["inherited"] for each in effective for d in each["permissionDetails"])
    elif may_share(world, item, caller):
        told["permissions"] = effective
    else:
        del told["permissionIds"]
    writes = RANKS.index(role) >= RANKS.index("writer")
    told["capabilities"] = {
        "canDownload": item.can_download,
        "canEdit": writes,
        "canShare": may_share(world, item, caller),
        "canListChildren": item.mime == FOLDER,
        "canReadRevisions": writes,
    }
    return told


def drive_form(drive: SharedDrive) -> Json:
    """A `Drive`."""
    return {
        "kind": "drive#drive",
        "id": drive.id,
        "name": drive.name,
        "createdTime": moment(drive.created),
        "hidden": False,
        "capabilities": {"canListChildren": True, "canDownload": True},
        "restrictions": {"domainUsersOnly": False, "driveMembersOnly": False},
    }


def found(world: World, item_id: str, caller: str, drives: bool, keys: str = "") -> Item:
    """The item that somebody may see by its id. Raises Refused as Drive does: what may not be seen is not there."""
    item = world.items.get(item_id)
    keyed = not (item and item.resource_key) or f"{item_id}/{item.resource_key}" in keys.split(",")
    if not item or (item.drive and not drives) or not sees(world, item, caller, by_link=keyed):
        raise Refused(404, "notFound", f"File not found: {item_id}.", "fileId")
    return item
