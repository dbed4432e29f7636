"""Frees a name from what runs into it where it is printed: a date, an office, a label, its own repetition, a line's end."""

import re
from dataclasses import replace

from index.names import GENERIC
from ingest.anatomy import Anatomy
from ingest.name_words import INSTITUTIONS, NOBODY, folded, is_form
from ingest.naming import Name, name_at
from ingest.party_words import usual

_RUNS_INTO = re.compile(
    r"(?:(?:\d{1,2}(?:st|nd|rd|th)?|(?:19|20)\d\d|(?:January|February|March|April|May|June|July|August|September|October"
    r"|November|December),?|CONFIDENTIAL|TREATMENT|REQUESTED|Confidential"
    r"|Treatment|Requested|EXECUTION|COPY|VERSION|Dated|DATED)\s+)+"
    r"|(?:(?:JOINDER|CONSENT|ACKNOWLEDGE?MENT|SIGNATURE PAGE)S? (?:OF|BY|TO)"
    r"|(?:Joinder|Consent|Acknowledge?ment|Signature [Pp]age)s? (?:of|by|to))\s+"
    r"|(?:By|Per|Its|Name|Title|(?:Party )?[A-D])\s?:\s?(?=[A-Z])|(?:Years?|Months?|Days)\s+(?=[A-Z])"
)
_RUNS_ON = re.compile(
    r"[\s,/]+(?:Date|DATE|Title|TITLE|Name|NAME|By|BY|(?:January|February|March|April|May|June|July|August|September|October"
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


def continued(paper: Anatomy, name: Name, stop: int, small: frozenset[str]) -> Name:
    """A name that a line's end cut, whole again, where the document or the words themselves show that it is one.

    `small` are the words that the contract writes small anywhere: a first line that is made of such is no person's.
    """
    if name.form or not paper.text[stop : stop + 1].isupper() or paper.view.line_start(stop) != stop:
        return name
    whole = name_at(paper.text, name.start, paper.view.line_end(stop))
    if whole is None or not whole.form or whole.end <= stop:
        return name
    words = [match.start() for match in re.finditer(r"\S+", name.text)] if name.end >= stop - 3 else []
    for begin in words:
        if paper.folded.count(whole.text[begin:].casefold().rstrip(".")) >= 2:
            return _from(whole, begin)
    return whole if _set_in_two_lines(paper, whole, stop, small) else name


def _set_in_two_lines(paper: Anatomy, whole: Name, stop: int, small: frozenset[str]) -> bool:
    """Whether a company's name fills one line and ends on the next: "NORTHERN PETROLEUM EXPLORATION / COLOMBIA LIMITED"."""
    first = Name(whole.start, stop, paper.text[whole.start : stop].rstrip(), False)
    words = first.text.split()
    second = paper.text[stop : whole.end].casefold().rstrip(".")
    alone = any(
        paper.folded.count(written) > paper.folded.count(f"{words[-1].casefold()} {written}")
        for written in (second, second.replace(",", ""))
    )
    begins = whole.start in (paper.view.line_start(whole.start), paper.view.cell_start(whole.start))
    company = usual(first.text, small) > 0 or any(folded(word) in GENERIC | INSTITUTIONS for word in words)
    return (
        begins
        and company
        and not alone
        and len(words) > 1
        and first.text.isupper() == whole.text.isupper()
        and trimmed(first, signing=True) == first
        and not NOBODY.match(first.text)
    )


def within_lines(paper: Anatomy, name: Name) -> Name:
    """A name without the next line, where it ends with its form on the one before: "NORTHERN OIL LIMITED / TAX ID"."""
    if not name.form or paper.folded.count(name.text.casefold()) >= 2:
        return name
    for _, end in paper.view.line_spans(paper.view.line_start(name.start), name.end):
        line = paper.text[name.start : end].rstrip()
        if name.start < end < name.end and is_form(line.split()[-1]) and not is_form(paper.text[end : name.end].split()[0]):
            return Name(name.start, name.start + len(line), line, True)
    return name
