"""The reading process: bytes of one document in, its text, clauses, chunks and facts out. Started by `ingest`, never by hand."""

import argparse
from functools import partial
from pathlib import Path

from index.records import Prepared
from ingest.chunks import make_chunks
from ingest.clauses import split_clauses
from ingest.contract import read_contract
from ingest.isolation import serve
from ingest.ocr import Ocr
from ingest.readers import Reading, read
from models.clauses import ClauseScorer
from models.encoder import Tokens, open_tokens
from models.ocr import open_ocr


def prepare(
    data: bytes, name: str, *, ocr: Ocr | None, how: Reading, tokens: Tokens, max_tokens: int, scorer: ClauseScorer
) -> Prepared:
    """Everything that reading one file gives. Raises UnreadableDocument where it gives nothing."""
    transcript = read(data, name, ocr, how)
    text, furniture = transcript.text, transcript.furniture
    clauses = split_clauses(text, transcript.pages, furniture)
    return Prepared(
        transcript,
        clauses,
        make_chunks(text, clauses, furniture, tokens.count, max_tokens),
        read_contract(text, clauses, furniture, transcript.properties, name),
        scorer.find(text, clauses, furniture),
    )


def main() -> None:
    """Read documents until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ocr", help="the engine for scanned pages, none without it")
    parser.add_argument("--soffice", type=Path, help="LibreOffice, for old formats; none without it")
    parser.add_argument("--max-bytes", required=True, type=int, help="how large a file may be")
    parser.add_argument("--model", required=True, help="the encoder whose tokens are counted")
    parser.add_argument("--max-tokens", required=True, type=int, help="how many tokens a chunk may have")
    options = parser.parse_args()
    ocr = open_ocr(options.ocr) if options.ocr else None
    how = Reading(max_bytes=options.max_bytes, soffice=options.soffice)
    tokens = open_tokens(options.model)
    serve(partial(prepare, ocr=ocr, how=how, tokens=tokens, max_tokens=options.max_tokens, scorer=ClauseScorer()))


if __name__ == "__main__":
    main()
