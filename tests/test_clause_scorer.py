"""The clause scorer finds the clauses that lawyers ask for in contracts it has never seen, and says how sure it is."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.records import Clause, Span
from index.taxonomy import clause_types
from models.clause_net import Net, closely, load_nets, save_nets
from models.clause_text import SHAPE, Pieces, pieces, read
from models.clause_words import Floats, Lexicon, Vocabulary, bare_heading, grams, split_all, words_of
from models.clauses import WEIGHTS, ClauseScorer

HEADED = {
    "1. Term.": "This Agreement shall commence on the Effective Date and shall continue in effect for a period of three years.",
    "2. Renewal.": "Upon expiration of the initial term this Agreement shall automatically renew for successive one (1) year "
    "terms, unless either party gives written notice of non-renewal at least sixty (60) days prior to the end of the term.",
    "3. Fees.": "Customer shall pay each invoice within thirty (30) days of receipt. Late payments bear interest.",
    "4. Assignment.": "Neither party may assign this Agreement without the prior written consent of the other party.",
    "5. Limitation of Liability.": "IN NO EVENT SHALL EITHER PARTY'S AGGREGATE LIABILITY UNDER THIS AGREEMENT EXCEED THE "
    "TOTAL AMOUNTS PAID BY CUSTOMER IN THE TWELVE (12) MONTHS PRECEDING THE CLAIM.",
    "6. Insurance.": "Supplier shall maintain commercial general liability insurance of at least $1,000,000 per occurrence.",
    "7. Force Majeure.": "Neither party is liable for delay caused by acts of God, war, strikes or other events beyond its "
    "reasonable control.",
    "8. Governing Law.": "This Agreement shall be governed by and construed in accordance with the laws of the State of Ohio.",
    "9. Notices.": "All notices shall be in writing and sent by registered or certified mail, return receipt requested.",
}


def contract(sections: dict[str, str]) -> tuple[str, tuple[Clause, ...]]:
    text = "SUPPLY AGREEMENT between Acme Inc. and Beta LLC\n"
    clauses = [Clause(Span(0, len(text)), "front", 0, None, ())]
    for heading, body in sections.items():
        start = len(text)
        text += f"{heading} {body}\n"
        clauses.append(Clause(Span(start, len(text)), "clause", 1, heading.split()[0].strip("."), (heading,)))
    return text, tuple(clauses)


@pytest.fixture(scope="module")
def scorer() -> ClauseScorer:
    return ClauseScorer()


@pytest.mark.parametrize(
    ("clause_type", "heading"),
    [
        ("Expiration Date", "1. Term."),
        ("Renewal Term", "2. Renewal."),
        ("Notice Period To Terminate Renewal", "2. Renewal."),
        ("Anti-Assignment", "4. Assignment."),
        ("Cap On Liability", "5. Limitation of Liability."),
        ("Insurance", "6. Insurance."),
        ("Force Majeure", "7. Force Majeure."),
        ("Governing Law", "8. Governing Law."),
        ("Notices", "9. Notices."),
    ],
)
def test_a_plain_clause_is_found_first_and_believed(scorer: ClauseScorer, clause_type: str, heading: str) -> None:
    text, clauses = contract(HEADED)
    best = next(finding for finding in scorer.find(text, clauses) if finding.clause_type == clause_type)
    assert best.heading == heading
    assert HEADED[heading].split(".")[0][:60] in best.span.of(text)
    assert best.probability > 0.5


@pytest.mark.parametrize("clause_type", ["Source Code Escrow", "Non-Disparagement", "Joint Ip Ownership", "Non-Compete"])
def test_what_is_not_there_is_improbable_and_has_nearest_candidates_all_the_same(scorer: ClauseScorer, clause_type: str) -> None:
    text, clauses = contract(HEADED)
    found = [finding for finding in scorer.find(text, clauses) if finding.clause_type == clause_type]
    assert found
    assert all(finding.probability < 0.3 for finding in found)


def test_stretches_of_a_type_are_apart_and_whole_best_first(scorer: ClauseScorer) -> None:
    text, clauses = contract(HEADED)
    for kind in clause_types():
        found = [finding for finding in scorer.find(text, clauses) if finding.clause_type == kind.name]
        assert all(first.probability >= second.probability for first, second in pairwise(found))
        assert not any(a.span.overlaps(b.span) for a, b in pairwise(sorted(found, key=lambda finding: finding.span)))
        for finding in found:
            assert finding.span.of(text) == finding.span.of(text).strip()
            assert text[finding.span.end - 1] in ".\n" or text[finding.span.end : finding.span.end + 1] in "\n"


@pytest.mark.parametrize(
    ("clause_type", "words"),
    [
        (
            "Force Majeure",
            "Neither party is liable for any delay or failure to perform caused by acts of God, war, strikes, floods or "
            "other events beyond its reasonable control.",
        ),
        (
            "Severability",
            "If any provision of this Agreement is held to be invalid or unenforceable, the remaining provisions shall "
            "remain in full force and effect.",
        ),
        (
            "Entire Agreement",
            "This Agreement constitutes the entire agreement between the parties and supersedes all prior agreements "
            "and understandings, written or oral, with respect to its subject matter.",
        ),
        (
            "Indemnification",
            "Supplier shall indemnify, defend and hold harmless Customer from and against any and all losses, damages "
            "and expenses arising out of any third party claim.",
        ),
        (
            "Confidentiality",
            "The receiving party shall hold the Confidential Information of the disclosing party in strict confidence "
            "and shall not disclose it to any third party.",
        ),
    ],
)
def test_a_clause_that_no_expert_marked_and_that_has_no_heading_is_found_first(
    scorer: ClauseScorer, clause_type: str, words: str
) -> None:
    text = "\n".join([HEADED["3. Fees."], HEADED["1. Term."], words, HEADED["8. Governing Law."], HEADED["6. Insurance."]])
    clauses = (Clause(Span(0, len(text)), "clause", 1, None, ()),)
    best = next(finding for finding in scorer.find(text, clauses) if finding.clause_type == clause_type)
    assert words in best.span.of(text)
    without = scorer.find(text.replace(words + "\n", ""), (Clause(Span(0, len(text) - len(words) - 1), "clause", 1, None, ()),))
    assert best.probability > 3 * next(finding for finding in without if finding.clause_type == clause_type).probability


def test_the_scorer_knows_every_type_of_the_taxonomy(scorer: ClauseScorer) -> None:
    assert scorer.types == tuple(kind.name for kind in clause_types())


def test_the_same_contract_is_scored_the_same_by_another_scorer(scorer: ClauseScorer) -> None:
    text, clauses = contract(HEADED)
    assert scorer.find(text, clauses) == ClauseScorer().find(text, clauses)


def test_furniture_changes_nothing_of_what_a_contract_says(scorer: ClauseScorer) -> None:
    text, clauses = contract({"1. Assignment.": "Neither party may assign this - 12 - Agreement without prior written consent."})
    at = text.index("- 12 -")
    plain = contract({"1. Assignment.": "Neither party may assign this        Agreement without prior written consent."})
    seen = scorer.find(text, clauses, (Span(at, at + 6),))
    assert [f.clause_type for f in seen] == [f.clause_type for f in scorer.find(*plain)]
    assert np.allclose([f.probability for f in seen], [f.probability for f in scorer.find(*plain)], atol=1e-4)


@pytest.mark.parametrize("text", ["", "   \n \n", "- 1 -", "§§§ 甲方 ⸻", "a"])
def test_a_text_that_says_nothing_gives_no_sure_finding(scorer: ClauseScorer, text: str) -> None:
    clauses = (Clause(Span(0, len(text)), "front", 0, None, ()),)
    assert all(finding.probability < 0.5 for finding in scorer.find(text, clauses))


def test_words_are_lower_case_and_numbers_are_one_word() -> None:
    assert words_of("Pay $1,500 or 12% (Section 3.2)") == ["pay", "$", "#", "#", "or", "#", "%", "section", "#", "#"]
    assert grams(["shall", "not", "assign"]) == ["shall", "not", "assign", "shall not", "not assign"]


@given(
    st.lists(st.text("abAB 1#,.$\x1e\n€", max_size=20), max_size=5),
    st.sets(st.sampled_from(["a", "b", "#", "a b", "b a", "# a", "$ #", "ab ba"])),
)
def test_a_vocabulary_finds_in_every_text_what_its_words_and_pairs_are(texts: list[str], known: set[str]) -> None:
    vocabulary = Vocabulary(sorted(known))
    bags = vocabulary.bags(split_all(texts))
    assert len(bags) == len(texts) or not texts
    for row, text in enumerate(texts):
        found = [vocabulary.grams[number] for number in bags.ids[bags.starts[row] : bags.starts[row + 1]]]
        assert found == sorted(known & set(grams(words_of(text))))


@pytest.mark.parametrize(
    ("heading", "bare"),
    [
        ("12.2 Term and Termination.", "term and termination"),
        ("ARTICLE IV – INDEMNIFICATION", "indemnification"),
        ("(a) Insurance", "insurance"),
        ("Section 9. Governing Law:", "governing law"),
        ("Indemnity", "indemnity"),
    ],
)
def test_a_heading_is_read_without_its_number(heading: str, bare: str) -> None:
    assert bare_heading(heading) == bare


def a_net(vocabulary: list[str], types: int = 2, h: int = 4, d: int = 3) -> Net:
    rng = np.random.default_rng(0)

    def some(*shape: int) -> Floats:
        return rng.normal(size=shape).astype(np.float32)

    return Net(
        types=tuple(f"type {number}" for number in range(types)),
        vocabulary=Vocabulary(vocabulary),
        embedding=some(len(vocabulary), h),
        inner=some(6 * h + SHAPE, d),
        inner_bias=some(d),
        outer=some(d + h, types),
        outer_bias=some(types),
    )


def test_the_kept_weights_are_small() -> None:
    assert sum(file.stat().st_size for file in WEIGHTS.iterdir()) < 10_000_000


def test_nets_come_back_from_their_files_as_near_as_their_numbers_are_fine(tmp_path: Path) -> None:
    nets = [
        a_net(["assign", "consent", "law"]),
        replace(a_net(["assign", "consent", "law"]), embedding=np.eye(3, 4, dtype=np.float32)),
    ]
    lexicon = Lexicon([["assign"], []], [["assignment"], []])
    save_nets(tmp_path, nets, lexicon)
    found, words = load_nets(tmp_path)
    assert words.cues == lexicon.cues
    for net, kept in zip(nets, found, strict=True):
        assert (kept.types, kept.vocabulary.grams) == (net.types, net.vocabulary.grams)
        assert (np.abs(kept.embedding - net.embedding) <= np.abs(net.embedding).max(axis=0) / 62 + 1e-6).all()
        assert np.allclose(kept.inner, net.inner, atol=0.002)


def test_a_sentence_is_scored_by_what_stands_around_it() -> None:
    net = a_net(["assign", "consent", "law"])
    text, clauses = contract({"1. One.": "They assign it. Consent is given.", "2. Two.": "They assign it. The law holds."})
    reading = read(text, clauses, (), net.vocabulary, Lexicon([], []))
    same = [row for row, unit in enumerate(reading.units) if "assign" in unit.of(text)]
    assert len(same) == 2
    logits = net.logits(reading)
    assert logits.shape == (len(reading.units), 2)
    assert not np.allclose(logits[same[0]], logits[same[1]])


def test_a_long_contract_is_scored_in_slices_to_the_same_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    net = a_net(["assign", "consent", "law"])
    text, clauses = contract({f"{number}. Part.": "They assign it. Consent is given." for number in range(20)})
    reading = read(text, clauses, (), net.vocabulary, Lexicon([], []))
    whole = net.logits(reading)
    monkeypatch.setattr("models.clause_net._ROWS", 7)
    assert np.allclose(whole, net.logits(reading), atol=1e-5)


def test_a_long_sentence_is_read_piece_by_piece_and_its_most_telling_piece_counts() -> None:
    net = a_net(["assign", "consent", "law", "filler"])
    long = " ".join(["filler"] * 30 + ["they assign it"] + ["filler"] * 30)
    text, clauses = contract({"1. One.": f"{long}. The law holds."})
    reading = read(text, clauses, (), net.vocabulary, Lexicon([], []))
    [row] = [row for row, unit in enumerate(reading.units) if "assign" in unit.of(text)]
    parts = pieces(text, reading, (), np.arange(len(reading.units)), net.vocabulary)
    assert set(parts.of.tolist()) == {row}
    held = [set(parts.words.ids[start:end].tolist()) for start, end in pairwise(parts.words.starts)]
    assign, filler = (net.vocabulary.grams.index(word) for word in ("assign", "filler"))
    assert sum(assign in each for each in held) == 2
    assert all(filler in each for each in held)
    logits = net.logits(reading)
    closer = closely([net, net], reading, parts, logits)
    assert closer[row].tolist() == pytest.approx(np.maximum(logits[row], net.logits_of(parts, reading).max(axis=0)).tolist())
    assert (closer >= logits).all()
    assert np.array_equal(np.delete(closer, row, axis=0), np.delete(logits, row, axis=0))


def test_a_piece_that_is_the_whole_sentence_says_what_the_sentence_says() -> None:
    net = a_net(["assign", "consent", "law"])
    text, clauses = contract({"1. One.": "They assign it. Consent is given."})
    reading = read(text, clauses, (), net.vocabulary, Lexicon([], []))
    whole = Pieces(np.arange(len(reading.units)), reading.words)
    assert np.allclose(net.logits_of(whole, reading), net.logits(reading))
    assert not len(pieces(text, reading, (), np.arange(len(reading.units)), net.vocabulary).of)
