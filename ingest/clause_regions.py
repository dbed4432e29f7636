"""The large parts of a document: its table of contents, its body, its exhibits and its signature blocks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ingest.clause_lines import Line
from ingest.headings import is_capitals, is_title

RegionKind = Literal["cover", "body", "contents", "exhibit", "signature"]

_EXHIBIT = re.compile(
    r"(?P<the>the\s+)?(?P<word>exhibit|schedule|annex(?:ure)?|appendix|attachment|addendum|anlage|anhang|rider)\b\s{0,4}"
    r"(?:(?:no\.?|number)\s{0,3})?(?P<label>[\"“'‘]?(?:[A-Z]{1,2}|\d{1,3}|[IVX]{1,6})(?:[-–.]?(?:\d{1,3}|[A-Z]|[a-z])|\(\w{1,4}\)){0,6}[\"”'’]?(?![\w]))?"
    r"(?P<rest>.*)$",
    re.I,
)
_NOT_TITLE = re.compile(
    r"^\s*(?:[,;)]|(?:hereto|hereof|shall|is|are|will|of this|to this|and|or|attached|contains?|sets?)\b(?!.*agreement$))", re.I
)
_CONTENTS = re.compile(r"(?:table\s+of\s+contents|contents|index|inhaltsverzeichnis)\s*(?:page)?\W*$", re.I)
_LEADER = re.compile(r"(?:\.{3,}|(?:\.\s){3,}|_{3,}|…+)\s*[-–]?\s*(?:[A-Z]-?)?(?:\d{1,3}|[ivxl]{1,6})?\W*$")
_PAGED = re.compile(r"\S.*?\s(?:\d{1,3}|[ivx]{1,5})$")
_ENTRY = re.compile(
    r"\(?(?:article|section|part|clause|§|exhibit|schedule|annex|appendix|attachment|\d{1,2}(?:\.\d{1,2})*\.?(?:\s|$)|[IVXL]{1,6}\.|[A-Z]\.)",
    re.I,
)
_PREAMBLE = re.compile(
    r"(?:this|dieser|the)\s.{0,120}\b(?:agreement|contract|lease|amendment|license|vertrag|between|deed)\b", re.I
)
_WITNESS = re.compile(
    r"(?:in\s+witness\s+(?:whereof|thereof|hereof)|in\s+testimony\s+whereof|the\s+undersigned\s+have\s+(?:executed|caused)|"
    r"\[?\s*signature\s+pages?\s+(?:to\s+)?follows?|\[?\s*signatures?\s+(?:appear|on)\s|(?:the\s+)?parties\s+(?:hereto\s+)?have\s+(?:duly\s+)?"
    r"(?:caused|executed|signed|set)|executed\s+(?:and\s+delivered\s+)?as\s+(?:a\s+deed|of|an)|as\s+witness\s+the\s+hands|"
    r"(?:agreed\s+(?:and|&)\s+accepted|accepted\s+(?:and|&)\s+agreed|agreed\s+to\s+and\s+accepted)\b|signed\s+(?:by|for|sealed|as)\b|"
    r"intending\s+to\s+be\s+(?:legally\s+)?bound.{0,40}(?:have\s+)?(?:executed|signed))",
    re.I,
)
_LONGEST_ENTRY = 250
_FILED = re.compile(r"\d{1,2}\.\d{1,3}")  # "Exhibit 10.22" is how a contract is filed, and part of its cover
_COVER = 60
_SIGNS = re.compile(
    r"(?:by|name|title|date|its|dated|signed|signature|print(?:ed)?\s+name|attest|witness|duly\s+authori[sz]ed)\s*:|/s/|_{4,}|\bby:|^x\s*_|"
    r"name/title|notary|ort,\s+datum|unterschrift",
    re.I,
)
_BY = re.compile(r"by\s*:|/s/|signed", re.I)
_CONFORMED = re.compile(r"(?:by\s+|[^:\n]{1,60}:\s*)?/s/", re.I)
_COMPANY = re.compile(
    r"\b(?:inc|ltd|llc|corp|co|l\.?p|s\.?a|n\.?v|b\.?v|plc|s\.?p\.?a|s\.?r\.?l|gmbh|company|corporation)\.$", re.I
)


@dataclass(frozen=True, slots=True)
class Region:
    """Lines `first` up to `last` (exclusive) of one kind; `heading` is an exhibit's, as printed, on its first `titled` lines."""

    kind: RegionKind
    first: int
    last: int
    heading: str = ""
    label: str | None = None
    titled: int = 0


