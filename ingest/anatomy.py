"""Where the parts of a contract stand that facts are read from: how it begins, who is named there, who signed at the end."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.records import Clause, Span
from ingest.legible import Legible, legible_view
from ingest.name_words import NOBODY

# Facts are read from the head of a contract within this many characters; only front matter and contents may come before it.
_HEAD = 6_000
# What lies beyond some 700 pages is not read for facts.
_MOST = 2_000_000
_BETWEEN = re.compile(
    r"\b(?:by and between|by and among|between|among|amongst|by and betweeen|zwischen|entre|tra|tussen|BY AND BETWEEN"
    r"|BY AND AMONG"
    r"|BETWEEN|AMONG|ZWISCHEN|ENTRE|By and [Bb]etween|By and [Aa]mong|Between|Among|Zwischen|Entre|[Ff]ollowing parties"
    r"|PARTIES:|Parties:)(?!\w)"
)
_KIND = (
    r"(?:agreement|amendment|addendum|contract|lease|licen[sc]e|letter|deed|memorandum|undertaking|guarantee"
    r"|statement of work|order"
    r"|vertrag|vereinbarung|contrat|contratto|contrato|overeenkomst)"
)
# A name that is written small on purpose: "iShip.com, Inc.", "eBay".
_SMALL_BRAND = re.compile(r"[a-z]{1,3}[A-Z]|[a-z]+\.(?:com|net|org)\b|(?:[a-z]\.){2,}")
_THIS = re.compile(rf"\b(?:this|the|dieser?)\s(?:[^.;:]{{0,160}}?)\b{_KIND}\b", re.IGNORECASE)
# A heading that goes on as the first sentence: SUPPLY AGREEMENT (the "Agreement") effective on May 1, 2020 between.
_CALLED = re.compile(rf"\b{_KIND}\s?\((?:this|the|hereinafter)?\s?\"", re.IGNORECASE)
_OTHER_PAPER = re.compile(
    r"\b(?:that certain|that (?-i:[A-Z])|pursuant to|reference is (?:hereby )?made|relationship|entered into between|difference"
    r"|dispute|dealings)\b[^.]{0,300}$",
    re.IGNORECASE,
)
# "Agreement" means this agreement made between: a definition introduces nobody, and neither do two roles.
_DEFINITION = re.compile(r"\"\s(?:shall )?means?\b[^.;]{0,200}$", re.IGNORECASE)
_TWO_ROLES = re.compile(r"(?:the )?(?P<one>\w+(?: \w+)?),? (?:and|AND|&) (?:the )?(?P<other>\w+)")
_DATED = re.compile(r"\b(?:made|entered|dated|effective|executed|concluded|geschlossen)\b", re.IGNORECASE)
_RECITALS = re.compile(
    r"\b(?:W\s?I\s?T\s?N\s?E\s?S\s?S\s?E\s?T\s?H|WHEREAS|Whereas|RECITALS?|Recitals?|BACKGROUND|Background|PREAMBLE"
    r"|NOW,? THEREFORE|Now,? [Tt]herefore"
    r"|agree as follows|AGREE AS FOLLOWS|agreed as follows|PRÄAMBEL|Präambel|Vorbemerkung|IN WITNESS|In [Ww]itness"
    r"|Very truly yours)\b|\b1\.\s?(?:\d\b|[A-Z])|\b(?:ARTICLE|Article|SECTION|Section|§) ?(?:1|I|ONE|One)\b"
)
# Under these headings the parties may stand as well as what comes after them.
_OPENS = re.compile(r"PREAMBLE|Preamble|PRÄAMBEL|Präambel|BACKGROUND|Background|RECITALS?|Recitals?")
_OF_PARTIES = re.compile(r".{0,24}\bpart(?:y|ies)\b", re.IGNORECASE)
_NAMING = re.compile(
    r"\([^()]{0,60}\"|\b(?:hereinafter|hereafter|herein) (?:referred|called)|\b(?:between|among)\b", re.IGNORECASE
)
_PARTY_NUMBERED = re.compile(r"(?:[:(]|between|among|parties|and|zwischen)\s?$", re.IGNORECASE)
_SIGNING = re.compile(
    r"\b(?:By|BY|Per|PER|Name|NAME|Title|TITLE|Its|ITS|Sign|Signed|SIGNED|Signature|SIGNATURE|Print(?:ed)? Name"
    r"|Unterschrift|Datum|Date|DATE)\s?[:_]|[/\\]s[/\\]|[/\\]S[/\\]|\[SIG(?:NATURE)?\]|_{6,}"
)
_SIGNING_WORDS = (
    *(
        word + mark
        for word in ("by", "per", "name", "title", "its", "sign", "signed", "signature", "unterschrift", "datum", "date")
        for mark in (":", " :", "_", " _")
    ),
    *("/s/", "\\s\\", "[sig", "______"),
)
_SIGNED_BY = re.compile(
    r"\b(?:By|BY|Per|PER|Name|NAME|Title|TITLE|Its|ITS|Sign|Signed|SIGNED|Signature|SIGNATURE|Unterschrift)\s?[:_]"
    r"|[/\\]s[/\\]|\[SIG(?:NATURE)?\]",
    re.IGNORECASE,
)
_SIGNS = re.compile(r"[/\\][sS][/\\]|\b(?:By|BY)\s?:")
_WITNESS = re.compile(
    r"\b(?:IN WITNESS|In [Ww]itness|in witness|WHEREFORE|EXECUTED|Executed|ACCEPTED|Accepted|AGREED|Agreed (?:to|and)"
    r"|SIGNED|Signed|Very truly yours|Sincerely|Yours (?:faithfully|sincerely|truly)"
    r"|hereunto|is executed|have executed|have signed|to be executed|to be signed|Dated:?|DATED:?|THUS DONE)\b"
)


@dataclass(frozen=True, slots=True)
class Anatomy:
    """A contract's text as the readers of facts see it; all places are in `view.text`.

    `source` is the document's own text, `folded` the view's in small letters.
    `preamble` begins where the contract says what it is and ends where its terms begin; `cover` is what stands before it,
    contents left out. `closings` are the signature blocks, the contract's own first.
    """

    source: str
    view: Legible
    folded: str
    cover: tuple[int, int]
    preamble: tuple[int, int]
    between: int | None
    closings: tuple[tuple[int, int], ...]

    @property
    def text(self) -> str:
        """The view's text."""
        return self.view.text

    def stretches(self, needles: Sequence[str], before: int, after: int) -> Iterator[tuple[int, int]]:
        """Stretches around every place of some words in small letters, joined where they touch: all that a reader looks at."""
        return stretches(self.folded, needles, before, after)

    @property
    def closing(self) -> tuple[int, int] | None:
        """The contract's own signature block."""
        return self.closings[0] if self.closings else None


