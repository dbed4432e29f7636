"""What every engine of the store must find: filters, order, words, vectors and findings."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from threading import Thread

import numpy as np
import pytest
from engines import LEASE, SUPPLY, Engine, answers, everything, ids
from hypothesis import given, settings
from hypothesis import strategies as st
from papers import CAP, EVERYONE, MANIFEST, MODIFIED, TODAY, bundle_of, chunks_of, contract_of, encode

from index.errors import StoreError, UnknownDocument
from index.records import Filter, Party
from index.store import Index, Selection, View, WritableIndex

pytest_plugins = ["store_fixtures"]


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
    engine: Engine,
    tmp_path_factory: pytest.TempPathFactory,
    contracts: list[tuple[date | None, date | None, str | None, bool | None]],
) -> None:
    index = engine.open_for_writing(tmp_path_factory.mktemp("status"), MANIFEST)
    for number, (effective, expiration, expires, renews) in enumerate(contracts):
        facts = {"effective_date": effective, "expiration_date": expiration, "expires": expires, "auto_renews": renews}
        index.put(bundle_of(str(number), LEASE, contract_of(**facts)))
    index.publish()
    view = index.view()
    summaries = view.summaries(everything(view).keys.tolist())
    counts = {}
    for status in ("active", "expired", "not_yet_effective", "unknown"):
        computed = {summary.document_id for summary in summaries if summary.status(TODAY) == status}
        assert ids(view, view.select(Filter(EVERYONE, status=status), TODAY)) == computed
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


def test_the_nearest_chunks_are_those_that_comparing_all_of_them_finds(writer: WritableIndex, reader: Index) -> None:
    words = ["rent", "roof", "tenant", "widgets", "profits", "notice", "term", "law", "court", "price"]
    texts = {f"doc-{n}": "".join(f"{words[n % 10]} {words[(n * k) % 10]} number {k}\n" for k in range(1, 6)) for n in range(40)}
    for name, text in texts.items():
        writer.put(bundle_of(name, text))
    writer.publish()
    view = reader.view()
    within = everything(view)
    chunks = [chunk for key in within.keys.tolist() for chunk in chunks_of(view, key)]
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
def papers(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[View]:
    index = engine.open_for_writing(tmp_path_factory.mktemp("papers"), MANIFEST)
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
    assert papers.passages([99]) == papers.chunks_at([(99, 0)]) == []
    assert papers.summaries([99]) == []
    for ask in (papers.card, papers.text, papers.pages, papers.clauses):
        with pytest.raises(UnknownDocument):
            ask(99)
    with pytest.raises(StoreError, match="99"):
        papers.vectors([1, 99])


def test_many_threads_may_ask_one_view(papers: View) -> None:
    expected = answers(papers)
    got: list[object] = []

    def ask() -> None:
        got.extend(answers(papers) for _ in range(5))

    threads = [Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [expected] * 60
