"""Frees a name from what runs into it where it is printed: a date, an office, a label, its own repetition, a line's end."""

import re
from dataclasses import replace

from ingest.anatomy import Anatomy
from ingest.naming import Name, name_at

_RUNS_INTO = re.compile(
    r"(?:(?:\d{1,2}(?:st|nd|rd|th)?|(?:19|20)\d\d|(?:January|February|March|April|May|June|July|August|September|October"
    r"|November|December),?|CONFIDENTIAL|TREATMENT|REQUESTED|Confidential"
    r"|Treatment|Requested|EXECUTION|COPY|VERSION|Dated|DATED)\s+)+"
    r"|(?:By|Per|Its|Name|Title|(?:Party )?[A-D])\s?:\s?(?=[A-Z])|(?:Years?|Months?|Days)\s+(?=[A-Z])"
)
_RUNS_ON = re.compile(
    r"[\s,]+(?:Date|DATE|Title|TITLE|Name|NAME|By|BY|(?:January|February|March|April|May|June|July|August|September|October"
    r"|November|December)(?:\s\d{1,2})?)[:.,]?$"
)
_RANK = (
    r"(?:authori[sz]ed|duly|senior|executive|assistant|vice|deputy|chief|managing|general|compliance|operating|financial|legal)"
)
_HEAD = r"(?:officer|president|signatory|signator|secretary|treasurer|director|chair(?:m[ae]n|woman|person)|counsel|ceo|cfo|coo)"
# "Chief Compliance Officer", "Vice President and Secretary", "Managing Member"; "President" alone may begin a company's name.
_OFFICE = re.compile(
    rf"(?:(?:(?:{_RANK}\s+)+(?:{_HEAD}|member|partner|manager|agent)|(?:co-)?trustee|attorney[- ]in[- ]fact"
    rf"|(?:{_HEAD})(?=[,\s]+(?:and|&)\s+(?:{_RANK}|{_HEAD})))(?:[,\s]+(?:and|&)?\s*|$))+(?:(?:of|for)\s+(?=[A-Z]))?"
    rf"(?:(?:{_RANK}\s+)*{_HEAD}\b\s*)?|(?:administrator|trustee|agent|nominee|custodian) for\s+",
    re.IGNORECASE,
)
_ONE_OFFICE = re.compile(rf"(?:{_HEAD}|by)[,:\s]+(?=[A-Z])", re.IGNORECASE)


def trimmed(name: Name | None, *, signing: bool = False) -> Name | None:
    """A name without the date, label or office that runs into it; `None` where nothing else is there.

    `signing` says that it stands in a signature block, where "President Acme Inc." are an officer and a company.
    """
    if name is None:
        return None
    for pattern in (_RUNS_INTO, _OFFICE, *((_ONE_OFFICE,) if signing and name.form else ())):
        if (match := pattern.match(name.text)) and match.end() < len(name.text):
            name = _from(name, match.end())
        elif match and pattern is _OFFICE:
            return None
    if not name.form and (tail := _RUNS_ON.search(name.text)) and tail.start():
        name = replace(name, end=name.start + tail.start(), text=name.text[: tail.start()])
    return _once(name)


def _from(name: Name, begin: int) -> Name:
    return replace(name, start=name.start + begin, text=name.text[begin:])


def _once(name: Name) -> Name:
    """A person's name that stands twice on a line: under the signature, and printed."""
    words = name.text.split()
    for count in range(2, len(words) // 2 + 1):
        if words[:count] == words[count : 2 * count]:
            text = " ".join(words[:count])
            return Name(name.start, name.start + len(text), text, False) if name.text.startswith(text) else name
    return name


def continued(paper: Anatomy, name: Name, stop: int) -> Name:
    """A name that a line's end cut, whole again: where the document has the words of both lines as one name elsewhere, too."""
    if name.form or name.end < stop - 3 or not paper.text[stop : stop + 1].isupper():
        return name
    whole = name_at(paper.text, name.start, paper.view.line_end(stop))
    if whole is None or not whole.form:
        return name
    words = [match.start() for match in re.finditer(r"\S+", name.text)]
    for begin in words:
        if paper.folded.count(whole.text[begin:].casefold().rstrip(".")) >= 2:
            return _from(whole, begin)
    return name
