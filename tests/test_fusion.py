"""What is known of a chunk before it is judged."""

from pathlib import Path

from bookcase import ANYONE, ENCODER, TODAY, bundle_of, shelve

from index.fusion import candidates, inquiry_of
from index.lenses import lens_of
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
