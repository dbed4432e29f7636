"""Which stretches of text answer a question: words, vectors and what the clause scorer found, judged together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log, log1p

import numpy as np

from index.lenses import Lens, cue_weights, heading_fit, plain
from index.phrasings import telling_terms, weight_of
from index.records import Finding, Passage, Span
from index.store import Selection, Vectors, View
from index.words import terms_of

# Logistic models of "this is part of what an expert marks, or most of it", by scripts/fit_answers.py on CUAD, with what scorers
# found that had not seen the contract. ASKED is what is known of any stretch, TYPED what a lens adds, SCORED what the scorer
# adds, where it has something to say of the document. They were fitted beside an earlier scorer, and the finding weighs twice of
# what it did: weights that are likeliest over all stretches are not those that put the right one first, as the script shows.
ASKED = ("constant", "cosine", "words", "question's terms", "length", "fragment")
TYPED = (*ASKED, "cosine of type", "words of type", "heading", "cues")
SCORED = (*TYPED, "log-odds of the finding")
ASKED_WEIGHTS = np.array([-10.2, 8.23, 1.94, 4.12, 0.24, -1.99])
TYPED_WEIGHTS = np.array([-12.64, 0.44, -0.03, 2.4, 0.67, -0.8, 6.53, 1.43, 1.33, 2.23])
SCORED_WEIGHTS = np.array([-2.89, -0.18, 0.11, 0.68, 0.1, -0.5, 2.26, 0.27, -0.19, 0.57, 0.8])
# The probability of what the scorer did not find; its own are kept as far from certainty.
_UNFOUND = 0.003
# From the log-odds of the best stretch to whether the contract has such a clause at all (Platt, 1999): offset and slope; where
# the scorer has looked at the contract, a second slope for the log-odds of its most probable finding.
_BELIEF = (-0.05, 0.82)
_BELIEF_SCORED = (0.19, 0.38, 0.64)
_FRAGMENT = 30
# More findings of one type than any document has.
_OF_EACH = 50


@dataclass(frozen=True, slots=True, eq=False)
class Inquiry:
    """A question made ready: its words, its vector, and a lens for each clause type that it may mean."""

    words: str
    vector: Vectors
    terms: frozenset[str]
    lenses: tuple[Lens, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """How a passage looks to the question itself or through one lens: cosine, BM25 as a share of the best, heading's fit."""

    cosine: float
    words: float
    heading: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that may answer: how the question itself sees it, and each lens with the findings of its type in the document.

    Where a document has no findings of a type at all, nothing is known of what the scorer thinks: that is None.
    """

    passage: Passage
    asked: Sight
    seen: tuple[Sight, ...]
    findings: tuple[tuple[Finding, ...] | None, ...]


def inquiry_of(words: str, vector: Vectors, lenses: Sequence[Lens]) -> Inquiry:
    """Make a question ready; the vector is the question's."""
    return Inquiry(words, vector, telling_terms(words), tuple(lenses))


def candidates(view: View, within: Selection, inquiry: Inquiry, limit: int, documents: int) -> list[Candidate]:
    """The chunks that any of the ways to look brings up, at most `limit` of each, without order.

    The chunks in which findings stand are among them, for that many documents with the most probable ones.
    """
    found = [_by_document(view.findings(lens.clause_type, within, limit)) for lens in inquiry.lenses]
    words = [_shares(view, within, text, limit) for text in (inquiry.words, *(lens.words for lens in inquiry.lenses))]
    chunks = {chunk for shares in words for chunk in shares}
    for vector in (inquiry.vector, *(lens.vector for lens in inquiry.lenses)):
        chunks.update(hit.chunk for hit in view.nearest(vector, within, limit))
    for findings in found:
        chunks.update(view.chunks_at([(key, one.span.start) for key in list(findings)[:documents] for one in findings[key]]))
    passages = view.passages(sorted(chunks))
    if not passages:
        return []
    _add_others(view, inquiry, {passage.document for passage in passages}, found)
    directions = np.stack([inquiry.vector, *(lens.vector for lens in inquiry.lenses)], axis=1)
    cosines = view.vectors([passage.chunk for passage in passages]) @ directions
    return [
        Candidate(
            passage,
            Sight(float(row[0]), words[0].get(passage.chunk, 0.0)),
            tuple(
                Sight(float(row[at]), words[at].get(passage.chunk, 0.0), heading_fit(lens.headings, passage.heading))
                for at, lens in enumerate(inquiry.lenses, start=1)
            ),
            tuple(None if (here := findings.get(passage.document)) is None else tuple(here) for findings in found),
        )
        for passage, row in zip(passages, cosines, strict=True)
    ]


