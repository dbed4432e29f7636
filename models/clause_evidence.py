"""What is known of a contract's most likely sentences for every type, side by side: the table that the forest judges."""

from dataclasses import dataclass

import numpy as np

from models.clause_text import SHAPE, Reading
from models.clause_words import Floats, Ints

# So many of a contract's sentences are looked at again for each type; the right ones are hardly ever further down.
LOOKED_AT = 16
# How many numbers `evidence` gives for a sentence. The first is the number of the type.
WIDTH = 26 + SHAPE
# Where no sentence stands, and the log-odds of one that nobody asked the forest about.
_NOWHERE = -15.0
_NOT_LOOKED_AT = 1e-4


@dataclass(frozen=True, slots=True)
class Said:
    """What the nets say of all sentences, log-odds of shape (n, t): of the `whole`, and of what tells most in it, `closely`."""

    whole: Floats
    closely: Floats

    def __len__(self) -> int:
        return len(self.whole)


def looked_at(logits: Floats) -> Ints:
    """The rows of each type's likeliest sentences, best first, shape (k, t)."""
    return np.argsort(-logits, axis=0, kind="stable")[:LOOKED_AT].astype(np.int64)


def evidence(reading: Reading, said: Said, rows: Ints) -> Floats:
    """A line of numbers for each of the `rows` (k, t): what the nets say of it, of its neighbours and of the others.

    Shape (k, t, WIDTH).
    """
    k, t = rows.shape
    logits = said.whole
    before, after = _neighbours(logits)
    best = np.sort(logits, axis=0)[::-1]
    odds = np.log(np.exp(logits).sum(axis=0))
    own, piece = (np.take_along_axis(each, rows, axis=0) for each in (logits, said.closely))
    best_piece = piece.max(axis=0)
    columns = [
        np.broadcast_to(np.arange(t), (k, t)),
        own,
        *(np.take_along_axis(each, rows, axis=0) for each in (*before, *after, _best_of_clause(reading, logits))),
        np.broadcast_to(np.arange(k)[:, None], (k, t)),
        np.broadcast_to(best[0], (k, t)),
        own - best[0],
        np.broadcast_to(odds, (k, t)),
        own - odds,
        (own - logits.mean(axis=0)) / (logits.std(axis=0) + 1e-6),
        logits.max(axis=1)[rows],
        *(np.broadcast_to(best[min(len(best) - 1, place)], (k, t)) for place in (1, 2, 5)),
        *_of_lexicon(reading, rows),
        np.broadcast_to(len(logits), (k, t)),
        piece,
        piece - own,
        np.broadcast_to(best_piece, (k, t)),
        piece - best_piece,
    ]
    return np.concatenate([np.stack(columns, axis=-1), reading.shape[rows]], axis=-1).astype(np.float32)


def chances(logits: Floats, rows: Ints, judged: Floats) -> Floats:
    """How probable it is that each sentence is a clause of each type, shape (n, t), from the forest's log-odds (k, t).

    Sentences that were not looked at are as good as out of the question, in the order of their own log-odds.
    """
    probable = _NOT_LOOKED_AT / (1 + np.exp(-np.clip(logits, -30, 30)))
    looked = np.maximum(1 / (1 + np.exp(-np.clip(judged, -30, 30))), 2 * _NOT_LOOKED_AT)
    np.put_along_axis(probable, rows, looked, axis=0)
    return np.asarray(probable, dtype=np.float32)


def _neighbours(logits: Floats) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """The log-odds of the sentences two and one before, and of those one and two after."""
    wide = np.pad(logits, ((2, 2), (0, 0)), constant_values=_NOWHERE)
    return (wide[:-4], wide[1:-3]), (wide[3:-1], wide[4:])


def _best_of_clause(reading: Reading, logits: Floats) -> Floats:
    best = np.full((len(reading.headed), logits.shape[1]), _NOWHERE, dtype=np.float32)
    np.maximum.at(best, reading.clause_of, logits)
    return best[reading.clause_of]


def _of_lexicon(reading: Reading, rows: Ints) -> list[Floats]:
    """The type's cues in the sentence, its heading above it, its cues around and in the whole contract."""
    wide = np.pad(reading.cues, ((2, 2), (0, 0)))
    near = wide[:-4] + wide[1:-3] + wide[3:-1] + wide[4:]
    headed = reading.headed[reading.clause_of]
    own = [np.take_along_axis(each, rows, axis=0) for each in (reading.cues, headed, near)]
    return [*own, np.broadcast_to(reading.cues.sum(axis=0), rows.shape)]
