import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.records import Span
from ingest.legible import legible_view

MESSY = st.text(alphabet="ab -\n\t“”’–\u00a0\u200b\u00ad_=.,()1", max_size=200)


@given(MESSY)
def test_the_view_has_single_spaces_and_plain_signs(text: str) -> None:
    view = legible_view(text)
    assert "  " not in view.text
    assert not set(view.text) & set("\n\t“”’–\u00a0\u200b\u00ad")


@given(MESSY, st.integers(0, 200), st.integers(0, 60))
def test_every_stretch_of_the_view_stands_at_its_span_in_the_document(text: str, start: int, length: int) -> None:
    view = legible_view(text)
    start = min(start, len(view.text))
    end = min(start + length, len(view.text))
    span = view.span(start, end)
    assert 0 <= span.start <= span.end <= len(text)
    assert legible_view(span.of(text)).text.strip() == legible_view(view.text[start:end]).text.strip()


@given(MESSY)
def test_lines_of_the_view_tile_it(text: str) -> None:
    view = legible_view(text)
    assert "".join(view.text[start:end] for start, end in view.line_spans()) == view.text


def test_furniture_is_passed_over_and_a_quote_across_it_is_still_verbatim() -> None:
    text = "The term is three\nPage 3 of 9\n(3) years."
    view = legible_view(text, [Span(18, 30)])
    assert view.text.strip() == "The term is three (3) years."
    start = view.text.index("three (3) years")
    assert view.span(start, start + len("three (3) years")).of(text) == "three\nPage 3 of 9\n(3) years"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("agree-\nment", "agreement"),
        ("Hewlett-\nPackard", "Hewlett- Packard"),
        ("TERM\n----------\nThe term", "TERM The term"),
        ("“Acme” – the ‘Company’", "\"Acme\" - the 'Company'"),
        ("____ day of ______", "____ day of ______"),
    ],
)
def test_a_text_is_seen_as_a_person_reads_it(text: str, seen: str) -> None:
    assert legible_view(text).text.strip() == seen
