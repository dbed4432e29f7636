"""Names that may be parties, as they stand in a contract's head and signature blocks, with what speaks for and against each."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from index.names import name_key
from ingest.anatomy import Anatomy
from ingest.naming import NOBODY, Name, is_form, name_at
from ingest.party_signs import closing_signs, head_signs
from ingest.party_trims import continued, trimmed

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
_UNFINISHED = re.compile(r"(?:[-&,]|\b(?:of|and|for|the|AND|OF|FOR|THE)) ?$")


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where a name stands that may be a party's, in the view; `signs` speak for and against it, each about 0–1."""

    name: Name
    key: str
    alias: str | None
    where: str
    signs: Mapping[str, float]


def head_mentions(paper: Anatomy) -> Iterator[Mention]:
    """The names on the cover and in the preamble."""
    start, end = paper.preamble
    yield from _mentions(paper, max(0, start - 2_500), start, "cover")
    yield from _mentions(paper, start, end, "preamble")


def _mentions(paper: Anatomy, start: int, end: int, where: str) -> Iterator[Mention]:
    text = paper.text
    evidence = None if where == "cover" else paper.folded
    at = start
    order = 0
    while at < end and (match := _WORD.search(text, at, end)):
        # On a cover a name ends with its line; in running words it does not.
        stop = _line_stop(paper, match.start()) if where == "cover" else min(end + 80, len(text))
        name = trimmed(name_at(text, match.start(), stop, evidence))
        if name is None or NOBODY.match(name.text) or not (key := name_key(name.text)) or len(key) < 2:
            at = max(match.end(), _next_word(text, match.start(), end))
            continue
        at = max(name.end, match.end())
        if _quoted(text, name):
            continue
        alias = _alias_after(text, name.end)
        yield Mention(name, key, alias, where, head_signs(paper, name, where, order))
        order += 1


def _line_stop(paper: Anatomy, place: int) -> int:
    """The end of a line, or of the next one where a name plainly goes on there."""
    end = paper.view.line_end(place)
    after = paper.text[end : end + 40].split(" ", 1)[0]
    if _UNFINISHED.search(paper.text[max(place, end - 20) : end]) or (after and (after in ("AND", "&") or is_form(after))):
        return paper.view.line_end(end)
    return end


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


def _next_word(text: str, start: int, end: int) -> int:
    place = text.find(" ", start, end)
    return end if place < 0 else place + 1


def _alias_after(text: str, end: int) -> str | None:
    """The alias that a name is given behind it."""
    window = text[end : end + 500]
    match = _ALIAS.match(window) or _LATER_ALIAS.match(window)
    found = next((value for value in match.groupdict().values() if value), None) if match else None
    return found.strip(" ,.'") if found else None


def closing_mentions(paper: Anatomy) -> Iterator[Mention]:
    """The names that stand as entities in the signature blocks: above "By:", after "for and on behalf of"."""
    for number, (start, end) in enumerate(paper.closings[:4]):
        where = "signature" if number == 0 else "later_signature"
        starts = {line[0] for line in paper.view.line_spans(start, end)}
        at, stop = start, min(end, start + _LONGEST_BLOCK)
        while at < stop and (match := _WORD.search(paper.text, at, stop)):
            line = _line_stop(paper, match.start())
            found = name_at(paper.text, match.start(), line)
            name = trimmed(continued(paper, found, line) if found else None, signing=True)
            if name is None or NOBODY.match(name.text) or not (key := name_key(name.text)) or len(key) < 2:
                at = max(match.end(), _next_word(paper.text, match.start(), stop))
                continue
            at = max(name.end, match.end())
            yield Mention(name, key, None, where, closing_signs(paper, name, where, name.start in starts))
