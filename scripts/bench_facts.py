"""Prints how often the facts read out of a folder of labelled contracts are the experts' answers, field by field."""

import argparse
import hashlib
import json
import re
import sys
import time
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from index.records import Contract
from ingest.clauses import split_clauses
from ingest.contract import read_contract
from ingest.pdf import read_pdf

Verdict = tuple[str, bool, Any, Any, float]  # field, right, the experts' answer, ours, confidence
_FORMS = r"\b(inc|incorporated|corp|corporation|co|company|llc|l l c|ltd|limited|plc|gmbh|s a|ag|nv|n v|b v|bv|lp|l p|llp|the)\b"
_REGION = r"^(the )?(state|commonwealth|province|republic|federal republic) of "


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
    for name in names:
        have = set(plain_party(name).split())
        if have and (len(wanted & have) / len(wanted | have) >= 0.6 or wanted <= have or have <= wanted):
            return True
    return False


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
        yield "party_recall", same_party(gold, names), gold, names, 0.0
    for party in contract.parties if golds else ():
        right = any(same_party(gold, [party.value.name]) for gold in golds)
        yield "party_precision", right, golds, party.value.name, party.confidence
    for field in ("agreement_date", "effective_date", "expiration_date"):
        found = getattr(contract, field)
        if when := gold_date(answers[field.replace("_", " ").title()]):
            yield (
                field,
                bool(found and found.value == when),
                str(when),
                found and str(found.value),
                found.confidence if found else 0.0,
            )
    if answers["Expiration Date"].strip().lower() == "perpetual":
        expires = contract.expires
        yield (
            "perpetual",
            bool(expires and expires.value == "perpetual"),
            "perpetual",
            expires and expires.value,
            expires.confidence if expires else 0,
        )
    law = contract.governing_law
    if gold := gold_law(answers["Governing Law"]):
        got = gold_law(law.value) if law else ""
        yield "governing_law", bool(got) and (got in gold or gold in got), gold, got, law.confidence if law else 0.0
    elif not answers["Governing Law"]:
        yield "governing_law_absent", law is None, None, law and law.value, law.confidence if law else 0.0
    if days := gold_days(answers["Notice Period To Terminate Renewal"]):
        notice = contract.renewal and contract.renewal.notice_days
        yield (
            "renewal_notice_days",
            bool(notice and abs(notice.value - days) <= 5),
            days,
            notice and notice.value,
            notice.confidence if notice else 0,
        )
    title = contract.title
    if gold_title := set(words(answers["Document Name"])):
        have = set(words(title.value)) if title else set()
        right = len(gold_title & have) / len(gold_title | have) >= 0.5
        yield "title", right, answers["Document Name"], title and title.value, title.confidence if title else 0.0


def in_fold(file: str, fold: str | None) -> bool:
    """Whether a contract belongs to fold k of n ("0/2"): all contracts of one company are in one fold."""
    if fold is None:
        return True
    k, n = map(int, fold.split("/"))
    return int(hashlib.sha256(company(file).encode()).hexdigest(), 16) % n == k


def company(file: str) -> str:
    """The company that filed a contract, from its file's name: forms of one company repeat each other."""
    return re.sub(r"[^a-z0-9]", "", re.split(r"_| - ", file)[0].lower())


def read_file(path: Path) -> Contract:
    """One contract from its PDF, as the ingestion reads it."""
    transcript = read_pdf(path.read_bytes(), None)
    clauses = split_clauses(transcript.text, transcript.pages, transcript.furniture)
    return read_contract(transcript.text, clauses, transcript.furniture, transcript.properties, path.name)


def summary(rows: Sequence[tuple[str, Verdict]], errors: int) -> dict[str, Any]:
    """Accuracy by field, how sure we were where right and where wrong, and up to `errors` wrong answers each."""
    fields: dict[str, list[tuple[str, Verdict]]] = defaultdict(list)
    for file, verdict in rows:
        fields[verdict[0]].append((file, verdict))
    result: dict[str, Any] = {}
    for field, found in sorted(fields.items()):
        right = [verdict[4] for _, verdict in found if verdict[1]]
        wrong = [(file, verdict) for file, verdict in found if not verdict[1]]
        result[field] = {"accuracy": round(len(right) / len(found), 4), "asked": len(found)}
        if errors:
            result[field]["errors"] = [[file, verdict[2], verdict[3], verdict[4]] for file, verdict in wrong[:errors]]
    result["macro_accuracy"] = round(sum(result[field]["accuracy"] for field in fields) / max(1, len(fields)), 4)
    return result


def main() -> None:
    """Read the arguments, read the contracts, print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder of PDFs")
    parser.add_argument("labels", type=Path, help="the experts' answers, in the form of CUAD's labels.json")
    parser.add_argument("--errors", type=int, default=0, help="show up to N wrong answers a field")
    parser.add_argument("--fold", help="only the contracts of fold k of n, as k/n")
    options = parser.parse_args()
    records = [record for record in json.loads(options.labels.read_text("utf-8")) if in_fold(record["file"], options.fold)]
    started = time.perf_counter()
    rows = [
        (record["file"], verdict)
        for record in records
        for verdict in verdicts(record["answers"], read_file(options.folder / record["file"]))
    ]
    result = summary(rows, options.errors) | {"contracts": len(records), "seconds": round(time.perf_counter() - started, 1)}
    json.dump(result, sys.stdout, indent=1, ensure_ascii=False)
    print()


if __name__ == "__main__":
    main()
