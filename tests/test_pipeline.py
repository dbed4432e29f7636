"""The pipeline brings an index up to date with its source, whatever happens to single files, to the source, or to itself."""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from small_firm import NOW, WordEncoder

from index.local import LocalWriter, open_for_writing, open_index
from index.records import File, Filter
from index.store import Manifest, Vectors
from ingest.isolation import Limits, Reader
from ingest.pipeline import Outcome, Recipe, ingest
from ingest.source import FetchFailed, IngestError, NotNow, RemovalsRefused, Skipped, SourceFailed

ANYONE = frozenset({"anyone"})
# A real reading process with one small reader of our own, so that these tests are about the pipeline alone.
PROGRAM = """
from index.records import Chunk, Clause, Contract, Prepared, Span, Transcript
from ingest.isolation import serve
from ingest.source import UnreadableDocument

def read(data, name):
    text = data.decode()
    if text == "locked":
        raise UnreadableDocument("is protected by a password")
    whole = Span(0, len(text))
    spans, at = [], 0
    for line in text.splitlines(keepends=True):
        spans.append(Span(at, at + len(line)))
        at += len(line)
    chunks = tuple(Chunk(span, None, span.of(text).strip()) for span in spans)
    return Prepared(Transcript(text), (Clause(whole, "front", 0, None, ()),), chunks, Contract())

serve(read)
"""


@dataclass
class Shelf:
    """A source in memory, whose next listing or fetch may be told to fail."""

    papers: dict[str, str]
    readers: frozenset[str] = ANYONE
    broken: bool = False
    unfetchable: set[str] = field(default_factory=set)
    unfetchable_because: IngestError = field(default_factory=lambda: FetchFailed("somebody is reading it"))
    fetched: list[str] = field(default_factory=list)

    def files(self) -> Iterator[File]:
        for number, (name, text) in enumerate(self.papers.items()):
            if self.broken and number == 1:
                raise SourceFailed("the shelf was locked half-way")
            yield File(name, f"v{hash_of(text)}", f"{name}.txt", "Shelf", None, len(text), NOW, None, self.readers)

    def fetch(self, file: File) -> bytes:
        if file.id in self.unfetchable:
            raise self.unfetchable_because
        self.fetched.append(file.id)
        return self.papers[file.id].encode()


def hash_of(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()[:8]


class CountingEncoder(WordEncoder):
    """Keeps what it was asked to encode."""

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: list[str]) -> Vectors:  # type: ignore[override]
        self.encoded.extend(texts)
        return super().encode(texts)


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, str(program)]
    return Recipe("r1", lambda: Reader(command, Limits(20, 512)), 1, 1000, CountingEncoder())


@pytest.fixture
def index(tmp_path: Path) -> Iterator[LocalWriter]:
    with open_for_writing(tmp_path / "index", Manifest(WordEncoder.name, WordEncoder.dimensions, "r1")) as index:
        yield index


def run(shelf: Shelf, recipe: Recipe, index: LocalWriter, **options: float) -> Counter[str]:
    return Counter(outcome.kind for outcome in ingest(shelf, recipe, index, **options))


def askable(index: LocalWriter, principals: frozenset[str] = ANYONE) -> set[str]:
    view = index.view()
    selection = view.select(Filter(principals), date(2026, 11, 22))
    return {summary.document_id for summary in view.summaries(selection.keys.tolist())}


def test_everything_is_indexed_once_and_only_what_changed_is_read_again(index: LocalWriter, recipe: Recipe) -> None:
    shelf = Shelf({"a": "one\ntwo\n", "b": "two\nthree\n"})
    assert run(shelf, recipe, index) == {"indexed": 2}
    assert run(shelf, recipe, index) == {"unchanged": 2}
    shelf.papers["b"] = "two\nfour\n"
    assert run(shelf, recipe, index) == {"unchanged": 1, "indexed": 1}
    assert sorted(shelf.fetched) == ["a", "b", "b"]
    assert askable(index) == {"a", "b"}


