"""What every engine of the store must do, whatever stands behind the protocol."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from papers import CAP, EVERYONE, MANIFEST, MODIFIED, TODAY, bundle_of, contract_of, encode, failure_of, file_of, lines

from index.errors import IndexBusy, IndexMismatch, IndexMissing, StoreError, UnknownDocument
from index.local import open_for_writing, open_index
from index.records import Filter, Party, Span, Transcript
from index.store import Index, Manifest, Run, Selection, View, WritableIndex, words_hash

SUPPLY = "The supplier delivers widgets.\nNobody is liable for lost profits.\n"
LEASE = "The tenant pays rent.\nThe landlord repairs the roof.\n"


@dataclass(frozen=True)
class Engine:
    """How an engine is opened."""

    open_for_writing: Callable[[Path, Manifest], WritableIndex]
    open_index: Callable[[Path], Index]


ENGINES = {"local": Engine(open_for_writing, open_index)}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    return ENGINES[request.param]


@pytest.fixture
def writer(engine: Engine, tmp_path: Path) -> Iterator[WritableIndex]:
    index = engine.open_for_writing(tmp_path, MANIFEST)
    yield index
    index.close()


@pytest.fixture
def reader(engine: Engine, writer: WritableIndex, tmp_path: Path) -> Iterator[Index]:
    index = engine.open_index(tmp_path)
    yield index
    index.close()


def everything(view: View, *principals: str) -> Selection:
    return view.select(Filter(frozenset(principals) or EVERYONE), TODAY)


def ids(view: View, within: Selection) -> set[str]:
    return {summary.document_id for summary in view.summaries(within.keys.tolist())}


# ---- generations


def test_a_place_without_an_index_says_how_to_make_one(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="muniment ingest"):
        engine.open_index(tmp_path / "nowhere")


def test_an_index_without_documents_answers_with_nothing(reader: Index) -> None:
    view = reader.view()
    within = everything(view)
    assert (view.generation, len(within), view.summaries([1]), view.failures(EVERYONE)) == (0, 0, [], [])
    assert view.matching("rent", within, 5) == view.matching_documents("rent", within, 5) == []
    assert view.nearest(encode(["rent"])[0], within, 5) == view.findings(CAP, within, 5) == []
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
    assert (card.properties, card.warnings) == ({"title": "supply"}, ("one image was left out",))
    assert (card.mime_type, card.size, card.characters) == ("application/pdf", 1234, len(SUPPLY))
    assert (summary.file_name, summary.folder, summary.modified) == ("supply.pdf", "Clients/Acme", MODIFIED)
    assert summary.source_url == "https://files.example/supply"
    passages = view.passages_of(summary.key)
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
    assert view.passages_of(view.key_of("empty", EVERYONE)) == []
    assert len(view.nearest(encode(["rent"])[0], within, 10)) == 2


pieces = st.tuples(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60), st.integers(1, 3000))


@settings(max_examples=3, deadline=None)
@given(st.lists(pieces, min_size=20, max_size=30), st.data())
def test_any_span_of_any_text_is_read_as_it_was_stored(
    tmp_path_factory: pytest.TempPathFactory, made: list[tuple[str, int]], data: st.DataObject
) -> None:
    texts = {str(number): piece * times for number, (piece, times) in enumerate(made)}
    paper = replace(bundle_of("paper", "x"), chunks=(), findings=(), clauses=(), vectors=np.empty((0, 16), np.float32))
    index = open_for_writing(tmp_path_factory.mktemp("spans"), MANIFEST)
    for name, text in texts.items():
        index.put(replace(paper, file=file_of(name), transcript=Transcript(text)))
    index.publish()
    view = index.view()
    for name, text in texts.items():
        key = view.key_of(name, EVERYONE)
        span = Span(*sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2))))
        assert (view.text(key, span), view.text(key)) == (span.of(text), text)
    index.close()


# ---- filters


def select(view: View, **wanted: object) -> set[str]:
    return ids(view, view.select(Filter(EVERYONE, **wanted), TODAY))  # type: ignore[arg-type]  # the tests name real fields


def test_every_field_of_a_filter_narrows(writer: WritableIndex, reader: Index) -> None:
    acme = contract_of(
        party="Acme Robotics, Inc.",
        contract_type="nda",
        governing_law="England and Wales",
        signed="signed",
        effective_date=date(2025, 1, 1),
        expiration_date=date(2026, 12, 31),
    )
    writer.put(bundle_of("acme", SUPPLY, acme, folder="Clients/Acme Robotics/2025", modified=MODIFIED))
    writer.put(bundle_of("other", LEASE, folder="Clients/Hill", modified=MODIFIED - timedelta(days=9)))
    writer.publish()
    view = reader.view()
    for met in (
        {"document_id": "acme"},
        {"party": "acme robotics"},
        {"contract_type": "nda"},
        {"governing_law": "england"},
        {"status": "active"},
        {"signed": "signed"},
        {"effective_after": date(2025, 1, 1)},
        {"effective_before": date(2025, 1, 1)},
        {"expires_after": date(2026, 12, 31)},
        {"expires_before": date(2026, 12, 31)},
        {"modified_after": MODIFIED.date()},
        {"folder": "clients/acme robotics"},
        {"party": "Acme", "status": "active", "folder": "2025"},
    ):
        assert select(view, **met) == {"acme"}, met
    for missed in (
        {"document_id": "nothing"},
        {"party": "Zebra"},
        {"effective_after": date(2025, 1, 2)},
        {"effective_before": date(2024, 12, 31)},
        {"expires_after": date(2027, 1, 1)},
        {"expires_before": date(2026, 12, 30)},
        {"modified_after": MODIFIED.date() + timedelta(days=1)},
        {"folder": "Clients/Acme"},
        {"party": "Acme", "status": "expired"},
    ):
        assert select(view, **missed) == set(), missed


def test_a_former_name_of_a_party_finds_the_contract(writer: WritableIndex, reader: Index) -> None:
    contract = contract_of()
    party = Party("Nova Labs LLC", former_names=("Orion Chemicals GmbH",))
    writer.put(bundle_of("nova", SUPPLY, replace(contract, parties=(replace(contract_of(party="x").parties[0], value=party),))))
    writer.publish()
    assert select(reader.view(), party="orion chemicals") == {"nova"}
    assert [key for key, _ in reader.view().matching_documents("Orion", everything(reader.view()), 5)] == [1]


days = st.none() | st.dates(date(2026, 11, 20), date(2026, 11, 24))


facts_of_a_term = st.tuples(days, days, st.sampled_from(["fixed", "perpetual", None]), st.none() | st.booleans())


@settings(max_examples=3, deadline=None)
@given(st.lists(facts_of_a_term, min_size=30, max_size=60))
def test_a_status_is_selected_and_counted_as_the_summary_computes_it(
    tmp_path_factory: pytest.TempPathFactory, contracts: list[tuple[date | None, date | None, str | None, bool | None]]
) -> None:
    index = open_for_writing(tmp_path_factory.mktemp("status"), MANIFEST)
    for number, (effective, expiration, expires, renews) in enumerate(contracts):
        facts = {"effective_date": effective, "expiration_date": expiration, "expires": expires, "auto_renews": renews}
        index.put(bundle_of(str(number), LEASE, contract_of(**facts)))
    index.publish()
    view = index.view()
    summaries = view.summaries(everything(view).keys.tolist())
    counts = {}
    for status in ("active", "expired", "not_yet_effective", "unknown"):
        computed = {summary.document_id for summary in summaries if summary.status(TODAY) == status}
        assert ids(view, view.select(Filter(EVERYONE, status=status), TODAY)) == computed  # type: ignore[arg-type]  # one of them
        counts[status] = len(computed)
    known = {status: count for status, count in counts.items() if count and status != "unknown"}
    assert view.counts(everything(view), "status", TODAY) == known
    index.close()


def test_lists_are_ordered_with_unknown_dates_last_and_ties_by_id(writer: WritableIndex, reader: Index) -> None:
    facts: dict[str, tuple[date | None, datetime]] = {
        "c": (date(2027, 1, 1), MODIFIED),
        "a": (None, MODIFIED),
        "b": (date(2026, 1, 1), MODIFIED + timedelta(hours=1)),
        "d": (date(2026, 1, 1), MODIFIED - timedelta(days=1)),
    }
    for name, (day, modified) in facts.items():
        writer.put(bundle_of(name, LEASE, contract_of(expiration_date=day, effective_date=day), modified=modified))
    writer.publish()
    view = reader.view()
    within = everything(view)
    names = {summary.key: summary.document_id for summary in view.summaries(within.keys.tolist())}
    assert "".join(names[key] for key in view.ordered(within, "modified", 0, 9)) == "bacd"
    assert "".join(names[key] for key in view.ordered(within, "expiration_date", 0, 9)) == "bdca"
    assert "".join(names[key] for key in view.ordered(within, "effective_date", 1, 2)) == "dc"
    some = Selection(within.keys[:2])
    assert "".join(names[key] for key in view.ordered(some, "modified", 0, 9)) == "ac"


def test_counts_are_of_the_selection_alone(writer: WritableIndex, reader: Index) -> None:
    for name, kind in (("a", "nda"), ("b", "nda"), ("c", "lease"), ("d", None)):
        writer.put(bundle_of(name, LEASE, contract_of(contract_type=kind)))
    writer.publish()
    view = reader.view()
    assert view.counts(everything(view), "contract_type", TODAY) == {"nda": 2, "lease": 1}
    only = Selection(np.array([view.key_of("a", EVERYONE)]))
    assert view.counts(only, "contract_type", TODAY) == {"nda": 1}


# ---- search


def test_the_nearest_chunks_are_those_that_comparing_all_of_them_finds(writer: WritableIndex, reader: Index) -> None:
    words = ["rent", "roof", "tenant", "widgets", "profits", "notice", "term", "law", "court", "price"]
    texts = {f"doc-{n}": "".join(f"{words[n % 10]} {words[(n * k) % 10]} number {k}\n" for k in range(1, 6)) for n in range(40)}
    for name, text in texts.items():
        writer.put(bundle_of(name, text))
    writer.publish()
    view = reader.view()
    within = everything(view)
    chunks = [passage.chunk for key in within.keys for passage in view.passages_of(int(key))]
    question = encode(["the tenant must pay the rent"])[0]
    scores = view.vectors(chunks) @ question
    for some in (within, Selection(within.keys[::3]), Selection(within.keys[5:6])):
        keys = set(some.keys.tolist())
        inside = [s for s, chunk in zip(scores, chunks, strict=True) if view.passages([chunk])[0].document in keys]
        hits = view.nearest(question, some, 12)
        assert [hit.score for hit in hits] == pytest.approx(sorted(inside, reverse=True)[:12], abs=1e-5)
        assert {hit.document for hit in hits} <= keys


def test_words_find_the_chunks_that_hold_them_and_the_passage_quotes_the_text(writer: WritableIndex, reader: Index) -> None:
    writer.put(bundle_of("supply", SUPPLY))
    writer.put(bundle_of("lease", LEASE))
    writer.publish()
    view = reader.view()
    hits = view.matching("Who is LIABLE for a lost profit?", everything(view), 5)
    passage = view.passages([hits[0].chunk])[0]
    assert passage.span.of(view.text(passage.document)) == "Nobody is liable for lost profits.\n"
    assert view.passages([hits[0].chunk, 10_000, hits[0].chunk]) == [passage, passage]
    only_lease = view.select(Filter(EVERYONE, document_id="lease"), TODAY)
    assert view.matching("liable lost profits widgets", only_lease, 5) == []


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_words_are_plain_text_and_never_a_query_language(papers: View, words: str) -> None:
    within = everything(papers)
    for hit in papers.matching(words, within, 5):
        assert hit.document in within.keys
    assert len(papers.matching_documents(words + ' title:(x" AND [ -~ ^ )', within, 5)) <= 5


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[View]:
    index = open_for_writing(tmp_path_factory.mktemp("papers"), MANIFEST)
    contract = contract_of(title="Office Lease", party="Hill Street Estates LLC", contract_type="joint_venture")
    index.put(bundle_of("lease", LEASE, contract, name="2021_NDA-final.docx", folder="Clients/Orion"))
    index.put(bundle_of("supply", SUPPLY, contract_of(title="Supply Agreement"), folder="Vendors"))
    index.publish()
    yield index.view()
    index.close()


@pytest.mark.parametrize("words", ["office leases", "hill street", "the 2021 nda", "orion", "joint ventures", "final.docx"])
def test_a_document_is_found_by_title_party_file_name_folder_and_type(papers: View, words: str) -> None:
    found = papers.matching_documents(words, everything(papers), 5)
    assert [key for key, _ in found] == [papers.key_of("lease", EVERYONE)]
    assert papers.matching_documents(words, papers.select(Filter(EVERYONE, document_id="supply"), TODAY), 5) == []


def test_findings_come_most_probable_first_and_from_the_selection_alone(papers: View) -> None:
    within = everything(papers)
    found = papers.findings(CAP, within, 10)
    assert [finding.probability for _, finding in found] == sorted((f.probability for _, f in found), reverse=True)
    assert len(found) == 4
    only = papers.select(Filter(EVERYONE, document_id="supply"), TODAY)
    assert {key for key, _ in papers.findings(CAP, only, 10)} == set(only.keys.tolist())
    assert papers.findings("another type", within, 10) == []
    assert papers.findings(CAP, within, 1) == found[:1]


def test_unknown_numbers_are_left_out_or_refused(papers: View) -> None:
    assert papers.summaries([99]) == papers.passages([99]) == papers.passages_of(99) == []
    for ask in (papers.card, papers.text, papers.pages, papers.clauses):
        with pytest.raises(UnknownDocument):
            ask(99)  # type: ignore[operator]  # each takes a key
    with pytest.raises(StoreError, match="99"):
        papers.vectors([1, 99])


def test_many_threads_may_ask_one_view(papers: View) -> None:
    expected, got = answers(papers), []

    def ask() -> None:
        got.extend(answers(papers) for _ in range(5))

    threads = [Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [expected] * 60


# ---- readers


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


# ---- failures, descriptions, vectors, runs


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
    assert new.passages_of(summary.key)[0].chunk == old.passages_of(1)[0].chunk
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
