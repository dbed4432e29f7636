"""What is known of a chunk before it is judged."""

from pathlib import Path

from bookcase import ANYONE, ENCODER, TODAY, bundle_of, shelve

from index.fusion import belief, candidates, inquiry_of, promise
from index.lenses import lens_of
from index.search import extract
from index.taxonomy import clause_type

CAP = "The liability of either party shall not exceed the fees paid in the twelve months before the claim arose."
PAPER = "The supplier shall deliver paper of the agreed quality to the warehouse."
KIND = "Cap On Liability"


def test_what_the_scorer_thinks_is_known_of_every_contract_that_words_bring_up(tmp_path: Path) -> None:
    bundles = [bundle_of("supply", PAPER, found={KIND: (PAPER, 0.97)}), bundle_of("services", CAP, found={KIND: (CAP, 0.01)})]
    kind = clause_type(KIND)
    assert kind
    vector = ENCODER.encode_question(CAP)
    with shelve(tmp_path, bundles) as index:
        view = index.view()
        found = candidates(view, view.select(ANYONE, TODAY), inquiry_of(CAP, vector, [lens_of(kind, 1.0, vector)]), 1, 1)
    # Only one finding is looked up by its probability, and only one chunk by its words.
    assert sorted([one.probability for one in candidate.findings[0] or ()] for candidate in found) == [[0.01], [0.97]]


def test_whether_a_contract_has_a_clause_is_believed_by_its_most_probable_finding_where_somebody_looked(tmp_path: Path) -> None:
    kind = clause_type(KIND)
    assert kind
    vector = ENCODER.encode_question(CAP)
    inquiry = inquiry_of(CAP, vector, [lens_of(kind, 1.0, vector)])
    believed = {}
    for name, found in (("sure", {KIND: (CAP, 0.97)}), ("unsure", {KIND: (CAP, 0.02)}), ("unknown", None)):
        with shelve(tmp_path / name, [bundle_of(name, CAP, found=found)]) as index:
            view = index.view()
            [candidate] = candidates(view, view.select(ANYONE, TODAY), inquiry, 5, 1)
        believed[name] = [belief(candidate, inquiry, chance) for chance in (0.1, 0.5, 0.9)]
        assert believed[name] == sorted(believed[name])
    assert believed["unsure"] < believed["unknown"] < believed["sure"]


def test_only_the_best_excerpt_of_a_contract_says_how_probable_the_clause_is(tmp_path: Path) -> None:
    text = "\n\n".join(["1. Liability", CAP, "2. Delivery", PAPER, "3. Else", "The parties shall meet once a month in person."])
    with shelve(tmp_path, [bundle_of("services", text, found={KIND: (CAP, 0.97)})]) as index:
        answer = extract(index.view(), ENCODER, "What is the cap on liability?", ANYONE, TODAY)
    first, *others = [excerpt.score for excerpt in answer.excerpts]
    assert answer.found
    assert first > 0.5
    assert others
    assert max(others) < first


def test_a_chunk_at_whose_end_a_finding_begins_is_worth_reading_closely(tmp_path: Path) -> None:
    before = "Notices are in writing and are sent by a courier who has them signed for on delivery."
    text = f"1. Notices\n\n{before} The following is agreed.\n\n2. Sum\n\n" + " ".join(6 * [PAPER])
    found = {KIND: (text[text.index("The following") :], 0.97)}
    kind = clause_type(KIND)
    assert kind
    vector = ENCODER.encode_question(CAP)
    inquiry = inquiry_of(CAP, vector, [lens_of(kind, 1.0, vector)])
    with shelve(tmp_path, [bundle_of("services", text, found=found)]) as index:
        view = index.view()
        chunks = candidates(view, view.select(ANYONE, TODAY), inquiry, 5, 1)
    worth = {chunk.passage.heading: promise(chunk, inquiry) for chunk in chunks}
    assert worth["1. Notices"] > 0.5
