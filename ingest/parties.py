"""Who entered into a contract: the names that its preamble and its signatures support, each described and cited."""

import re
from collections.abc import Sequence

from index.records import Extracted, Party, Span
from index.spans import legible
from ingest.anatomy import Anatomy
from ingest.party_details import party_of
from ingest.party_groups import Group, party_groups

# From this on a name is a party; a contract has two sides, so the best two count from far less on.
_SURE, _FIRST, _SECOND = 0.4, 0.04, 0.1
_MOST = 60
# A line that underlines a name in the middle of a sentence, as old filings have it.
_RULE = re.compile(r"\s[-=~*]{5,}\s")


def read_parties(paper: Anatomy, furniture: Sequence[Span]) -> tuple[tuple[Extracted[Party], ...], tuple[Extracted[str], ...]]:
    """The parties in the order in which the contract names them, and the names that came near."""
    groups = party_groups(paper)
    ordered = chosen(groups)
    starts = [group.best.name.start for group in ordered]
    parties = []
    for at, group in enumerate(ordered):
        stop = starts[at + 1] if at + 1 < len(starts) else max(paper.preamble[1], group.best.name.end)
        cited = _cited(paper, group, furniture)
        party = party_of(paper, group, stop, cited.value)
        parties.append(Extracted(party, cited.span, cited.quote, cited.confidence, _note(group)))
    places = {group.best.name.start for group in ordered}
    losers = [group for group in groups if group.best.name.start not in places and group.probability >= 0.05]
    losers.sort(key=lambda group: -group.probability)
    return tuple(parties), tuple(_cited(paper, group, furniture) for group in losers[:5])


def chosen(groups: Sequence[Group]) -> list[Group]:
    """The names that are taken for parties, in the order of the text."""
    ranked = sorted(groups, key=lambda group: -group.probability)[:_MOST]
    enough = (_FIRST, _SECOND, *[_SURE] * (_MOST - 2))
    taken = [group for group, least in zip(ranked, enough, strict=False) if group.probability >= least]
    return sorted(taken, key=lambda group: group.best.name.start)


def _cited(paper: Anatomy, group: Group, furniture: Sequence[Span]) -> Extracted[str]:
    name = group.best.name
    span = paper.view.span(name.start, name.end)
    return Extracted(
        _RULE.sub(" ", legible(paper.source, span, furniture)), span, span.of(paper.source), round(group.probability, 3)
    )


def _note(group: Group) -> str | None:
    """Whether the signature block bears a name out."""
    places = {mention.where for mention in group.mentions}
    if places & {"signature", "later_signature"}:
        return "also in the signature block" if places & {"preamble", "cover"} else "from the signature block"
    return None
