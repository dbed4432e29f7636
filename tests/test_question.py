"""What a question is understood as: the clause type that is meant, honestly none, and the section it names."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest

from index.phrasings import keep, kept, laid_out, nothing, phrases, phrasings
from index.question import understand
from index.sections import normal_number, section_spans
from index.softmax import utilities
from index.store import Vectors
from index.taxonomy import clause_types
from ingest.clauses import split_clauses
from models.encoder import LocalEncoder

NOTHING = "none"
PARTS = ("tune", "held_out", "blind")
CONTRACT = """AGREEMENT

1. Services

1.1 The Supplier shall (a) deliver the goods on time; (b) insure them until delivery: (i) against fire, and (ii) against theft; \
and (c) pay the freight.

1.2 The Customer shall inspect the goods.

2. Payment

The Customer shall pay within thirty days.
"""


def asked(part: str) -> Mapping[str, list[str]]:
    return tomllib.loads(Path(__file__).with_name("questions.toml").read_text("utf-8"))[part]  # type: ignore[no-any-return]  # TOML


class Prepared:
    """The default encoder with the vectors of all questions of this file, computed in one go."""

    def __init__(self) -> None:
        self._encoder = LocalEncoder()
        self.name, self.dimensions, self.max_tokens = self._encoder.name, self._encoder.dimensions, self._encoder.max_tokens
        texts = [question for part in PARTS for questions in asked(part).values() for question in questions]
        texts += [question for it in clause_types() for question in it.questions]
        self._known = dict(zip(texts, self._encoder.encode(texts), strict=True))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._encoder.count_tokens(texts)

    def encode(self, texts: Sequence[str]) -> Vectors:
        return self._encoder.encode(texts)

    def encode_question(self, text: str) -> Vectors:
        return self._known[text] if text in self._known else self._encoder.encode_question(text)


@pytest.fixture(scope="module")
def encoder() -> Prepared:
    return Prepared()


def test_what_is_kept_is_of_the_phrases_that_there_are_now(encoder: Prepared) -> None:
    assert kept(encoder.name), "run `python -m scripts.phrasings`"


def test_what_is_kept_is_the_encoders_own_but_for_rounding(encoder: Prepared) -> None:
    known = phrasings(encoder)
    for of in (3, 20):
        middle = encoder.encode([phrase.text for phrase in phrases() if phrase.of == of]).sum(axis=0)
        np.testing.assert_allclose(middle / np.linalg.norm(middle), known.middles[of], atol=2e-3)


def test_the_classifier_tells_the_phrases_apart_that_it_learned_from(encoder: Prepared) -> None:
    some = phrases()[::25]
    said = utilities(phrasings(encoder).classifier, encoder.encode([*(phrase.text for phrase in some), *nothing()[::10]]))
    right = [phrase.of for phrase in some] + [len(clause_types())] * len(nothing()[::10])
    assert np.mean(said.argmax(axis=1) == right) >= 0.9


def test_what_is_kept_for_one_encoder_or_for_other_phrases_is_not_taken(
    encoder: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kept("another@00000000") is None
    assert kept(encoder.name, tmp_path / "nothing.npz") is None
    monkeypatch.setattr("index.phrasings.nothing", lambda: ("how tall is it?",))
    assert kept(encoder.name) is None


def test_what_is_kept_can_be_read_again(tmp_path: Path) -> None:
    from bookcase import ENCODER

    keep(ENCODER, tmp_path / "kept.npz")
    made, read = laid_out(ENCODER), kept(ENCODER.name, tmp_path / "kept.npz")
    assert read
    np.testing.assert_allclose(read.middles, made.middles, atol=2e-3)
    np.testing.assert_allclose(read.classifier, made.classifier, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize(("part", "first", "first_two"), [("tune", 0.94, 0.97), ("held_out", 0.94, 0.97), ("blind", 0.95, 0.98)])
def test_questions_in_peoples_own_words_are_understood(encoder: Prepared, part: str, first: float, first_two: float) -> None:
    meant = [
        (name, [it.name for it, _ in understand(question, encoder).shares])
        for name, questions in asked(part).items()
        if name != NOTHING
        for question in questions
    ]
    assert fmean(name in names[:1] for name, names in meant) >= first
    assert fmean(name in names[:2] for name, names in meant) >= first_two


@pytest.mark.parametrize(("part", "honest"), [("tune", 0.8), ("held_out", 0.83), ("blind", 0.85)])
def test_a_question_about_no_clause_type_is_taken_for_none(encoder: Prepared, part: str, honest: float) -> None:
    assert fmean(understand(question, encoder).clause_type is None for question in asked(part)[NOTHING]) >= honest


@pytest.mark.parametrize("it", clause_types(), ids=lambda it: it.name)
def test_a_types_own_name_and_questions_mean_it(encoder: Prepared, it: object) -> None:
    name, questions = it.name, it.questions  # type: ignore[attr-defined]  # a ClauseType
    assert understand(name, encoder).clause_type == name
    right = [understand(question, encoder).clause_type == name for question in questions]
    assert fmean(right) >= 0.75


@pytest.mark.parametrize("question", ["", "   ", "?", "the", "x" * 5000, "\x00", "12.2", "section 3"])
def test_a_question_that_says_nothing_means_nothing(encoder: Prepared, question: str) -> None:
    assert understand(question, encoder).clause_type is None


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("T4C", "Termination For Convenience"),
        ("termination w/o cause", "Termination For Convenience"),
        ("LoL carve-outs", "Uncapped Liability"),
        ("any MAQ?", "Minimum Commitment"),
        ("perpetual licence", "Irrevocable Or Perpetual License"),
        ("R&W", "Warranties"),
    ],
)
def test_lawyers_shorthand_is_understood(question: str, name: str, encoder: Prepared) -> None:
    assert understand(question, encoder).clause_type == name


@pytest.mark.parametrize(
    ("question", "section", "rest"),
    [
        ("section 12.2 of the Acme MSA", ("12.2",), "of the Acme MSA"),
        ("what does clause 7(b)(iv) say", ("7", "(b)", "(iv)"), "what does say"),
        ("Article IV", ("IV",), ""),
        ("§ 5.1", ("5.1",), ""),
        ("12.2", ("12.2",), ""),
        ("Sec. 3", ("3",), ""),
        ("is there an assignment clause in it", (), "is there an assignment clause in it"),
        ("articles of incorporation", (), "articles of incorporation"),
        ("a cap of 12.5 million", (), "a cap of 12.5 million"),
        ("the first section mentions it", (), "the first section mentions it"),
    ],
)
def test_a_section_is_read_from_the_question(encoder: Prepared, question: str, section: tuple[str, ...], rest: str) -> None:
    understood = understand(question, encoder)
    assert (understood.section, understood.rest) == (section, rest)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (("1",), "1. Services"),
        (("1.2",), "1.2 The Customer shall inspect the goods."),
        (("1.1", "(b)"), "(b) insure them until delivery: (i) against fire, and (ii) against theft; and"),
        (("1.1", "(b)", "(i)"), "(i) against fire, and"),
        (("1.1", "(b)", "(ii)"), "(ii) against theft; and"),
        (("1.1", "(c)"), "(c) pay the freight."),
        (("II",), "2. Payment\n\nThe Customer shall pay within thirty days."),
    ],
)
def test_a_section_is_all_that_stands_under_its_number(number: tuple[str, ...], words: str) -> None:
    [span] = section_spans(CONTRACT, split_clauses(CONTRACT), number)
    assert span.of(CONTRACT).strip().startswith(words)
    if "(" in words:
        assert span.of(CONTRACT).strip() == words


@pytest.mark.parametrize("number", [("3",), ("1.3",), ("1.1", "(d)"), ("1.1", "(b)", "(iii)"), ("(a)",)])
def test_a_section_that_is_not_there_is_nowhere(number: tuple[str, ...]) -> None:
    assert section_spans(CONTRACT, split_clauses(CONTRACT), number) == []


@pytest.mark.parametrize(("one", "other"), [("12.2.", "12.2"), ("(a)", "A"), ("IV", "4"), ("xii.", "12"), ("i", "I")])
def test_numbers_compare_however_they_are_printed(one: str, other: str) -> None:
    assert normal_number(one) == normal_number(other)
