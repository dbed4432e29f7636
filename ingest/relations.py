"""Which other contract this one amends, and which it takes the place of."""

import re

from index.records import Extracted
from ingest.anatomy import Anatomy

_PAPER = (
    r"(?:[Aa]greement|AGREEMENT|[Cc]ontract|CONTRACT|[Ll]ease|LEASE|[Ll]icen[sc]e|[Ll]etter|[Ss]tatement of [Ww]ork|[Nn]ote"
    r"|[Vv]ertrag\w*|Rahmenvertrag\w*|\w+vertrag\w*)"
)
_AMENDS = re.compile(
    rf"\b(?:(?:[Aa]mend(?:s|ed|ing|ment)?|AMENDMENT)\b[^.;]{{0,60}}?\b(?:to|of|TO|OF)?|[Aa]ddendum\b[^.;]{{0,30}}?\bto"
    rf"|ADDENDUM TO|[Ss]upplement(?:s|al)?\b[^.;]{{0,40}}?\bto|[Rr]eference is (?:hereby )?made to"
    rf"|[Ee]ntered\sinto|[Pp]art(?:y|ies)\sto"
    rf"|[Nn]achtrag\b[^.;]{{0,20}}?\bzum|[Mm]odif(?:y|ies)|[Uu]nder the terms of)"
    rf"\s(?P<what>(?:(?:that|the|THE|a|certain|fully|executed|dem|den|zum)\s){{0,4}}(?:[\"(]?[A-Z][\w&/,'-]*\s|(?:and|of"
    rf"|for|und|No\.)\s|[\"(]){{0,12}}?{_PAPER}(?:\s(?:Number"
    rf"|No\.?)\s?[\w-]+)?(?:[^.;()]{{0,40}}?\bdated?\s(?:as of\s)?[^.;()]{{4,40}}?\d{{4}})?)"
)
_AMENDING_TITLE = re.compile(
    r"\b(?:amend|addendum|supplement|side letter|nachtrag|variation|waiver|joinder|restate)", re.IGNORECASE
)
_SUPERSEDES = re.compile(
    rf"\b(?:supersedes?|superseded|replaces?|replaced|in lieu of|amends and restates|amended and restated"
    rf"|takes the place of|ersetzt)\b(?:\s(?:and\s\w+\s|in (?:its|their) entirety\s|in full\s|by this agreement\s)?)"
    rf"(?P<what>(?:in its entirety\s|any\s|that\s|the\s|certain\s|prior\s|previous\s|existing\s"
    rf"|den\s){{0,5}}(?:[\"(]?[A-Z][\w&/,.'-]*\s|(?:and|of"
    rf"|for)\s){{0,10}}?{_PAPER}[^.;()]{{0,60}}?\bdated?\s(?:as of\s)?[^.;()]{{4,40}}?\d{{4}})"
)


def read_amends(paper: Anatomy, title: Extracted[str] | None) -> Extracted[str] | None:
    """The contract that this one amends, as it names it; `None` for a contract of its own."""
    if title is None or not _AMENDING_TITLE.search(title.value):
        return None
    start = min(paper.preamble[0], 200)
    dated = None
    for match in _AMENDS.finditer(paper.text, start, min(len(paper.text), paper.preamble[1] + 3_000)):
        if re.fullmatch(r"(?:the |this |that )?[\"(]?(?:agreement|contract|lease|license)", match["what"].strip(), re.IGNORECASE):
            continue
        if re.search(r"\d{4}", match["what"]):
            return _named(paper, match, 0.85)
        dated = dated or match
    return _named(paper, dated, 0.6) if dated else None


def read_supersedes(paper: Anatomy) -> Extracted[str] | None:
    """A dated contract that this one replaces, as it names it."""
    for start, end in paper.stretches(("supersede", "replace", "in lieu of", "restate", "ersetzt"), 30, 260):
        if match := _SUPERSEDES.search(paper.text, start, end):
            return _named(paper, match, 0.75)
    return None


def _named(paper: Anatomy, match: re.Match[str], confidence: float) -> Extracted[str]:
    span = paper.view.span(match.start("what"), match.end("what"))
    value = re.sub(
        r"^(?:to|that|the|a|certain|fully|executed|in its entirety|any|dem|den|zum)\s(?:certain\s|fully\s|executed\s)*",
        "",
        match["what"].strip(),
        flags=re.IGNORECASE,
    )
    return Extracted(value.strip(' "(,'), span, span.of(paper.source), confidence)