def test_a_text_is_never_embedded_twice(index: LocalWriter, recipe: Recipe) -> None:
    run(Shelf({"a": "one\ntwo\ntwo\n", "b": "two\nthree\n"}), recipe, index)
    run(Shelf({"a": "one\ntwo\ntwo\n", "b": "three\nfour\n"}), recipe, index)
    assert sorted(recipe.encoder.encoded) == ["four", "one", "three", "two"]  # type: ignore[attr-defined]


def test_what_is_gone_is_removed(index: LocalWriter, recipe: Recipe) -> None:
    run(Shelf({"a": "one\n", "b": "two\n"}), recipe, index)
    assert run(Shelf({"a": "one\n"}), recipe, index) == {"unchanged": 1, "removed": 1}
    assert askable(index) == {"a"}


def test_a_listing_that_broke_off_removes_nothing_and_is_raised_after_the_rest_is_done(
    index: LocalWriter, recipe: Recipe
) -> None:
    run(Shelf({"a": "one\n", "b": "two\n"}), recipe, index)
    with pytest.raises(SourceFailed, match="half-way"):
        run(Shelf({"a": "changed\n", "b": "two\n"}, broken=True), recipe, index)
    assert askable(index) == {"a", "b"}
    assert index.view().text(index.view().key_of("a", ANYONE)) == "changed\n"


def test_a_large_removal_is_refused_unless_it_is_allowed(index: LocalWriter, recipe: Recipe) -> None:
    run(Shelf({name: f"{name}\n" for name in "abcdefghij"}), recipe, index)
    with pytest.raises(RemovalsRefused, match="3 of 10"):
        run(Shelf({name: f"{name}\n" for name in "abcdefg"}), recipe, index, most_removed=0.2)
    assert len(askable(index)) == 10
    assert run(Shelf({name: f"{name}\n" for name in "abcdefg"}), recipe, index, most_removed=0.3)["removed"] == 3


def test_an_unreadable_file_is_listed_with_its_reason_and_not_read_again(index: LocalWriter, recipe: Recipe) -> None:
    shelf = Shelf({"a": "locked", "b": "two\n"})
    assert run(shelf, recipe, index) == {"unreadable": 1, "indexed": 1}
    assert run(shelf, recipe, index) == {"unchanged": 2}
    assert [failure.reason for failure in index.inventory().failures] == ["is protected by a password"]
    assert askable(index) == {"b"}


def test_a_file_that_became_unreadable_is_no_longer_quoted(index: LocalWriter, recipe: Recipe) -> None:
    run(Shelf({"a": "one\n"}), recipe, index)
    assert run(Shelf({"a": "locked"}), recipe, index) == {"unreadable": 1}
    assert askable(index) == set()


def test_what_could_not_be_fetched_is_tried_again_at_the_next_run(index: LocalWriter, recipe: Recipe) -> None:
    shelf = Shelf({"a": "one\n"}, unfetchable={"a"})
    assert run(shelf, recipe, index) == {"failed": 1}
    shelf.unfetchable.clear()
    assert run(shelf, recipe, index) == {"indexed": 1}


def test_a_failure_that_is_not_tried_yet_stays_listed_and_is_no_news(index: LocalWriter, recipe: Recipe) -> None:
    shelf = Shelf({"a": "one\n"}, unfetchable={"a"})
    run(shelf, recipe, index)
    generation = index.view().generation
    shelf.unfetchable_because = NotNow("somebody is reading it")
    shelf.readers = frozenset({"user:anna@firm.example"})
    assert run(shelf, recipe, index) == {"failed": 1}
    assert index.view().generation == generation
    assert [(each.reason, each.file.readers) for each in index.inventory().failures] == [
        ("somebody is reading it", shelf.readers)
    ]


def test_a_failure_that_is_not_tried_yet_is_listed_in_an_index_that_does_not_know_it(index: LocalWriter, recipe: Recipe) -> None:
    shelf = Shelf({"a": "one\n"}, unfetchable={"a"}, unfetchable_because=NotNow("not before noon"))
    assert run(shelf, recipe, index) == {"failed": 1}
    assert [each.reason for each in index.inventory().failures] == ["not before noon"]


