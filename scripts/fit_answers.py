"""Fits the weights by which answers are judged to experts' labels: prints what stands in index/fusion.py, and how well it does."""

import numpy as np
import numpy.typing as npt

Table = npt.NDArray[np.float64]
_FOLDS = 5
