"""Which of Google's APIs are asked, at which address and with which rights, and what they are called in sentences."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Api:
    """One API. `title` and `product` are its names in sentences: who answers, and what a console lists.

    `path` ends an address that is given with it; `appended` is what Google's client leaves out of its own paths, so that the
    address must bear it. `settings` is what the names of its settings begin with.
    """

    name: str
    version: str
    title: str
    product: str
    path: str
    appended: str
    scopes: tuple[str, ...]
    settings: str

    def root(self, endpoint: str | None) -> str | None:
        """The address that the client appends its paths to; an endpoint may be given with its path or without."""
        if not endpoint:
            return None
        return f"{endpoint.rstrip('/').removesuffix(self.path)}/{self.appended}"


DRIVE = Api(
    name="drive",
    version="v3",
    title="Drive",
    product="Google Drive API",
    path="/drive/v3",
    appended="drive/v3/",
    scopes=("https://www.googleapis.com/auth/drive.readonly",),
    settings="MUNIMENT_DRIVE__",
)

DIRECTORY = Api(
    name="admin",
    version="directory_v1",
    title="the directory",
    product="Admin SDK API",
    path="/admin/directory/v1",
    appended="",
    scopes=(
        "https://www.googleapis.com/auth/admin.directory.group.readonly",
        "https://www.googleapis.com/auth/admin.directory.group.member.readonly",
    ),
    settings="MUNIMENT_DIRECTORY__",
)