def regions_of(lines: Sequence[Line]) -> list[Region]:
    """The parts of a document, in order, covering all its lines."""
    contents = _contents(lines)
    whole = [Region("body", 0, 0), *_exhibit_starts(lines, contents)]
    ends = [*[region.first for region in whole[1:]], len(lines)]
    parts = [replace(region, last=end) for region, end in zip(whole, ends, strict=True)]
    return [part for region in parts for cut in _cut_out(region, contents) for part in _with_signatures(lines, cut)]


def _cut_out(region: Region, contents: tuple[int, int] | None) -> Iterator[Region]:
    """A part of the document, the table of contents in it set apart."""
    first, last = contents or (region.last, region.last)
    if not region.first <= first < region.last:
        yield region
        return
    last = min(last, region.last)
    yield replace(region, last=first)
    yield Region("contents", first, last)
    yield Region(region.kind, last, region.last)


def _contents(lines: Sequence[Line]) -> tuple[int, int] | None:
    """The first and last line (exclusive) of the table of contents, by its heading or by its look."""
    for at, line in enumerate(lines[: max(400, len(lines) // 3)]):
        headed = bool(_CONTENTS.match(line.text))
        if headed or (_looks_listed(lines, at) and _looks_listed(lines, at + 1) and _looks_listed(lines, at + 2)):
            last = _contents_end(lines, at + headed)
            if last - at >= 4:
                return at, last
    return None


def _looks_listed(lines: Sequence[Line], at: int) -> bool:
    """An entry with its page number: dots lead to it, or a clause's number stands before it."""
    if at >= len(lines):
        return False
    text = lines[at].text
    if len(text) > _LONGEST_ENTRY:
        return False
    return bool(_LEADER.search(text) and not _SIGNS.search(text)) or bool(
        _ENTRY.match(text) and _PAGED.match(text) and len(text) < 110
    )


def _contents_end(lines: Sequence[Line], first: int) -> int:
    """Where a table of contents ends: at prose, or where its own first entry comes again."""
    opening: set[str] = set()
    paged = sum(_looks_listed(lines, at) for at in range(first, min(len(lines), first + 20))) >= 5
    misses = 0
    last = first
    for at in range(first, min(len(lines), first + 600)):
        text = lines[at].text
        listed = _looks_listed(lines, at)
        if _PREAMBLE.match(text) and not listed:
            break
        entry = listed or (not paged and bool(_ENTRY.match(text)) and len(text) < 90 and not text.endswith((";", ",")))
        key = re.sub(r"[\W\d_]+", "", text).lower()
        if not paged and key in opening and entry and at > first + 5:
            break
        if len(opening) < 3 and entry and len(key) > 3:
            opening.add(key)
        if entry:
            last, misses = at + 1, 0
            continue
        misses += 2 if len(text) > 75 else 1
        if misses > 5:
            break
    return last


def _exhibit_starts(lines: Sequence[Line], contents: tuple[int, int] | None) -> list[Region]:
    """Where exhibits and schedules begin, each with its heading; lists of them and mentions of them are none."""
    found: list[Region] = []
    for at in range(len(lines)):
        if contents and contents[0] <= at < contents[1]:
            continue
        region = _exhibit_at(lines, at)
        if region is None or (found and found[-1].heading.lower() == region.heading.lower()):
            continue
        found.append(region)
    body = _first_clause_line(lines)
    kept = [one for one in found if one.first > (_COVER if _FILED.match(one.label or "") else body)]
    return [one for one, after in zip(kept, [*kept[1:], None], strict=False) if after is None or after.first - one.first > 2]


def _first_clause_line(lines: Sequence[Line]) -> int:
    """A line that is certainly behind the cover sheet: where the preamble stands, else a little way in."""
    for at, line in enumerate(lines[:300]):
        if _PREAMBLE.match(line.text) and len(line.text) > 40:
            return at
    return min(12, len(lines) // 4)


def _exhibit_at(lines: Sequence[Line], at: int) -> Region | None:
    """An exhibit that begins at a line, or `None`."""
    line = lines[at]
    match = _EXHIBIT.match(line.text) if len(line.text) <= 120 and line.fresh and not line.listed else None
    if match is None or not _heads_exhibit(line, match):
        return None
    label = (match["label"] or "").strip("\"“”'‘’") or None
    below = lines[at + 1].text if at + 1 < len(lines) else ""
    if not _bare_title(match["rest"]) and len(below) < 80 and is_title(below, strict=True) and not _EXHIBIT.match(below):
        return Region("exhibit", at, at, f"{line.text} {below}", label, 2)
    return Region("exhibit", at, at, line.text, label, 1)


def _bare_title(rest: str) -> str:
    return rest.strip(" \t:.-–—()[]")


def _heads_exhibit(line: Line, match: re.Match[str]) -> bool:
    """Whether an exhibit's name heads it, rather than being mentioned where a line happens to begin."""
    loud, capitals = is_capitals(match["word"]), is_capitals(line.text)
    title = _bare_title(match["rest"])
    if not line.text[0].isupper() or (_NOT_TITLE.match(match["rest"]) and not capitals):
        return False
    if (match["the"] and not capitals) or (not match["label"] and (title or not (loud or line.gap))):
        return False
    if line.text.endswith((";", ",")) or (line.text.endswith(".") and not capitals):
        return False
    if title:
        return is_title(title, strict=not (loud or line.gap))
    return line.short or line.gap


def _with_signatures(lines: Sequence[Line], region: Region) -> Iterator[Region]:
    """A part of the document, the signature blocks within it set apart from what follows them."""
    while region.first < region.last and region.kind != "contents":
        begin = _signature_start(lines, region.first + region.titled, region.last)
        if begin is None:
            break
        end = _signature_end(lines, begin, region.last)
        if begin > region.first:
            yield replace(region, last=begin)
        yield Region("signature", begin, end)
        region = Region("exhibit", end, region.last)
    if region.first < region.last:
        yield region


def _signature_start(lines: Sequence[Line], first: int, last: int) -> int | None:
    """The first line of a signature block: the testimonium before the signatures, or the first of several signature lines."""
    for at in range(first, last):
        line = lines[at]
        if line.fresh and _WITNESS.match(line.text) and any(_SIGNS.search(one.text) for one in lines[at : min(last, at + 25)]):
            return at
        if (
            len(line.text) < 80
            and (_SIGNS.match(line.text) or _CONFORMED.match(line.text))
            and _is_signed(lines[at : min(last, at + 8)])
        ):
            return _names_above(lines, first, at)
    return None


def _is_signed(near: Sequence[Line]) -> bool:
    """Whether lines that begin like a signature are one: three of them, two with a name signed, or a signature conformed."""
    found = [line for line in near if _SIGNS.match(line.text)]
    strong = any(_BY.match(line.text) for line in found)
    return len(found) >= 3 or (strong and len(found) >= 2) or bool(_CONFORMED.match(near[0].text))


def _names_above(lines: Sequence[Line], first: int, at: int) -> int:
    """The names that stand over the first signature line belong to the block."""
    while at > first and lines[at].fresh and len(lines[at - 1].text) < 60:
        if lines[at - 1].text.endswith(".") and not _COMPANY.search(lines[at - 1].text):
            break
        at -= 1
    return at


def _signature_end(lines: Sequence[Line], begin: int, last: int) -> int:
    """Where the signatures stop: at the first run of prose behind them."""
    signed = begin
    for at in range(begin, last):
        text = lines[at].text
        if _SIGNS.search(text) or _WITNESS.match(text):
            signed = at
        elif at - signed > 12 or (at - signed > 3 and at > begin + 4 and len(text) > 75):
            break
    else:
        return last
    end = signed + 1
    while end < last and not lines[end].gap and len(lines[end].text) < 60 and end - signed < 4:
        end += 1
    return end
