"""The methods of the emulated Drive: what each answers, and what it refuses."""

from collections.abc import Callable, Mapping

from drive_emulator_forms import Refused, drive_form, file_form, found, moment
from drive_emulator_items import Change, Item
from drive_emulator_masks import BadMask, applied, checked
from drive_emulator_parameters import (
    DEFAULTS,
    INCLUDE,
    Call,
    Json,
    check_corpora,
    checked_parameters,
    names_wanted,
    number_in,
    token_of,
)
from drive_emulator_queries import BadQuery, compiled
from drive_emulator_rights import may_share, permissions, role_of, sees
from drive_emulator_world import World


class Api:
    """The methods. `page_cap` makes pages smaller than asked for, `empty_every` makes every n-th page empty;
    `user_feed_spans_drives` tells changes in shared drives in the users' feed too; tokens below `oldest_token` have expired."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.base = ""
        self.page_cap: int | None = None
        self.empty_every: int | None = None
        self.user_feed_spans_drives = False
        self.oldest_token, self.expired_status = 0, 400
        self.served: set[tuple[str, str]] = set()
        self._listings: list[tuple[Mapping[str, str], list[str]]] = []
        self._pages = 0
        self._methods: dict[str, Callable[[Call], Json]] = {
            "about.get": self._about,
            "files.list": self._files,
            "files.get": self._file,
            "changes.getStartPageToken": self._start,
            "changes.list": self._changes,
            "permissions.list": self._permissions,
            "drives.list": self._drives,
            "drives.get": self._drive,
        }

    def answer(self, call: Call) -> Json:
        """What a method answers, through the mask. Raises Refused."""
        method = checked_parameters(call)
        mask = call.query.get("fields") or DEFAULTS.get(call.route)
        if not mask:
            raise Refused(400, "required", "The 'fields' parameter is required for this method.", "fields")
        try:
            tree = checked(mask, method["response"]["$ref"])
        except BadMask as error:
            raise Refused(400, "invalidParameter", str(error), "fields") from error
        with self.world.lock:
            answer: Json = applied(tree, self._methods[call.route](call))
        return answer

    def _about(self, call: Call) -> Json:
        user = {"kind": "drive#user", "displayName": call.caller.split("@")[0], "emailAddress": call.caller, "me": True}
        quota = {"limit": "16106127360", "usage": "0", "usageInDrive": "0", "usageInDriveTrash": "0"}
        return {"kind": "drive#about", "user": user, "storageQuota": quota, "exportFormats": {}, "maxUploadSize": "5242880000000"}

    def _file(self, call: Call) -> Json:
        item = found(self.world, call.path["fileId"], call.caller, call.flag("supportsAllDrives"), call.keys)
        return self._form(item, call, names_wanted(call, "files.get"))

    def _form(self, item: Item, call: Call, wanted: frozenset[str]) -> Json:
        self.served.add((call.caller, item.id))
        return file_form(self.world, item, call.caller, self.base, wanted)

    # Listings

    def _files(self, call: Call) -> Json:
        listing, offset = self._listing(call)
        ids = self._listings[listing][1]
        size = self._size(call, 1000)
        items = [self.world.items[each] for each in ids[offset : offset + size] if each in self.world.items]
        wanted = names_wanted(call, "files.list")
        told: Json = {"kind": "drive#fileList", "incompleteSearch": False}
        told["files"] = [self._form(item, call, wanted) for item in items]
        if offset + size < len(ids):
            told["nextPageToken"] = token_of("list", str(listing), offset + size)
        return told

    def _listing(self, call: Call) -> tuple[int, int]:
        relevant = {name: value for name, value in call.query.items() if name not in {"pageToken", "fields", "pageSize"}}
        if token := call.query.get("pageToken"):
            listing, offset = number_in("list", token)
            if int(listing) >= len(self._listings) or self._listings[int(listing)][0] != relevant:
                raise Refused(400, "invalid", "Invalid Value", "pageToken")
            return int(listing), offset
        self._listings.append((relevant, self._matching(call)))
        return len(self._listings) - 1, 0

    def _matching(self, call: Call) -> list[str]:
        corpora, drive = call.query.get("corpora", "user"), call.query.get("driveId")
        check_corpora(call, corpora, drive)
        if drive:
            self._member(drive, call.caller)
        try:
            test = compiled(call.query["q"], self.world, call.caller) if call.query.get("q") else lambda _: True
        except (BadQuery, ValueError) as error:
            raise Refused(400, "invalid", "Invalid Value", "q") from error
        everywhere = call.flag("includeItemsFromAllDrives")
        return [
            item.id
            for item in self.world.items.values()
            if self._in(item, corpora, drive, everywhere, call.caller) and test(item)
        ]

    def _in(self, item: Item, corpora: str, drive: str | None, everywhere: bool, caller: str) -> bool:
        if item.parent is None and item.id not in self.world.drives:
            return False
        if item.id in self.world.drives:
            return False
        if corpora == "drive":
            return item.drive == drive and sees(self.world, item, caller)
        if corpora == "user" and item.drive:
            # Items of shared drives are in somebody's own collection where they were shared with them one by one.
            member = role_of(self.world, self.world.items[item.drive], caller)
            return everywhere and not member and sees(self.world, item, caller)
        return (everywhere or not item.drive) and sees(self.world, item, caller)

    def _size(self, call: Call, most: int) -> int:
        self._pages += 1
        size = min(int(call.query.get("pageSize", 100)), self.page_cap or most)
        return 0 if self.empty_every and self._pages % self.empty_every == 0 else size

    # Shared drives and grants

    def _drives(self, call: Call) -> Json:
        mine = [each for each in self.world.drives.values() if role_of(self.world, self.world.items[each.id], call.caller)]
        _, offset = number_in("drives", call.query["pageToken"]) if "pageToken" in call.query else ("", 0)
        size = min(int(call.query.get("pageSize", 10)), self.page_cap or 100)
        told: Json = {"kind": "drive#driveList", "drives": [drive_form(each) for each in mine[offset : offset + size]]}
        self.served |= {(call.caller, each.id) for each in mine}
        return told | ({"nextPageToken": token_of("drives", "", offset + size)} if offset + size < len(mine) else {})

    def _drive(self, call: Call) -> Json:
        self._member(call.path["driveId"], call.caller)
        return drive_form(self.world.drives[call.path["driveId"]])

    def _member(self, drive: str, caller: str) -> None:
        if drive not in self.world.drives or not role_of(self.world, self.world.items[drive], caller):
            raise Refused(404, "notFound", f"Shared drive not found: {drive}", "driveId")

    def _permissions(self, call: Call) -> Json:
        item = found(self.world, call.path["fileId"], call.caller, call.flag("supportsAllDrives"), call.keys)
        if not item.drive and not may_share(self.world, item, call.caller):
            raise Refused(403, "insufficientFilePermissions", "The user does not have sufficient permissions for this file.")
        told = permissions(self.world, item)
        _, offset = number_in("grants", call.query["pageToken"]) if "pageToken" in call.query else ("", 0)
        size = min(int(call.query.get("pageSize", 100)), self.page_cap or 100)
        page: Json = {"kind": "drive#permissionList", "permissions": told[offset : offset + size]}
        return page | ({"nextPageToken": token_of("grants", "", offset + size)} if offset + size < len(told) else {})

    # The change feed

    def expire_tokens(self, status: int = 400) -> None:
        """Page tokens of changes that were given so far are refused from now on, with this status."""
        self.oldest_token, self.expired_status = len(self.world.log) + 1, status
        self.world._step()
        self.world.log.append(Change(len(self.world.log) + 1, self.world.now, "", "nobody"))

    def _start(self, call: Call) -> Json:
        feed = self._feed(call)
        return {"kind": "drive#startPageToken", "startPageToken": token_of("changes", feed or "user", len(self.world.log) + 1)}

    def _feed(self, call: Call) -> str | None:
        drive = call.query.get("driveId")
        if drive:
            if not call.flag("supportsAllDrives"):
                raise Refused(403, "teamDrivesParameterRequired", "The supportsAllDrives parameter must be set to true.")
            self._member(drive, call.caller)
        return drive

    def _changes(self, call: Call) -> Json:
        feed = self._feed(call)
        if feed and not call.flag("includeItemsFromAllDrives"):
            raise Refused(403, "teamDrivesParameterRequired", INCLUDE)
        named, start = number_in("changes", call.query["pageToken"])
        if named != (feed or "user") or start > len(self.world.log) + 1 or start <= self.oldest_token:
            status = self.expired_status if start <= self.oldest_token else 400
            raise Refused(status, "invalid", "Invalid Value", "pageToken")
        latest = {each.subject: each for each in self.world.log[start - 1 :] if self._told(each, feed, call)}
        entries = sorted(latest.values(), key=lambda each: each.number)
        size = self._size(call, 1000)
        page, rest = entries[:size], entries[size:]
        wanted = names_wanted(call, "changes.list")
        told: Json = {"kind": "drive#changeList", "changes": [self._entry(each, feed, call, wanted) for each in page]}
        if rest:
            return told | {"nextPageToken": token_of("changes", feed or "user", rest[0].number)}
        return told | {"newStartPageToken": token_of("changes", feed or "user", len(self.world.log) + 1)}

    def _told(self, change: Change, feed: str | None, call: Call) -> bool:
        if change.of_drive:
            mine = change.told_to in {None, f"user:{call.caller}"}
            return feed is None and mine and call.flag("includeItemsFromAllDrives") and self._known(change.subject, call.caller)
        if change.feed != feed and not (feed is None and self.user_feed_spans_drives and change.feed in self.world.drives):
            return False
        if change.subject in self.world.items or feed is None:
            return self._known(change.subject, call.caller)
        return True

    def _known(self, item_id: str, caller: str) -> bool:
        item = self.world.items.get(item_id)
        return (caller, item_id) in self.served or (item is not None and sees(self.world, item, caller))

    def _entry(self, change: Change, feed: str | None, call: Call, wanted: frozenset[str]) -> Json:
        told: Json = {"kind": "drive#change", "time": moment(change.time), "removed": False}
        item = self.world.items.get(change.subject)
        gone = item is None or not sees(self.world, item, call.caller)
        if change.of_drive:
            told |= {"changeType": "drive", "type": "drive", "driveId": change.subject, "removed": gone}
            return told if gone else told | {"drive": drive_form(self.world.drives[change.subject])}
        told |= {"changeType": "file", "type": "file", "fileId": change.subject}
        told["removed"] = gone or (item is not None and item.drive != change.feed)
        if item and not gone and (not told["removed"] or call.flag("includeCorpusRemovals")):
            told["file"] = self._form(item, call, wanted)
        return told
