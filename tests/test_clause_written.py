"""Written clauses teach what their writer marked, stand among a contract's own, and leave those as they were."""

import numpy as np
import pytest

from index.records import Clause, Span, Transcript
from index.taxonomy import clause_types
from models.clause_text import NEAR_BEGINNING, PLACES, read
from models.clause_words import Bags, Vocabulary, bare_heading, grams, words_of
from scripts.train_judge import LEXICON, TYPES
from scripts.train_labels import Labelled, Lesson, lesson
from scripts.train_net import vocabulary_of
from scripts.train_written import Written, among, load_written, written_lesson

INSURED = "The Carrier shall insure every crate for its full value."
LAW = "This Agreement shall be governed by the laws of Ohio."
NOISE = "Crates are stacked two high."
GRAMS = Vocabulary(sorted({gram for text in (INSURED, LAW, NOISE, "cargo") for gram in grams(words_of(text))}))


def a_clause(near: str | None = None) -> Written:
    text = f"{INSURED} {NOISE} {LAW}"
    return Written("Cargo", text, ((Span(0, len(INSURED)), ("Insurance", "Taxes")),), near)


def a_lesson(written: Written) -> Lesson:
    return written_lesson(written, GRAMS, LEXICON, TYPES)


def a_contract(clauses: int = 4) -> Lesson:
    sentences = [f"{NOISE} {LAW}" if number == 2 else NOISE for number in range(clauses)]
    text = "\n".join(sentences)
    starts = [sum(len(each) + 1 for each in sentences[:number]) for number in range(clauses)]
    spans = tuple(
        Clause(Span(start, start + len(each)), "clause", 1, None, ()) for start, each in zip(starts, sentences, strict=True)
    )
    contract = Labelled("firm_contract.pdf", Transcript(text, (), ()), spans, {"Governing Law": (LAW,)})
    return lesson(contract, read(text, spans, (), GRAMS, LEXICON), TYPES)


def rows_of(bags: Bags) -> list[tuple[int, ...]]:
    return [tuple(bags.ids[start:end].tolist()) for start, end in zip(bags.starts, bags.starts[1:], strict=False)]


def test_every_written_clause_names_types_that_there_are_and_marks_text_that_stands_in_it() -> None:
    names = {kind.name for kind in clause_types()}
    seen: set[str] = set()
    for written in load_written():
        assert written.types <= names, written
        assert not {"[[", "]]"} & {written.text[at : at + 2] for at in range(len(written.text))}, written
        assert all(0 <= span.start < span.end <= len(written.text) for span, _ in written.marks), written
        assert written.marks or written.near, written
        seen |= {name for _, types in written.marks for name in types}
    assert seen == names


def test_a_marked_sentence_is_of_its_types_and_what_its_writer_did_not_think_of_is_in_doubt() -> None:
    learned = a_lesson(a_clause())
    at = {name: TYPES.index(name) for name in ("Insurance", "Taxes", "Governing Law")}
    assert learned.marks[:, at["Insurance"]].tolist() == learned.marks[:, at["Taxes"]].tolist() == [1, 0, 0]
    assert learned.marks.sum() == 2
    assert learned.doubts[:, at["Governing Law"]].tolist() == [False, False, True]
    assert not learned.doubts[:, at["Insurance"]].any()


def test_what_only_looks_like_a_type_is_known_not_to_be_of_it() -> None:
    learned = a_lesson(a_clause(near="Governing Law"))
    assert not learned.doubts[:, TYPES.index("Governing Law")].any()
    assert not learned.marks[:, TYPES.index("Governing Law")].any()


@pytest.mark.parametrize("count", [0, 1, 5])
@pytest.mark.parametrize("clauses", [0, 4])
def test_a_contract_keeps_all_of_its_own_when_clauses_are_put_among_them(count: int, clauses: int) -> None:
    contract, written = a_contract(clauses), a_lesson(a_clause())
    mixed = among(contract, [written] * count, np.random.default_rng(3))
    inserted = set(written.reading.units)
    reading = mixed.reading
    assert len(reading.units) == len(reading.words) == len(mixed.marks) == len(mixed.doubts) == len(reading.shape)
    assert len(reading.units) == len(contract.reading.units) + count * len(inserted)
    assert len(reading.headings) == len(contract.reading.headings) + count
    expected = {row: mark.tolist() for row, mark in zip(rows_of(written.reading.words), written.marks, strict=True)}
    insured = [row for row, mark in zip(rows_of(reading.words), mixed.marks, strict=True) if mark[TYPES.index("Insurance")]]
    assert insured == [row for row, mark in expected.items() if mark[TYPES.index("Insurance")]] * count
    laws = rows_of(reading.words).count(rows_of(written.reading.words)[-1])
    assert laws == count + bool(clauses)
    assert mixed.marks[:, TYPES.index("Governing Law")].sum() == bool(clauses)
    if clauses:
        assert (np.diff(reading.clause_of) >= 0).all()
        assert reading.clause_of.max() == len(reading.headings) - 1


def test_a_written_clause_stands_where_it_was_put() -> None:
    contract, written = a_contract(), a_lesson(a_clause())
    mixed = among(contract, [written], np.random.default_rng(3)).reading
    first = next(at for at, row in enumerate(rows_of(mixed.words)) if row == rows_of(written.reading.words)[0])
    beside = contract.reading.shape[min(first, len(contract.reading.units) - 1), PLACES]
    assert np.array_equal(mixed.shape[first, PLACES], beside)
    assert not mixed.shape[first : first + 3, NEAR_BEGINNING].any()
    others = np.delete(mixed.shape, np.s_[first : first + 3], axis=0)
    assert np.array_equal(others, contract.reading.shape)


def test_words_of_several_written_clauses_are_learned_and_those_of_one_are_not() -> None:
    sayings = [Written("Cargo", f"{INSURED} {word}", (), "Insurance") for word in ("Zebra", "Giraffe", "Gnu")]
    known = set(vocabulary_of([], sayings).grams)
    assert "insure" in known
    assert not {"zebra", "giraffe", "gnu"} & known
    assert bare_heading("Cargo") in known
