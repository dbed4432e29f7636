"""Gradient-boosted trees as arrays, grown by scikit-learn and walked by numpy alone."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.clause_words import Floats

# How many rows go through all trees at once: what is looked up for them fits the processor's caches.
_ROWS = 512


@dataclass(frozen=True, slots=True)
class Forest:
    """Binary trees, m nodes each: shape (trees, m), the root first.

    At a node a row goes to `left` where its `feature` is at most `threshold`, or, where `among` is not -1, where row `among`
    of `sets` (s, c) holds for the category that the feature names; else to `right`. At a leaf both are the leaf itself.
    `start` is what every row has before the trees add their `value`; no path is longer than `depth`.
    """

    feature: npt.NDArray[np.int64]
    threshold: npt.NDArray[np.float64]
    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    among: npt.NDArray[np.int64]
    sets: npt.NDArray[np.bool_]
    value: npt.NDArray[np.float64]
    start: npt.NDArray[np.float64]
    depth: npt.NDArray[np.int64]

    def log_odds(self, rows: Floats) -> Floats:
        """The log-odds of each row of features, shape (n)."""
        parts = [self._log_odds(rows[start : start + _ROWS]) for start in range(0, len(rows), _ROWS)]
        return np.concatenate([np.zeros(0, dtype=np.float32), *parts])

    def _log_odds(self, rows: Floats) -> Floats:
        trees, size = self.feature.shape
        feature, threshold, among = self.feature.ravel(), self.threshold.ravel(), self.among.ravel()
        left, right = self.left.ravel(), self.right.ravel()
        root = np.arange(trees)[None, :] * size
        own = np.arange(len(rows))[:, None] * rows.shape[1]
        flat = rows.ravel()
        node = np.broadcast_to(root, (len(rows), trees))
        for _ in range(int(self.depth)):
            seen = flat[own + feature[node]]
            goes_left = seen <= threshold[node]
            sets = among[node]
            by_set = np.nonzero(sets >= 0)
            goes_left[by_set] = self.sets[sets[by_set], seen[by_set].astype(np.int64)]
            node = root + np.where(goes_left, left[node], right[node])
        return np.asarray(self.value.ravel()[node].sum(axis=1) + self.start, dtype=np.float32)


FIELDS = tuple(field.name for field in fields(Forest))
_SMALL = {"feature": np.uint8, "left": np.uint8, "right": np.uint8, "among": np.int16}


def load_forest(file: Path) -> Forest:
    """The forest that `save_forest` wrote; nothing in it is ever executed."""
    with np.load(file, allow_pickle=False) as arrays:
        parts = {name: arrays[name] for name in FIELDS}
    return Forest(**{name: part.astype(np.int64) if name in _SMALL else part for name, part in parts.items()})


def save_forest(file: Path, forest: Forest) -> None:
    """Write a forest of at most 256 nodes a tree over at most 256 features."""
    parts = {name: np.asarray(getattr(forest, name)) for name in FIELDS}
    small = {name: part.astype(_SMALL.get(name, part.dtype)) for name, part in parts.items()}
    for name, part in parts.items():
        if not np.array_equal(part, small[name]):
            raise ValueError(f"the forest's {name} does not fit {small[name].dtype}: grow smaller trees")
    np.savez_compressed(file, **small)  # type: ignore[arg-type]  # numpy's stubs take names for its own option
