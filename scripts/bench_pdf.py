"""Measures reading PDFs: pages a second, experts' words kept, furniture found; and OCR on scans made of their pages."""

import argparse
import json
import random
import resource
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from rapidfuzz.distance import Levenshtein

from index.records import Span, Transcript
from index.spans import legible
from ingest.pdf import read_pdf
from models.ocr import ENGINES, open_ocr

_CUAD = Path(__file__).parents[2] / "shared" / "cuad"
# Typographic signs as the labels have them; white space and hyphens are compared apart.
_SIGNS = str.maketrans(dict.fromkeys("“”„", '"') | dict.fromkeys("‘’´", "'") | dict.fromkeys("-–—‐", None))


@dataclass(frozen=True, slots=True)
class Scan:
    """A way to make a scan: at so many dots an inch, and worn by skew, blur, noise and JPEG or not."""

    dpi: int
    worn: bool


_SCANS = (Scan(200, worn=False), Scan(150, worn=True), Scan(200, worn=True), Scan(300, worn=True))


def main() -> None:
    """Print the figures, one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--labels", type=Path, default=_CUAD / "labels.json", help="experts' labels, with the contracts in pdf/ beside"
    )
    parser.add_argument("--every", type=int, default=1, help="only every so many-th contract")
    parser.add_argument("--ocr", choices=ENGINES, help="measure this engine instead of the text layers")
    parser.add_argument("--pages", type=int, default=14, help="how many pages OCR is measured on")
    options = parser.parse_args()
    records = json.loads(options.labels.read_text(encoding="utf-8"))[:: options.every]
    folder = options.labels.parent / "pdf"
    if options.ocr:
        for row in _ocr_rows(folder, records, options.ocr, options.pages):
            print(json.dumps(row), flush=True)
    else:
        print(json.dumps(_text_row(folder, records)))


def _text_row(folder: Path, records: list[dict[str, Any]]) -> dict[str, Any]:
    seconds, pages, labelled, marked, kept, with_furniture, furniture, warned = 0.0, 0, 0, 0, 0, 0, 0, 0
    for record in records:
        data = (folder / record["file"]).read_bytes()
        started = time.process_time()
        found = read_pdf(data, None)
        seconds += time.process_time() - started
        text, everything = _plain(_body(found)), _plain(found.text)
        parts = [_plain(part) for spans in record["spans"].values() for span in spans for part in span]
        marked += len(parts)
        kept += sum(part in text for part in parts)
        with_furniture += sum(part not in text and part in everything for part in parts)
        pages += len(found.pages)
        labelled += sum(page.label is not None for page in found.pages)
        furniture += len(found.furniture)
        warned += bool(found.warnings)
    return {
        "contracts": len(records), "pages": pages, "pages_per_cpu_second": round(pages / seconds, 1), "marked": marked,
        "kept": round(kept / marked, 4), "marked_across_furniture": round(with_furniture / marked, 4),
        "furniture_spans": furniture, "pages_with_printed_number": labelled, "contracts_with_warnings": warned,
    }  # fmt: skip


def _body(found: Transcript) -> str:
    return legible(found.text, Span(0, len(found.text)), found.furniture)


def _plain(text: str) -> str:
    return "".join(text.split()).translate(_SIGNS)


def _ocr_rows(folder: Path, records: list[dict[str, Any]], name: str, count: int) -> Iterator[dict[str, Any]]:
    engine, pages = open_ocr(name), list(_pages(folder, records, count))
    for scan in _SCANS:
        rates, seconds = [], 0.0
        for seed, (page, truth) in enumerate(pages):
            image = _scanned(page, scan, seed)
            started = time.process_time() + _children()
            read = " ".join(_plain(line.text) for line in engine.read(image).lines)
            seconds += time.process_time() + _children() - started
            rates.append(Levenshtein.distance(read.replace(" ", ""), truth) / len(truth))
        yield {
            "engine": engine.name, "dpi": scan.dpi, "worn": scan.worn, "pages": len(rates),
            "character_error_mean": round(statistics.fmean(rates), 5), "character_error_median": round(statistics.median(rates), 5),  # noqa: E501
            "cpu_seconds_a_page": round(seconds / len(rates), 2),
            "rss_mb": max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) // 1024,
        }  # fmt: skip


def _children() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


def _pages(folder: Path, records: list[dict[str, Any]], count: int) -> Iterator[tuple[pypdfium2.PdfPage, str]]:
    """Pages full of text, each of another contract, with their words."""
    shuffled = random.Random(7).sample(records, len(records))  # noqa: S311 - a sample, not a secret
    for record in shuffled:
        found = read_pdf((folder / record["file"]).read_bytes(), None)
        full = [page for page in found.pages if 1500 < len(page.span) < 5200]
        if full and count:
            count -= 1
            page = full[len(full) // 2]
            document = pypdfium2.PdfDocument(folder / record["file"])
            yield document[page.number - 1], _plain(page.span.of(found.text))


def _scanned(page: pypdfium2.PdfPage, scan: Scan, seed: int) -> NDArray[np.uint8]:
    image = page.render(scale=scan.dpi / 72, grayscale=True).to_pil().convert("L")
    if not scan.worn:
        return np.asarray(image, dtype=np.uint8)
    rng = np.random.default_rng(seed)
    skew = rng.choice([-1.8, -1.1, 1.2, 1.6])
    turned = image.rotate(skew, resample=Image.Resampling.BICUBIC, fillcolor=250).filter(ImageFilter.GaussianBlur(scan.dpi / 330))
    grey = np.asarray(turned, dtype=np.float64) * 0.88 + 14 + rng.normal(0, 11, (turned.height, turned.width))
    grey[rng.random(grey.shape) < 0.0015] = 0
    stream = BytesIO()
    Image.fromarray(grey.clip(0, 255).astype(np.uint8)).save(stream, "JPEG", quality=38)
    return np.asarray(Image.open(stream).convert("L"), dtype=np.uint8)


if __name__ == "__main__":
    main()
