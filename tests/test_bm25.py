"""What is reckoned over a part of the texts is what tantivy would reckon if there were no others."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import words
from index.bm25 import corpus_of, counted, rescored, rounded
from index.words import Words

_VOCABULARY = ("liability", "Agreement", "agreements", "parties'", "naïve", "x_y", "Vertrag", "a", "12.3", "z" * 80, "ÉTÉ", "of")
_TEXT = st.lists(st.sampled_from(_VOCABULARY), min_size=1, max_size=120).map(" ".join)
_QUESTION = st.lists(st.sampled_from(_VOCABULARY), min_size=1, max_size=4).map(" ".join)


def index_of(folder: Path, texts: dict[int, str]) -> Words:
    words.create(folder, {"words": 1.0})
    words.update(folder, 0, ((number, number // 2, {"words": text}) for number, text in texts.items()), [])
    return Words(folder, {"words": 1.0})


@settings(max_examples=15, deadline=None)
@given(
    st.lists(_TEXT, min_size=2, max_size=20),
    st.lists(st.sampled_from(_VOCABULARY), min_size=1, max_size=4).map(" ".join),
    st.data(),
)
def test_scores_are_those_of_an_index_of_the_part_alone(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], question: str, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("words")
    everything = dict(enumerate(texts))
    groups = sorted(data.draw(st.sets(st.sampled_from(sorted({number // 2 for number in everything})), min_size=1)))
    part = {number: text for number, text in everything.items() if number // 2 in groups}
    counts = {number: counted(text) for number, text in part.items()}
    found = rescored(question, counts, corpus_of(index_of(folder / "all", everything), groups))
    alone = index_of(folder / "part", part).matching(question, 100)
    assert [number for number, _ in found] == [number for number, _ in alone]
    assert [score for _, score in found] == pytest.approx([score for _, score in alone], rel=1e-5)


def test_lengths_are_kept_to_four_bits() -> None:
    assert [rounded(length) for length in (0, 23, 24, 40, 41, 42, 57, 60, 63, 64, 700)] == [
        0,
        23,
        24,
        40,
        40,
        42,
        56,
        60,
        60,
        64,
        664,
    ]


def test_of_no_groups_nothing_is_known(tmp_path: Path) -> None:
    corpus = corpus_of(index_of(tmp_path / "all", {1: "liability"}), [])
    assert (corpus.count, corpus.having("liabil"), rescored("liability", {}, corpus)) == (0, 0, [])


@given(_TEXT | st.text(st.characters(max_codepoint=0x2FF), max_size=80) | st.just("“Ünïted” – § 5(a) № 7 ½"))
def test_terms_are_counted_as_the_analyzer_finds_them(text: str) -> None:
    assert words.count_terms(text) == len(words.terms_in(text))
