"""Titles of clauses: after a number, run in before the text, or on a line of their own."""

import re
from collections.abc import Sequence

from ingest.clause_lines import Line

_SMALL = frozenset(
    """a an and as at but by for from in into of on or nor not the to upon with without under within per via vs etc no any all
    its their this that which be is are if after before during between other than
    der die das des und von zur zum im für""".split()  # noqa: SIM905 words read better as words
)
_RUN_IN = re.compile(
    r"[\"“']?[A-Z0-9ÄÖÜ][^.:“”\n]{1,90}?(?:[.:](?=\s|$)|(?<=[a-z]{3})\.(?=[A-Z])|\s[-–—]{1,2}\s|\.[-–—]{1,2}|\s(?=\d{1,2}\.\d))"
)
_WORD = re.compile(r"[^\W\d_][\w'’&/.-]*")
_DEFINED = re.compile(r"[\"“”'‘]")
_SENTENCE = re.compile(r"\b(?:shall|will|means?|agrees?|may|must|hereby|herein|thereof|is|are|was|were|has|have|been)\b")
_LOUD_SENTENCE = re.compile(r"\b(?:SHALL|WILL|MAY NOT|DOES NOT|HEREBY|THAT|WHICH|IS|ARE|HAS|HAVE|WOULD|MUST|MAKES?)\b")
_ABBREVIATED = re.compile(r"\b(?:Inc|Corp|Co|Ltd|LLC|L\.P|No|Mr|Mrs|Ms|Dr|St|vs?|[A-Z])\.$")
_LABEL_NEXT = re.compile(r"\(?\w{1,4}[.)]\s|(?i:article|section|exhibit|schedule|§)\b|\d+\.\d")
_LONGEST = 100


def title_of(lines: Sequence[Line], at: int, offset: int, bare: bool = False) -> tuple[str, int]:
    """The title after a number that ends at `offset` of a line, "" where there is none, and where it ends in the text."""
    line = lines[at]
    rest = line.text[offset:]
    if not rest.strip():
        return _title_below(lines, at)
    if not bare and (run_in := run_in_title(rest)) and run_in[1] < len(rest):
        return run_in[0], line.start + offset + run_in[1]
    if stands_alone(lines, at) and (is_title(rest, strict=bare and not line.gap) or _stands_apart(lines, at, rest)):
        return rest.strip(), line.end
    return "", line.start + offset


def _stands_apart(lines: Sequence[Line], at: int, words: str) -> bool:
    """Whether a few words without a full stop are a paragraph of their own."""
    words = words.strip()
    few = 2 < len(words) <= 60 and words[0].isupper() and words[-1].isalnum()
    return few and lines[at].gap and at + 1 < len(lines) and lines[at + 1].gap


def run_in_title(words: str, stops: str = "") -> tuple[str, int] | None:
    """A title that words begin with, and where they go on; `stops` narrows what may end it to these characters."""
    match = _RUN_IN.match(words)
    if match is None or (stops and match.group()[-1] not in stops) or _ABBREVIATED.search(match.group()):
        return None
    title = match.group().rstrip(" -–—.:")
    if match.group()[-1].isspace() and title == match.group().rstrip() and not is_capitals(title):
        return None
    return (title, match.end()) if is_title(title, strict=True) else None


def stands_alone(lines: Sequence[Line], at: int) -> bool:
    """Whether a line is not carried on by the next, as a paragraph set in capitals would be."""
    if at + 1 >= len(lines):
        return True
    below = lines[at + 1]
    return below.gap or (below.fresh and (below.short or not (is_capitals(lines[at].text) and is_capitals(below.text))))


def _title_below(lines: Sequence[Line], at: int) -> tuple[str, int]:
    """The title on the line after a number that stands alone, carried on over a second line of capitals."""
    if at + 1 >= len(lines):
        return "", lines[at].end
    below = lines[at + 1]
    if _LABEL_NEXT.match(below.text):
        return "", lines[at].end
    if is_title(below.text, strict=True) and stands_alone(lines, at + 1):
        return below.text, below.end
    if run_in := run_in_title(below.text):
        return run_in[0], below.start + run_in[1]
    return "", lines[at].end


def is_title(words: str, strict: bool) -> bool:
    """Whether words read as a title: short, no sentence, and (where strict) capitalised throughout."""
    words = words.strip()
    if not 2 < len(words) <= _LONGEST or words[-1] in ",;" or not words[0].isupper():
        return False
    if _DEFINED.match(words) or words.count("_") > 3 or "[" in words[:1]:
        return False
    if is_capitals(words):
        return len(words) < 40 or not _LOUD_SENTENCE.search(words)
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
    letters = sum(map(str.isalpha, words))
    return letters > 2 and sum(map(str.isupper, words)) > 0.85 * letters
