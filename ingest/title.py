"""What a contract calls itself: the heading of its first page, or the name that its first sentence gives it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from index.records import Extracted, Span
from index.spans import legible
from ingest.anatomy import Anatomy

_KIND = re.compile(
    r"\b(?:agreements?|amendments?|addendum|contract|lease|licen[sc]e|memorandum|letter|statement of work|purchase order"
    r"|order form|guarant(?:y|ee)s?|promissory note|deed|bylaws|plan|policy|terms (?:and|of)|joinder|waiver|consent"
    r"|undertaking|settlement|subcontract|joint filing statement|power of attorney|mou|nda|sow|msa|vertrag|\w+vertrag"
    r"|vereinbarung|\w+vereinbarung|contrat|accord|contratto|accordo|contrato|acuerdo|acordo|overeenkomst|protocol"
    r"|appendix|annex|constitution)\b",
    re.IGNORECASE,
)
_STRONG_KIND = re.compile(
    r"\b(?:agreements?|amendment|addendum|contract|lease|\w*vertrag|\w*vereinbarung|deed|memorandum|guarant(?:y|ee)s?)\b",
    re.IGNORECASE,
)
_NUMBERING = re.compile(
    r"^(?:(?:(?:exhibit|schedule|annex|appendix|anlage)\b\W{0,2}[\dA-Z]|ex\W{0,2}\d)[\w.()\-]{0,8}|\[?logo\]?"
    r"|confidential\b|execution (?:copy|version)|conformed copy|final\b|draft\b|page \d+|\W+|\d{1,3}(?=\s))\s*[:.\-]?\s*",
    re.IGNORECASE,
)
_NO_TITLE = re.compile(
    r"\b(?:confidential treatment|omitted|redacted|securities and exchange|pursuant to|table of contents|page \d"
    r"|exhibit index|filed|source:|whereas|this agreement|portions of|rule 24b|hereinafter|hereby|dated|as of|between"
    r"|entered into|last updated|effective date|http)\b"
    r"|\.{4,}|\bmarked by\b|\bcertain (?:information|portions)\b",
    re.IGNORECASE,
)
_PARTY_LINE = re.compile(
    r"\b(?:inc|llc|ltd|corp|corporation|l\.?p|company|limited|gmbh|ag|plc|n\.?v|b\.?v|s\.?a)\b\.?,?$"
    r"|^(?:by and )?(?:between|among|and|by|with|to|for|of)$",
    re.IGNORECASE,
)
_ITSELF = re.compile(
    r"\b(?:this|dieser?)\s(?P<name>[A-Z(\"&][^.;]{2,140}?)\s?(?:\((?:the|this|hereinafter|collectively|as|dieser|der"
    r"|nachfolgend)?[^()]{0,60}\"|,?\s(?:is|are|dated|made|entered|effective|executed|shall|by and|between|among|sets"
    r"|has|will|with|wird|zwischen|together|\(hereinafter|\(this|\(the|\(\"|,|and is|as of|supplements|describes"
    r"|governs))",
    re.IGNORECASE,
)
_ATTACHED = re.compile(r"\b[Tt]his ((?:Exhibit|Schedule|Attachment|Annex|Appendix|Rider) [\w\"']{1,6})")
# A line of a table of contents, "2. Amendment 4", but not "Amendment No. 1".
_LISTED = re.compile(
    r"\d+[.)]|(?!.*\b(?:no\.?|number|n°|amendment|addendum|part|phase|exhibit|schedule) ?#?\d+$).*\s\d{1,3}$", re.IGNORECASE
)
_CONNECTOR = re.compile(r"(?:of|to|and|for|&|to the|of the)", re.IGNORECASE)
_LONGEST = 150


@dataclass(frozen=True, slots=True)
class _Candidate:
    start: int
    end: int
    score: float


def read_title(
    paper: Anatomy, furniture: tuple[Span, ...], properties: Mapping[str, str]
) -> tuple[Extracted[str] | None, tuple[Extracted[str], ...]]:
    """The contract's title as printed, and the titles that lost."""
    itself = _itself(paper)
    candidates = sorted({*_headings(paper, itself), *([itself] if itself else [])}, key=lambda each: (-each.score, each.start))
    found = [_extracted(paper, each, furniture) for each in candidates[:4]]
    if found:
        return found[0], tuple(found[1:])
    if attached := _ATTACHED.search(paper.text, *paper.preamble):
        return _extracted(paper, _Candidate(attached.start(1), attached.end(1), 1.0), furniture), ()
    named = properties.get("title", "").strip()
    if named and _KIND.search(named):
        return Extracted(named[:_LONGEST], None, "", 0.4, "from the file's properties"), ()
    return None, ()


def _extracted(paper: Anatomy, candidate: _Candidate, furniture: tuple[Span, ...]) -> Extracted[str]:
    span = paper.view.span(candidate.start, candidate.end)
    return Extracted(
        legible(paper.source, span, furniture), span, span.of(paper.source), max(0.1, min(0.97, 0.4 + 0.1 * candidate.score))
    )


def _itself(paper: Anatomy) -> _Candidate | None:
    """The name in the first sentence: "This Distributor Agreement (the "Agreement") is made"."""
    start, end = paper.preamble
    for match in _ITSELF.finditer(paper.text, start, min(len(paper.text), max(end, start + 400))):
        name = match["name"].strip(" ,\"'(")
        if (
            _KIND.search(name)
            and len(name.split()) >= 2
            and not re.match(r"(?:agreement|contract)\b", name, re.IGNORECASE)
            and not re.search(r"\b(?:that|which|the parties|shall|section)\b", name)
        ):
            begin = paper.text.index(name, match.start("name"))
            return _Candidate(begin, begin + len(name), 2.6)
    return None


