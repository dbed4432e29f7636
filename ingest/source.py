"""Where documents come from: the one shape that the folder and Google Drive share."""

from collections.abc import Iterator
from typing import Protocol

from index.records import File


class IngestError(Exception):
    """The root of this room's errors."""


class UnreadableDocument(IngestError):
    """A file whose bytes give no text; the message says why, and what a person could do about it."""


class FetchFailed(IngestError):
    """A file's bytes could not be had this time; it is tried again at the next run."""


class NotNow(FetchFailed):
    """It could not be had before, and the time to try again has not come."""


class Skipped(IngestError):
    """A file that is listed and not to be read, by the settings or its kind; the message says why."""


class SourceFailed(IngestError):
    """The source could not be listed; nothing may be removed after it."""


class RemovalsRefused(IngestError):
    """So many documents are gone from the source that it is likelier to be broken than to be right; none was removed."""

    def __init__(self, gone: int, known: int) -> None:
        super().__init__(
            f"{gone} of {known} documents are no longer in the source, and none was removed: "
            "check the source; if it is right, run again with --allow-removals"
        )


class Source(Protocol):
    """A place that lists files and hands out their bytes."""

    def files(self) -> Iterator[File]:
        """Every file there is, each once. Raises SourceFailed where the listing may be incomplete."""

    def fetch(self, file: File) -> bytes:
        """The bytes of one file. Raises FetchFailed, Skipped, or UnreadableDocument where they can't be had for good."""
