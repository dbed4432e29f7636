"""Reads Drive's answers into records, tolerant of what is missing, and writes records as notes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any

from index.capitals import lowered
from ingest.drive_records import DOCUMENT, Grant, Item

Answer = Mapping[str, Any]

PERMISSION_FIELDS = (
    "id,type,role,emailAddress,domain,allowFileDiscovery,expirationTime,deleted,pendingOwner,view,"
    "permissionDetails(inherited,inheritedFrom,role)"
)
ITEM_FIELDS = (
    "id,name,mimeType,parents,driveId,trashed,version,headRevisionId,md5Checksum,sha256Checksum,size,modifiedTime,webViewLink,"
    "resourceKey,shortcutDetails(targetId,targetMimeType,targetResourceKey),inheritedPermissionsDisabled,"
    "hasAugmentedPermissions,permissionIds,capabilities(canDownload,canShare),"
    f"permissions({PERMISSION_FIELDS})"
)
_MOST_GRANTS = 10_000
_LONGEST_NAME = 1_000
_MOST_SHARED = 10_000


def item_of(told: Answer) -> Item:
    """An item from Drive's answer. Its grants are there where the answer holds them, else None."""
    shortcut = told.get("shortcutDetails") or {}
    drive = told.get("driveId")
    item = Item(
        id=str(told["id"]),
        name=str(told.get("name") or "")[:_LONGEST_NAME] or str(told["id"]),
        mime=str(told.get("mimeType") or ""),
        parent=next((str(parent) for parent in told.get("parents") or ()), None),
        drive=str(drive) if drive else None,
        version=_version(told),
        size=_number(told.get("size")),
        modified=str(told.get("modifiedTime") or ""),
        url=told.get("webViewLink"),
        md5=told.get("md5Checksum"),
        sha256=told.get("sha256Checksum"),
        target=shortcut.get("targetId"),
        target_mime=shortcut.get("targetMimeType"),
        key=shortcut.get("targetResourceKey") or told.get("resourceKey"),
        limited=bool(told.get("inheritedPermissionsDisabled")),
        downloadable=(told.get("capabilities") or {}).get("canDownload") is not False,
        ids=tuple(sorted(map(str, told["permissionIds"]))) if told.get("permissionIds") else None,
    )
    if not drive and "permissions" in told:
        return item.with_grants(*grants_of(told["permissions"] or ()))
    if drive and told.get("hasAugmentedPermissions") is False:
        return item.with_grants((), blended=False)
    return item


def grants_of(permissions: Sequence[Answer]) -> tuple[tuple[Grant, ...], bool]:
    """Grants, and whether some may be inherited without Drive saying so."""
    permissions = permissions[:_MOST_GRANTS]
    grants = sorted({grant for told in permissions for grant in _grants(told)}, key=repr)
    return tuple(grants), any(not told.get("permissionDetails") for told in permissions)


def _grants(told: Answer) -> Iterator[Grant]:
    kind = told.get("type")
    grant = Grant(
        principal=_principal(told),
        role=str(told.get("role") or ""),
        # What is not said to be found by searching is for those who know the address.
        link=kind in {"anyone", "domain"} and told.get("allowFileDiscovery") is not True,
        expires=told.get("expirationTime"),
        dead=_dead(told),
    )
    details: Sequence[Answer] = told.get("permissionDetails") or ({},)
    for detail in details:
        role = str(detail.get("role") or grant.role)
        if detail.get("inherited"):
            yield replace(grant, role=role, via=str(detail.get("inheritedFrom") or ""))
        else:
            yield replace(grant, role=role)


def _principal(told: Answer) -> str:
    kind, mail, domain = told.get("type"), told.get("emailAddress"), told.get("domain")
    if kind in {"user", "group"} and mail:
        return f"{kind}:{lowered(str(mail).strip())}"
    if kind == "domain" and domain:
        return f"domain:{lowered(str(domain).strip())}"
    return "anyone" if kind == "anyone" else ""


def _dead(told: Answer) -> str | None:
    if told.get("deleted"):
        return "the account is deleted"
    if told.get("pendingOwner"):
        return "is to become the owner and has not accepted"
    if told.get("view"):
        return "shows the name of the folder alone"
    return None if _principal(told) and told.get("role") else "Drive does not say whose it is"


def _version(told: Answer) -> str:
    """Changes with the content, and with a new name or new permissions alone only where Drive gives nothing better."""
    if told.get("mimeType") == DOCUMENT:
        return f"doc-{told.get('modifiedTime') or told.get('version') or ''}"
    for name in ("md5Checksum", "sha256Checksum", "headRevisionId"):
        if told.get(name):
            return f"{name[:3]}-{told[name]}"
    return f"at-{told.get('modifiedTime') or told.get('version') or ''}-{told.get('size') or 0}"


def _number(value: object) -> int:
    try:
        return max(0, int(str(value)))
    except ValueError:
        return 0


_DEFAULTS = {each.name: each.default for each in fields(Item)}
_GRANT_DEFAULTS = {each.name: each.default for each in fields(Grant)}


def packed(item: Item) -> dict[str, Any]:
    """An item as a note: what differs from the defaults."""
    note = {name: value for name, usual in _DEFAULTS.items() if (value := getattr(item, name)) != usual}
    return note if item.grants is None else {**note, "grants": packed_grants(item.grants)}


def unpacked(note: Mapping[str, Any]) -> Item:
    """The item of a note; what an older or newer Muniment knew besides is left out."""
    known = {name: value for name, value in note.items() if name in _DEFAULTS}
    if known.get("ids") is not None:
        known["ids"] = tuple(known["ids"])
    if known.get("grants") is not None:
        known["grants"] = unpacked_grants(known["grants"])
    return Item(**known)


@lru_cache(_MOST_SHARED)
def packed_grants(grants: tuple[Grant, ...]) -> str:
    """Grants as a note. Most items of a Drive bear the same few sets of them."""
    notes = [
        {name: value for name in _GRANT_DEFAULTS if (value := getattr(grant, name)) != _GRANT_DEFAULTS[name]} for grant in grants
    ]
    return json.dumps(notes, separators=(",", ":"))


@lru_cache(_MOST_SHARED)
def unpacked_grants(note: str) -> tuple[Grant, ...]:
    """The grants of a note; equal ones are one object."""
    return tuple(Grant(**{name: value for name, value in told.items() if name in _GRANT_DEFAULTS}) for told in json.loads(note))
