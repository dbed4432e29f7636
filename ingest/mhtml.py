"""Reads web pages that were saved as one file with their pictures."""

from email import message_from_bytes

from index.records import Transcript
from ingest.html import shown
from ingest.plain import NO_TEXT, decode
from ingest.source import UnreadableDocument


def read_mhtml(data: bytes) -> Transcript:
    """Read the first web page in the file. Raises UnreadableDocument where there is none, or it shows no words."""
    for part in message_from_bytes(data.lstrip()).walk():
        body = part.get_payload(decode=True) if part.get_content_type() == "text/html" else None
        if isinstance(body, bytes):
            return shown(decode(body, part.get_content_charset()))
    raise UnreadableDocument(NO_TEXT)
