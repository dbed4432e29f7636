"""Remembers the vectors of a caller's last questions, for that caller alone: nobody learns by the clock what others asked."""

from collections.abc import Sequence

from index.kept import Kept
from index.store import Encoder, Vectors
from server.callers import Caller

_MOST = 512


class Recall:
    """The last questions of all callers, with their vectors."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self._kept = encoder, Kept(_MOST)

    def of(self, caller: Caller) -> Encoder:
        """The encoder as one caller meets it: what they asked before is there at once."""
        return _Remembering(self._encoder, self._kept, (caller.name, caller.principals))


class _Remembering:
    """See `index.store.Encoder`."""

    def __init__(self, encoder: Encoder, kept: Kept, whose: tuple[str, frozenset[str]]) -> None:
        self._encoder, self._kept, self._whose = encoder, kept, whose
        self.name, self.dimensions, self.max_tokens = encoder.name, encoder.dimensions, encoder.max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `Encoder.count_tokens`."""
        return self._encoder.count_tokens(texts)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode`."""
        return self._encoder.encode(texts)

    def encode_question(self, text: str) -> Vectors:
        """See `Encoder.encode_question`."""
        return self._kept.of((self._whose, text), lambda: self._encoder.encode_question(text))
