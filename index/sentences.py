"""Cuts legal prose into whole sentences and list items."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from index.records import Span
from index.spans import without

# Stands for furniture while cutting: white space to every rule, and found nowhere in contracts.
_HIDDEN = "\x1f"
_NUMERAL = r"(?:[a-zA-Z]{1,2}|[ivxIVX]{1,6}|\d{1,3})"
_INLINE_MARKER = rf"\({_NUMERAL}\)\s|[•▪●◦■]"
_LINE_MARKER = re.compile(rf"\(?{_NUMERAL}[.)]\s|\({_NUMERAL}\)|\d{{1,3}}(?:\.\d{{1,3}})+\.?\s|[•▪●◦■·*–—-]\s")
_PLACE = re.compile(
    r"""(?P<full>[.!?])["'”’)\]]{0,3}+\s++"""
    rf"""|(?P<list>[;:\u037e])(?:\s{{1,8}}(?:and/or|and|or|but|then))?+\s++(?={_INLINE_MARKER})"""
    r"""|(?<!\s)(?P<line>[^\S\n]*+\n)\s*+"""
)
_OPENS = re.compile(r"""["'“‘(\[]*[A-Z0-9$€£¥§À-Þ]|[•▪●◦■“‘_\[<]""")
_LABEL = re.compile(
    r"""\W*(?:(?:section|article|clause|paragraph|item|schedule|exhibit|annex)\s+)?[\dIVXivx.()-]{1,12}|\W*[A-Za-z]""", re.I
)
_DOTTED = re.compile(r"(?:[A-Za-z]\.)*[A-Za-z]")

# After these a full stop does not end a sentence.
_NEVER_LAST = frozenset(
    """no nos sec secs sect art arts par para paras exh fig vol cl subd subpar mr mrs ms dr messrs hon prof rev vs v cf viz al
    jan feb mar apr jun jul aug sept sep oct nov dec ave blvd ste attn approx est dept assn univ bros mt ft tel ext ref pp eg
    e.g i.e ie fed reg supp cal tex mass ill tenn gen gov sched app""".split()  # noqa: SIM905 words read better as words
)
# After these it may or may not: what follows tells.
_MAYBE_LAST = frozenset(
    """inc corp co ltd llc llp lp plc pty pte sdn bhd etc jr sr st esq cie rd
    del wash conn pa md""".split()  # noqa: SIM905 words read better as words
)
_OPENERS = frozenset(
    """the this these those that if in each such any all neither either no none upon for notwithstanding subject except during
    unless it its there a an as at after before by from nothing other to when where with without within our you your we they he
    she both provided however further furthermore additionally moreover until every some on of whereas now should
    failure""".split()  # noqa: SIM905 words read better as words
)
_LEADS_ON = frozenset(
    """and or but of the a an to in by for with that which shall will any such as at from on not under this
    its""".split()  # noqa: SIM905 words read better as words
)
_WORD = re.compile(r"\W*(\w+)")
# A line of this many characters is no line of a page but a paragraph of a format that has no lines.
_PARAGRAPH = 250
# A line that leaves this share of the page's width empty was ended on purpose.
_FULL_LINE = 0.72
_AROUND = 1500
_SHORTEST_ITEM = 30


def split_sentences(text: str, span: Span, furniture: tuple[Span, ...] = ()) -> list[Span]:
    """The sentences and list items of a span, in order, trimmed of white space and furniture at both ends.

    Every character of the span that is neither blank nor furniture (sorted, without overlaps) is in exactly one of them.
    A full stop ends a sentence unless it belongs to an abbreviation, a number or a label; a semicolon or colon ends one
    where a list item follows; the end of a line does where it was ended on purpose, by a marker or by leaving room. One
    pass, linear in the length of the span.
    """
    shown = _shown(text, span, furniture)
    width = _line_width(text, span)
    sentences = []
    start = 0
    for end in _ends(shown, width):
        if sentence := _trimmed(shown, start, end, span.start):
            sentences.append(sentence)
        start = end
    return sentences


