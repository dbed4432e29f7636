"""The network that scores every sentence of a contract for every clause type; numpy alone."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.clause_text import Bags, Floats, Ints, Reading, Vocabulary

_ROWS = 4096


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
        around = _surroundings(own, reading.clause_of, _embed(self.embedding, reading.headings))
        parts = [np.zeros((0, len(self.types)), dtype=np.float32)]
        for start in range(0, len(own), _ROWS):
            rows = slice(start, start + _ROWS)
            seen = np.concatenate([own[rows], *(each[rows] for each in around), reading.shape[rows]], axis=1)
            hidden = np.maximum(seen @ self.inner + self.inner_bias, 0)
            parts.append(np.concatenate([hidden, own[rows]], axis=1) @ self.outer + self.outer_bias)
        return np.concatenate(parts)


def load_net(directory: Path) -> Net:
    """The network saved by scripts/train_clauses.py in a directory; nothing in it is ever executed."""
    names = json.loads((directory / "net.json").read_text(encoding="utf-8"))
    with np.load(directory / "net.npz", allow_pickle=False) as arrays:
        return Net(
            types=tuple(names["types"]),
            vocabulary=Vocabulary(names["vocabulary"]),
            embedding=arrays["embedding"].astype(np.float32) * arrays["embedding_scale"],
            **{name: arrays[name].astype(np.float32) for name in ("inner", "inner_bias", "outer", "outer_bias")},
        )


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
