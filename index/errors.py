"""What can go wrong in the store, one root for the room.

StoreError
├── IndexMissing      there is no index where one was asked for
├── IndexMismatch     the index was built by another encoder or recipe than the one asking
├── IndexBusy         another process is writing
├── IndexCorrupt      a stored thing is not what was stored
├── DirectoryUnusable the file of a directory's groups can't be written or read
└── UnknownDocument   no such document, or none that the caller may read
"""


class StoreError(Exception):
    """The root of this room's errors; its text says what, which, and the remedy."""


class IndexMissing(StoreError):
    """There is no index at this place."""

    def __init__(self, place: str) -> None:
        super().__init__(f"no index at {place}: run `muniment ingest` first, or set MUNIMENT_DATA_DIR to where it is")


class IndexMismatch(StoreError):
    """The index was built by another encoder than the one asking."""

    def __init__(self, built_by: str, asked_by: str) -> None:
        super().__init__(
            f"index was built by {built_by} but asked by {asked_by}: set encoder = {built_by!r}, or run `muniment rebuild`"
        )


class IndexBusy(StoreError):
    """Another process holds the writer's lock, of the index or of `what`."""

    def __init__(self, holder: str, what: str = "the index") -> None:
        super().__init__(f"{what} is being written by {holder}: wait until it is done, or stop it")


class IndexCorrupt(StoreError):
    """What was read is not what was stored."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the index is damaged ({what}): run `muniment rebuild`")


class DirectoryUnusable(StoreError):
    """The file of a directory's groups can't be written, or is not what it should be."""


class UnknownDocument(StoreError):
    """No document of this id that the caller may read; the two are one answer on purpose."""

    def __init__(self, document_id: str) -> None:
        super().__init__(f"no document {document_id!r}: take a document_id from an answer of search_documents_by_metadata")
