"""The engines that the conformance tests run over, and what is asked of all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from papers import CAP, EVERYONE, TODAY, encode

from index.local import open_for_writing, open_index
from index.records import Filter
from index.store import Index, Manifest, Selection, View, WritableIndex

SUPPLY = "The supplier delivers widgets.\nNobody is liable for lost profits.\n"
LEASE = "The tenant pays rent.\nThe landlord repairs the roof.\n"


@dataclass(frozen=True)
class Engine:
    """How an engine is opened."""

    open_for_writing: Callable[[Path, Manifest], WritableIndex]
    open_index: Callable[[Path], Index]


ENGINES = {"local": Engine(open_for_writing, open_index)}


def everything(view: View, *principals: str) -> Selection:
    return view.select(Filter(frozenset(principals) or EVERYONE), TODAY)


def ids(view: View, within: Selection) -> set[str]:
    return {summary.document_id for summary in view.summaries(within.keys.tolist())}


def answers(view: View) -> object:
    within = everything(view)
    hits = view.matching("widgets rent profits", within, 10), view.nearest(encode(["the tenant pays"])[0], within, 10)
    passages = [view.passages([hit.chunk for hit in some]) for some in hits]
    quotes = [passage.span.of(view.text(passage.document)) for some in passages for passage in some]
    return (
        [summary.file_name for summary in view.summaries(within.keys.tolist())],
        [view.text(int(key)) for key in within.keys],
        [(hit.chunk, hit.document, round(hit.score, 5)) for some in hits for hit in some],
        quotes,
        view.findings(CAP, within, 10),
        view.matching_documents("agreement supply", within, 10),
        view.ordered(within, "modified", 0, 10),
    )
