"""Words for WordprocessingML: names of its elements, and its parts parsed without any harm."""

from lxml import etree

from ingest.source import UnreadableDocument
from ingest.zips import DAMAGED

Element = etree._Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
V = "{urn:schemas-microsoft-com:vml}"

# "Strict Open XML" has the same elements under other names.
_STRICT = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", W[1:-1].encode()),
    (b"http://purl.oclc.org/ooxml/officeDocument/relationships", R[1:-1].encode()),
    (b"http://purl.oclc.org/ooxml/officeDocument/math", M[1:-1].encode()),
)
_OFF = {"0", "false", "off", "none"}


def parse(data: bytes) -> Element:
    """The root of a part. Raises UnreadableDocument where it is no XML, or declares entities, which no document needs."""
    for strict, usual in _STRICT:
        if strict in data:
            data = data.replace(strict, usual)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableDocument(DAMAGED) from error
    if root.getroottree().docinfo.doctype:
        raise UnreadableDocument("declares XML entities, which no Word document does and attacks do: it is not read")
    return root


def w(name: str) -> str:
    """The full name of an element or attribute of WordprocessingML."""
    return W + name


def value(parent: Element | None, name: str) -> str | None:
    """The `w:val` of a child, or `None` where there is no such child or it has none."""
    child = None if parent is None else parent.find(W + name)
    return None if child is None else child.get(W + "val")


def number(parent: Element | None, name: str) -> int | None:
    """The `w:val` of a child as a whole number; what is no number counts as absent."""
    text = value(parent, name)
    try:
        return None if text is None else int(text)
    except ValueError:
        return None


def toggle(parent: Element | None, name: str) -> bool | None:
    """A property that is on where its element stands, unless it says off; `None` where it does not stand at all."""
    child = None if parent is None else parent.find(W + name)
    return None if child is None else child.get(W + "val", "1").lower() not in _OFF
