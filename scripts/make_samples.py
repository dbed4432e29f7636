"""Makes the sample contracts from their texts: `python -m scripts.make_samples [FOLDER]`."""

import json
import sys
from pathlib import Path
from typing import Any

from scripts.sample_docx import word_document
from scripts.sample_markup import Block, blocks, final
from scripts.sample_pdf import printed, scanned
from scripts.sample_text import plain_text, rich_text, web_page

_HERE = Path(__file__).parent
TRUTH = _HERE.parent / "samples" / "truth.json"
CONTRACTS = _HERE.parent / "samples" / "contracts"


def make_samples(folder: Path) -> None:
    """Write every contract of samples/truth.json below a folder, each in its format."""
    for contract in json.loads(TRUTH.read_text(encoding="utf-8")):
        path = folder / contract["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        source = (_HERE / "samples" / f"{contract['source']}.txt").read_text(encoding="utf-8")
        path.write_bytes(_rendered(contract, list(blocks(source))))


def _rendered(contract: dict[str, Any], contents: list[Block]) -> bytes:
    title, suffix = contract["title"], Path(contract["file"]).suffix
    if suffix == ".docx":
        return word_document(title, contents)
    shown = [Block(block.kind, final(block.text)) for block in contents]
    if suffix == ".pdf":
        return scanned(title, shown) if contract.get("scan") else printed(title, shown, contract.get("columns", 1))
    if suffix == ".html":
        return web_page(title, shown)
    return rich_text(title, shown) if suffix == ".rtf" else plain_text(shown)


if __name__ == "__main__":
    make_samples(Path(sys.argv[1]) if len(sys.argv) > 1 else CONTRACTS)
