"""A Google Drive of a firm, on a port of this machine: what the real client speaks to in the tests.

    with Drive() as drive:
        clients = drive.folder("Clients")                        # in boss@'s My Drive, shared with the service account
        legal = drive.shared_drive("Legal", {"user:anna@firm.example": "reader"})
        nda = drive.file("NDA.pdf", b"%PDF…", clients)
        ...                                                      # point the client at drive.url and drive.account
        drive.rename(nda, "Mutual NDA.pdf"); drive.move(nda, legal); drive.trash(nda); drive.share(nda, "anyone", "reader")
        drive.faults.add(Fault("status", 429, "rateLimitExceeded", retry_after="2", on="files.list", times=2))
        assert drive.count("media") == 1

`drive.url` is "http://127.0.0.1:PORT" (the API is at /drive/v3/, as with Google); `drive.account` is the path of a
service account file whose token endpoint is here; `drive.environment()` are Muniment's settings for both. Whoever makes
something gets its id.

Editing, each method one second later by Drive's clock `drive.world.now`: shared_drive, folder, file, google_doc, shortcut · edit,
rename, move, trash(…, False to restore), delete, delete_drive, share, unshare, limit (limited access), set (any field of Item:
can_download=False, resource_key="…", most_exported=10), touch. `drive.groups["team@firm.example"] = {"anna@…"}`.
A parent is a folder's or a shared drive's id. Without one, it is the owner's My Drive, and then `robot="reader"` or None says how
the service account may see it (default "writer": only who can share sees grants in My Drive; in shared drives any member does).

Faults: drive_emulator_faults.Fault, and `random_faults(0.05, seed=1)` for all kinds at once; `drive.faults.clear()`.
Oddities: `drive.api.page_cap`, `.empty_every`, `.user_feed_spans_drives`, `.expire_tokens(status)`; `drive.tokens.expire()`,
`.lifetime`, `.delegated.add("boss@firm.example")` (domain-wide delegation), `.ignore_subject`.
Requests: `drive.requests` (records of Request), `drive.count(route)`, `drive.forget_requests()`.

As documented by Google: partial responses are real and bad masks refused; parameters are checked against the discovery
document; `permissions` is there in My Drive for those who can share, never for items of shared drives; `parents` hides what
the caller can't see; the feed tells of a moved, trashed or shared folder and not of what lies below, and nothing when
somebody else becomes a member of a drive; a file moved to another drive is `removed` in the feed that it left; a deleted
drive's feed is gone.
"""

from collections.abc import Mapping

from drive_emulator_api import Api
from drive_emulator_faults import Fault, Faults, random_faults
from drive_emulator_http import Front, Request, Standing
from drive_emulator_items import DOCX, FOLDER, GOOGLE_DOC, GOOGLE_SHEET, OWNER, PDF, ROBOT, SHORTCUT, TEXT
from drive_emulator_tokens import Tokens
from drive_emulator_world import World

__all__ = [
    "DOCX",
    "FOLDER",
    "GOOGLE_DOC",
    "GOOGLE_SHEET",
    "OWNER",
    "PDF",
    "ROBOT",
    "SHORTCUT",
    "TEXT",
    "Drive",
    "Fault",
    "Request",
    "random_faults",
]

# One key for all: making one takes long, and none of them guards anything.
_TOKENS_KEY = Tokens().key


class Drive(World, Standing):
    """The firm's Drive and the server before it; see the head of this file."""

    def __init__(self) -> None:
        super().__init__()
        self.api, self.tokens, self.faults = Api(self), Tokens(_TOKENS_KEY), Faults()
        self.stand(Front(self.api, self.tokens, self.faults), "drive")
        self.api.base = self.url

    @property
    def requests(self) -> list[Request]:
        """What came in, in the order in which it was answered."""
        with self._front.log_lock:
            return list(self._front.log)

    def forget_requests(self) -> None:
        """Count anew from here."""
        with self._front.log_lock:
            self._front.log.clear()

    def count(self, *routes: str) -> int:
        """How many requests came to these routes; to all but the token's without any."""
        return sum(request.route in routes if routes else request.route != "token" for request in self.requests)

    def environment(self) -> Mapping[str, str]:
        """Muniment's settings that lead here."""
        return {
            "MUNIMENT_SOURCE": "drive",
            "MUNIMENT_DRIVE__SERVICE_ACCOUNT_FILE": str(self.account),
            "MUNIMENT_DRIVE__API_ENDPOINT": self.url,
        }