def _add_others(view: View, inquiry: Inquiry, documents: set[int], found: Sequence[dict[int, list[Finding]]]) -> None:
    """Add the findings of documents that words or vectors brought up and that have none among the most probable of all.

    Without them a document in which the scorer found next to nothing would be judged as if nobody had looked.
    """
    for lens, known in zip(inquiry.lenses, found, strict=True):
        if len(others := np.array(sorted(documents - known.keys()), dtype=np.int64)):
            known.update(_by_document(view.findings(lens.clause_type, Selection(others), _OF_EACH * len(others))))


def _by_document(found: Iterable[tuple[int, Finding]]) -> dict[int, list[Finding]]:
    """Findings by document, in the order of each one's best."""
    by_document: dict[int, list[Finding]] = {}
    for key, finding in found:
        by_document.setdefault(key, []).append(finding)
    return by_document


def _shares(view: View, within: Selection, words: str, limit: int) -> dict[int, float]:
    hits = view.matching(words, within, limit)
    return {hit.chunk: hit.score / hits[0].score for hit in hits}


def promise(candidate: Candidate, inquiry: Inquiry) -> float:
    """How probable it is that a chunk holds an answer, judged as a whole: cheap, to choose which ones are read closely.

    A finding is read where it begins, which may be at the very end of a chunk; so each counts for that one as well.
    """
    passage = candidate.passage
    begun = (finding.span for some in candidate.findings for finding in some or ())
    spans = {span for span in begun if passage.span.start <= span.start < passage.span.end} | {passage.span}
    return max(chance(candidate, inquiry, passage.words, span, whole=True) for span in spans)


def chance(candidate: Candidate, inquiry: Inquiry, words: str, span: Span, whole: bool = False) -> float:
    """How probable it is (0–1) that a stretch of a chunk is the answer; `words` is how it reads.

    Over the clause types that may be meant and the question as such, by the certainty of each.
    """
    asked = asked_features(candidate, inquiry, words, whole)
    chances = 0.0
    for at, lens in enumerate(inquiry.lenses):
        seen = [*asked, *typed_features(candidate, at, lens, words)]
        findings = candidate.findings[at]
        logit = TYPED_WEIGHTS @ seen if findings is None else SCORED_WEIGHTS @ [*seen, scored_feature(findings, span)]
        chances += lens.share * _logistic(float(logit))
    left = 1.0 - sum(lens.share for lens in inquiry.lenses)
    return chances + max(0.0, left) * _logistic(float(ASKED_WEIGHTS @ asked))


def belief(candidate: Candidate, inquiry: Inquiry, chance_of_best: float) -> float:
    """How probable it is (0–1) that a document has what was asked for, by the chance of its best stretch.

    `candidate` is any of the document's: where the scorer has looked for what may be meant, its most probable finding counts.
    """
    odds = _log_odds(chance_of_best, 1e-6)
    known, left = 0.0, 1.0
    for lens, findings in zip(inquiry.lenses, candidate.findings, strict=True):
        if findings:
            offset, slope, trust = _BELIEF_SCORED
            known += lens.share * _logistic(offset + slope * odds + trust * top_feature(findings))
            left -= lens.share
    return known + max(0.0, left) * _logistic(_BELIEF[0] + _BELIEF[1] * odds)


def asked_features(candidate: Candidate, inquiry: Inquiry, words: str, whole: bool = False) -> list[float]:
    """How a stretch looks to the question: ASKED. The terms of a whole chunk are taken from BM25 instead of counted."""
    sight = candidate.asked
    if whole:
        terms = sight.words
    else:
        terms = weight_of(inquiry.terms & frozenset(terms_of(words))) / weight_of(inquiry.terms) if inquiry.terms else 0.0
    return [1.0, sight.cosine, sight.words, terms, log(1 + len(words)), float(len(words) < _FRAGMENT)]


def typed_features(candidate: Candidate, at: int, lens: Lens, words: str) -> list[float]:
    """How a stretch looks through the lens of this number: what TYPED has beyond ASKED."""
    sight = candidate.seen[at]
    return [sight.cosine, sight.words, sight.heading, log1p(cue_weights(lens.cues, plain(words)))]


def scored_feature(findings: Sequence[Finding], span: Span) -> float:
    """The log-odds of the finding that a stretch is, or mostly is, a part of."""
    return _log_odds(
        max((finding.probability for finding in findings if _mostly(finding.span, span)), default=_UNFOUND), _UNFOUND
    )


def top_feature(findings: Sequence[Finding]) -> float:
    """The log-odds of a document's most probable finding."""
    return _log_odds(max((finding.probability for finding in findings), default=_UNFOUND), _UNFOUND)


def _log_odds(chance: float, least: float) -> float:
    chance = min(1 - least, max(least, chance))
    return log(chance / (1 - chance))


def _mostly(one: Span, other: Span) -> bool:
    shared = min(one.end, other.end) - max(one.start, other.start)
    return 2 * shared >= min(len(one), len(other))


def _logistic(logit: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, logit))))
