"""Puts paragraphs, cells and rows of an RTF file together as they end."""

from dataclasses import dataclass, field

from ingest.tables import laid_out


@dataclass(slots=True)
class Story:
    """The body, a note, a text box or a header as it fills; `blocks` are its finished paragraphs and tables."""

    blocks: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    _boxes: list[str] = field(default_factory=list)
    _cell: list[str] = field(default_factory=list)
    _cells: list[list[str]] = field(default_factory=list)
    _rows: list[list[list[str]]] = field(default_factory=list)

    def end_paragraph(self, in_table: bool) -> None:
        """Take the words at hand for a paragraph, of the cell at hand where it is in a table."""
        text = self._taken()
        if in_table:
            self._cell += [text] if text else []
            return
        self._end_table()
        self.blocks += [text] if text else []
        self.blocks += self._boxes
        self._boxes.clear()

    def end_cell(self) -> None:
        """Take what came since the last cell for a cell."""
        text = self._taken()
        self._cells.append([*self._cell, *([text] if text else [])])
        self._cell = []

    def end_row(self) -> None:
        """Take the cells since the last row for a row."""
        if self._cell or "".join(self.words).strip():
            self.end_cell()
        self._rows.append(self._cells)
        self._cells = []

    def take_box(self, box: "Story") -> None:
        """Keep a text box until the paragraph that it hangs on ends."""
        self._boxes += box.finish()

    def finish(self) -> list[str]:
        """All paragraphs and tables."""
        if self._cell or self._cells:
            self.end_row()
        self.end_paragraph(in_table=False)
        return self.blocks

    def _taken(self) -> str:
        text = "".join(self.words).strip(" \n\t")
        self.words.clear()
        return text

    def _end_table(self) -> None:
        if self._cell or self._cells:
            # A paragraph between cells and their row's end is a producer's slip; its words stay in order.
            self.end_row()
        self.blocks += laid_out(self._rows)
        self._rows = []
