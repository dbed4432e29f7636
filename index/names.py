"""Names of companies and people: one normal form, and finding a name however it is typed."""

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from heapq import nsmallest
from itertools import pairwise
from pathlib import Path

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from index.name_books import NameBook, initialisms, name_book

_DATA = tomllib.loads(Path(__file__).with_name("names.toml").read_text("utf-8"))
# Words that tell little between two companies.
GENERIC = frozenset(_DATA["generic"])
_TITLES = frozenset(_DATA["titles"])
_ABBREVIATIONS: Mapping[str, str] = _DATA["abbreviations"]
_FORMS = frozenset(tuple(form.split()) for form in _DATA["legal_forms"])
_LONGEST_FORM = max(map(len, _FORMS))

# Letters that Unicode does not decompose into a base letter and an accent.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ß": "ss", "ð": "d", "þ": "th", "ı": "i"})
_APPENDIX = re.compile(r",\s+(?:an?|eine?)\s.*", re.DOTALL)
_APOSTROPHES = re.compile(r"['’‘`´ʼ]")
_DOT_IN_INITIALS = re.compile(r"(?<=\b\w)[.&](?=\w\b)|(?<=\b\w\w)\s?&\s?(?=\w\b)")
_TOKEN = re.compile(r"[^\W_]+")
_ALIAS = re.compile(
    r"\b(?:d\s?/?\s?b\s?/?\s?a|[fan]\s?/?\s?k\s?/?\s?a|(?:formerly|also|now) known as|doing business as|trading as)\b",
    re.IGNORECASE,
)
# Where a person names two at once, or says more than a name: "Acme and its affiliates".
_BETWEEN_NAMES = re.compile(
    r"[;,/()]|\b(?:and|or|with|together|on behalf|individually|collectively|hereinafter|each|its|all|affiliates?|subsidiaries)\b",
    re.IGNORECASE,
)
_NUMERAL = re.compile(r"\d+|\b[ivx]+\b")

# Longer names than this are no names; what comes after is not looked at.
_LONGEST_NAME = 300
_MOST_CANDIDATES = 2000


def name_key(name: str) -> str:
    """The normal form of a name: two spellings of one company have the same key.

    Case, accents, punctuation, "the", "and" and legal forms ("Inc.", "GmbH & Co. KG", "S.à r.l.") go; letters that stand
    alone are joined ("B. C. Marketing" → "bc marketing"), usual short forms written out ("Int'l" → "international").
    Never empty where the name has a letter or a digit.
    """
    tokens = _tokens(_APPENDIX.sub("", name[:_LONGEST_NAME]))
    kept = [_ABBREVIATIONS.get(token, token) for token in _without_forms(tokens)]
    return " ".join(kept or tokens)


def name_core(name: str) -> str:
    """A name without its legal form, short forms left as they stand: "acme pharma" is not "acme pharmaceuticals"."""
    return " ".join(_without_forms(_tokens(name[:_LONGEST_NAME])))


def name_words(text: str) -> str:
    """A text as `name_key` writes names, legal forms and all, to look for one in it."""
    return " ".join(_ABBREVIATIONS.get(token, token) for token in _tokens(text))


def _tokens(name: str) -> list[str]:
    folded = unicodedata.normalize("NFKD", name).casefold().translate(_LETTERS)
    bare = folded if folded.isascii() else "".join(letter for letter in folded if not unicodedata.combining(letter))
    bare = _DOT_IN_INITIALS.sub("", _APOSTROPHES.sub("", bare)).replace("&", " and ")
    tokens = list(_join_single_letters(_TOKEN.findall(bare)))
    kept = [token for token in tokens if token not in ("the", "and")]
    while len(kept) > 1 and kept[0] in _TITLES:
        kept = kept[1:]
    return kept or tokens


def _join_single_letters(tokens: Sequence[str]) -> Iterator[str]:
    run = ""
    for word in tokens:
        if len(word) == 1 and word.isalpha():
            run += word
            continue
        # "m and t" is one name, written with an ampersand or not.
        if run and word == "and":
            continue
        if run:
            yield run
            run = ""
        yield word
    if run:
        yield run


def _without_forms(tokens: list[str]) -> list[str]:
    """Legal forms at the end go, however many; the first word stays."""
    kept = tokens
    while True:
        for length in range(min(_LONGEST_FORM, len(kept) - 1), 0, -1):
            if tuple(kept[-length:]) in _FORMS:
                kept = kept[:-length]
                break
        else:
            return kept


