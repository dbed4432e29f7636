"""What a DOCX file says of itself: title, author, dates."""

from lxml import etree

from ingest.docx_package import Package
from ingest.plain import clean

_SIGNATURES = "_xmlsignatures/sig"
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
    """The core and extended properties that are set, by this project's names, and how many digital signatures there are."""
    said: dict[str, str] = {}
    for kind in ("core-properties", "extended-properties"):
        root = package.related("", kind)
        for element in [] if root is None else list(root):
            name = _NAMES.get(etree.QName(element).localname)
            words = clean(element.text or "").strip()
            if name and words:
                said[name] = words[:_MAX_LENGTH]
    signatures = sum(name.startswith(_SIGNATURES) and name.endswith(".xml") for name in package.names)
    if signatures:
        said["digital_signatures"] = str(signatures)
    return said
