"""Who may do what in the emulated Drive: effective grants, and what of it Drive shows to whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from drive_emulator_items import RANKS, Grant, Item
from drive_emulator_world import World

Json = dict[str, Any]


@dataclass(frozen=True)
class Held:
    """A grant as it reaches an item, from the item itself or from one above; `view` is set where it shows metadata alone."""

    grant: Grant
    origin: str
    inherited: bool
    view: str | None = None


def held(world: World, item: Item) -> list[Held]:
    """Every grant that reaches an item. One of limited access keeps its own grants and what organizers have from above."""
    reached = [Held(grant, item.id, False) for grant in item.grants.values()]
    if item.owner and not item.drive and not any(each.grant.role == "owner" for each in reached):
        reached.append(Held(Grant(f"user:{item.owner}", "owner"), item.id, False))
    barred = item.limited
    for above in world.ancestors(item):
        for grant in above.grants.values():
            if grant.role == "owner":
                continue
            if not barred or grant.role == "organizer":
                reached.append(Held(grant, above.id, True))
            elif item.limited:
                reached.append(Held(grant, above.id, True, "metadata"))
        barred = barred or above.limited
    return reached


def role_of(world: World, item: Item, caller: str, by_link: bool = False) -> str | None:
    """The highest role that somebody has on an item; `by_link` counts what only those have who know the address."""
    reached = [each for each in held(world, item) if each.view is None]
    roles = [each.grant.role for each in reached if _fits(world, each.grant, caller, by_link)]
    return max(roles, key=RANKS.index) if roles else None


def sees(world: World, item: Item, caller: str, by_link: bool = False) -> bool:
    """Whether an item is there for somebody; the folder of limited access itself is, for those who see where it stands."""
    if role_of(world, item, caller, by_link):
        return True
    if item.mime.endswith(".folder"):
        return any(each.view == "metadata" and _fits(world, each.grant, caller, False) for each in held(world, item))
    return False


def may_share(world: World, item: Item, caller: str) -> bool:
    """Whether Drive shows somebody the grants of an item: in My Drive to those who can share it."""
    role = role_of(world, item, caller)
    return role is not None and RANKS.index(role) >= RANKS.index("writer")


def permissions(world: World, item: Item) -> list[Json]:
    """The effective permissions of an item as Drive tells them, one a grantee and view, with where each comes from."""
    together: dict[tuple[str, str | None], list[Held]] = {}
    for each in held(world, item):
        if each.grant.expires is None or each.grant.expires > world.now:
            together.setdefault((each.grant.id, each.view), []).append(each)
    return [_permission(item, each) for each in together.values()]


def _permission(item: Item, reached: list[Held]) -> Json:
    best = max(reached, key=lambda each: RANKS.index(each.grant.role)).grant
    kind, _, name = best.principal.partition(":")
    told: Json = {"kind": "drive#permission", "id": best.id, "type": kind, "role": best.role}
    if kind in {"user", "group"}:
        told |= {"displayName": name.split("@")[0].title(), "deleted": best.deleted}
        told |= {} if best.deleted else {"emailAddress": name}
    if kind == "domain":
        told |= {"displayName": name, "domain": name}
    if kind in {"domain", "anyone"}:
        told["allowFileDiscovery"] = best.found
    if kind == "user" and not item.drive:
        told["pendingOwner"] = best.pending_owner
    if best.expires:
        told["expirationTime"] = best.expires.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    if reached[0].view:
        told |= {"view": reached[0].view, "inheritedPermissionsDisabled": True}
    told["permissionDetails"] = [_detail(item, each) for each in reached]
    return told


def _detail(item: Item, each: Held) -> Json:
    kind = "member" if each.origin == item.drive else "file"
    told: Json = {"permissionType": kind, "role": each.grant.role, "inherited": each.inherited}
    return told | ({"inheritedFrom": each.origin} if item.drive and each.inherited else {})


def _fits(world: World, grant: Grant, caller: str, by_link: bool) -> bool:
    if grant.deleted or grant.pending_owner or (grant.expires and grant.expires <= world.now):
        return False
    return grant.principal in set(_principals(world, caller, by_link))


def _principals(world: World, caller: str, by_link: bool) -> Iterator[str]:
    yield f"user:{caller}"
    yield from (f"group:{group}" for group, members in world.groups.items() if caller in members)
    if by_link:
        yield "anyone"
        yield f"domain:{caller.partition('@')[2]}"
