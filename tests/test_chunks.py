"""Chunks: every word in exactly one, none too long, none a heading alone."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.records import Chunk, Span
from index.spans import without
from ingest.chunks import Count, make_chunks
from ingest.clauses import split_clauses


def count_words(texts: Sequence[str]) -> list[int]:
    """Lengths as a tokenizer gives them that takes words for tokens, and adds two of its own."""
    return [2 + len(text.split()) for text in texts]


def count_letters(texts: Sequence[str]) -> list[int]:
    """Lengths as a tokenizer gives them that takes letters for tokens, and adds two of its own."""
    return [2 + len(text) for text in texts]


def chunks_of(text: str, furniture: tuple[Span, ...] = (), most: int = 256) -> tuple[Chunk, ...]:
    return make_chunks(text, split_clauses(text, (), furniture), furniture, count_words, most)


def said(text: str, spans: Sequence[Span], furniture: tuple[Span, ...]) -> str:
    """What spans say outside the furniture, without white space."""
    parts = (part.of(text) for span in spans for part in without(span, furniture))
    return "".join("".join(parts).split())


def agreement(*clauses: str) -> str:
    return "\n\n".join(["This Agreement is made between A and B, who agree as follows:", *clauses]) + "\n"


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
        "a-\nb",
        "By: ____",
        '"Fee" means it.',
    ]
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(_LINES, max_size=40),
    st.sampled_from([(count_words, 8), (count_words, 30), (count_words, 256), (count_letters, 20), (count_letters, 256)]),
    st.data(),
)
def test_every_word_is_in_exactly_one_chunk_and_each_fits(
    lines: list[str], counted: tuple[Count, int], data: st.DataObject
) -> None:
    count, most = counted
    text = "\n".join(lines)
    first = data.draw(st.integers(0, len(text)))
    last = data.draw(st.integers(first, len(text)))
    furniture = (Span(first, last),) if last > first else ()
    chunks = make_chunks(text, split_clauses(text, (), furniture), furniture, count, most)
    assert said(text, [chunk.span for chunk in chunks], furniture) == said(text, [Span(0, len(text))], furniture)
    assert all(before.span.end <= after.span.start for before, after in pairwise(chunks))
    assert max(count([chunk.words for chunk in chunks]), default=0) <= most
    assert all(chunk.span.of(text) == chunk.span.of(text).strip() != "" for chunk in chunks)
    assert all(said(text, [chunk.span], furniture) for chunk in chunks)


def test_a_heading_goes_with_the_words_below_it() -> None:
    first, second = chunks_of(
        "1. TERM AND TERMINATION\n\n1.1 Term. " + "This lasts. " * 30 + "\n\n1.2 End. " + "It may end. " * 30 + "\n"
    )
    assert first.words.startswith("1. TERM AND TERMINATION 1.1 Term. This lasts.")
    assert first.heading == "1. TERM AND TERMINATION > 1.1 Term."
    assert second.words.startswith("1. TERM AND TERMINATION. 1.2 End. It may end.")


@pytest.mark.parametrize(
    "clause", ["2. RESERVED", "2. EXHIBITS\n\n2.1 LISTS", "2. TERM\n\nEXHIBIT A\nGOODS\n\nEXHIBIT B\nPRICES"]
)
def test_no_chunk_is_a_heading_alone(clause: str) -> None:
    text = agreement(
        "1. SUPPLY\n\n" + "The goods are supplied here. " * 9, clause, "3. LAW\n\n" + "English law applies here. " * 9
    )
    assert all("." in chunk.words.replace("2.1", "").lstrip("123. ") for chunk in chunks_of(text)[1:])


def test_a_long_clause_is_cut_at_its_items_and_each_part_reads_under_the_heading() -> None:
    items = [f"({letter}) " + "the goods that are listed there; " * 3 + "and more of them;" for letter in "abcdefgh"]
    text = agreement("1. SUPPLY\n\nThe Supplier supplies:\n\n" + "\n\n".join(items), "2. LAW\n\nEnglish law applies.")
    chunks = [chunk for chunk in chunks_of(text, most=80) if chunk.heading and chunk.heading.startswith("1. SUPPLY")]
    assert len(chunks) > 2
    assert all(chunk.span.of(text).startswith("(") for chunk in chunks[1:])
    assert all(chunk.words.startswith("1. SUPPLY") for chunk in chunks)


def test_a_chunk_ends_with_a_sentence_where_sentences_fit() -> None:
    text = agreement("1. SUPPLY\n\n" + "The Supplier delivers the goods within the agreed time. " * 40, "2. LAW\n\nEnglish law.")
    assert all(chunk.span.of(text).endswith((".", ":")) for chunk in chunks_of(text, most=60))


def test_a_chunk_keeps_to_its_clause() -> None:
    text = agreement(*[f"{at}. TITLE\n\n" + f"Sentence of clause {at} stands here. " * 12 for at in range(1, 6)])
    for chunk in chunks_of(text)[1:]:
        assert len({word for word in chunk.words.split() if word.isdigit()}) == 1


def test_small_neighbours_under_one_heading_are_joined_and_others_are_not() -> None:
    definitions = "\n\n".join(f'"{term}" means what the law of England says.' for term in ("Fee", "Term", "Goods"))
    text = agreement(f"1. DEFINITIONS\n\n{definitions}", "2. LAW\n\nEnglish law.", "3. TERM\n\n3.1 One year.\n\n3.2 No longer.")
    together = [chunk for chunk in chunks_of(text) if '"Fee"' in chunk.words]
    assert len(together) == 1
    assert '"Goods" means' in together[0].words
    assert together[0].heading == "1. DEFINITIONS"
    assert "3.1" not in together[0].words


def test_a_word_longer_than_a_chunk_is_cut_and_nothing_of_it_lost() -> None:
    text = agreement("1. KEY\n\n" + "k" * 900, "2. LAW\n\nEnglish law.")
    chunks = make_chunks(text, split_clauses(text), (), count_letters, 200)
    assert sum(chunk.span.of(text).count("k") for chunk in chunks) == 900 + text.replace("k" * 900, "").count("k")
    assert max(count_letters([chunk.words for chunk in chunks])) <= 200


def test_words_read_over_furniture_and_over_a_hyphen_at_the_end_of_a_line() -> None:
    text = agreement(
        "1. SUPPLY\n\nThe goods are deliv-\nered free of\nPage 3 of 9\nany charge or lien.", "2. LAW\n\nEnglish law."
    )
    at = text.index("Page 3")
    chunks = chunks_of(text, (Span(at, at + len("Page 3 of 9")),))
    words = next(chunk.words for chunk in chunks if "goods" in chunk.words)
    assert "The goods are delivered free of any charge or lien." in words


def test_the_tokenizer_is_asked_a_few_times_a_document_whatever_its_length() -> None:
    calls = []

    def counted(texts: Sequence[str]) -> list[int]:
        calls.append(len(texts))
        return count_words(texts)

    text = agreement(*[f"{at}. TITLE\n\n" + "A sentence of some length stands here. " * 60 for at in range(1, 90)])
    make_chunks(text, split_clauses(text), (), counted)
    assert len(calls) <= 6
