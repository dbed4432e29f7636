"""Opens zip archives that others made, and inflates no more of them than is sane."""

import zipfile
import zlib
from io import BytesIO

from ingest.source import UnreadableDocument

# A tree of a part takes about thirteen times as much memory.
MAX_PART = 64 << 20
_MAX_MEMBERS = 20_000
# XML of real documents shrinks to a tenth or a fiftieth; deflate ends at a thousandth, and only a bomb comes near it.
_MAX_RATIO = 250
_RATIO_COUNTS_FROM = 16 << 20
_MEMBER = b"PK\x01\x02"
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1

DAMAGED = "is damaged or incomplete: get the file again, or open it in its program and save it anew"
PROTECTED = "is protected by a password: save a copy without the password"


def open_zip(data: bytes) -> zipfile.ZipFile:
    """The archive, its directory checked. Raises UnreadableDocument where it is damaged or was made to flood a reader."""
    # Counted before zipfile makes an object of each.
    members = data.count(_MEMBER)
    if members > _MAX_MEMBERS:
        raise UnreadableDocument(f"holds {members:,} parts, far more than a document has: it is not read")
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise UnreadableDocument(DAMAGED) from error
    return archive


def inflate(archive: zipfile.ZipFile, name: str, limit: int = MAX_PART) -> bytes | None:
    """One member's bytes, or `None` where there is no such member. Raises UnreadableDocument past `limit` bytes."""
    try:
        member = archive.getinfo(name)
    except KeyError:
        return None
    _check(member, limit)
    try:
        with archive.open(member) as stream:
            # zipfile stops at the size that the directory names, so a member that lies about it is cut and fails its checksum.
            return stream.read(limit + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise UnreadableDocument(DAMAGED) from error


def _check(member: zipfile.ZipInfo, limit: int) -> None:
    if member.flag_bits & _ENCRYPTED:
        raise UnreadableDocument(PROTECTED)
    if member.compress_type not in _METHODS:
        raise UnreadableDocument(DAMAGED)
    if member.file_size > limit:
        raise UnreadableDocument(
            f"holds a part that unpacks to {member.file_size >> 20} MB, over the limit of {limit >> 20} MB: "
            "split it, or save it as PDF"
        )
    if member.file_size > _RATIO_COUNTS_FROM and member.file_size > _MAX_RATIO * max(member.compress_size, 1):
        raise UnreadableDocument(
            f"holds a part that unpacks from {member.compress_size >> 10} KB to {member.file_size >> 20} MB, "
            "as files do that are made to flood their reader: it is not read"
        )
