"""Names that may be parties, as they stand in a contract's head and signature blocks, with what speaks for and against each."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from index.names import name_key
from ingest.anatomy import Anatomy
from ingest.jurisdictions import place_named
from ingest.name_words import LEADING_FORMS, NOBODY, is_form
from ingest.naming import Name, name_at
from ingest.party_signs import closing_signs, head_signs
from ingest.party_trims import continued, trimmed, within_lines

_WORD = re.compile(r"(?<![^\s(\"':;,/*_\-])[^\s(]")
_ALIAS = re.compile(
    r"[^\"()]{0,4}?\(\s?(?:[^\"()]{0,90}?)\"\s?(?P<quoted>[^\"()]{1,60}?)\s?[,.]?\"[^()]{0,160}\)"
    r"|[^\"()]{0,4}?\(\s?(?:hereinafter |hereafter |the |referred to as |called |each |an? "
    r"|together )*(?P<bare>[A-Z][\w&.'/-]*(?: [A-Z&][\w&.'/-]*){0,3})\s?\)"
    r"|[^\"();]{0,260}?\(?\b(?:hereinafter|hereafter|herein)\b (?:sometimes |jointly |collectively )?(?:referred to "
    r"|called |known |refer to )?(?:as |to as )?(?:the )?\"?(?P<after>[A-Z][\w&.' /-]{0,40}?)(?:\"|[,;.)]| and )"
)
_LATER_ALIAS = re.compile(r"[^()]{1,420}?\(\s?(?:[^\"()]{0,90}?)\"\s?(?P<quoted>[^\"()]{1,60}?)\s?[,.]?\"[^()]{0,160}\)")
# Signature blocks are shorter than this, even those of thirty funds.
_LONGEST_BLOCK = 12_000
# The foot of a page as the register of filings prints it: "Source: ACME INC, 10-K, 3/14/2018".
_REGISTER = re.compile(r"\bSource: $")
_ACTS_FOR = re.compile(
    r"\b(?:in the person of|represented by|(?:legal|authori[sz]ed) representative|attention|attn\.?|contact person)\b"
    r"[\s:]*(?:(?:its|the|(?-i:[A-Z])[\w.-]+)\s){0,5}$",
    re.IGNORECASE,
)
_SPEAKS_FOR = re.compile(
    r",? (?:the |its |an? |duly )?(?:(?:authori[sz]ed|managing|executive|sole|general|legal|chief|vice) )*"
    r"(?:director|president|officer|chair(?:man|woman|person)|manager|representative|owner|proprietor|principal)"
    r" (?:of|for) (?:the )?(?=[A-Z])",
    re.IGNORECASE,
)
_IN_LIST = re.compile(r"(?:\s\([^()]{1,60}\))?,?\s(?:(?:and|AND|&)\s)?")
_AS_AND = {"preamble_and": 1.0, "preamble_comma": 0.0}
_UNFINISHED = re.compile(r"(?:[-&,]|\b(?:of|and|for|the|AND|OF|FOR|THE)) ?$")


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where a name stands that may be a party's, in the view; `signs` speak for and against it, each about 0–1."""

    name: Name
    key: str
    alias: str | None
    where: str
    signs: Mapping[str, float]


def head_mentions(paper: Anatomy, small: frozenset[str]) -> Iterator[Mention]:
    """The names on the cover and in the preamble."""
    start, end = paper.preamble
    cover = max(0, start - 2_500)
    yield from _mentions(paper, 0, min(cover, 1_200), "cover", small)
    yield from _mentions(paper, cover, start, "cover", small)
    yield from _mentions(paper, start, end, "preamble", small)


def _mentions(paper: Anatomy, start: int, end: int, where: str, small: frozenset[str]) -> Iterator[Mention]:
    text = paper.text
    evidence = None if where == "cover" else paper.folded
    at = start
    order = 0
    opening: tuple[int, int] | None = None
    listing: int | None = None
    while at < end and (match := _WORD.search(text, at, end)):
        # On a cover a name ends with its line; in running words it does not.
        stop = _line_stop(paper, match.start()) if where == "cover" else min(_cell_stop(paper, match.start()), end + 80)
        found = name_at(text, match.start(), stop, evidence)
        if found:
            found = continued(paper, found, stop, small) if where == "cover" else within_lines(paper, found)
        name = trimmed(found)
        if name is None or not (key := _key(name)):
            at = max(match.end(), _next_word(text, match.start(), end) if name is None else name.end)
            continue
        at = max(name.end, match.end())
        if _quoted(text, name) or _spoken_for(text, name):
            continue
        # "Ann Lee, director of Acme (the "Client")": Acme stands where the party does, and she speaks for it.
        stood = opening[1] if opening and opening[0] == name.start else name.start
        speaks = _SPEAKS_FOR.match(text, name.end) if not name.form else None
        opening = (speaks.end(), stood) if speaks else None
        if speaks:
            continue
        signs = head_signs(paper, name, where, order, stood)
        # "Acme Fund L.P. ("Acme"), Acme Two L.P., Acme Three L.P.": in a list of parties a comma is as good as an "and".
        listed = name.form and listing is not None and bool(_IN_LIST.fullmatch(text, listing, name.start))
        listing = name.end if listed or signs["slot"] else None
        yield Mention(name, key, _alias_after(text, name.end), where, signs | (_AS_AND if listed and where == "preamble" else {}))
        order += 1


