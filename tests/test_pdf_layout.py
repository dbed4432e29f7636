"""In which order the lines of a PDF page are read, and where its paragraphs end."""

import pytest
from pdf_files import HEIGHT, WIDTH, Draw, both, pdf, rewritten, written
from pypdf import PdfWriter
from reportlab.pdfgen.canvas import Canvas

from ingest.pdf import read_pdf

LEFT = [f"left column line {number} of the agreement" for number in range(14)]
RIGHT = [f"right column line {number} of the agreement" for number in range(14)]


def read(*pages: Draw) -> str:
    return read_pdf(pdf(*pages), None).text


def turned(degrees: int, draw: Draw) -> Draw:
    """Draw at an angle, as on a landscape page that was printed upright."""

    def turn(canvas: Canvas) -> None:
        canvas.translate(WIDTH / 2, HEIGHT / 2)
        canvas.rotate(degrees)
        canvas.translate(-WIDTH / 2, -HEIGHT / 2)
        draw(canvas)

    return turn


def rows(*pairs: tuple[str, str], pitch: float = 14) -> Draw:
    """Draw two columns row by row, as some programs do."""

    def draw(canvas: Canvas) -> None:
        for number, (left, right) in enumerate(pairs):
            canvas.drawString(60, 700 - number * pitch, left)
            canvas.drawString(330, 700 - number * pitch, right)

    return draw


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_sideways_text_is_read_from_its_first_line_to_its_last(degrees: int) -> None:
    lines = ["first line of all", "second line of all", "third line of all"]
    assert read(turned(degrees, written(*lines, left=200, top=500))) == "\n".join(lines) + "\n"


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_page_is_read_from_its_first_line_to_its_last(degrees: int) -> None:
    lines = ["first line of all", "second line of all", "third line of all"]

    def turn(writer: PdfWriter) -> None:
        writer.pages[0].rotate(degrees)

    assert read_pdf(rewritten(pdf(written(*lines)), turn), None).text == "\n".join(lines) + "\n"


def test_two_columns_drawn_one_after_the_other_are_read_so() -> None:
    text = read(both(written(*LEFT, left=60), written(*RIGHT, left=330)))
    assert text.splitlines() == LEFT + RIGHT


def test_two_columns_drawn_row_by_row_are_not_interleaved() -> None:
    columns = rows(*zip(LEFT, RIGHT, strict=True))
    text = read(both(written("MASTER SERVICES AGREEMENT", top=740), columns, written("the end", top=450)))
    assert [line for line in text.splitlines() if line] == ["MASTER SERVICES AGREEMENT", *LEFT, *RIGHT, "the end"]


def test_a_table_and_a_signature_block_are_read_row_by_row() -> None:
    prices = [(f"Item {number}", f"{number}00.00 USD") for number in range(12)]
    assert read(rows(*prices)).splitlines() == [f"{left}   {right}" for left, right in prices]
    names = [("ACME INC.", "BOLT LTD."), ("By: /s/ A. Berg", "By: /s/ B. Holt"), ("Name: A. Berg", "Name: B. Holt")]
    assert read(rows(*names)).splitlines() == [f"{left}   {right}" for left, right in names]


def test_a_heading_that_the_file_draws_last_is_read_where_it_stands() -> None:
    text = read(both(written("1.1 The Supplier shall", "deliver the Goods.", top=700), written("1. DELIVERY", top=728)))
    assert text.rstrip().splitlines() == ["1. DELIVERY", "", "1.1 The Supplier shall", "deliver the Goods."]


def test_a_footer_that_the_file_draws_first_is_read_last() -> None:
    text = read(both(written("Confidential", top=40), written("The Supplier shall", "deliver the Goods.")))
    assert text.split("\n\n") == ["The Supplier shall\ndeliver the Goods.", "Confidential\n"]


def test_numbers_drawn_after_their_clauses_are_put_before_them() -> None:
    clauses = both(written("Term of three years.", left=110, top=700), written("Notice in writing.", left=110, top=660))
    numbers = both(written("9.1", left=72, top=700), written("9.2", left=72, top=660))
    assert read(both(clauses, numbers)).split("\n\n") == ["9.1 Term of three years.", "9.2 Notice in writing.\n"]


def test_raised_letters_are_put_behind_their_number() -> None:
    def raised(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "on the 31 day of July")
        canvas.drawString(72, 686, "the parties sign and deliver this deed together")
        canvas.setFont("Helvetica", 7)
        canvas.drawString(72 + canvas.stringWidth("on the 31", "Helvetica", 12), 705, "st")

    assert read(raised).splitlines()[0] == "on the 31st day of July"


def test_a_line_printed_over_itself_is_read_once() -> None:
    bold = both(written("GOVERNING LAW", top=700), written("next line", top=686), written("GOVERNING LAW", left=72.3, top=700))
    assert read(bold).count("GOVERNING LAW") == 1


def test_a_hyphen_at_the_end_of_a_line_stays_with_the_line_s_end() -> None:
    assert read(written("this non-", "exclusive licence is granted")) == "this non-\nexclusive licence is granted\n"


def test_paragraphs_stand_apart_and_their_lines_do_not() -> None:
    for pitch in (14, 24):
        lines = ["one line of the first paragraph", "and its second line", "and its third line"] * 3
        drawn = [both(written(*lines[:3], top=700 - start, pitch=pitch)) for start in (0, 3 * pitch + 12, 6 * pitch + 24)]
        assert read(both(*drawn)).rstrip("\n").split("\n\n") == ["\n".join(lines[:3])] * 3
