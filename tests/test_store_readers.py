"""What every engine of the store must keep from those who may not see it, and how documents come, change and go."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from engines import LEASE, SUPPLY, Engine, everything
from papers import EVERYONE, MANIFEST, MODIFIED, TODAY, bundle_of, chunks_of, failure_of, file_of

from index.errors import UnknownDocument
from index.records import Filter
from index.store import Index, Run, Selection, WritableIndex, words_hash

pytest_plugins = ["store_fixtures"]


def test_nobody_sees_a_document_without_readers(writer: WritableIndex, reader: Index) -> None:
    writer.put(bundle_of("secret", SUPPLY, readers=frozenset()))
    writer.publish()
    assert len(everything(reader.view(), "anyone", "")) == 0
    assert len(reader.view().select(Filter(frozenset()), TODAY)) == 0


def test_readers_change_with_the_next_question_published_or_not(writer: WritableIndex, reader: Index) -> None:
    anna, bert = "user:anna", "user:bert"
    writer.put(bundle_of("paper", SUPPLY, readers=frozenset({anna})))
    writer.put_failure(failure_of("scan", readers=frozenset({anna})))
    writer.publish()
    view = reader.view()
    assert (len(everything(view, anna)), len(everything(view, bert))) == (1, 0)
    writer.set_readers("paper", frozenset({bert, "group:x"}))
    writer.set_readers("scan", frozenset({bert}))
    assert (len(everything(view, anna)), len(everything(view, bert))) == (0, 1)
    assert [len(view.failures(frozenset({name}))) for name in (anna, bert)] == [0, 1]
    with pytest.raises(UnknownDocument):
        view.key_of("paper", frozenset({anna}))
    assert view.key_of("paper", frozenset({anna, "group:x"})) == 1
    writer.put(bundle_of("paper", LEASE, readers=frozenset()))
    assert len(everything(view, anna, bert, "group:x")) == 0


def test_a_dropped_document_is_gone_at_once_and_comes_back_only_as_what_is_put_anew(writer: WritableIndex, reader: Index) -> None:
    writer.put(bundle_of("paper", SUPPLY))
    writer.put_failure(failure_of("scan"))
    writer.publish()
    view = reader.view()
    writer.drop("paper")
    writer.drop("scan")
    writer.drop("never there")
    assert (len(everything(view)), view.failures(EVERYONE), writer.stamps()) == (0, [], {})
    writer.put(bundle_of("paper", LEASE))
    assert len(everything(view)) == len(everything(reader.view())) == 0
    writer.publish()
    new = reader.view()
    assert [new.text(int(key)) for key in everything(new).keys] == [LEASE]
    assert len(everything(view)) == 0


def test_changing_what_is_unknown_is_refused(writer: WritableIndex) -> None:
    with pytest.raises(UnknownDocument):
        writer.set_readers("nothing", EVERYONE)
    with pytest.raises(UnknownDocument):
        writer.describe(file_of("nothing"))


def test_a_file_that_could_not_be_read_is_listed_and_what_was_read_before_goes(writer: WritableIndex, reader: Index) -> None:
    writer.put(bundle_of("paper", SUPPLY))
    writer.publish()
    failed = replace(failure_of("paper", "is damaged now"), stamp="v2/r1")
    writer.put_failure(failed)
    assert reader.view().failures(EVERYONE) == []
    writer.publish()
    view = reader.view()
    assert (view.failures(EVERYONE), len(everything(view)), writer.stamps()) == ([failed], 0, {"paper": "v2/r1"})
    assert view.matching("widgets", Selection(np.array([1, 2])), 5) == []
    assert view.matching_documents("paper", Selection(np.array([1, 2])), 5) == []
    writer.put(bundle_of("paper", SUPPLY))
    writer.publish()
    assert (reader.view().failures(EVERYONE), len(everything(reader.view()))) == ([], 1)


def test_a_description_changes_how_a_document_is_listed_and_nothing_else(writer: WritableIndex, reader: Index) -> None:
    writer.put(bundle_of("paper", SUPPLY))
    writer.publish()
    old = reader.view()
    writer.describe(file_of("paper", frozenset({"user:anna"}), name="renamed.pdf", folder="Archive", url=None))
    writer.publish()
    new = reader.view()
    [summary] = new.summaries(everything(new, "user:anna").keys.tolist())
    assert (summary.file_name, summary.folder, summary.source_url) == ("renamed.pdf", "Archive", None)
    assert (new.text(summary.key), writer.stamps()) == (SUPPLY, {"paper": "v1/r1"})
    assert chunks_of(new, summary.key) == chunks_of(old, 1)
    assert [hit.document for hit in new.matching("widgets", everything(new, "user:anna"), 5)] == [summary.key]
    assert [key for key, _ in new.matching_documents("archive renamed", everything(new, "user:anna"), 5)] == [summary.key]
    assert new.matching_documents("acme", everything(new, "user:anna"), 5) == []
    assert len(everything(new)) == len(everything(old)) == 0


def test_vectors_are_kept_before_their_document_and_forgotten_after_it(engine: Engine, tmp_path: Path) -> None:
    bundle = bundle_of("paper", SUPPLY)
    hashes = [words_hash(chunk.words) for chunk in bundle.chunks]
    first = engine.open_for_writing(tmp_path, MANIFEST)
    first.keep_vectors(hashes[:1], bundle.vectors[:1])
    first.close()
    second = engine.open_for_writing(tmp_path, MANIFEST)
    known = second.known_vectors(hashes)
    assert set(known) == set(hashes[:1])
    assert np.array_equal(known[hashes[0]], bundle.vectors[0])
    second.put(bundle)
    second.publish()
    second.put(bundle_of("paper", LEASE))
    second.publish()
    assert set(second.known_vectors(hashes)) == set(hashes)
    second.put(bundle_of("another", LEASE))
    second.publish()
    assert second.known_vectors(hashes) == {}
    second.close()


def test_the_history_of_runs_is_kept_newest_first(writer: WritableIndex, reader: Index) -> None:
    runs = [Run(MODIFIED + timedelta(days=day), 1.5, "done", {"indexed": day}) for day in range(3)]
    for run in runs:
        writer.record_run(run)
    assert reader.runs(2) == [runs[2], runs[1]]


def test_the_operator_is_told_what_is_published_whoever_may_read_it(writer: WritableIndex, reader: Index) -> None:
    writer.put(bundle_of("paper", SUPPLY, readers=frozenset()))
    writer.put_failure(failure_of("scan", readers=frozenset({"user:anna"})))
    assert (reader.inventory().documents, reader.inventory().failures) == (0, ())
    writer.publish()
    inventory = reader.inventory()
    assert (inventory.manifest, inventory.generation, inventory.documents, inventory.chunks) == (MANIFEST, 1, 1, 2)
    assert inventory.failures == (failure_of("scan", readers=frozenset({"user:anna"})),)
