"""The scorer's figures come from contracts that nothing which judges them has seen, and what nobody knows teaches nothing."""

from dataclasses import replace

import numpy as np
import pytest

from index.records import Clause, Span, Transcript
from index.taxonomy import clause_type
from models.clause_evidence import Said
from models.clause_text import read
from models.clause_words import Lexicon, Vocabulary
from scripts import train_forest, train_judge
from scripts.train_card import card
from scripts.train_forest import judged
from scripts.train_judge import HeldOut, as_json, cross_validated, rows_of, rule
from scripts.train_labels import Labelled, lesson

KINDS = [kind for kind in map(clause_type, ("Governing Law", "Insurance", "Force Majeure")) if kind]
TYPES = tuple(kind.name for kind in KINDS)
LEXICON = Lexicon([kind.cues for kind in KINDS], [kind.headings for kind in KINDS])
LAW = "This Agreement is governed by the laws of Ohio."
FORCE = "Neither party answers for delay by force majeure."
FILLER = [f"The parties shall meet in room {number} every week." for number in range(20)]


def a_contract(name: str, *, law: bool, heading: str | None = None) -> Labelled:
    text = " ".join([*FILLER[:9], *([LAW] if law else []), FORCE, *FILLER[9:]])
    path = (heading,) if heading else ()
    clauses = (Clause(Span(0, len(text)), "clause", 1, None, path),)
    spans = {"Governing Law": (LAW,) if law else (), "Insurance": ()}
    return Labelled(name, Transcript(text, (), ()), clauses, spans)


def held_out(number: int) -> HeldOut:
    contract = a_contract(f"firm{number}_contract.pdf", law=number % 2 == 0)
    learned = lesson(contract, read(contract.transcript.text, contract.clauses, (), Vocabulary([]), LEXICON), TYPES)
    logits = np.random.default_rng(number).normal(-6, 1, learned.marks.shape).astype(np.float32) + 6 * learned.marks
    said = Said(logits, logits)
    return HeldOut(contract, number % 3, learned, said, said)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[HeldOut]:
    monkeypatch.setattr(train_forest, "_GROWN", {"max_iter": 20, "min_samples_leaf": 5})
    monkeypatch.setattr(train_judge, "TYPES", TYPES)
    return [held_out(number) for number in range(12)]


def test_a_contract_is_judged_by_trees_that_never_saw_its_fold(held: list[HeldOut]) -> None:
    blind = [replace(each, lesson=replace(each.lesson, marks=1 - each.lesson.marks)) if each.fold == 0 else each for each in held]
    for one, other in zip(cross_validated(held), cross_validated(blind), strict=True):
        assert one.held.contract == other.held.contract
        assert np.array_equal(one.chances, other.chances) == (one.held.fold == 0)


def test_what_was_learned_finds_the_law_and_says_where_there_is_none(held: list[HeldOut]) -> None:
    answered = cross_validated(held)
    cut = rule(answered)
    rows = [row for each in answered for row in rows_of(each, cut) if row.category == "Governing Law"]
    assert all(row.hit1 for row in rows if row.present)
    assert min(row.probability for row in rows if row.present) > max(row.probability for row in rows if not row.present)
    assert "| Governing Law | 6 | 1.000 |" in card(rows)


def test_findings_of_held_out_contracts_are_written_as_evaluation_reads_them(held: list[HeldOut]) -> None:
    answered = cross_validated(held)
    written = as_json(answered, rule(answered))
    assert set(written) == {each.contract.file for each in held}
    start, end, heading, chance = written["firm0_contract.pdf"]["Governing Law"][0]
    assert LAW in held[0].contract.transcript.text[start:end]
    assert heading is None
    assert 0 < chance < 1


def test_words_of_a_type_that_no_expert_looked_for_are_in_doubt_unless_its_heading_stands_above() -> None:
    force = TYPES.index("Force Majeure")
    for heading, marked in ((None, False), ("Force Majeure", True)):
        contract = a_contract("firm_contract.pdf", law=True, heading=heading)
        learned = lesson(contract, read(contract.transcript.text, contract.clauses, (), Vocabulary([]), LEXICON), TYPES)
        row = next(at for at, unit in enumerate(learned.reading.units) if FORCE in unit.of(contract.transcript.text))
        assert learned.marks[row, force] == marked
        assert learned.doubts[row, force] != marked
        assert not learned.doubts[:, TYPES.index("Insurance")].any()


def test_trees_learn_nothing_from_what_is_in_doubt() -> None:
    each = held_out(0)
    force = np.array([name == "Force Majeure" for name in TYPES])
    rows = min(16, len(each.said))
    known = judged(each.lesson, each.said, force)
    doubted = replace(each.lesson, doubts=np.ones_like(each.lesson.doubts))
    assert len(known.right) in (rows, rows - 1)
    assert not len(judged(doubted, each.said, force).right)
