"""Who may see a file: its own grants, those of the folders above up to one of limited access, and a shared drive's members."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from ingest.drive_documents import folder_path
from ingest.drive_mirror import Mirror
from ingest.drive_records import Grant, Ground, Item, SharedDrive

_READ = {"owner", "organizer", "fileOrganizer", "writer", "commenter", "reader"}
_PASS_LIMITS = {"organizer"}
UNKNOWN = "Drive does not tell the account who may see this, so nobody may: let the account manage sharing of the file"


class Readers:
    """Answers who may see what in a mirror at one time. Folders are looked up once, so make a new one when the mirror changed."""

    def __init__(self, mirror: Mirror, now: datetime, *, link_readers: bool) -> None:
        self._mirror = mirror
        self._now = now
        self._link_readers = link_readers
        self._folders: dict[str, tuple[frozenset[str], frozenset[str]]] = {}

    def of(self, item: Item) -> frozenset[str]:
        """The principals that may read a file; none where Drive does not tell its own grants."""
        return frozenset() if item.grants is None else self._reach(item)[0]

    def grounds(self, item: Item) -> Iterator[Ground]:
        """Every grant that bears on an item, those that do not count with the reason."""
        barred: str | None = None
        for holder in (item, *self._mirror.above(item)):
            place = "the file itself" if holder is item else f"folder {folder_path(self._mirror, holder.id)!r}"
            for grant in holder.grants or ():
                if grant.via is None or self._is_top(holder):
                    where = place if grant.via is None else f"a folder above {place}"
                    yield self._ground(grant, where, self._barred(grant, holder, barred))
            if holder.limited:
                barred = barred or place
            top = holder
        if drive := self._drive_right_above(top):
            for grant in drive.grants or ():
                yield self._ground(
                    grant, f"members of shared drive {drive.name!r}", barred if self._is_stopped(grant, barred) else None
                )

    def _reach(self, item: Item) -> tuple[frozenset[str], frozenset[str]]:
        """Those who may read an item, and those of them whom a folder of limited access does not stop."""
        # From the top down, since chains are long and Python's stack is not.
        chain = [item, *self._mirror.above(item)]
        known = next((at for at, each in enumerate(chain) if at and each.id in self._folders), None)
        if known is None:
            reached = self._members(chain[-1])
            start = len(chain) - 1
        else:
            reached = self._folders[chain[known].id]
            start = known - 1
        for each in reversed(chain[: start + 1]):
            reached = self._joined(each, reached)
            if each is not item:
                self._folders[each.id] = reached
        return reached

    def _joined(self, item: Item, above: tuple[frozenset[str], frozenset[str]]) -> tuple[frozenset[str], frozenset[str]]:
        everyone, past_limits = above
        if item.limited:
            everyone = past_limits
        own = [grant for grant in item.grants or () if self._counts_here(grant, item)]
        if not own:
            return everyone, past_limits
        passing = {grant.principal for grant in own if grant.role in _PASS_LIMITS}
        return everyone | {grant.principal for grant in own}, past_limits | passing

    def _counts_here(self, grant: Grant, item: Item) -> bool:
        if grant.via is not None and (not self._is_top(item) or (item.limited and grant.role not in _PASS_LIMITS)):
            return False
        return self.why_not(grant) is None

    def _members(self, item: Item) -> tuple[frozenset[str], frozenset[str]]:
        drive = self._drive_right_above(item)
        counting = [grant for grant in (drive.grants if drive else None) or () if self.why_not(grant) is None]
        everyone = frozenset(grant.principal for grant in counting)
        return everyone, frozenset(grant.principal for grant in counting if grant.role in _PASS_LIMITS)

    def why_not(self, grant: Grant) -> str | None:
        """Why a grant gives nobody anything; None where it does."""
        if grant.dead:
            return grant.dead
        if grant.role not in _READ:
            return f"role {grant.role!r} does not read"
        if grant.expires and _is_past(grant.expires, self._now):
            return f"has expired ({grant.expires})"
        if grant.link and not self._link_readers:
            return "is for those who have the link, and MUNIMENT_DRIVE__LINK_READERS is off"
        return None

    def _ground(self, grant: Grant, where: str, barred: str | None) -> Ground:
        why_not = self.why_not(grant) or (f"{barred} has limited access" if barred else None)
        return Ground(grant.principal, grant.role, where, why_not is None, why_not)

    def _barred(self, grant: Grant, holder: Item, below: str | None) -> str | None:
        if grant.via is not None and holder.limited and grant.role not in _PASS_LIMITS:
            return "the item"
        return below if self._is_stopped(grant, below) else None

    @staticmethod
    def _is_stopped(grant: Grant, below: str | None) -> bool:
        return below is not None and grant.role not in _PASS_LIMITS

    def _is_top(self, item: Item) -> bool:
        """Whether what is inherited is known from the item's own list alone."""
        parent = self._mirror.items.get(item.parent or "")
        if parent:
            return parent.grants is None
        drive = self._drive_right_above(item)
        return drive is None or drive.grants is None

    def _drive_right_above(self, item: Item) -> SharedDrive | None:
        return self._mirror.drives.get(item.drive) if item.drive and item.parent == item.drive else None


def _is_past(moment: str, now: datetime) -> bool:
    try:
        return datetime.fromisoformat(moment) <= now
    except (ValueError, TypeError):
        return True


def named(ground: Ground) -> Ground:
    """A ground as it is shown: a grant of nobody that Drive names is said so."""
    return ground if ground.principal else replace(ground, principal="somebody Drive does not name")