@lru_cache(maxsize=2)
def _book_of(names: tuple[str, ...]) -> NameBook:
    return name_book(names)


def match_names(
    typed: str, names: Sequence[str] | NameBook, limit: int = 1000, threshold: float = 0.6
) -> list[tuple[int, float]]:
    """Which names a person may mean: (position in `names`, score 0–1), best first, at most `limit`, none under `threshold`.

    `names` are normal forms (`name_key`), or a book of them; the last two sequences asked are kept ready. 1.0 is the same
    name; all telling words of what was typed must be in a name, up to typing errors in long words and short forms of them,
    so "Acme" finds "acme robotics" and "Acme Foods" does not. "IBM" finds what it is the initials of, and the other way round.
    Where nothing else is found, it is names that stand whole in what was typed: "acme robotics" in "Acme Robotics Berlin branch".
    """
    book = names if isinstance(names, NameBook) else _book_of(tuple(names))
    best = _best({typed, *_ALIAS.split(typed)}, book, threshold) or _best(_BETWEEN_NAMES.split(typed), book, threshold)
    best = best or {at: score for at, score in _nearest_whole(name_key(typed), book) if score >= threshold}
    best = best or {at: score for at, score in _standing_in(name_key(typed), book) if score >= threshold}
    return sorted(best.items(), key=lambda hit: (-hit[1], hit[0]))[:limit]


def _best(parts: Iterable[str], book: NameBook, threshold: float) -> dict[int, float]:
    best: dict[int, float] = {}
    for part in parts:
        for at, score in _scores(name_key(part).split(), book):
            if score >= threshold and score > best.get(at, 0.0):
                best[at] = score
    return best


def _nearest_whole(key: str, book: NameBook) -> Iterator[tuple[int, float]]:
    """Names that differ in a few letters anywhere, but in no number: "Fund IV" is not "Fund VI"."""
    if len(key) >= 10:
        for name, ratio, at in process.extract(key, book.keys, scorer=fuzz.ratio, score_cutoff=88, processor=None, limit=20):
            if sorted(_NUMERAL.findall(name)) == sorted(_NUMERAL.findall(key)):
                yield at, 0.8 * ratio / 100


def _standing_in(key: str, book: NameBook) -> Iterator[tuple[int, float]]:
    """Names of two telling words or more that stand whole in what was typed, the better the more of it they are."""
    tokens = key.split()
    for at in {at for token in dict.fromkeys(tokens) if token not in GENERIC for at in book.holders.get(token, ())}:
        name = book.keys[at].split()
        if f" {book.keys[at]} " in f" {key} " and sum(token not in GENERIC for token in name) >= 2:
            yield at, 0.6 + 0.25 * len(name) / len(tokens)


def _scores(tokens: Sequence[str], book: NameBook) -> Iterator[tuple[int, float]]:
    if not tokens:
        return
    alike = {token: _alike(token, book) for token in tokens}
    alike |= {left + right: {left + right: 1.0} for left, right in pairwise(tokens) if left + right not in alike}
    for at in _candidates(tokens, alike, book):
        yield at, _score(tokens, book.keys[at].split(), alike)
    yield from _by_initials(tokens, book)


def _alike(token: str, book: NameBook) -> dict[str, float]:
    """Words of the book that may be meant by a typed word, with how sure that is (0–1)."""
    found = {token: 1.0}
    known = token in book.holders
    # A short word with another letter in it is another word, and so is a word of middle length where the typed one exists.
    if len(token) < 5 or token.isdigit() or (known and len(token) < 8):
        return found
    errors = 1 if known or len(token) < 8 else 2
    words = book.vocabulary.get(token[0], ())
    near = process.extract(token, words, scorer=OSA.distance, score_cutoff=errors, processor=None, limit=200)
    return {word: 1.0 - 0.6 * distance / len(token) for word, distance, _ in near} | found


