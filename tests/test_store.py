"""What every engine of the store must do, whatever stands behind the protocol: generations, and what goes in."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from engines import LEASE, SUPPLY, Engine, answers, everything, ids
from hypothesis import given, settings
from hypothesis import strategies as st
from papers import CAP, EVERYONE, MANIFEST, MODIFIED, TODAY, bundle_of, chunks_of, encode, failure_of, file_of, lines

from index.errors import IndexBusy, IndexMismatch, IndexMissing, StoreError
from index.records import Span, Transcript
from index.store import Index, WritableIndex, words_hash

pytest_plugins = ["store_fixtures"]


def test_a_place_without_an_index_says_how_to_make_one(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="muniment ingest"):
        engine.open_index(tmp_path / "nowhere")


def test_an_index_without_documents_answers_with_nothing(reader: Index) -> None:
    view = reader.view()
    within = everything(view)
    assert (view.generation, len(within), view.summaries([1]), view.failures(EVERYONE)) == (0, 0, [], [])
    assert view.matching("rent", within, 5) == view.nearest(encode(["rent"])[0], within, 5) == []
    assert view.matching_documents("rent", within, 5) == []
    assert view.findings(CAP, within, 5) == []
    assert view.ordered(within, "modified", 0, 5) == []
    assert view.counts(within, "contract_type", TODAY) == {}


def test_a_document_is_seen_once_it_is_published_and_whole(writer: WritableIndex, reader: Index) -> None:
    writer.put(bundle_of("supply", SUPPLY))
    assert len(everything(reader.view())) == 0
    assert writer.publish() == 1
    view = reader.view()
    [summary] = view.summaries(everything(view).keys.tolist())
    bundle = bundle_of("supply", SUPPLY)
    card = view.card(summary.key)
    assert view.text(summary.key) == SUPPLY
    assert (card.pages, card.clauses, card.contract) == (bundle.transcript.pages, bundle.clauses, bundle.contract)
    assert (view.pages(summary.key), view.clauses(summary.key)) == (card.pages, card.clauses)
    assert view.furniture(summary.key) == bundle.transcript.furniture
    assert (card.properties, card.warnings) == ({"title": "supply"}, ("one image was left out",))
    assert (card.mime_type, card.size, card.characters) == ("application/pdf", 1234, len(SUPPLY))
    assert (summary.file_name, summary.folder, summary.modified) == ("supply.pdf", "Clients/Acme", MODIFIED)
    assert summary.source_url == "https://files.example/supply"
    passages = view.passages(chunks_of(view, summary.key))
    assert [(p.span, p.heading, p.words) for p in passages] == [(c.span, c.heading, c.words) for c in bundle.chunks]
    assert np.array_equal(view.vectors([p.chunk for p in passages]), bundle.vectors)


def test_a_view_answers_the_same_however_much_is_written_meanwhile(writer: WritableIndex, reader: Index) -> None:
    writer.put(bundle_of("supply", SUPPLY))
    writer.put(bundle_of("lease", LEASE))
    writer.publish()
    view = reader.view()
    before = answers(view)
    for number in range(4):
        writer.put(bundle_of("supply", f"Version {number} says other things about rent.\n"))
        writer.put(bundle_of(f"new-{number}", LEASE))
        writer.describe(file_of("lease", name=f"renamed-{number}.pdf"))
        writer.publish()
        assert answers(view) == before
    assert ids(reader.view(), everything(reader.view())) == {"supply", "lease", "new-0", "new-1", "new-2", "new-3"}


def test_where_nothing_was_written_the_generation_stays(writer: WritableIndex) -> None:
    writer.put(bundle_of("supply", SUPPLY))
    assert [writer.publish(), writer.publish(), writer.publish()] == [1, 1, 1]
    writer.describe(file_of("supply"))
    assert writer.publish() == 1


def test_what_was_written_and_not_published_is_published_by_the_next_run(engine: Engine, tmp_path: Path) -> None:
    first = engine.open_for_writing(tmp_path, MANIFEST)
    first.put(bundle_of("supply", SUPPLY))
    first.put_failure(failure_of("scan"))
    first.close()
    second = engine.open_for_writing(tmp_path, MANIFEST)
    assert second.stamps() == {"supply": "v1/r1", "scan": "v1/r1"}
    assert second.publish() == 1
    assert ids(second.view(), everything(second.view())) == {"supply"}
    second.close()


def test_a_document_that_is_put_again_is_there_once(writer: WritableIndex, reader: Index) -> None:
    for text in (SUPPLY, LEASE, SUPPLY, LEASE):
        writer.put(bundle_of("paper", text))
    writer.publish()
    view = reader.view()
    within = everything(view)
    assert [view.text(int(key)) for key in within.keys] == [LEASE]
    assert view.matching("widgets", within, 5) == []
    assert len(view.matching("rent", within, 5)) == 1
    assert len(view.nearest(encode(["rent"])[0], within, 10)) == len(lines(LEASE))


def test_the_revision_changes_with_the_text_and_only_with_it(writer: WritableIndex, reader: Index) -> None:
    revisions = []
    for text, version in ((SUPPLY, "1"), (SUPPLY, "2"), (LEASE, "2")):
        writer.put(bundle_of("paper", text, stamp=version, version=version))
        writer.publish()
        revisions.append(reader.view().summaries(everything(reader.view()).keys.tolist())[0].revision)
    assert revisions[0] == revisions[1] != revisions[2]


# ---- what goes in


def test_a_bundle_that_contradicts_itself_is_refused_and_nothing_of_it_stays(writer: WritableIndex) -> None:
    good = bundle_of("supply", SUPPLY)
    beyond = replace(good.chunks[0], span=Span(0, len(SUPPLY) + 1))
    for bad in (
        replace(good, vectors=good.vectors[:1]),
        replace(good, vectors=good.vectors[:, :4]),
        replace(good, vectors=good.vectors * np.float32("nan")),
        replace(good, chunks=(beyond, *good.chunks[1:])),
    ):
        with pytest.raises(StoreError, match=r"supply\.pdf"):
            writer.put(bad)
    assert writer.stamps() == {}
    assert writer.known_vectors([words_hash(chunk.words) for chunk in good.chunks]) == {}


def test_a_document_without_any_text_is_a_document(writer: WritableIndex, reader: Index) -> None:
    empty = replace(bundle_of("empty", "x\n"), chunks=(), findings=(), clauses=(), vectors=np.empty((0, 16), np.float32))
    writer.put(empty)
    writer.put(bundle_of("lease", LEASE))
    writer.publish()
    view = reader.view()
    within = everything(view)
    assert ids(view, within) == {"empty", "lease"}
    assert chunks_of(view, view.key_of("empty", EVERYONE)) == []
    assert len(view.nearest(encode(["rent"])[0], within, 10)) == 2


pieces = st.tuples(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60), st.integers(1, 3000))


@settings(max_examples=3, deadline=None)
@given(st.lists(pieces, min_size=20, max_size=30), st.data())
def test_any_span_of_any_text_is_read_as_it_was_stored(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory, made: list[tuple[str, int]], data: st.DataObject
) -> None:
    texts = {str(number): piece * times for number, (piece, times) in enumerate(made)}
    paper = replace(bundle_of("paper", "x"), chunks=(), findings=(), clauses=(), vectors=np.empty((0, 16), np.float32))
    index = engine.open_for_writing(tmp_path_factory.mktemp("spans"), MANIFEST)
    for name, text in texts.items():
        index.put(replace(paper, file=file_of(name), transcript=Transcript(text)))
    index.publish()
    view = index.view()
    for name, text in texts.items():
        key = view.key_of(name, EVERYONE)
        span = Span(*sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2))))
        assert (view.text(key, span), view.text(key)) == (span.of(text), text)
    index.close()


def test_an_index_of_another_encoder_is_refused_and_a_new_recipe_is_noted(engine: Engine, tmp_path: Path) -> None:
    engine.open_for_writing(tmp_path, MANIFEST).close()
    with pytest.raises(IndexMismatch, match="other@1"):
        engine.open_for_writing(tmp_path, replace(MANIFEST, encoder="other@1"))
    with pytest.raises(IndexMismatch):
        engine.open_for_writing(tmp_path, replace(MANIFEST, dimensions=8))
    index = engine.open_for_writing(tmp_path, replace(MANIFEST, recipe="recipe-2"))
    assert index.view().manifest == MANIFEST
    index.publish()
    assert index.view().manifest == replace(MANIFEST, recipe="recipe-2")
    index.close()


def test_a_second_writer_is_told_who_writes(engine: Engine, writer: WritableIndex, tmp_path: Path) -> None:
    with pytest.raises(IndexBusy, match=r"process \d+ on .* since 20"):
        engine.open_for_writing(tmp_path, MANIFEST)
    writer.close()
    engine.open_for_writing(tmp_path, MANIFEST).close()


def test_a_refilled_index_answers_as_before(writer: WritableIndex, reader: Index) -> None:
    writer.put(bundle_of("supply", SUPPLY))
    writer.put(bundle_of("lease", LEASE))
    writer.publish()
    before, held = answers(reader.view()), reader.view()
    writer.refill()
    assert answers(held) == before
    assert answers(writer.view()) == before
