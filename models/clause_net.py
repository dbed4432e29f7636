"""The networks that score every sentence of a contract for every clause type; numpy alone."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.clause_text import Pieces, Reading
from models.clause_words import Bags, Floats, Ints, Lexicon, Vocabulary

_ROWS = 4096
# How fine embeddings are kept: whole numbers up to this. It moves likely sentences' log-odds by 0.02 and spares a quarter of
# what 8 bits take.
_FINEST = 31
_LAYERS = ("inner", "inner_bias", "outer", "outer_bias")


@dataclass(frozen=True, slots=True)
class Net:
    """A shared embedding of n-grams, summed per sentence, and two layers over a sentence and what stands around it.

    v n-grams, h dimensions, d hidden units, t clause types: `embedding` (v, h), `inner` (6h + SHAPE, d), `outer` (d + h, t).
    """

    types: tuple[str, ...]
    vocabulary: Vocabulary
    embedding: Floats
    inner: Floats
    inner_bias: Floats
    outer: Floats
    outer_bias: Floats

    def logits(self, reading: Reading) -> Floats:
        """The log-odds of every sentence for every type, shape (n, t)."""
        own = _embed(self.embedding, reading.words)
        return self._layers(own, [*self._around(own, reading), reading.shape])

    def logits_of(self, pieces: Pieces, reading: Reading) -> Floats:
        """The log-odds of pieces of sentences, shape (p, t), each as if it stood there alone."""
        around = [*self._around(_embed(self.embedding, reading.words), reading), reading.shape]
        return self._layers(_embed(self.embedding, pieces.words), [each[pieces.of] for each in around])

    def _around(self, own: Floats, reading: Reading) -> list[Floats]:
        return _surroundings(own, reading.clause_of, _embed(self.embedding, reading.headings))

    def _layers(self, own: Floats, around: Sequence[Floats]) -> Floats:
        parts = [np.zeros((0, len(self.types)), dtype=np.float32)]
        for start in range(0, len(own), _ROWS):
            rows = slice(start, start + _ROWS)
            seen = np.concatenate([own[rows], *(each[rows] for each in around)], axis=1)
            hidden = np.maximum(seen @ self.inner + self.inner_bias, 0)
            parts.append(np.concatenate([hidden, own[rows]], axis=1) @ self.outer + self.outer_bias)
        return np.concatenate(parts)


def mean_logits(nets: Sequence[Net], reading: Reading) -> Floats:
    """The mean of what several networks say, shape (n, t): each errs in its own way."""
    return np.asarray(np.mean([net.logits(reading) for net in nets], axis=0), dtype=np.float32)


def closely(nets: Sequence[Net], reading: Reading, pieces: Pieces, logits: Floats) -> Floats:
    """The log-odds of each sentence's most telling piece, or of the whole where that tells more, shape (n, t).

    `logits` (n, t) are those of whole sentences.
    """
    best = logits.copy()
    if len(pieces.of):
        said = np.asarray(np.mean([net.logits_of(pieces, reading) for net in nets], axis=0), dtype=np.float32)
        np.maximum.at(best, pieces.of, said)
    return best


def load_nets(directory: Path) -> tuple[tuple[Net, ...], Lexicon]:
    """The networks and the lexicon saved by scripts/train_clauses.py in a directory; nothing in it is ever executed."""
    names = json.loads((directory / "net.json").read_text(encoding="utf-8"))
    vocabulary = Vocabulary(names["vocabulary"])
    with np.load(directory / "net.npz", allow_pickle=False) as arrays:
        layers = {name: arrays[name].astype(np.float32) for name in _LAYERS}
        embeddings = arrays["embedding"].astype(np.float32) * arrays["embedding_scale"]
    nets = tuple(
        Net(tuple(names["types"]), vocabulary, embedding, **{name: layer[each] for name, layer in layers.items()})
        for each, embedding in enumerate(embeddings)
    )
    return nets, Lexicon(names["cues"], names["headings"])


def save_nets(directory: Path, nets: Sequence[Net], lexicon: Lexicon) -> None:
    """Write networks that share a vocabulary: embeddings as small whole numbers, arrays and JSON, nothing executable."""
    embeddings = np.stack([net.embedding for net in nets])
    scale = np.maximum(np.abs(embeddings).max(axis=1, keepdims=True), 1e-9).astype(np.float32) / _FINEST
    layers = {name: np.stack([getattr(net, name) for net in nets]).astype(np.float16) for name in _LAYERS}
    quantized = np.round(embeddings / scale).astype(np.int8)
    np.savez_compressed(
        directory / "net.npz",
        embedding=quantized,
        embedding_scale=scale,
        inner=layers["inner"],
        inner_bias=layers["inner_bias"],
        outer=layers["outer"],
        outer_bias=layers["outer_bias"],
    )
    names = {
        "types": nets[0].types,
        "cues": lexicon.cues,
        "headings": lexicon.headings,
        "vocabulary": nets[0].vocabulary.grams,
    }
    (directory / "net.json").write_text(json.dumps(names, indent=0), encoding="utf-8")


def _embed(embedding: Floats, bags: Bags) -> Floats:
    """The sum of each row's n-grams over the root of how many they are, shape (rows, h)."""
    counts = np.diff(bags.starts)
    sums = np.zeros((len(bags), embedding.shape[1]), dtype=np.float32)
    filled = counts > 0
    if filled.any():
        sums[filled] = np.add.reduceat(embedding[bags.ids], bags.starts[:-1][filled], axis=0)
    sums /= np.sqrt(np.maximum(counts, 1)).astype(np.float32)[:, None]
    return sums


def _surroundings(own: Floats, clause_of: Ints, headings: Floats) -> list[Floats]:
    """What stands around each sentence: the one before, the one after, its clause, its headings, the whole document."""
    before = np.zeros_like(own)
    before[1:] = own[:-1]
    after = np.zeros_like(own)
    after[:-1] = own[1:]
    clauses = np.zeros_like(headings)
    np.add.at(clauses, clause_of, own)
    sizes = np.maximum(np.bincount(clause_of, minlength=len(headings)), 1)
    clauses /= np.sqrt(sizes)[:, None].astype(np.float32)
    document = np.broadcast_to(own.mean(axis=0) if len(own) else 0, own.shape)
    return [before, after, clauses[clause_of], headings[clause_of], document]
