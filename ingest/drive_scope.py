"""What of a Drive is mirrored: the settings held against what the account can see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ingest import drive_questions as questions
from ingest.drive_forms import Answer, grants_of, item_of
from ingest.drive_mirror import Mirror
from ingest.drive_records import FOLDER, USER, Item, SharedDrive
from ingest.google_client import GoogleClient
from ingest.google_faults import Interrupted, Refused

# An hour, where syncs come every quarter of an hour.
_SYNCS_TO_SETTLE = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the settings say: which folders and shared drives, and what of it is read.

    No folders and no drives mean all that the account can see. `mime_types` are read, up to `max_bytes`; `link_readers` counts
    those who may see a file by its link alone as its readers.
    """

    folder_ids: tuple[str, ...] = ()
    shared_drive_ids: tuple[str, ...] = ()
    mime_types: frozenset[str] = frozenset()
    max_bytes: int = 200 << 20
    link_readers: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """What is mirrored: `whole` feeds, and what lies below `roots`. `visible` shared drives have the account for a member."""

    whole: frozenset[str]
    roots: Mapping[str, Answer]
    visible: Mapping[str, str]
    problems: tuple[str, ...] = field(default=())

    @property
    def feeds(self) -> tuple[str, ...]:
        """The feeds of changes that tell of it, the user's first."""
        of_roots = {self.feed_of(item_of(told)) for told in self.roots.values()}
        return tuple(sorted(self.whole | of_roots, key=lambda feed: (feed != USER, feed)))

    def feed_of(self, item: Item) -> str:
        """The feed that tells of an item: what is in a drive that the account is no member of, its own feed tells."""
        return item.drive if item.drive and item.drive in self.visible else USER

    def name_of(self, feed: str) -> str:
        """What a person calls a feed."""
        return "My Drive" if feed == USER else f"shared drive {self.visible.get(feed, feed)!r}"

    def holds(self, item: Item, known: Mapping[str, Item], entering: Iterable[str] = ()) -> bool:
        """Whether an item belongs here, by its feed or its parent."""
        if item.feed in self.whole or item.id in self.roots:
            return True
        return item.parent is not None and (item.parent in known or item.parent in self.roots or item.parent in entering)


def find_scope(client: GoogleClient, wanted: Wanted, known: Iterable[str]) -> Scope:
    """Ask what of the settings is there. `known` are shared drives that were there before. Raises Interrupted, Barred."""
    visible = {str(told["id"]): str(told.get("name") or told["id"]) for told in questions.drives(client)}
    for drive_id in {*known} - visible.keys():  # a listing may lag behind; only the drive's own absence counts
        if told := questions.drive_named(client, drive_id):
            visible[drive_id] = str(told.get("name") or drive_id)
    if not wanted.folder_ids and not wanted.shared_drive_ids:
        return Scope(frozenset({USER, *visible}), {}, visible)
    problems = []
    whole = set()
    for drive_id in wanted.shared_drive_ids:
        if drive_id not in visible and (told := questions.drive_named(client, drive_id)):
            visible[drive_id] = str(told.get("name") or drive_id)
        if drive_id in visible:
            whole.add(drive_id)
        else:
            problems.append(
                f"shared drive {drive_id} of MUNIMENT_DRIVE__SHARED_DRIVE_IDS is not there: "
                "correct the id, or make the account a member of the drive"
            )
    roots: dict[str, Answer] = {}
    for folder_id in wanted.folder_ids:
        if folder_id in visible:  # the id of a shared drive is that of its topmost folder
            whole.add(folder_id)
        elif told := _folder(client, folder_id):
            roots[str(told["id"])] = told
        else:
            problems.append(
                f"folder {folder_id} of MUNIMENT_DRIVE__FOLDER_IDS is not there: "
                "correct the id, or share the folder with the account"
            )
    return Scope(frozenset(whole), roots, visible, tuple(problems))


def _folder(client: GoogleClient, folder_id: str) -> Answer | None:
    told = questions.file(client, folder_id)
    return told if told and told.get("mimeType") == FOLDER and not told.get("trashed") else None


def forget_vanished(scope: Scope, mirror: Mirror) -> list[str]:
    """Drop shared drives that are no longer there: no feed tells of that. Answers what an administrator should know."""
    told = []
    for drive in [drive for drive in mirror.drives.values() if drive.id not in scope.visible]:
        with mirror.changing():
            mirror.remove_drive(drive.id)
        told.append(f"shared drive {drive.name!r} is gone, or the account is no member of it any more: its documents go")
    return told


def drop_lost_roots(scope: Scope, mirror: Mirror) -> None:
    """Forget what lies below folders that the settings name and that are no longer there."""
    lost = [item for item in mirror.items.values() if item.feed not in scope.whole and not _is_below(item, scope, mirror)]
    if lost:
        with mirror.changing():
            for item in lost:
                mirror.remove(item.id)


def _is_below(item: Item, scope: Scope, mirror: Mirror) -> bool:
    return item.id in scope.roots or any(folder.id in scope.roots for folder in mirror.above(item))


def learn_members(client: GoogleClient, scope: Scope, mirror: Mirror) -> list[str]:
    """Ask who the members of each shared drive are: no feed tells of that."""
    problems = []
    for drive_id in [feed for feed in scope.feeds if feed != USER]:
        name = scope.visible[drive_id]
        old = mirror.drives.get(drive_id)
        try:
            told = questions.permissions(client, drive_id)
            grants, _ = grants_of(told)
            drive = SharedDrive(drive_id, name, grants, tuple(sorted(str(each.get("id")) for each in told)))
        except Refused as error:
            drive = SharedDrive(drive_id, name)
            problems.append(f"the members of shared drive {name!r} can't be seen ({error}), and count for no reader")
        except Interrupted as error:
            problems.append(f"the members of shared drive {name!r} could not be asked, the last known count: {error}")
            continue
        with mirror.changing():
            mirror.put_drive(drive)
            if old and old.grants != drive.grants:
                regranted(mirror, drive_id)
    return problems


def settle_grants(mirror: Mirror) -> None:
    """Ask again below folders whose grants changed at one of the last syncs."""
    for folder, syncs in mirror.settling():
        with mirror.changing():
            mirror.put_settling(folder, 0)
            regranted(mirror, folder, syncs - 1)


def regranted(mirror: Mirror, above: str, syncs: int = _SYNCS_TO_SETTLE) -> None:
    """A folder's or drive's grants changed: ask again for those below that may hold them as if they were their own.

    Drive hands grants down in its own time, so that is done for so many further syncs too.
    """
    below = list(mirror.below(above))
    if any(item.blended for item in below):
        mirror.put_settling(above, syncs)
    for item in below:
        if item.blended and item.drive:
            mirror.put(item.with_grants(None, blended=True, unasked=True))
        elif item.blended and item.parent in mirror.items:
            mirror.walk_anew([mirror.items[item.parent]])
