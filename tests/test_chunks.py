"""Chunks: every word in exactly one, none too long, none a heading alone."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from index.records import Chunk, Span
from index.spans import without
from ingest.chunks import make_chunks
from ingest.clauses import split_clauses


def tokens(texts: Sequence[str]) -> list[int]:
    """A tokenizer that counts words and, as real ones do, two special tokens."""
    return [2 + len(text.split()) for text in texts]


def chunks_of(text: str, furniture: tuple[Span, ...] = (), most: int = 256) -> tuple[Chunk, ...]:
    return make_chunks(text, split_clauses(text, (), furniture), furniture, tokens, most)


def said(text: str, spans: Sequence[Span], furniture: tuple[Span, ...]) -> str:
    return (
        "".join("".join(part.of(text) for part in without(span, furniture)) for span in spans).replace(" ", "").replace("\n", "")
    )


_LINES = st.sampled_from(
    [
        "1. TERM",
        "2. FEES",
        "2.1 The fee is due. It bears interest.",
        "(a) one;",
        "(b) two",
        "",
        "word " * 40,
        "EXHIBIT A",
        "x" * 90,
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_LINES, max_size=40), st.integers(8, 60), st.data())
def test_every_word_is_in_exactly_one_chunk_and_each_fits(lines: list[str], most: int, data: st.DataObject) -> None:
    text = "\n".join(lines)
    first = data.draw(st.integers(0, len(text)))
    last = data.draw(st.integers(first, len(text)))
    furniture = (Span(first, last),) if last > first else ()
    chunks = chunks_of(text, furniture, most)
    assert said(text, [chunk.span for chunk in chunks], furniture) == said(text, [Span(0, len(text))], furniture)
    assert all(before.span.end <= after.span.start for before, after in pairwise(chunks))
    assert max(tokens([chunk.words for chunk in chunks]), default=0) <= most
    assert all(chunk.span.of(text) == chunk.span.of(text).strip() != "" for chunk in chunks)


def test_a_heading_goes_with_the_words_below_it() -> None:
    text = "1. TERM AND TERMINATION\n\n1.1 Term. " + "This lasts. " * 30 + "\n\n1.2 End. " + "It may end. " * 30 + "\n"
    first, second = chunks_of(text)
    assert first.words.startswith("1. TERM AND TERMINATION 1.1 Term. This lasts.")
    assert first.heading == "1. TERM AND TERMINATION > 1.1 Term."
    assert second.words.startswith("1. TERM AND TERMINATION. 1.2 End. It may end.")
