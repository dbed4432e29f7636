"""The index of words: what it finds, how it ranks, and what a stop in the middle leaves."""

from pathlib import Path

import pytest

from index import words
from index.errors import IndexCorrupt
from index.words import Words, terms_of

FIELDS = {"title": 2.0, "body": 1.0}


def filled(folder: Path, *bodies: str) -> Words:
    words.create(folder / "words", FIELDS)
    words.update(folder / "words", 0, ((at, at // 2, {"body": body}) for at, body in enumerate(bodies, start=1)), [])
    return Words(folder / "words", FIELDS)


def test_words_are_found_in_other_forms_in_any_case_and_without_accents(tmp_path: Path) -> None:
    index = filled(tmp_path, "The Supplier shall terminate.", "Société Générale leases premises.")
    assert [number for number, _ in index.matching("TERMINATION by suppliers", 5)] == [1]
    assert [number for number, _ in index.matching("societe generale", 5)] == [2]
    assert index.matching("§ ... !", 5) == index.matching("", 5) == index.matching("terminate", 0) == []


def test_rarer_words_and_shorter_texts_rank_higher(tmp_path: Path) -> None:
    index = filled(tmp_path, "notice of the lessee", "indemnity of the lessee", "notice", "notice " + "of other things " * 30)
    assert [number for number, _ in index.matching("indemnity notice", 5)] == [2, 3, 1, 4]


def test_equal_matches_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    assert [number for number, _ in filled(tmp_path, *["the same words"] * 9).matching("words", 9)] == list(range(1, 10))


def test_a_match_in_a_heavier_field_ranks_higher(tmp_path: Path) -> None:
    words.create(tmp_path / "words", FIELDS)
    words.update(
        tmp_path / "words", 0, [(1, 1, {"title": "other", "body": "lease"}), (2, 2, {"title": "lease", "body": "other"})], []
    )
    assert [number for number, _ in Words(tmp_path / "words", FIELDS).matching("lease", 5)] == [2, 1]


def test_only_the_wanted_groups_are_found_with_the_same_scores(tmp_path: Path) -> None:
    index = filled(tmp_path, "rent", "rent and notice", "notice", "rent and rent", "widgets")
    every = dict(index.matching("rent", 9))
    assert dict(index.matching("rent", 9, [1])) == {2: every[2]}
    assert dict(index.matching("rent", 9, [0, 2])) == {1: every[1], 4: every[4]}
    assert index.matching("rent", 9, []) == index.matching("rent", 9, [77]) == []


def test_a_question_has_a_bounded_number_of_terms_each_once() -> None:
    assert terms_of("notice Notices NOTICE period") == ["notic", "period"]
    assert len(terms_of(" ".join(f"word{number}" for number in range(5_000)))) == 64
    assert terms_of("x" * 100_000) == []


def test_what_was_added_twice_after_a_stop_is_there_once(tmp_path: Path) -> None:
    filled(tmp_path, "rent", "rent", "rent")
    # The run was stopped before it noted that 2 and 3 are in.
    words.update(tmp_path / "words", 1, [(2, 1, {"body": "rent"}), (4, 2, {"body": "rent"})], [])
    assert [number for number, _ in Words(tmp_path / "words", FIELDS).matching("rent", 9)] == [1, 2, 4]


def test_groups_that_are_gone_are_found_no_more_and_open_indexes_stay_as_they_are(tmp_path: Path) -> None:
    index = filled(tmp_path, "rent", "rent", "rent")
    words.update(tmp_path / "words", 3, [], [1])
    assert [number for number, _ in index.matching("rent", 9)] == [1, 2, 3]
    assert [number for number, _ in Words(tmp_path / "words", FIELDS).matching("rent", 9)] == [1]


def test_a_damaged_index_says_so(tmp_path: Path) -> None:
    filled(tmp_path, "rent")
    with pytest.raises(IndexCorrupt, match="elsewhere"):
        Words(tmp_path / "elsewhere", FIELDS)
    for path in (tmp_path / "words").glob("*.term"):
        # Another file in its place: shortening one that is mapped into memory would end whoever still looks into it.
        path.with_suffix(".cut").write_bytes(path.read_bytes()[:-20])
        path.with_suffix(".cut").replace(path)
    with pytest.raises(IndexCorrupt, match="words"):
        Words(tmp_path / "words", FIELDS).matching("rent", 5)
    with pytest.raises(IndexCorrupt, match="words"):
        words.update(tmp_path / "words", 0, [(1, 1, {"body": "rent"})], [])
