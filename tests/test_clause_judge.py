"""Likely sentences are judged again beside each other, and grow into stretches as long as that pays."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier

from index.records import Clause, Span
from models.clause_cut import Cut, load_cut, save_cut, stretches
from models.clause_evidence import LOOKED_AT, WIDTH, Said, chances, evidence, looked_at
from models.clause_forest import load_forest, save_forest
from models.clause_text import Reading, read
from models.clause_words import Floats, Lexicon, Vocabulary, split_all
from models.clauses import judge
from scripts.train_forest import as_arrays

CUT = Cut(price=0.1, worth=0.1, first=1000, later=1000, least=0, most=3, slope=1.0, offset=0.0)
LEXICON = Lexicon([["assign", "prior written consent"], ["force majeure"]], [["assignment"], ["force majeure", "acts of god"]])


def a_reading(*sections: tuple[str, str], lexicon: Lexicon = LEXICON) -> tuple[str, Reading]:
    text = ""
    clauses = []
    for heading, body in sections:
        start = len(text)
        text += f"{body}\n"
        clauses.append(Clause(Span(start, len(text)), "clause", 1, None, (heading,)))
    return text, read(text, clauses, (), Vocabulary([]), lexicon)


def some_trees(seed: int = 0) -> tuple[HistGradientBoostingClassifier, Floats]:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(800, 6)).astype(np.float32)
    rows[:, 0] = np.concatenate([np.arange(70), rng.integers(0, 70, 730)])
    right = (rows[:, 1] > 0) ^ np.isin(rows[:, 0], [3, 5, 40, 69])
    model = HistGradientBoostingClassifier(max_iter=12, categorical_features=[0], early_stopping=False, min_samples_leaf=5)
    return model.fit(rows, right), rows


def test_trees_as_arrays_say_what_the_trees_they_were_made_of_say(tmp_path: Path) -> None:
    model, rows = some_trees()
    save_forest(tmp_path / "forest.npz", as_arrays(model))
    forest = load_forest(tmp_path / "forest.npz")
    assert len(forest.sets) > 0
    assert np.allclose(forest.log_odds(rows), model.decision_function(rows), atol=1e-5)


def test_a_forest_judges_any_number_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    model, rows = some_trees()
    forest = as_arrays(model)
    whole = forest.log_odds(rows)
    monkeypatch.setattr("models.clause_forest._ROWS", 7)
    assert np.array_equal(forest.log_odds(rows), whole)
    assert forest.log_odds(rows[:0]).shape == (0,)


def test_a_forest_too_large_for_its_file_is_refused(tmp_path: Path) -> None:
    model, _ = some_trees()
    forest = as_arrays(model)
    with pytest.raises(ValueError, match="feature does not fit uint8"):
        save_forest(tmp_path / "forest.npz", replace(forest, feature=forest.feature + 300))


def test_cues_are_counted_and_headings_told_by_type() -> None:
    _, reading = a_reading(
        ("1. Assignment", "None may assign it. None may assign it without prior written consent to assign."),
        ("Acts of God", "Nobody answers for force  majeure. The rest stands."),
    )
    assert reading.cues.tolist() == [[1, 0], [3, 0], [0, 1], [0, 0]]
    assert reading.headed.tolist() == [[1, 0], [0, 1]]
    assert not reading.without_headings().headed.any()


@given(
    st.lists(st.text("ab 1\n\x1e", max_size=12), min_size=1, max_size=5),
    st.lists(st.sampled_from(["a", "b a", "a #"]), max_size=2),
)
def test_a_cue_never_reaches_from_one_text_into_the_next(texts: list[str], cues: list[str]) -> None:
    lexicon = Lexicon([cues], [[]])
    apart = [lexicon.cued(split_all([text]))[0].tolist() for text in texts]
    assert lexicon.cued(split_all(texts)).tolist() == apart


@given(st.integers(1, 40), st.integers(0, 1000))
def test_the_likeliest_sentences_are_looked_at_and_none_of_the_others_beats_them(sentences: int, seed: int) -> None:
    logits = np.random.default_rng(seed).normal(0, 4, (sentences, 2)).astype(np.float32)
    rows = looked_at(logits)
    assert rows.shape == (min(sentences, LOOKED_AT), 2)
    probable = chances(logits, rows, np.full(rows.shape, -20, dtype=np.float32))
    for column in range(2):
        others = np.delete(probable[:, column], rows[:, column])
        assert not len(others) or others.max() < probable[rows[:, column], column].min()


def test_a_sentence_is_judged_beside_those_around_it() -> None:
    _, reading = a_reading(("1. Assignment", "One. Two. Three."), ("2. Other", "Four."))
    logits = np.array([[-3, -9], [2, -9], [1, -9], [0, -9]], dtype=np.float32)
    rows = looked_at(logits)
    closer = logits.copy()
    closer[2] = [3, -9]
    seen = evidence(reading, Said(logits, closer), rows)
    assert seen.shape == (4, 2, WIDTH)
    first = seen[0, 0]
    number, own, two_before, before, after, two_after, best_of_clause, rank = first[:8]
    assert (number, own, before, after, two_after) == (0, 2, -3, 1, 0)
    assert two_before < -10
    assert (best_of_clause, rank) == (2, 0)
    assert seen[2, 0, 1:3].tolist() == [0, 2]
    # The third sentence says most in a piece of it.
    assert seen[:2, 0, 22:26].tolist() == [[2, 0, 3, -1], [3, 2, 3, 0]]


def test_a_contract_without_a_sentence_is_judged_too() -> None:
    reading = read("", (Clause(Span(0, 0), "front", 0, None, ()),), (), Vocabulary([]), LEXICON)
    model, _ = some_trees()
    nothing = np.zeros((0, 2), dtype=np.float32)
    assert judge(reading, Said(nothing, nothing), as_arrays(model)).shape == (0, 2)


SENTENCES = [f"{number} it is, said at some length here." for number in ("First", "Second", "Third", "Fourth", "Fifth")]


def five_sentences() -> tuple[str, Reading]:
    return a_reading(("1", " ".join(SENTENCES[:3])), ("2", " ".join(SENTENCES[3:])))


def test_a_stretch_takes_in_what_belongs_to_it_over_the_end_of_a_clause_and_no_more() -> None:
    text, reading = five_sentences()
    probable = np.array([0.0002, 0.9, 0.6, 0.5, 0.0002], dtype=np.float32)
    found = [stretch.span.of(text) for stretch in stretches(reading, probable, replace(CUT, price=0.3))]
    assert found == [f"{SENTENCES[1]} {SENTENCES[2]}\n{SENTENCES[3]}", SENTENCES[0], SENTENCES[4]]


def test_a_stretch_too_short_to_be_understood_is_shown_with_its_neighbour_of_the_same_clause() -> None:
    text, reading = five_sentences()
    probable = np.array([0.0001, 0.0002, 0.9, 0.01, 0.0001], dtype=np.float32)
    found = [stretch.span.of(text) for stretch in stretches(reading, probable, replace(CUT, price=10, least=60))]
    assert found == [f"{SENTENCES[1]} {SENTENCES[2]}", f"{SENTENCES[3]} {SENTENCES[4]}", SENTENCES[0]]


def test_a_stretch_takes_in_what_says_nothing_where_more_follows() -> None:
    text, reading = five_sentences()
    probable = np.array([0.8, 0.0002, 0.7, 0.0002, 0.0002], dtype=np.float32)
    assert next(stretches(reading, probable, CUT)).span.of(text) == " ".join(SENTENCES[:3])


def test_a_higher_price_makes_shorter_stretches() -> None:
    _, reading = five_sentences()
    probable = np.array([0.3, 0.5, 0.3, 0.2, 0.1], dtype=np.float32)
    lengths = [len(next(stretches(reading, probable, replace(CUT, price=price))).span) for price in (0.0, 1.0, 100.0)]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] > lengths[-1] == len(SENTENCES[1])


@given(st.lists(st.floats(0, 1, width=32), min_size=5, max_size=5), st.integers(1, 300), st.integers(1, 5))
def test_stretches_never_overlap_and_keep_to_their_room(probable: list[float], room: int, most: int) -> None:
    _, reading = five_sentences()
    cut = replace(CUT, first=room, later=room, most=most)
    found = list(stretches(reading, np.array(probable, dtype=np.float32), cut))
    assert 1 <= len(found) <= most
    longest = max(map(len, reading.units))
    assert all(len(stretch.span) <= max(room, longest) for stretch in found)
    assert not any(one.span.overlaps(other.span) for at, one in enumerate(found) for other in found[:at])
    assert [stretch.probability for stretch in found] == sorted((stretch.probability for stretch in found), reverse=True)


def test_a_rule_is_the_same_when_it_was_saved(tmp_path: Path) -> None:
    save_cut(tmp_path, CUT)
    assert load_cut(tmp_path) == CUT


def test_probabilities_are_between_0_and_1_however_sure_the_trees_are() -> None:
    assert 0 < CUT.probability(0.0) < 0.001
    assert 0.999 < CUT.probability(1.0) < 1
