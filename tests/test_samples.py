"""The sample contracts are what their texts make, readable by their readers, and true to their truth."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ingest.clauses import split_clauses
from ingest.contract import read_contract
from ingest.readers import read
from ingest.source import UnreadableDocument
from scripts.make_samples import CONTRACTS, TRUTH, make_samples

SAMPLES: list[dict[str, Any]] = json.loads(TRUTH.read_text(encoding="utf-8"))


def file_of(sample: dict[str, Any]) -> str:
    return str(sample["file"])


def text_of(path: Path) -> str:
    return " ".join(read(path.read_bytes(), path.name, None).text.split())


def test_the_contracts_are_made_from_their_texts(tmp_path: Path) -> None:
    pytest.importorskip("reportlab", reason="reportlab makes the PDFs: `make test` installs it")
    make_samples(tmp_path)
    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    kept = {path.relative_to(CONTRACTS): path.read_bytes() for path in CONTRACTS.rglob("*") if path.is_file()}
    assert made.keys() == kept.keys()
    # Compressors differ from one version to the next in bytes, and not in words.
    words = [name for name in made if name.suffix in {".txt", ".rtf", ".html"}]
    assert all(made[name] == kept[name] for name in words)


@pytest.mark.parametrize("sample", [each for each in SAMPLES if not each.get("scan")], ids=file_of)
def test_every_quote_of_the_truth_is_in_the_contract(sample: dict[str, Any]) -> None:
    text = text_of(CONTRACTS / sample["file"])
    quotes = [each["words"] for each in sample["clauses"] if each["words"]]
    assert [quote for quote in quotes if quote not in text] == []
    assert all(party.casefold() in text.casefold() for party in sample["parties"])


@pytest.mark.parametrize("sample", [each for each in SAMPLES if not each.get("scan")], ids=file_of)
def test_the_facts_of_every_contract_are_its_truth(sample: dict[str, Any]) -> None:
    path = CONTRACTS / sample["file"]
    read_ = read(path.read_bytes(), path.name, None)
    clauses = split_clauses(read_.text, read_.pages, read_.furniture)
    contract = read_contract(read_.text, clauses, read_.furniture, read_.properties, path.name)
    title = contract.title.value if contract.title else ""
    assert title.casefold() == sample["title"].casefold()
    parties = sorted(party.value.name.casefold() for party in contract.parties)
    assert parties == sorted(party.casefold() for party in sample["parties"])
    assert (contract.expires.value if contract.expires else "unknown") == sample["expires"]
    facts = ("contract_type", "agreement_date", "effective_date", "expiration_date", "governing_law")
    found = {fact: getattr(contract, fact) for fact in facts}
    told = {fact: str(value.value) if value else None for fact, value in found.items()}
    assert told == {fact: sample[fact] for fact in facts}


@pytest.mark.parametrize("sample", [each for each in SAMPLES if each.get("scan")], ids=file_of)
def test_a_scan_has_no_text_of_its_own(sample: dict[str, Any]) -> None:
    with pytest.raises(UnreadableDocument):
        text_of(CONTRACTS / sample["file"])


def test_a_draft_shows_what_was_inserted_and_not_what_was_deleted() -> None:
    text = text_of(CONTRACTS / "Clients" / "Corvus Energy" / "Draft NDA (unsigned).docx")
    assert "lasts for four (4) years" in text
    assert "two (2)" not in text


def test_automatic_numbers_tables_and_footnotes_are_read_as_printed() -> None:
    agreement = text_of(CONTRACTS / "Clients" / "Acme Robotics" / "Master Services Agreement.docx")
    assert "6.2 The total liability of either party" in agreement
    work = text_of(CONTRACTS / "Clients" / "Acme Robotics" / "SOW 1 - sensor calibration.docx")
    assert work.index("First twelve arms") < work.index("September 1, 2025") < work.index("$36,000")
    notes = text_of(CONTRACTS / "Intellectual Property" / "Joint Development Agreement - Solace.docx")
    assert "Probe development plan, issue 3" in notes


def test_there_is_one_of_every_kind_that_a_firm_has() -> None:
    assert len(SAMPLES) == 30
    assert {"nda", "vendor", "msa", "sow", "license", "lease", "amendment", "employment"} <= {
        each["contract_type"] for each in SAMPLES
    }
    assert Counter(Path(each["file"]).suffix for each in SAMPLES).keys() == {".pdf", ".docx", ".html", ".rtf", ".txt"}
    assert {"perpetual", "fixed", "unknown"} == {each["expires"] for each in SAMPLES}
    assert {"signed", "unsigned"} == {each["signed"] for each in SAMPLES}
    assert sum(path.stat().st_size for path in CONTRACTS.rglob("*")) < 3_000_000
