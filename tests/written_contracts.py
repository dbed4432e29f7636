"""Contracts written out in the tests of facts, read as the ingestion reads a text file."""

from collections.abc import Mapping

from index.records import Contract
from ingest.clauses import split_clauses
from ingest.contract import read_contract
from ingest.plain import read_plain


def source_of(text: str) -> str:
    """The text as it is kept, which all spans are places of."""
    return read_plain(text.encode()).text


def read(text: str, properties: Mapping[str, str] | None = None) -> Contract:
    """The facts of a contract that is written out."""
    transcript = read_plain(text.encode())
    clauses = split_clauses(transcript.text, transcript.pages, transcript.furniture)
    return read_contract(transcript.text, clauses, transcript.furniture, properties or {}, "contract.txt")


def contract(
    body: str = "", *, one: str | None = None, other: str | None = None, made: str = "May 8, 2014", closing: str = ""
) -> str:
    """A services agreement with the given terms; `closing` is what follows them."""
    one = one or 'Acme Holdings, Inc., a New York corporation (the "Customer")'
    other = other or 'Beta Industries LLC, a Delaware limited liability company (the "Supplier")'
    return (
        f'SERVICES AGREEMENT\n\nThis Services Agreement (this "Agreement") is made as of {made} between {one}, and {other}.'
        "\n\nWHEREAS, the parties wish to work together;\n\n1. Services. The work is described in Schedule 1.\n\n"
        f"{body}\n\n{closing}"
    )
