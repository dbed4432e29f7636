"""The parts of a DOCX file and how they refer to each other; only what is asked for is unpacked."""

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from ingest.docx_xml import Element, parse
from ingest.source import UnreadableDocument
from ingest.zips import DAMAGED, MAX_PART, inflate, open_zip

_MAX_RELATIONS = 16 << 20
_MAX_XML = 512 << 20
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


@dataclass(frozen=True, slots=True)
class Relation:
    """A reference from one part to another: its id, its kind ("header"), and the name of the part that it leads to."""

    id: str
    kind: str
    target: str


# python-docx unpacks every part, pictures too, before a bound can be set, and reads neither templates nor strict files.
@dataclass(frozen=True, slots=True)
class Package:
    """An open package; `names` are the true names of its parts by their names in small letters."""

    archive: zipfile.ZipFile
    names: dict[str, str]

    def part(self, name: str) -> bytes | None:
        """The bytes of a part; case does not matter, as Word holds it."""
        true = self.names.get(name.lower())
        limit = _MAX_RELATIONS if name.endswith(".rels") else MAX_PART
        return None if true is None else inflate(self.archive, true, limit)

    def xml(self, name: str) -> Element | None:
        """The root of a part, or `None` where there is no such part."""
        data = self.part(name)
        return None if data is None else parse(data)

    def relations(self, source: str) -> Iterator[Relation]:
        """What a part refers to inside the package; the package itself is the part with the empty name."""
        folder, name = posixpath.split(source)
        root = self.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
        for relation in () if root is None else root.iter(_RELATIONSHIP):
            if relation.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/" + folder, unquote(relation.get("Target", ""))))
                yield Relation(relation.get("Id", ""), relation.get("Type", "").rpartition("/")[2], target.lstrip("/"))

    def related(self, source: str, kind: str) -> Element | None:
        """The first part of this kind that a part refers to."""
        for relation in self.relations(source):
            if relation.kind == kind and (root := self.xml(relation.target)) is not None:
                return root
        return None


def open_package(data: bytes) -> Package:
    """Open a DOCX file. Raises UnreadableDocument where it is damaged or was made to flood a reader."""
    archive = open_zip(data)
    xml = sum(member.file_size for member in archive.filelist if member.filename.lower().endswith((".xml", ".rels")))
    if xml > _MAX_XML:
        raise UnreadableDocument(f"unpacks to {xml >> 20} MB of text and markup, far more than a document has: it is not read")
    return Package(archive, {name.replace("\\", "/").lstrip("/").lower(): name for name in archive.namelist()})


def main_part(package: Package) -> str:
    """The name of the part that holds the document's body."""
    for relation in package.relations(""):
        if relation.kind == "officeDocument" and relation.target.lower() in package.names:
            return relation.target
    if "word/document.xml" in package.names:
        return "word/document.xml"
    raise UnreadableDocument(DAMAGED)