def test_what_its_source_skips_is_listed_and_not_asked_for_again(index: LocalWriter, recipe: Recipe) -> None:
    shelf = Shelf({"a": "one\n"}, unfetchable={"a"}, unfetchable_because=Skipped("is a form"))
    assert run(shelf, recipe, index) == {"skipped": 1}
    assert run(shelf, recipe, index) == {"unchanged": 1}
    assert [(each.kind, each.reason) for each in index.inventory().failures] == [("skipped", "is a form")]


def test_who_may_no_longer_see_a_changed_file_does_not_see_it_while_it_waits_to_be_read(
    index: LocalWriter, recipe: Recipe
) -> None:
    shelf = Shelf({"a": "one\n", "b": "two\n"})
    run(shelf, recipe, index)
    shelf.papers = {"a": "one more\n", "b": "two more\n"}
    shelf.readers = frozenset({"user:anna@firm.example"})
    outcomes = ingest(shelf, recipe, index)
    next(outcomes)
    assert askable(index) == set()
    outcomes.close()


def test_a_file_over_the_limit_is_listed_as_skipped_and_not_fetched(index: LocalWriter, recipe: Recipe) -> None:
    shelf = Shelf({"a": "x" * 2000})
    assert run(shelf, recipe, index) == {"skipped": 1}
    assert shelf.fetched == []


def test_new_readers_hold_without_reading_the_file_again(index: LocalWriter, recipe: Recipe) -> None:
    shelf = Shelf({"a": "one\n"})
    run(shelf, recipe, index)
    shelf.readers = frozenset({"user:anna@firm.example"})
    assert run(shelf, recipe, index) == {"unchanged": 1}
    assert askable(index) == set()
    assert askable(index, shelf.readers) == {"a"}
    assert shelf.fetched == ["a"]


def test_a_run_that_is_stopped_keeps_what_it_did_and_the_next_goes_on(tmp_path: Path, recipe: Recipe) -> None:
    shelf = Shelf({name: f"{name}\n" for name in "abcdef"})
    manifest = Manifest(WordEncoder.name, WordEncoder.dimensions, "r1")
    with open_for_writing(tmp_path / "index", manifest) as index:
        outcomes = ingest(shelf, recipe, index)
        done = [next(outcomes), next(outcomes)]
        outcomes.close()  # type: ignore[attr-defined]
        assert askable(index) == {outcome.file_id for outcome in done}
    with open_for_writing(tmp_path / "index", manifest) as index:
        assert run(shelf, recipe, index) == {"unchanged": 2, "indexed": 4}
    with open_index(tmp_path / "index") as reader:
        assert len(reader.view().select(Filter(ANYONE), date(2026, 11, 22))) == 6


def test_another_recipe_keeps_what_can_not_be_fetched_now_as_long_as_it_is_the_same_version(
    index: LocalWriter, recipe: Recipe
) -> None:
    from dataclasses import replace

    shelf = Shelf({"a": "one\n", "b": "two\n"})
    run(shelf, recipe, index)
    shelf.unfetchable = {"a", "b"}
    shelf.papers["b"] = "two more\n"
    assert run(shelf, replace(recipe, fingerprint="r2"), index) == {"failed": 2}
    assert askable(index) == {"a"}
    shelf.unfetchable.clear()
    assert run(shelf, replace(recipe, fingerprint="r2"), index) == {"indexed": 2}


def test_another_recipe_reads_everything_again_and_embeds_nothing(index: LocalWriter, recipe: Recipe) -> None:
    from dataclasses import replace

    shelf = Shelf({"a": "one\n", "b": "two\n"})
    run(shelf, recipe, index)
    before = len(recipe.encoder.encoded)  # type: ignore[attr-defined]
    assert run(shelf, replace(recipe, fingerprint="r2"), index) == {"indexed": 2}
    assert len(recipe.encoder.encoded) == before  # type: ignore[attr-defined]


def test_outcomes_count_up_to_all_files(index: LocalWriter, recipe: Recipe) -> None:
    outcomes: list[Outcome] = list(ingest(Shelf({"a": "one\n", "b": "locked", "c": "three\n"}), recipe, index))
    assert [(outcome.done, outcome.total) for outcome in outcomes] == [(1, 3), (2, 3), (3, 3)]
    assert {outcome.name for outcome in outcomes} == {"a.txt", "b.txt", "c.txt"}