def stretches(folded: str, needles: Sequence[str], before: int, after: int) -> Iterator[tuple[int, int]]:
    """Stretches of a text in small letters around every place of some words, joined where they touch."""
    start, end = -1, -1
    for place in sorted(place for needle in needles for place in _places(folded, needle)):
        if place - before <= end:
            end = place + after
            continue
        if start >= 0:
            yield start, min(end, len(folded))
        start, end = max(0, place - before), place + after
    if start >= 0:
        yield start, min(end, len(folded))


def _places(text: str, needle: str) -> Iterator[int]:
    place = text.find(needle)
    while place >= 0:
        yield place
        place = text.find(needle, place + len(needle))


def _folded(text: str) -> str:
    """Small letters, one for each character, so that places stay."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def anatomy(text: str, clauses: Sequence[Clause], furniture: Sequence[Span]) -> Anatomy:
    """Find the parts. The clauses' kinds only help to leave a table of contents out."""
    view = legible_view(text[:_MOST], furniture)
    folded = _folded(view.text)
    contents = [(view.place(clause.span.start), view.place(clause.span.end)) for clause in clauses if clause.kind == "contents"]
    between = _best_between(view.text, contents)
    start = _preamble_start(view, between) if between is not None else _after(contents, 0)
    end = _preamble_end(view, between if between is not None else start)
    return Anatomy(text, view, folded, (0, start), (start, end), between, tuple(_closings(view, folded, end)))


def _after(contents: Sequence[tuple[int, int]], place: int) -> int:
    return max((end for start, end in contents if start <= place < end), default=place)


def _best_between(text: str, contents: Sequence[tuple[int, int]]) -> int | None:
    """The "between" after which the parties stand, rather than one on the cover or one that names another contract."""
    limit = _HEAD + sum(end - start for start, end in contents)
    best, best_score = None, 0.0
    for match in _BETWEEN.finditer(text, 0, min(len(text), limit)):
        if any(start <= match.start() < end for start, end in contents):
            continue
        score = _between_score(text, match) - match.start() / limit
        if score > best_score and _introduces(text, match, score):
            best, best_score = match.end(), score
    return best


def _introduces(text: str, match: re.Match[str], score: float) -> bool:
    """Whether names follow: at once, or, where much else says so, after a small word ("between professional golfer, Ann Lee")."""
    following = text[match.end() : match.end() + 60].lstrip(" :")
    roles = _TWO_ROLES.match(following)
    if _DEFINITION.search(text, max(0, match.start() - 250), match.start()) or (
        roles and NOBODY.match(roles["one"]) and NOBODY.match(roles["other"])
    ):
        return False
    if following[:1].isupper() or following[:1].isdigit() or following[:1] in "(\"'" or _SMALL_BRAND.match(following):
        return True
    # "Among the persons listed in Schedule A" names nobody: who signs is a party.
    named = re.match(r"[a-z][a-z ,'-]{0,50}[A-Z(]", following)
    return (
        score >= 3.5
        and bool(named)
        and not re.search(r"\b(?:persons?|entit(?:y|ies)|parties|undersigned|listed)\b", following, re.IGNORECASE)
    )


