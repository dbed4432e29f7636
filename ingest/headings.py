"""Titles of clauses: after a number, run in before the text, or on a line of their own."""

import re
from collections.abc import Sequence

from ingest.clause_lines import Line

_SMALL = frozenset(
    """a an and as at but by for from in into of on or nor not the to upon with without under within per via vs etc no any all
    its their this that which be is are if after before during between other than
    der die das des und von zur zum im für""".split()  # noqa: SIM905 words read better as words
)
_RUN_IN = re.compile(r"[\"“']?[A-Z0-9ÄÖÜ][^.:;“”\n]{1,90}?(?:[.:](?=\s|$)|\s[-–—]{1,2}\s|\.[-–—]{1,2})")
_WORD = re.compile(r"[^\W\d_][\w'’&/.-]*")
_DEFINED = re.compile(r"[\"“”'‘]")
_SENTENCE = re.compile(r"\b(?:shall|will|means?|agrees?|may|must|hereby|herein|thereof|is|are|was|were|has|have|been)\b")
_LABEL_NEXT = re.compile(r"\(?\w{1,4}[.)]\s|(?i:article|section|exhibit|schedule|§)\b|\d+\.\d")
_LONGEST = 100


def title_of(lines: Sequence[Line], at: int, offset: int, bare: bool = False) -> tuple[str, int]:
    """The title after a number that ends at `offset` of a line, "" where there is none, and where it ends in the text."""
    line = lines[at]
    rest = line.text[offset:]
    if not rest.strip():
        return _title_below(lines, at)
    after = lines[at + 1] if at + 1 < len(lines) else None
    alone = after is None or after.fresh or after.gap
    if alone and is_title(rest, strict=bare):
        return rest.strip(), line.end
    if bare:
        return "", line.start + offset
    if (run_in := _RUN_IN.match(rest)) and is_title(words := run_in.group().rstrip(" -–—.:"), strict=True):
        return words, line.start + offset + run_in.end()
    return "", line.start + offset


def _title_below(lines: Sequence[Line], at: int) -> tuple[str, int]:
    """The title on the line after a number that stands alone, carried on over a second line of capitals."""
    if at + 1 >= len(lines):
        return "", lines[at].end
    below = lines[at + 1]
    if _LABEL_NEXT.match(below.text):
        return "", lines[at].end
    after = lines[at + 2] if at + 2 < len(lines) else None
    if is_title(below.text, strict=True) and (after is None or after.fresh):
        return below.text, below.end
    if (run_in := _RUN_IN.match(below.text)) and is_title(words := run_in.group().rstrip(" -–—.:"), strict=True):
        return words, below.start + run_in.end()
    return "", lines[at].end


def is_title(words: str, strict: bool) -> bool:
    """Whether words read as a title: short, no sentence, and (where strict) capitalised throughout."""
    words = words.strip()
    if not 2 < len(words) <= _LONGEST or words[-1] in ",;" or not words[0].isupper():
        return False
    if _DEFINED.match(words) or words.count("_") > 3 or "[" in words[:1]:
        return False
    if is_capitals(words):
        return True
    spoken = _WORD.findall(words)
    if not spoken or len(spoken) > 14:
        return False
    weighty = [word for word in spoken if word.lower() not in _SMALL]
    raised = sum(word[0].isupper() for word in weighty)
    if weighty and raised >= 0.8 * len(weighty):
        return not (len(spoken) > 4 and _SENTENCE.search(words))
    return not strict and not _SENTENCE.search(words) and len(spoken) <= 9 and not words.endswith(".")


def is_capitals(words: str) -> bool:
    """Whether words are set in capitals: "TERM AND TERMINATION"."""
    letters = [letter for letter in words if letter.isalpha()]
    return len(letters) > 2 and sum(letter.isupper() for letter in letters) > 0.85 * len(letters)
