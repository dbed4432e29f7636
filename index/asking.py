"""The best of a ranking within a selection: few documents are asked for by number, many are picked out of a longer ranking."""

from collections.abc import Callable, Sequence

import numpy as np

from index.roll import Roll, inside
from index.store import Keys, Selection, Vectors
from index.vectors import Nearest, bits_of
from index.words import Words

# Number of a chunk or document, key of its document, score.
Found = list[tuple[int, int, float]]

# So few documents are asked for by number at once: 1 ms in an index of 100,000 chunks. Of those who do not see everything,
# so many (4 ms): else it would take a second look, and time, where the best of a ranking are hidden from them.
_FEW, _FEW_SEEN = 1_000, 5_000
_SPARE = 16


def best_words(
    words: Words, text: str, within: Selection, limit: int, share: float, groups: Keys, keys_of: Callable[[Keys], Keys]
) -> Found:
    """The best matches within a selection, which `groups` says in the numbers that the words know and is a `share` of all."""
    if (len(groups) > _FEW or share > 0.5) and (within.seen is None or len(groups) > _FEW_SEEN):
        wanted = int(limit / max(share, 0.001)) + _SPARE
        ranked = words.matching(text, wanted)
        found = _picked([number for number, _ in ranked], [score for _, score in ranked], within, keys_of)
        if len(found) >= limit or len(ranked) < wanted:
            return found[:limit]
    ranked = words.matching(text, limit, groups.tolist())
    return _picked([number for number, _ in ranked], [score for _, score in ranked], within, keys_of)


def best_vectors(nearest: Nearest, vector: Vectors, within: Selection, limit: int, roll: Roll) -> Found:
    """The nearest chunks within a selection."""
    chunks = roll.chunks_in(within)
    share = chunks / max(1, len(nearest))
    enough = min(limit, chunks)
    if share > 0.5 and within.seen is None:
        numbers, scores = nearest.to(vector, int(limit / share) + _SPARE)
        found = _picked(numbers, scores, within, roll.keys_of_chunks)
        if len(found) >= enough:
            return found[:limit]
    allowed = bits_of(roll.mask(within.keys))
    numbers, scores = nearest.to(vector, limit, allowed, share)
    if len(numbers) < enough:
        numbers, scores = nearest.to(vector, limit, allowed, share=0.0)
    return _picked(numbers, scores, within, roll.keys_of_chunks)


def _picked(
    numbers: Sequence[int] | Keys, scores: Sequence[float] | Vectors, within: Selection, keys_of: Callable[[Keys], Keys]
) -> Found:
    keys = keys_of(np.asarray(numbers, np.int64))
    there = inside(keys, within)
    rows = zip(numbers, keys, scores, there, strict=True)
    return [(int(number), int(key), float(score)) for number, key, score, yes in rows if yes]
