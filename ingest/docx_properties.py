"""What a DOCX file says of itself: title, author, dates."""

from lxml import etree

from ingest.docx_package import Package
from ingest.plain import clean

_MAX_LENGTH = 1_000
_NAMES = {
    "title": "title",
    "subject": "subject",
    "creator": "author",
    "lastModifiedBy": "last_modified_by",
    "created": "created",
    "modified": "modified",
    "keywords": "keywords",
    "Company": "company",
    "Application": "producer",
}


def properties(package: Package) -> dict[str, str]:
    """The core and extended properties that are set, by this project's names."""
    said: dict[str, str] = {}
    for kind in ("core-properties", "extended-properties"):
        root = package.related("", kind)
        for element in [] if root is None else list(root):
            name = _NAMES.get(etree.QName(element).localname)
            words = clean(element.text or "").strip()
            if name and words:
                said[name] = words[:_MAX_LENGTH]
    return said
