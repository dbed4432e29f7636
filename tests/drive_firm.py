"""A small firm's Drive for the tests of syncing: nested folders, a shared drive, Google documents, and a day of changes."""

from dataclasses import dataclass
from typing import Any

from drive_emulator import DOCX, GOOGLE_SHEET, TEXT, Drive

ANNA, BERT, CLARA = "user:anna@firm.example", "user:bert@firm.example", "user:clara@firm.example"
TYPES = '["text/plain", "application/vnd.google-apps.document"]'


def words(name: str, version: int = 1) -> bytes:
    """A contract of two lines."""
    return f"{name} in version {version} says this.\n{name} says that.\n".encode()


@dataclass(frozen=True)
class Firm:
    """The firm's Drive and the ids of what is in it, by name."""

    drive: Drive
    ids: dict[str, str]

    def settings(self, **further: str) -> dict[str, str]:
        """Muniment's settings that lead there."""
        return {**self.drive.environment(), "MUNIMENT_DRIVE__MIME_TYPES": TYPES, "MUNIMENT_MOST_REMOVED": "0.3", **further}

    def put(self, name: str, place: str | None, **further: Any) -> str:
        """A new text file of this name."""
        self.ids[name] = self.drive.file(f"{name}.txt", words(name), place, mime=TEXT, **further)
        return self.ids[name]

    def a_day(self) -> set[str]:
        """Adds, edits, renames, moves, trash and changes of permission; answers the ids whose bytes are new."""
        drive, ids = self.drive, self.ids
        fresh = {self.put("novel", ids["Clients"]), self.put("late", ids["Legal"])}
        for name in ("c0", "l0"):
            drive.edit(ids[name], words(name, 2))
            fresh.add(ids[name])
        drive.edit(ids["lease"], exports={DOCX: words("lease", 2)})
        drive.rename(ids["c1"], "renamed.txt")
        drive.rename(ids["Acme"], "Acme Robotics")
        drive.move(ids["c2"], ids["Beacon"])
        drive.move(ids["Deep"], ids["Beacon"])
        drive.trash(ids["c3"])
        drive.delete(ids["l3"])
        drive.share(ids["l1"], CLARA)
        drive.share(ids["Acme"], BERT)
        drive.unshare(ids["Legal"], ANNA)
        drive.touch(ids["l2"])
        return fresh | {ids["lease"]}


def firm_in(drive: Drive, each: int = 6) -> Firm:
    """`each` contracts in a client's folder, in one below it, and in a shared drive; a document, a sheet, two of one name."""
    firm = Firm(drive, {})
    ids = firm.ids
    ids["Clients"] = drive.folder("Clients")
    for name in ("Acme", "Beacon"):
        ids[name] = drive.folder(name, ids["Clients"])
    ids["Deep"] = drive.folder("Deep", ids["Acme"])
    ids["Legal"] = drive.shared_drive("Legal", {ANNA: "reader"})
    ids["Closed"] = drive.folder("Closed", ids["Legal"])
    drive.limit(ids["Closed"])
    drive.share(ids["Clients"], ANNA)
    drive.share(ids["Closed"], BERT)
    for number in range(each):
        firm.put(f"c{number}", ids["Acme"])
        firm.put(f"d{number}", ids["Deep"])
        firm.put(f"l{number}", ids["Legal"])
    firm.put("secret", ids["Closed"])
    firm.put("twin", ids["Acme"])
    ids["twin two"] = drive.file("twin.txt", words("another twin"), ids["Acme"], mime=TEXT)
    ids["lease"] = drive.google_doc("Lease", {DOCX: words("lease")}, ids["Legal"])
    ids["sheet"] = drive.google_doc("Figures", {}, ids["Legal"], mime=GOOGLE_SHEET)
    ids["pointer"] = drive.shortcut("to c4", ids["c4"], ids["Legal"])
    return firm
