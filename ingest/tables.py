"""Lays the rows of a table out as text in reading order."""

from collections.abc import Iterable, Iterator

# A cell longer than this holds a clause and not an entry, and its row stands apart.
_LONG_CELL = 200


def laid_out(rows: Iterable[list[list[str]]]) -> Iterator[str]:
    """The blocks of a table, whose rows are lists of cells and its cells lists of paragraphs.

    Rows of short entries are lines of one block, their cells parted by tabs. A row that holds whole paragraphs stands
    apart and is read cell by cell.
    """
    lines: list[str] = []
    for cells in rows:
        if all(_is_entry(cell) for cell in cells):
            if line := "\t".join("".join(cell) for cell in cells).rstrip():
                lines.append(line)
            continue
        if lines:
            yield "\n".join(lines)
            lines = []
        yield from _apart([cell for cell in cells if cell])
    if lines:
        yield "\n".join(lines)


def _apart(cells: list[list[str]]) -> Iterator[str]:
    *before, last = cells
    if all(_is_entry(cell) for cell in before):
        # A clause's number, or the term that is defined, stays on the line of what it belongs to.
        yield "\t".join([*("".join(cell) for cell in before), last[0]])
        yield from last[1:]
        return
    for cell in cells:
        yield from cell


def _is_entry(cell: list[str]) -> bool:
    return not cell or (len(cell) == 1 and len(cell[0]) <= _LONG_CELL and "\n" not in cell[0])