def _candidates(tokens: Sequence[str], alike: Mapping[str, Mapping[str, float]], book: NameBook) -> list[int]:
    """Names that hold all telling words of what was typed, or all but one of three and more."""
    telling = dict.fromkeys(token for token in tokens if token not in GENERIC) or dict.fromkeys(tokens)
    counts: dict[int, int] = defaultdict(int)
    for token in telling:
        for at in _holders(token, alike[token], book):
            counts[at] += 1
    needed = len(telling) - (len(telling) >= 3)
    found = {at for at, count in counts.items() if count >= needed}
    for left, right in pairwise(tokens):
        found.update(book.holders.get(left + right, ()))
    # The fewer words a name has beyond what was typed, the better it fits.
    return nsmallest(_MOST_CANDIDATES, found, key=lambda at: (len(book.keys[at]), at))


def _holders(token: str, words: Mapping[str, float], book: NameBook) -> set[int]:
    starts = [word for word in book.vocabulary.get(token[0], ()) if word.startswith(token)] if len(token) >= 4 else []
    return {at for word in (*words, *starts) for at in (*book.holders.get(word, ()), *book.pairs.get(word, ()))}


def _score(typed: Sequence[str], name: Sequence[str], alike: Mapping[str, Mapping[str, float]]) -> float:
    """1 for the same words; less for words beyond them, for errors, for another order; 0 where a telling word is missing."""
    if "".join(typed) == "".join(name):
        return 1.0 if typed == name else 0.97
    pairs, sureness = _aligned(typed, name, alike)
    covered_typed = {at for ats, _ in pairs for at in ats}
    covered_name = {at for _, ats in pairs for at in ats}
    missing = [token for at, token in enumerate(typed) if at not in covered_typed and token not in GENERIC]
    extra = [token for at, token in enumerate(name) if at not in covered_name]
    if not covered_typed:
        return 0.0
    if missing:
        # "Acme Robotics Germany" may mean "acme robotics", but "Acme Foods" never means "acme".
        telling = sum(token not in GENERIC for token in name)
        return 0.65 * sureness if not extra and telling >= 2 and len(missing) == 1 else 0.0
    order = [ats[0] for _, ats in sorted(pairs)]
    score = sureness - (0.03 if order != sorted(order) else 0.0) - 0.04 * (len(typed) - len(covered_typed))
    if not extra:
        return score
    telling_extra = sum(0.2 if token in GENERIC else 1.0 for token in extra)
    begins = 0 in covered_name
    return score - (0.05 if begins else 0.12) - 0.2 * telling_extra / (telling_extra + len(covered_name))


def _aligned(
    typed: Sequence[str], name: Sequence[str], alike: Mapping[str, Mapping[str, float]]
) -> tuple[list[tuple[tuple[int, ...], tuple[int, ...]]], float]:
    """Which typed words stand for which of the name (one for one, or two that are written as one), and the mean sureness."""
    free = dict.fromkeys(range(len(name)))
    pairs: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    sureness: list[float] = []
    at = 0
    while at < len(typed):
        best = max(_options(typed, at, name, free, alike), default=None)
        if best is None:
            at += 1
            continue
        sure, typed_count, places = best
        pairs.append((tuple(range(at, at + typed_count)), places))
        sureness.append(sure)
        for place in places:
            free.pop(place)
        at += typed_count
    return pairs, sum(sureness) / len(sureness) if sureness else 0.0


def _options(
    typed: Sequence[str], at: int, name: Sequence[str], free: Mapping[int, None], alike: Mapping[str, Mapping[str, float]]
) -> Iterator[tuple[float, int, tuple[int, ...]]]:
    words = alike[typed[at]]
    joined = alike[typed[at] + typed[at + 1]] if at + 1 < len(typed) else {}
    for place in free:
        if name[place] in words:
            yield words[name[place]], 1, (place,)
        elif len(typed[at]) >= 4 and name[place].startswith(typed[at]):
            yield 0.9, 1, (place,)
        if name[place] in joined:
            yield joined[name[place]] - 0.02, 2, (place,)
        if place + 1 in free and (both := name[place] + name[place + 1]) in words:
            yield words[both] - 0.02, 1, (place, place + 1)


def _by_initials(tokens: Sequence[str], book: NameBook) -> Iterator[tuple[int, float]]:
    if len(tokens) == 1 and 3 <= len(tokens[0]) <= 6:
        yield from ((at, 0.8) for at in book.initials.get(tokens[0], ()))
    if len(tokens) >= 3:
        for initialism in initialisms(tokens):
            yield from ((at, 0.75) for at in book.holders.get(initialism, ()) if book.keys[at] == initialism)
