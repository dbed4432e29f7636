"""Words that stand for somebody, and everyday words, name no party: else few contracts are asked instead of all."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from bookcase import ANYONE, TODAY, bundle_of, facts, shelve

from index.addressing import addressed
from index.store import View

# Companies whose names are what people say anyway.
NAMES = (
    "Us Ecology, Inc.",
    "I Holdings LLC",
    "Contract Research Corporation",
    "Vendor Risk Partners Ltd",
    "Full Compass Systems, Ltd.",
    "Second Wind Energy Inc.",
    "News Media Holdings",
    "Target Corporation",
    "Hong Kong Trading Company Limited",
    "Northwind Paper GmbH",
)


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Iterator[View]:
    bundles = [
        bundle_of(f"paper{number}", f"Supply Agreement with {name}", facts("Supply Agreement", "supply", name))
        for number, name in enumerate(NAMES)
    ]
    with shelve(tmp_path_factory.mktemp("names"), bundles) as index:
        yield index.view()


def named(view: View, question: str) -> str | None:
    found = addressed(view, question, ANYONE, view.select(ANYONE, TODAY), TODAY, None)
    return found.name if found else None


def test_no_question_about_clauses_in_general_names_anybody(view: View) -> None:
    told = tomllib.loads(Path(__file__).with_name("questions.toml").read_text("utf-8"))
    asked = [question for part in ("tune", "held_out", "blind") for some in told[part].values() for question in some]
    assert len(asked) > 400
    assert [question for question in asked if named(view, question)] == []


@pytest.mark.parametrize(
    "question",
    [
        "Can I transfer this agreement to another company?",
        "How are the proceeds split between us and them?",
        "who owns what is made under the contract",
        "what may we recover in full from the vendor under the agreement",
        "may we bring in a second vendor for the services contract",
        "Does Hong Kong or PRC law apply to the joint venture?",
        "Does Hong Kong law apply?",
    ],
)
def test_everyday_words_name_nobody_who_merely_has_them_in_a_name(view: View, question: str) -> None:
    assert named(view, question) is None


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("cap on liability in the northwind contract", "northwind"),
        ("notice period in our contract with target", "target"),
        ("What is the cap in the agreement with US Ecology?", "us ecology"),
        ("Has Full Compass agreed to indemnify us?", "full compass"),
        ("Does Hong Kong Trading have a cap on liability?", "hong kong trading"),
    ],
)
def test_a_name_is_known_however_everyday_its_words(view: View, question: str, name: str) -> None:
    assert named(view, question) == name
