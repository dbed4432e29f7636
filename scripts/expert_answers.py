"""Compares a contract's facts with experts' answers, by the rules of the project's scoring script."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, NamedTuple

from index.records import Contract, Extracted

_FORMS = r"\b(inc|incorporated|corp|corporation|co|company|llc|l l c|ltd|limited|plc|gmbh|s a|ag|nv|n v|b v|bv|lp|l p|llp|the)\b"
_REGION = r"^(the )?(state|commonwealth|province|republic|federal republic) of "


class Verdict(NamedTuple):
    """Whether one field of one contract is what the experts say, with both answers and our confidence."""

    field: str
    right: bool
    gold: object
    got: object
    confidence: float | None = None


def words(text: str) -> list[str]:
    """The words of a text in small letters, as the experts' answers and ours are compared."""
    return re.findall(r"[a-z0-9]+", unicodedata.normalize("NFKC", text).lower())


def plain_party(name: str) -> str:
    """A name without its legal form."""
    return " ".join(re.sub(_FORMS, " ", " ".join(words(name))).split())


def gold_parties(answer: str) -> list[str]:
    """The experts' parties, without aliases and collective names."""
    parts = (re.sub(r"[“\"].*", " ", re.sub(r"[(\[{].*?[)\]}]", " ", part)) for part in answer.split(";"))
    return [name for name in map(plain_party, parts) if len(name) >= 3]


def same_party(gold: str, names: Sequence[str]) -> bool:
    """Whether one of the names is the expert's party."""
    wanted = set(gold.split())
    parts = [set(plain_party(name).split()) for name in names]
    return any(have and (alike(wanted, have) >= 0.6 or wanted <= have or have <= wanted) for have in parts)


def gold_date(answer: str) -> date | None:
    """The experts' date; blanks and ranges are none."""
    match = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})", answer.strip())
    if match:
        month, day, year = map(int, match.groups())
        with suppress(ValueError):
            return date(year + (1900 if year > 40 else 2000) if year < 100 else year, month, day)
    return None


def gold_law(answer: str) -> str:
    """The experts' governing law, the first where they give several."""
    return re.sub(_REGION, "", " ".join(words(re.split(r"[;,]", answer)[0])))


def gold_days(answer: str) -> int | None:
    """The experts' notice period in days."""
    match = re.search(r"(\d+)\)?\s*(day|week|month|year)", answer.lower())
    return int(match[1]) * {"day": 1, "week": 7, "month": 30, "year": 365}[match[2]] if match else None


def verdicts(answers: Mapping[str, str], contract: Contract) -> Iterator[Verdict]:
    """Every field that the experts answered, by the rules of the scoring script."""
    names = [party.value.name for party in contract.parties]
    golds = gold_parties(answers["Parties"])
    for gold in golds:
        yield Verdict("party_recall", same_party(gold, names), gold, names)
    for party in contract.parties if golds else ():
        right = any(same_party(gold, [party.value.name]) for gold in golds)
        yield Verdict("party_precision", right, golds, party.value.name, party.confidence)
    for field in ("agreement_date", "effective_date", "expiration_date"):
        if when := gold_date(answers[field.replace("_", " ").title()]):
            yield judged(field, when, getattr(contract, field), when.__eq__)
    if answers["Expiration Date"].strip().lower() == "perpetual":
        yield judged("perpetual", "perpetual", contract.expires, lambda got: got == "perpetual")
    if gold := gold_law(answers["Governing Law"]):
        yield judged("governing_law", gold, contract.governing_law, lambda got: same_law(gold, gold_law(got)))
    elif not answers["Governing Law"]:
        law = contract.governing_law
        yield Verdict("governing_law_absent", law is None, None, law and law.value, law.confidence if law else None)
    if days := gold_days(answers["Notice Period To Terminate Renewal"]):
        notice = contract.renewal.notice_days if contract.renewal else None
        yield judged("renewal_notice_days", days, notice, lambda got: abs(got - days) <= 5)
    if title := set(words(answers["Document Name"])):
        yield judged("title", answers["Document Name"], contract.title, lambda got: alike(title, set(words(got))) >= 0.5)


def judged(field: str, gold: object, found: Extracted[Any] | None, is_right: Callable[[Any], bool]) -> Verdict:
    """What is not known is wrong, too."""
    if found is None:
        return Verdict(field, False, str(gold), None)
    return Verdict(field, is_right(found.value), str(gold), str(found.value), found.confidence)


def same_law(gold: str, got: str) -> bool:
    """Whether two laws are one: "england" is "england and wales"."""
    return bool(got) and (got in gold or gold in got)


def alike(one: set[str], other: set[str]) -> float:
    """The share of words that two texts have in common (Jaccard)."""
    return len(one & other) / len(one | other)