def _key(name: Name) -> str | None:
    """The normal form of a name, or `None` where it is nobody's: roles, headings, a legal form or a place alone."""
    if NOBODY.match(name.text) or all(is_form(word) for word in name.text.split()) or place_named(name.text):
        return None
    key = name_key(name.text)
    return key if len(key) >= 2 else None


def _line_stop(paper: Anatomy, place: int) -> int:
    """The end of a line, or of the next one where a name plainly goes on there."""
    end = paper.view.line_end(place)
    if _goes_on(paper, place, end):
        end = paper.view.line_end(end)
    return min(end, _cell_stop(paper, place))


def _cell_stop(paper: Anatomy, place: int) -> int:
    """The end of a column or a paragraph, or of the next one where a name plainly goes on there."""
    end = paper.view.cell_end(place)
    return paper.view.cell_end(end) if _goes_on(paper, place, end) else end


def _goes_on(paper: Anatomy, place: int, end: int) -> bool:
    after = paper.text[end : end + 40].split(" ", 1)[0]
    ends = after in ("AND", "&") or (bool(after) and is_form(after) and after not in LEADING_FORMS)
    return ends or bool(_UNFINISHED.search(paper.text[max(place, end - 20) : end]))


def _quoted(text: str, name: Name) -> bool:
    """Whether the name is an alias being given rather than a name: ("Acme"), (the Licensor)."""
    before = text[max(0, name.start - 30) : name.start]
    # What stands behind an article is a kind of company: "a Nevada Limited Liability Company".
    if re.search(r"\b(?:an?|A|AN) $", before):
        return True
    if before.rstrip(" '").endswith('"') or text[name.end : name.end + 1] == '"':
        return True
    after = text[name.end : name.end + 3].lstrip(" .,")
    return bool(re.search(r"\((?:the |hereinafter |an? |each,? )*$", before)) and after.startswith(")")


def _spoken_for(text: str, name: Name) -> bool:
    """Whether a name is the register's at the foot of a page, or that of a person who acts for a party."""
    before = text[max(0, name.start - 80) : name.start]
    return bool(_REGISTER.search(before) or (not name.form and _ACTS_FOR.search(before)))


def _next_word(text: str, start: int, end: int) -> int:
    place = text.find(" ", start, end)
    return end if place < 0 else place + 1


def _alias_after(text: str, end: int) -> str | None:
    """The alias that a name is given behind it."""
    window = text[end : end + 500]
    match = _ALIAS.match(window) or _LATER_ALIAS.match(window)
    found = next((value for value in match.groupdict().values() if value), None) if match else None
    return found.strip(" ,.'") if found else None


def closing_mentions(paper: Anatomy, small: frozenset[str]) -> Iterator[Mention]:
    """The names that stand as entities in the signature blocks: above "By:", after "for and on behalf of"."""
    for number, (start, end) in enumerate(paper.closings[:4]):
        where = "signature" if number == 0 else "later_signature"
        starts = {line[0] for line in paper.view.line_spans(start, end)}
        at, stop = start, min(end, start + _LONGEST_BLOCK)
        while at < stop and (match := _WORD.search(paper.text, at, stop)):
            line = _line_stop(paper, match.start())
            found = name_at(paper.text, match.start(), line)
            name = trimmed(continued(paper, found, line, small) if found else None, signing=True)
            if name is None or not (key := _key(name)):
                at = max(match.end(), _next_word(paper.text, match.start(), stop) if name is None else name.end)
                continue
            at = max(name.end, match.end())
            if _spoken_for(paper.text, name):
                continue
            yield Mention(name, key, None, where, closing_signs(paper, name, where, name.start in starts))
