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

# Logistic models of "this sentence is part of what an expert marks", fitted by scripts/fit_search.py on CUAD and cross-validated
# over contracts. The first column is the constant.
PLAIN = ("constant", "cosine", "words", "question's terms", "length", "fragment")
TYPED = (*PLAIN, "cosine of type", "words of type", "heading", "cues")
_PLAIN_WEIGHTS = np.array([-10.2, 8.23, 1.94, 4.12, 0.24, -1.99])
_TYPED_WEIGHTS = np.array([-11.45, -0.88, 0.18, 2.34, 0.2, -1.61, 9.49, 2.81, 1.11, 2.99])
# How far the scorer's own probability counts beside that: weights of its logit and of the one above, and a constant.
_FOUND_WEIGHTS = (1.0, 0.35, 0.3)
_UNFOUND = 0.003
_FRAGMENT = 30


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
        for key in list(findings)[:documents]:
            chunks.update(passage.chunk for passage in view.passages_of(key) if _holds(passage, findings[key]))
    passages = view.passages(sorted(chunks))
    if not passages:
        return []
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


def _by_document(found: Iterable[tuple[int, Finding]]) -> dict[int, list[Finding]]:
    """Findings by document, in the order of each one's best."""
    by_document: dict[int, list[Finding]] = {}
    for key, finding in found:
        by_document.setdefault(key, []).append(finding)
    return by_document


def _holds(passage: Passage, findings: Iterable[Finding]) -> bool:
    return any(passage.span.start <= finding.span.start < passage.span.end for finding in findings)


def _shares(view: View, within: Selection, words: str, limit: int) -> dict[int, float]:
    hits = view.matching(words, within, limit)
    return {hit.chunk: hit.score / hits[0].score for hit in hits}


def promise(candidate: Candidate, inquiry: Inquiry) -> float:
    """How probable it is that a chunk holds an answer, judged as a whole: cheap, to choose which ones are read closely."""
    return chance(candidate, inquiry, candidate.passage.words, candidate.passage.span, whole=True)


def chance(candidate: Candidate, inquiry: Inquiry, words: str, span: Span, whole: bool = False) -> float:
    """How probable it is (0–1) that a stretch of a chunk is the answer; `words` is how it reads."""
    asked = _asked_features(candidate, inquiry, words, whole)
    plain_words = plain(words) if inquiry.lenses else ""
    chances = 0.0
    for lens, sight, findings in zip(inquiry.lenses, candidate.seen, candidate.findings, strict=True):
        cues = log1p(cue_weights(lens.cues, plain_words))
        logit = float(_TYPED_WEIGHTS @ [*asked, sight.cosine, sight.words, sight.heading, cues])
        chances += lens.share * _logistic(logit if findings is None else _with_findings(logit, findings, span))
    left = 1.0 - sum(lens.share for lens in inquiry.lenses)
    return chances + max(0.0, left) * _logistic(float(_PLAIN_WEIGHTS @ asked))


def _asked_features(candidate: Candidate, inquiry: Inquiry, words: str, whole: bool) -> list[float]:
    terms = 0.0
    if inquiry.terms and not whole:
        terms = weight_of(inquiry.terms & frozenset(terms_of(words))) / weight_of(inquiry.terms)
    elif whole:
        terms = candidate.asked.words
    return [1.0, candidate.asked.cosine, candidate.asked.words, terms, log(1 + len(words)), float(len(words) < _FRAGMENT)]


def _with_findings(logit: float, findings: Sequence[Finding], span: Span) -> float:
    best = max((finding.probability for finding in findings if _mostly(finding.span, span)), default=_UNFOUND)
    best = min(1 - _UNFOUND, max(_UNFOUND, best))
    of_scorer, of_text, constant = _FOUND_WEIGHTS
    return of_scorer * log(best / (1 - best)) + of_text * logit + constant


def _mostly(one: Span, other: Span) -> bool:
    shared = min(one.end, other.end) - max(one.start, other.start)
    return 2 * shared >= min(len(one), len(other))


def _logistic(logit: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, logit))))
