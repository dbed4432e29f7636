"""Sums of money that matter in a contract: caps, fees, prices, penalties, each with what it is for."""

import re
from decimal import Decimal, InvalidOperation

from index.records import Extracted
from ingest.anatomy import Anatomy

_CODES = {
    "$": "USD",
    "US$": "USD",
    "U.S.$": "USD",
    "USD": "USD",
    "C$": "CAD",
    "CAD": "CAD",
    "A$": "AUD",
    "AUD": "AUD",
    "€": "EUR",
    "EUR": "EUR",
    "£": "GBP",
    "GBP": "GBP",
    "¥": "JPY",
    "JPY": "JPY",
    "CHF": "CHF",
    "HK$": "HKD",
    "RMB": "CNY",
    "CNY": "CNY",
    "NIS": "ILS",
    "INR": "INR",
    "SEK": "SEK",
    "NOK": "NOK",
    "DKK": "DKK",
    "R": "ZAR",
}
_FIGURE = (
    r"(?P<figure>\d{1,3}(?:[,.']\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?)(?:\s?(?P<scale>million|billion|thousand|mio\.?"
    r"|mrd\.?|k|m|bn)(?!\w))?"
)
_SIGN = r"US\$|U\.S\.\$|C\$|A\$|HK\$|\$|€|£|¥|USD|EUR|GBP|CHF|CAD|AUD|JPY|RMB|CNY|NIS|INR|SEK|NOK|DKK"
_BEFORE = re.compile(rf"(?<![\w$])(?P<sign>{_SIGN})\s?{_FIGURE}(?![\d,]*\d)", re.IGNORECASE)
_BEHIND = re.compile(
    rf"(?<![\w.,]){_FIGURE}\s?(?P<sign>€|£|EUR|GBP|CHF|USD|euros?|(?:US\s|U\.S\.\s)?dollars|pounds sterling)(?!\w)", re.IGNORECASE
)
_SCALE = {"million": 10**6, "m": 10**6, "mio": 10**6, "billion": 10**9, "bn": 10**9, "mrd": 10**9, "thousand": 10**3, "k": 10**3}
_FOR = (
    (
        "cap on liability",
        re.compile(
            r"\b(?:liabil\w+|damages)\b[^.]{0,160}\b(?:exceeds?|limited to|maximum|cap|greater than|more than)\b"
            r"|\b(?:exceeds?|limit(?:ed)?|cap)\b[^.]{0,80}\bliabil|haftung",
            re.IGNORECASE,
        ),
    ),
    (
        "liquidated damages",
        re.compile(r"\b(?:liquidated damages|penalt(?:y|ies)|termination fee|break-?up fee|vertragsstrafe)\b", re.IGNORECASE),
    ),
    ("insurance", re.compile(r"\b(?:insurance|coverage|policy|per occurrence|aggregate limit)\b", re.IGNORECASE)),
    (
        "minimum commitment",
        re.compile(
            r"\b(?:minimum (?:\w+ ){0,3}?(?:purchase|commitment|payment|order|royalt|guarantee)\w*|guaranteed minimum)\b",
            re.IGNORECASE,
        ),
    ),
    ("royalty", re.compile(r"\broyalt(?:y|ies)\b", re.IGNORECASE)),
    ("milestone", re.compile(r"\bmilestone", re.IGNORECASE)),
    ("rent", re.compile(r"\b(?:rent|miete)\b", re.IGNORECASE)),
    ("salary", re.compile(r"\b(?:salary|base compensation|retainer|gehalt)\b", re.IGNORECASE)),
    ("loan amount", re.compile(r"\b(?:principal (?:amount|sum)|loan|credit facility|darlehen)\b", re.IGNORECASE)),
    (
        "purchase price",
        re.compile(r"\b(?:purchase price|aggregate consideration|kaufpreis|total price|contract price)\b", re.IGNORECASE),
    ),
    ("fee", re.compile(r"\b(?:fees?|shall pay|payable|payment|price|amount of|compensation|vergütung|honorar)\b", re.IGNORECASE)),
)
_SIGNS = (
    "$",
    "€",
    "£",
    "¥",
    "usd",
    "eur",
    "gbp",
    "chf",
    "cad ",
    "aud ",
    "jpy",
    "rmb",
    "cny",
    "nis ",
    "inr ",
    "sek ",
    "nok ",
    "dkk ",
    "dollars",
    "pounds st",
)
_MOST = 12


def read_amounts(paper: Anatomy) -> tuple[Extracted[str], ...]:
    """Up to twelve sums of note as "USD 500000.00: cap on liability", the weightier kinds and larger sums first."""
    found: dict[tuple[str, str], tuple[int, Decimal, Extracted[str]]] = {}
    for start, end in paper.stretches(_SIGNS, 28, 34):
        for match in (*_BEFORE.finditer(paper.text, start, end), *_BEHIND.finditer(paper.text, start, end)):
            amount, code = _amount(match), _code(match["sign"])
            if amount is None or amount < 100 or code is None:
                continue
            before = paper.text[max(0, match.start() - 180) : match.start()]
            # What the sentence before is about is another sum.
            sentence = re.split(r"[a-z)]\. (?=[A-Z\d(])", before)[-1] + paper.text[match.start() : match.end() + 40]
            rank, kind = next(
                ((rank, kind) for rank, (kind, words) in enumerate(_FOR) if words.search(sentence)), (len(_FOR), None)
            )
            if kind is None:
                continue
            span = paper.view.span(match.start(), match.end())
            value = f"{code} {amount:.2f}: {kind}"
            found.setdefault((value, kind), (rank, -amount, Extracted(value, span, span.of(paper.source), 0.6, None)))
    ranked = sorted(found.values(), key=lambda each: each[:2])
    return tuple(extracted for *_, extracted in ranked[:_MOST])


def _code(sign: str) -> str | None:
    folded = sign.upper()
    if folded in _CODES:
        return _CODES[folded]
    return "EUR" if folded.startswith("EURO") else "USD" if "DOLLAR" in folded else "GBP" if "POUND" in folded else None


def _amount(match: re.Match[str]) -> Decimal | None:
    figure = match["figure"].replace("'", "")
    # The last sign before one or two figures divides cents; any other divides thousands.
    cents = re.search(r"[.,](\d{1,2})$", figure)
    whole = re.sub(r"[.,]", "", figure[: cents.start()] if cents else figure)
    try:
        amount = Decimal(f"{whole}.{cents[1] if cents else '0'}")
    except InvalidOperation:
        return None
    return amount * _SCALE.get((match["scale"] or "").lower().rstrip("."), 1)
