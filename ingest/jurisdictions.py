"""Names of states and countries as contracts write them, and one normal form for each."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

_FILE = tomllib.loads(Path(__file__).with_name("jurisdictions.toml").read_text("utf-8"))


def _forms(adjectives: bool) -> dict[str, str]:
    """Every written form, folded, with its normal form."""
    found: dict[str, str] = {}
    for group in _FILE.values():
        for normal, others in group.items():
            written = (
                [other[1:] for other in others if other[0] == "~"]
                if adjectives
                else [normal, *(o for o in others if o[0] != "~")]
            )
            found |= {form.casefold(): normal for form in written}
    return found


_PLACES: Mapping[str, str] = _forms(adjectives=False)
_ADJECTIVES: Mapping[str, str] = _forms(adjectives=True)


def _alternatives(forms: Mapping[str, str]) -> str:
    # The longest first, so that "New South Wales" is not "Wales"; a space may be a space or none at a line's end.
    return "|".join(re.escape(form).replace(r"\ ", r"\s?") for form in sorted(forms, key=len, reverse=True))


_PLACE = re.compile(rf"(?:{_alternatives(_PLACES)})(?!\w)", re.IGNORECASE)
_WORD_BEFORE = re.compile(r"[^\s,;()\"]+(?=[\s,]*$)")


def place_at(text: str, start: int) -> tuple[str, int] | None:
    """The place whose name begins here, in its normal form, and where the name ends."""
    match = _PLACE.match(text, start)
    if not match:
        return None
    folded = " ".join(match.group().casefold().split())
    normal = _PLACES.get(folded) or next(
        normal for form, normal in _PLACES.items() if form.replace(" ", "") == folded.replace(" ", "")
    )
    return normal, match.end()


def place_named(written: str) -> str | None:
    """The normal form of a place's name, however it is written; `None` where it is no place we know."""
    found = place_at(written, 0)
    return found[0] if found and found[1] == len(written) else None


def place_before(text: str, end: int) -> tuple[str, int] | None:
    """The place whose name or adjective ends here, up to four words long, and where it begins."""
    starts: list[int] = []
    at = end
    while len(starts) < 4 and (match := _WORD_BEFORE.search(text, max(0, at - 24), at)):
        at = match.start()
        starts.append(at)
    for start in reversed(starts):
        written = " ".join(text[start:end].casefold().split()).removesuffix("'s").strip(" ,")
        if normal := _PLACES.get(written) or _ADJECTIVES.get(written):
            return normal, start
    return None
