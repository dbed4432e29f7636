"""Grows the trees that judge the nets' likeliest sentences, with scikit-learn; models/clause_forest.py walks them without it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier

from models.clause_evidence import WIDTH, Said, evidence, looked_at
from models.clause_forest import Forest
from models.clause_words import Floats
from scripts.train_labels import Lesson

# What cross-validation liked best of a few.
_GROWN = {"max_iter": 150, "learning_rate": 0.07, "max_leaf_nodes": 15, "min_samples_leaf": 40, "l2_regularization": 1.0}


@dataclass(frozen=True, slots=True)
class Judged:
    """What the forest learns from: a row a sentence and type, shape (r, WIDTH), and whether it is such a clause."""

    seen: Floats
    right: npt.NDArray[np.bool_]


def judged(lesson: Lesson, said: Said, wanted: npt.NDArray[np.bool_]) -> Judged:
    """The rows of the wanted types (t) of one contract of which the nets say this; what nobody knows is left out."""
    if not len(said):
        return Judged(np.zeros((0, WIDTH), dtype=np.float32), np.zeros(0, dtype=bool))
    rows = looked_at(said.whole)
    known = ~np.take_along_axis(lesson.doubts, rows, axis=0) & wanted
    right = np.take_along_axis(lesson.marks, rows, axis=0) > 0
    return Judged(evidence(lesson.reading, said, rows)[known], right[known])


def grown(examples: Sequence[Judged]) -> Forest:
    """A forest grown from these."""
    seen = np.concatenate([each.seen for each in examples])
    right = np.concatenate([each.right for each in examples])
    # The first number of each row is its type, which has no order.
    model = HistGradientBoostingClassifier(**_GROWN, categorical_features=[0], early_stopping=False, random_state=1)
    return as_arrays(model.fit(seen, right))


def as_arrays(model: Any) -> Forest:
    """A fitted classifier of two classes, whose one category is its first feature and has every number from 0 on, as arrays."""
    trees = [of_class for (of_class,) in model._predictors]  # scikit-learn shows its trees no other way
    size = max(len(tree.nodes) for tree in trees)
    shape = (len(trees), size)
    own = np.broadcast_to(np.arange(size), shape)
    feature, among = np.zeros(shape, dtype=np.int64), np.full(shape, -1, dtype=np.int64)
    left, right = own.copy(), own.copy()
    threshold, value = np.zeros(shape), np.zeros(shape)
    sets: list[npt.NDArray[np.bool_]] = []
    for row, tree in enumerate(trees):
        nodes = tree.nodes
        inner = nodes["is_leaf"] == 0
        at = np.flatnonzero(inner)
        feature[row, at], threshold[row, at] = nodes["feature_idx"][inner], nodes["num_threshold"][inner]
        left[row, at], right[row, at] = nodes["left"][inner], nodes["right"][inner]
        value[row, : len(nodes)] = nodes["value"]
        for each in np.flatnonzero(inner & (nodes["is_categorical"] == 1)):
            among[row, each] = len(sets)
            sets.append(_bits(tree.raw_left_cat_bitsets[nodes["bitset_idx"][each]]))
    start = np.asarray(model._baseline_prediction, dtype=np.float64).reshape(())  # nor where they start from
    depth = np.array(max(tree.get_max_depth() for tree in trees))
    return Forest(feature, threshold, left, right, among, np.array(sets, dtype=bool).reshape(-1, 256), value, start, depth)


def _bits(words: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Eight numbers of 32 bits as 256 truths, the lowest bit first."""
    return np.unpackbits(words.astype("<u4").view(np.uint8), bitorder="little").astype(bool)