def _shown(text: str, span: Span, furniture: tuple[Span, ...]) -> str:
    """The span's text, character for character, with furniture blanked out."""
    first = max(0, bisect_right(furniture, span.start, key=lambda hole: hole.start) - 1)
    parts = []
    at = span.start
    for part in without(span, furniture[first:]):
        parts += [_HIDDEN * (part.start - at), part.of(text)]
        at = part.end
    return "".join([*parts, _HIDDEN * (span.end - at)])


def _line_width(text: str, span: Span) -> int:
    """How long the lines around a span are where they are full, in characters."""
    lines = text[max(0, span.start - _AROUND) : min(len(text), span.end + _AROUND)].split("\n")
    lengths = sorted(len(line.strip()) for line in lines)
    return lengths[min(len(lengths) - 1, int(len(lengths) * 0.9))]


def _ends(shown: str, width: int) -> Iterator[int]:
    """Where sentences end, the end of the text included."""
    start = line_start = 0
    for place in _PLACE.finditer(shown):
        ends = _ends_here(shown, start, line_start, place, width)
        if "\n" in place[0]:
            line_start = place.end()
        if ends:
            start = place.end()
            yield start
    yield len(shown)


def _ends_here(shown: str, start: int, line_start: int, place: re.Match[str], width: int) -> bool:
    if place["full"]:
        if not _OPENS.match(shown, place.end()) and not ("\n" in place[0] and _LINE_MARKER.match(shown, place.end())):
            return False
        return place["full"] != "." or not _goes_on(shown, start, place)
    if place["list"]:
        return "\n" in place[0] or place.start() - start >= _SHORTEST_ITEM
    return _ended_on_purpose(shown, start, line_start, place, width)


def _goes_on(shown: str, start: int, place: re.Match[str]) -> bool:
    """Whether the full stop belongs to a label at the start ("12."), an abbreviation or an initial."""
    stop = place.start()
    if stop - start <= 24 and _LABEL.fullmatch(shown, start, stop):
        return True
    words = shown[max(start, stop - 16) : stop].split()
    written = words[-1].lstrip("(\"'“‘[") if words else ""
    word = written.lower()
    # In capitals it may as well be somebody's name ("VS").
    if word in _NEVER_LAST and (word == "no" or not written.isupper()):
        return True
    if word in _NEVER_LAST or word in _MAYBE_LAST or _DOTTED.fullmatch(word):
        following = _WORD.match(shown, place.end())
        opens = following is not None and following[1].lower() in _OPENERS
        return not opens and not ("\n" in place[0] and _LINE_MARKER.match(shown, place.end()))
    return False


def _ended_on_purpose(shown: str, start: int, line_start: int, place: re.Match[str], width: int) -> bool:
    """Whether a line that ends without a full stop ends a sentence all the same."""
    if place.end() == len(shown):
        return False
    line = shown[max(line_start, start) : place.start()].strip()
    marked = _LINE_MARKER.match(shown, place.end())
    if marked and (line.endswith((";", ":", ",")) or line.lower().endswith(("; and", "; or", ", and", ", or"))):
        return True
    if _HIDDEN in place[0] and not marked:
        return False
    if not marked and not _OPENS.match(shown, place.end()):
        return False
    if width > _PARAGRAPH:
        return True
    room = len(shown[line_start : place.start()].strip()) < _FULL_LINE * width
    return (room or "\n\n" in place[0]) and not _hangs(line)


def _hangs(line: str) -> bool:
    """Whether a line can't be the end of anything: it stops at a comma, or at a word that leads on."""
    if line.endswith(","):
        return True
    words = line[-12:].split()
    return bool(words) and words[-1] in _LEADS_ON


def _trimmed(shown: str, start: int, end: int, offset: int) -> Span | None:
    piece = shown[start:end]
    bare = piece.strip()
    if not bare:
        return None
    first = start + len(piece) - len(piece.lstrip())
    return Span(offset + first, offset + first + len(bare))
