"""What to look for in a text: the words and the vector of one clause type, or of a question that is about none."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from index.store import Vectors
from index.taxonomy import ClauseType, clause_types

_NUMBER = re.compile(r"^[\d.]+ |^(?:article|section|clause) [\divxlc.]+ ")


class _Plain(dict[int, int]):
    """For str.translate: what cues are written with stays, all else is a blank. Much faster than a regular expression."""

    def __missing__(self, code: int) -> int:
        letter = chr(code)
        self[code] = code if letter.isascii() and (letter.isalnum() or letter in ".-") else ord(" ")
        return self[code]


_PLAIN = _Plain()


@dataclass(frozen=True, slots=True, eq=False)
class Lens:
    """A way to look at passages: for one clause type, with the certainty (0–1) that it is meant.

    `words` are asked of BM25, `vector` is what passages are near to, `cues` with their weights and `headings` stand in plain
    text (`plain`).
    """

    clause_type: str
    share: float
    words: str
    vector: Vectors
    cues: tuple[tuple[str, float], ...]
    headings: frozenset[str]


def lens_of(clause_type: ClauseType, share: float, middle: Vectors) -> Lens:
    """The lens for a clause type; `middle` is the middle of its phrases' vectors."""
    words = " ".join((*clause_type.cues, *clause_type.headings, *clause_type.synonyms))
    cues = tuple((plain(cue), len(cue.split()) ** 0.5 / _owners()[cue]) for cue in clause_type.cues)
    return Lens(clause_type.name, share, words, middle, cues, frozenset(plain(heading) for heading in clause_type.headings))


@cache
def _owners() -> Counter[str]:
    """How many types have a cue: one that many have tells little."""
    return Counter(cue for it in clause_types() for cue in it.cues)


def plain(text: str) -> str:
    """Text as cues are written, between blanks: lower case, no punctuation but hyphens and full stops."""
    return f" {' '.join(text.lower().translate(_PLAIN).split())} "


def cue_weights(cues: Sequence[tuple[str, float]], plain_text: str) -> float:
    """What the cues in a plain text weigh together."""
    return sum(weight for cue, weight in cues if cue in plain_text)


@lru_cache(maxsize=4096)
def _heading_parts(heading: str) -> tuple[str, str]:
    """The whole of a heading, plain, and its last part without its number."""
    last = plain(heading.rsplit(" > ", 1)[-1])
    return plain(heading), f" {_NUMBER.sub('', last.strip())} ".replace("  ", " ")


def heading_fit(headings: frozenset[str], heading: str | None) -> float:
    """How well a passage's heading is one of those looked for: 1 it is, 0.6 has it in its last part, 0.3 further above."""
    if not heading or not headings:
        return 0.0
    whole, last = _heading_parts(heading)
    if last.replace(".", "") in headings or last in headings:
        return 1.0
    if any(wanted in last for wanted in headings):
        return 0.6
    return 0.3 if any(wanted in whole for wanted in headings) else 0.0
