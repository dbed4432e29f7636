"""The taxonomy names every clause type that lawyers ask for, each in words enough to be recognised by."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from index.taxonomy import ClauseType, clause_type, clause_types

LABELS = Path(__file__).parents[2] / "shared" / "cuad" / "labels.json"


def test_names_are_unique() -> None:
    assert [name for name, times in Counter(kind.name for kind in clause_types()).items() if times > 1] == []


def test_a_clause_type_is_found_by_its_name() -> None:
    assert all(clause_type(kind.name) is kind for kind in clause_types())
    assert clause_type("Cap on liability") is None


@pytest.mark.parametrize("kind", clause_types(), ids=lambda kind: kind.name)
def test_each_type_is_described_in_words_enough(kind: ClauseType) -> None:
    assert kind.definition.endswith(".")
    assert len(kind.definition) <= 120
    assert len(kind.synonyms) >= 5
    assert len(kind.questions) >= 4
    assert all(question.endswith("?") for question in kind.questions)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9 -]*", words) for words in (*kind.headings, *kind.cues))


def test_no_question_is_given_to_two_types() -> None:
    asked = Counter(question.lower() for kind in clause_types() for question in kind.questions)
    assert [question for question, times in asked.items() if times > 1] == []


def test_no_synonym_within_a_type_is_said_twice() -> None:
    for kind in clause_types():
        said = [kind.name.lower(), *(synonym.lower() for synonym in kind.synonyms)]
        assert [word for word, times in Counter(said).items() if times > 1] == [], kind.name


def test_what_firms_ask_beside_the_experts_categories_is_known() -> None:
    for name in (
        "Confidentiality",
        "Term",
        "Payment Terms",
        "Indemnification",
        "Limitation Of Liability",
        "Warranties",
        "Data Protection",
        "Force Majeure",
        "Dispute Resolution",
        "Notices",
        "Entire Agreement",
        "Amendment",
        "Severability",
        "Survival",
        "Definitions",
    ):
        assert clause_type(name), name


@pytest.mark.skipif(not LABELS.exists(), reason="../shared/cuad is not here")
def test_every_category_that_experts_labelled_is_a_clause_type() -> None:
    # A document's name is metadata alone: nobody asks for it as a clause.
    categories = set(json.loads(LABELS.read_text())[0]["spans"]) - {"Document Name"}
    assert categories <= {kind.name for kind in clause_types()}