def _headings(paper: Anatomy, itself: _Candidate | None) -> Iterator[_Candidate]:
    text = paper.text
    begin = max(paper.preamble[0], 0)
    limit = min(len(text), (begin if begin > 40 else paper.preamble[1]) + 160)
    lines = [line for line in paper.view.line_spans(0, limit) if line[0] < limit]
    shared = set(text[itself.start : itself.end].casefold().split()) if itself else set()
    for at, line in enumerate(lines):
        start, end = _bare(text, *line)
        if not _is_heading(text[start:end]) or not _KIND.search(text[start:end]):
            continue
        first, last = _widened(text, lines, at)
        start = _bare(text, *lines[first])[0]
        end = _bare(text, *lines[last])[1]
        start = _completed(text, start, end, itself)
        words = text[start:end].casefold().split()
        score = (
            3.0
            + 1.2 * bool(_STRONG_KIND.search(text[start:end]))
            + 1.0 * (text[start:end].isupper() or text[start:end].istitle())
        )
        score += (
            1.5 * (len(shared & set(words)) / max(1, len(shared | set(words))))
            - 0.8 * (len(words) == 1)
            - 1.5 * start / (limit + 1)
        )
        score -= 0.8 * bool(re.match(r"\s(?:dated|vom)\b", text[end : end + 8], re.IGNORECASE))
        score -= 2.0 * bool(_LISTED.match(text[line[0] : line[1]].strip()))
        score -= 1.5 * bool(
            re.match(r"(?:exhibit|schedule|attachment|annex|appendix) ", text[start:end], re.IGNORECASE) and len(words) < 6
        )
        yield _Candidate(start, end, score)


def _completed(text: str, start: int, end: int, itself: _Candidate | None) -> int:
    """Where a heading starts whose first words stand on lines above, as the contract's own name for itself tells."""
    called = text[itself.start : itself.end].casefold().split() if itself else []
    words = text[start:end].casefold().split()
    missing = called[: len(called) - len(words)]
    if not missing or called[len(missing) :] != words:
        return start
    above = list(re.finditer(r"\S+", text[max(0, start - _LONGEST) : start]))[-len(missing) :]
    if [word.group().casefold() for word in above] != missing:
        return start
    return max(0, start - _LONGEST) + above[0].start()


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """A line without "Exhibit 10.5" before it and white space around it."""
    while start < end and (match := _NUMBERING.match(text[start:end])) and match.end():
        start += match.end()
    # "Maintenance contract dated 10 October 2000" ends before its date.
    if dated := re.search(r"\s(?:dated(?: as of)?|vom)\s.*$", text[start:end], re.IGNORECASE):
        end = start + dated.start()
    while end > start and text[end - 1] in " :-_":
        end -= 1
    return start, end


def _is_heading(line: str) -> bool:
    words = line.split()
    if (
        not 1 <= len(words) <= 18
        or len(line) > _LONGEST
        or _NO_TITLE.search(line)
        or (line.endswith((".", ";", ",")) and not line.endswith(("Inc.", "INC.", "No.")))
    ):
        return False
    telling = [word for word in words if word[0].isalpha() and len(word) > 4]
    capitals = sum(word[0].isupper() for word in telling)
    return bool(telling) and capitals >= 0.8 * len(telling)


def _widened(text: str, lines: list[tuple[int, int]], at: int) -> tuple[int, int]:
    """A heading set over several lines: the lines before and after it that look like more of it."""
    first = last = at
    upper = text[slice(*_bare(text, *lines[at]))].isupper()
    while (
        first > 0
        and at - first < 3
        and _more_before(text[slice(*_bare(text, *lines[first - 1]))], text[slice(*_bare(text, *lines[first]))], upper)
    ):
        first -= 1
    while (
        last + 1 < len(lines)
        and last - at < 3
        and _more_after(text[slice(*_bare(text, *lines[last]))], text[slice(*_bare(text, *lines[last + 1]))], upper)
    ):
        last += 1
    return first, last


def _more_before(line: str, following: str, upper: bool) -> bool:
    if _CONNECTOR.fullmatch(line):
        return True
    if not _is_heading(line) or _PARTY_LINE.search(line) or line.isupper() != upper:
        return False
    unfinished = re.search(r"(?:\b(?:and|of|for|the|to)|&|,|-)$", line, re.IGNORECASE) or re.match(
        r"(?:and|of|for|to|agreement|amendment|contract|&)\b", following, re.IGNORECASE
    )
    return bool(unfinished)


def _more_after(line: str, following: str, upper: bool) -> bool:
    if _CONNECTOR.fullmatch(following):
        return True
    if not _is_heading(following) or _PARTY_LINE.search(following) or following.isupper() != upper:
        return False
    return bool(
        re.search(r"(?:\b(?:and|of|for|the|to|no\.?|on)|&|,|-|/)$", line, re.IGNORECASE)
        or re.match(r"(?:and|of|for|to|agreement|addendum|amendment|contract|&|\(|no\.)(?:\b|\W)", following, re.IGNORECASE)
        or (_KIND.search(following) and re.search(r"amendment|addendum", line, re.IGNORECASE))
    )
