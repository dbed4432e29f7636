"""What type of contract it is: by its title, else by what it calls itself and its parties, else by its words."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from index.records import Extracted
from ingest.anatomy import Anatomy


@dataclass(frozen=True, slots=True)
class _Type:
    name: str
    title: tuple[re.Pattern[str], ...]
    body: tuple[str, ...]


_TYPES = tuple(
    _Type(entry["name"], tuple(re.compile(pattern, re.IGNORECASE) for pattern in entry["title"]), tuple(entry["body"]))
    for entry in tomllib.loads(Path(__file__).with_name("contract_types.toml").read_text("utf-8"))["type"]
)
# Of "Supply and License Agreement" it is the first that counts, but some words say little beside another's: a trademark
# license is a license, and a services and hosting agreement is of hosting.
_WEAKNESS = {"intellectual_property": 2, "merger": 2, "services": 2} | dict.fromkeys(
    ("license", "development", "purchase", "sow", "msa", "agency", "vendor", "loan"), 1
)


def read_contract_type(
    paper: Anatomy, title: Extracted[str] | None, file_name: str
) -> tuple[Extracted[str] | None, tuple[Extracted[str], ...]]:
    """One of the types that the server names (TOOLS.md), and the others that were near."""
    if title and (found := _by_words(title.value)):
        winner = Extracted(found[0], title.span, title.quote, min(0.95, title.confidence + 0.05), "by its title")
        return winner, tuple(Extracted(name, title.span, title.quote, 0.3) for name in found[1:3])
    start, end = paper.preamble
    opening = paper.text[start : min(end, start + 220)].split("(")[0]
    if found := _by_words(opening):
        span = paper.view.span(start, start + len(opening))
        return Extracted(found[0], span, span.of(paper.source), 0.6, "by its first words"), ()
    counted = _by_body(paper.folded)
    if counted and counted[0][0] >= 4.0:
        return Extracted(counted[0][1], None, "", 0.45, f"by its words: {counted[0][2]!r} and the like"), ()
    stem = re.sub(r"[_\-.]+", " ", file_name.rsplit(".", 1)[0])
    if found := _by_words(stem):
        return Extracted(found[0], None, "", 0.4, "by its file's name"), ()
    if title is not None:
        return Extracted("other", title.span, title.quote, 0.4, "its title names no type that is known"), ()
    return None, ()


def _by_words(words: str) -> list[str]:
    """Types whose words stand in a title, the telling one first: amendments, then by kind and place."""
    places = []
    for order, kind in enumerate(_TYPES):
        starts = [match.start() for pattern in kind.title if (match := pattern.search(words))]
        if starts:
            places.append((kind.name != "amendment", _WEAKNESS.get(kind.name, 0), min(starts), order, kind.name))
    return [name for *_, name in sorted(places)]


def _by_body(folded: str) -> Sequence[tuple[float, str, str]]:
    """Types by how often their words stand in the text, per 10,000 characters."""
    scale = max(1.0, len(folded) / 10_000)
    counted = []
    for kind in _TYPES:
        counts = [(folded.count(words), words) for words in kind.body]
        total = sum(count for count, _ in counts) / scale
        if total:
            counted.append((total, kind.name, max(counts)[1]))
    return sorted(counted, reverse=True)