def _between_score(text: str, match: re.Match[str]) -> float:
    before = text[max(0, match.start() - 350) : match.start()]
    after = text[match.end() : match.end() + 700]
    score = 1.0
    score += 2.0 * bool(_THIS.search(before) or _CALLED.search(before))
    score += 0.7 * bool(_DATED.search(before))
    score += 1.5 * bool(re.search(r"[(\"]\s?(?:the |hereinafter|collectively|each)?[^()]{0,60}\"[^()]{0,80}\)", after))
    score += 0.7 * bool(
        re.search(
            r"\b(?:an? [\w .]{0,40}?(?:corporation|company|partnership|association|individual)|offices? at|place of business)\b",
            after,
            re.IGNORECASE,
        )
    )
    score += 0.5 * match.group().isupper() + 0.5 * (match.group()[:2].lower() == "by")
    score -= 2.0 * bool(_OTHER_PAPER.search(before))
    return score


def _preamble_start(view: Legible, between: int) -> int:
    """Back from "between" to "This Agreement", or to a line a few lines above."""
    window = max(0, between - 700)
    starts = [match.start() for match in _THIS.finditer(view.text, window, between) if not view.text[match.start()].islower()]
    return starts[-1] if starts else view.line_start(max(0, between - 300))


def _preamble_end(view: Legible, start: int) -> int:
    text = view.text
    limit = min(len(text), start + _HEAD)
    for match in _RECITALS.finditer(text, start + 60, limit):
        # "1." may number a party, and "Section 1" may be cited.
        if match.group()[0] == "1" and _PARTY_NUMBERED.search(text, max(0, match.start() - 12), match.start()):
            continue
        if match.group()[0] in "ASas§" and (match.start() - start < 150 or _OF_PARTIES.match(text, match.end())):
            continue
        if _OPENS.fullmatch(match.group()) and not _NAMING.search(text, start, match.start()):
            continue
        return match.start()
    end = min(len(text), start + 2_500)
    # A short letter or filing is signed before any terms are numbered: its signatures are no preamble.
    signed = _SIGNS.search(text, min(end, start + 200), end)
    if signed is None:
        return end
    words = [match.start() for match in _WITNESS.finditer(text, start + 60, signed.start())]
    return words[-1] if words else _above(view, signed.start(), start + 60)


def _above(view: Legible, place: int, least: int) -> int:
    """Where the short lines above a signature begin: the name of who signs, and the date."""
    place = view.line_start(place)
    for _ in range(4):
        above = view.line_start(max(0, place - 1))
        if place - above > 70 or above <= least:
            break
        place = above
    return max(place, least)


def _closings(view: Legible, folded: str, after: int) -> Iterator[tuple[int, int]]:
    """Clusters of what stands around signatures ("By:", "/s/", "Name:"), from the words that introduce them on."""
    text = view.text
    clusters: list[list[re.Match[str]]] = []
    begin = min(after, len(text) // 3)
    around = stretches(folded, _SIGNING_WORDS, 2, 24)
    for match in (found for start, end in around for found in _SIGNING.finditer(text, max(begin, start), end)):
        if clusters and match.start() - clusters[-1][-1].start() < 700:
            clusters[-1].append(match)
        else:
            clusters.append([match])
    found = []
    for cluster in clusters:
        begin, end = cluster[0].start(), min(len(text), cluster[-1].end() + 300)
        marks = [match for match in cluster if _SIGNED_BY.match(match.group())]
        words = [match.start() for match in _WITNESS.finditer(text, max(after, begin - 900), begin)]
        # Two lines to sign on at the end of a contract need no words beside them.
        blank = begin > 0.6 * len(text) and sum(match.group()[0] == "_" for match in cluster) >= 2
        if len(marks) >= 2 or blank or (marks and words):
            found.append((bool(words), words[0] if words else _above(view, begin, max(after, begin - 250)), end))
    # The contract's own block comes first among those that are introduced; forms and exhibits follow it.
    found.sort(key=lambda block: (not block[0], block[1]))
    yield from ((start, end) for _, start, end in found)
    if not found and (places := [match.span() for match in _WITNESS.finditer(text, max(after, len(text) // 2))]):
        yield places[-1][0], min(len(text), places[-1][1] + 1_200)
