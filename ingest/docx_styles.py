"""What a DOCX file's styles say of a paragraph or run: its list, its outline level, whether it is hidden."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ingest.docx_xml import Element, number, toggle, value, w

_MAX_ANCESTORS = 30


@dataclass(frozen=True, slots=True)
class Style:
    """One style as the file has it, without what it inherits; `num_id` 0 takes a paragraph out of every list."""

    parent: str | None
    num_id: int | None
    level: int | None
    outline: int | None
    hidden: bool | None


@dataclass(frozen=True, slots=True)
class Styles:
    """All styles by id. `default` is the paragraph style of paragraphs that name none."""

    by_id: Mapping[str, Style]
    default: str | None

    def of(self, style_id: str | None) -> Iterator[Style]:
        """A style and those it is based on, nearest first; a circle ends."""
        for _ in range(_MAX_ANCESTORS):
            style = self.by_id.get(style_id or "")
            if style is None:
                return
            yield style
            style_id = style.parent

    def num_id(self, style_id: str | None) -> int | None:
        """The list that a style belongs to."""
        return next((style.num_id for style in self.of(style_id) if style.num_id is not None), None)

    def level(self, style_id: str | None) -> int | None:
        """The level in its list that a style names."""
        return next((style.level for style in self.of(style_id) if style.level is not None), None)

    def outline(self, style_id: str | None) -> int | None:
        """The outline level, 0 for the outermost headings; 9 and `None` are body text."""
        return next((style.outline for style in self.of(style_id) if style.outline is not None), None)

    def hidden(self, style_id: str | None) -> bool:
        """Whether a style hides its text."""
        return next((style.hidden for style in self.of(style_id) if style.hidden is not None), False)


def read_styles(root: Element | None) -> Styles:
    """The styles of `styles.xml`."""
    elements = [] if root is None else root.findall(w("style"))
    by_id = {element.get(w("styleId"), ""): _style(element) for element in elements}
    defaults = (
        element.get(w("styleId"))
        for element in elements
        if element.get(w("type")) == "paragraph" and element.get(w("default")) in {"1", "true", "on"}
    )
    return Styles(by_id, next(defaults, None))


def _style(element: Element) -> Style:
    paragraph = element.find(w("pPr"))
    numbering = None if paragraph is None else paragraph.find(w("numPr"))
    return Style(
        value(element, "basedOn"),
        number(numbering, "numId"),
        number(numbering, "ilvl"),
        number(paragraph, "outlineLvl"),
        toggle(element.find(w("rPr")), "vanish"),
    )
