"""What is particular to the index on one machine's disk: its shortcuts give the same answers, and what is forgotten is gone."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from engines import LEASE, SUPPLY, everything
from papers import CAP, EVERYONE, MANIFEST, TODAY, bundle_of, chunks_of, contract_of, encode, file_of

from index import asking, known_names, publishing, vectors, view
from index.connections import connect
from index.errors import StoreError
from index.local import open_for_writing, open_index
from index.records import Filter
from index.schema import database_at
from index.selecting import in_folder, same_law
from index.store import Bundle, Selection, View, words_hash
from index.view import LocalView

WORDS = ["rent", "roof", "tenant", "widgets", "profits", "notice", "term", "law", "court", "price", "buyer", "seller"]


@pytest.fixture
def drawer(tmp_path: Path) -> Iterator[LocalView]:
    """Sixty documents, of which Anna may read a third, after some were changed, described and dropped."""
    with open_for_writing(tmp_path, MANIFEST) as index:
        for number in range(60):
            index.put(paper(number, 1))
        index.publish()
        for number in range(0, 60, 5):
            index.put(paper(number, 2))
        index.describe(file_of("paper-7", frozenset({"anyone", "anna"}), name="other.pdf"))
        index.drop("paper-8")
        index.publish()
        index.put(paper(9, 3))
        yield index.view()


def paper(number: int, version: int) -> Bundle:
    lines = (f"{WORDS[number % 12]} {WORDS[(number * at + version) % 12]} {number} {at}.\n" for at in range(1, 7))
    readers = EVERYONE | {"anna"} if number % 3 == 1 else EVERYONE
    return bundle_of(f"paper-{number}", "".join(lines), readers=readers)


def selections(drawer: LocalView) -> list[Selection]:
    one = drawer.select(Filter(EVERYONE, document_id="paper-7"), TODAY)
    return [everything(drawer), everything(drawer, "anna"), one, Selection(everything(drawer).keys[:1])]


def answers(drawer: LocalView) -> list[object]:
    question = encode(["the tenant pays the rent at court"])[0]
    found: list[object] = []
    for within in selections(drawer):
        for limit in (1, 7, 1000):
            # Where scores tie at the end of a ranking, which of them is in is nobody's promise: scores are.
            found.append([hit.score for hit in drawer.matching("tenant rent law 7", within, limit)])
            found.append([round(hit.score, 4) for hit in drawer.nearest(question, within, limit)])
            found.append([score for _, score in drawer.matching_documents("paper agreement other", within, limit)])
            found.append(drawer.findings(CAP, within, limit))
        keys = {hit.document for hit in drawer.nearest(question, within, 1000)}
        found.append(keys)
        assert keys == set(within.keys.tolist())
    return found


def test_asking_for_few_documents_by_number_and_picking_out_of_all_give_the_same(
    drawer: LocalView, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = answers(drawer)
    monkeypatch.setattr(asking, "_FEW", 0)
    monkeypatch.setattr(view, "_FEW_DOCUMENTS", 0)
    monkeypatch.setattr(view, "_FEW_CHUNKS", 0)
    assert answers(drawer) == few


def test_an_index_of_many_vectors_answers_as_one_of_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "MOST_IN_TAIL", 100)
    question = encode(["the tenant pays the rent at court"])[0]
    scores = []
    for most, few in ((1_000, 2_000), (200, 2_000), (200, 0)):
        monkeypatch.setattr(vectors, "MOST_FLAT", most)
        monkeypatch.setattr(view, "_FEW_CHUNKS", few)
        with open_for_writing(tmp_path / f"{most}-{few}", MANIFEST) as index:
            for number in range(60):
                index.put(paper(number, 1))
            index.publish()
            seen = index.view()
            assert seen._caches.nearest.exact == (most == 1_000)
            hits = [seen.nearest(question, within, 40) for within in selections(seen)]
            for some in hits:
                exact = seen.vectors([hit.chunk for hit in some]) @ question
                assert np.allclose([hit.score for hit in some], exact, atol=1e-6)
            scores.append([[round(hit.score, 4) for hit in some] for some in hits])
    assert scores[0] == scores[1]
    missed = sum((Counter(wanted) - Counter(got)).total() for wanted, got in zip(scores[0], scores[2], strict=True))
    assert missed <= 0.05 * sum(map(len, scores[0]))


def test_nothing_of_a_dropped_document_is_left_in_the_catalogue(tmp_path: Path) -> None:
    with open_for_writing(tmp_path, MANIFEST) as index:
        index.put(bundle_of("kept", LEASE, contract_of(party="Hill Street LLC")))
        index.publish()
        before = rows(tmp_path)
        index.put(bundle_of("secret", SUPPLY, contract_of(party="Orion Holdings plc"), readers=frozenset({"user:anna"})))
        index.publish()
        assert rows(tmp_path) != before
        index.drop("secret")
        index.publish()
        index.publish()
        assert rows(tmp_path) == before
    held = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and "catalogue" in path.name)
    assert (b"Hill Street" in held, b"Orion" in held, b"lost profits" in held) == (True, False, False)


def rows(place: Path) -> dict[str, int]:
    with closing(connect(database_at(place), writing=False)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counts = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}  # noqa: S608  # our own tables
    return {name: count for name, count in counts.items() if not name.startswith("sqlite_")}


def test_vectors_that_nobody_used_are_kept_up_to_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "_MOST_LOOSE", 3)
    texts = [f"text {number}" for number in range(8)]
    hashes = [words_hash(text) for text in texts]
    with open_for_writing(tmp_path, MANIFEST) as index:
        index.keep_vectors(hashes, encode(texts))
        assert len(index.known_vectors(hashes)) == 8
        for version in range(3):
            index.put(bundle_of("paper", f"{LEASE}{version}\n"))
            index.publish()
        assert index.known_vectors(hashes).keys() == set(hashes[-3:])


def test_names_that_were_stored_under_other_rules_are_found_after_the_next_run(tmp_path: Path) -> None:
    with open_for_writing(tmp_path, MANIFEST) as index:
        index.put(bundle_of("paper", LEASE, contract_of(party="Hill Street Estates LLC")))
        index.publish()
    with closing(sqlite3.connect(database_at(tmp_path))) as connection, connection:
        connection.execute("UPDATE names SET normal = 'as it was once'")
        connection.execute("UPDATE state SET names = 'older rules'")
    wanted = Filter(EVERYONE, party="hill street")
    with open_index(tmp_path) as reader:
        assert len(reader.view().select(wanted, TODAY)) == 0
    open_for_writing(tmp_path, MANIFEST).close()
    with open_index(tmp_path) as reader:
        assert len(reader.view().select(wanted, TODAY)) == 1


def test_filters_look_at_an_index_and_not_at_every_row(drawer: LocalView) -> None:
    plans = []

    def noted(statement: str) -> None:
        plans.append(statement)

    with drawer._pool.borrow() as connection:
        connection.set_trace_callback(noted)
    drawer.select(Filter(EVERYONE, status="active", folder="Clients", signed="signed"), TODAY)
    with drawer._pool.borrow() as connection:
        connection.set_trace_callback(None)
        [asked] = [one for one in plans if "FROM documents WHERE" in one]
        plan = " ".join(row["detail"] for row in connection.execute("EXPLAIN QUERY PLAN " + asked))
    assert "USING COVERING INDEX documents_facts" in plan


def test_a_question_of_the_wrong_length_is_refused(drawer: LocalView) -> None:
    with pytest.raises(StoreError, match=r"\(5,\), not \(16,\)"):
        drawer.nearest(np.ones(5, np.float32), everything(drawer), 3)


def test_a_closed_index_says_so(tmp_path: Path) -> None:
    index = open_for_writing(tmp_path, MANIFEST)
    seen: View = index.view()
    index.close()
    index.close()
    for ask in (index.view, lambda: seen.text(1), lambda: everything(seen)):
        with pytest.raises(StoreError, match="closed"):
            ask()


def test_a_law_is_found_however_it_is_written() -> None:
    for typed in ("new york", "State of New York", "the laws of the State of New York", "New York, USA", "NEW-YORK"):
        assert same_law(typed, "New York"), typed
    for typed, stored in (("England", "England and Wales"), ("Wales", "England and Wales"), ("England and Wales", "England")):
        assert same_law(typed, stored)
    assert same_law("Ontario", "Province of Ontario, Canada")
    for typed, stored in (
        ("Virginia", "West Virginia"),
        ("York", "New York"),
        ("", "New York"),
        ("USA", "New York"),
        ("and", ""),
    ):
        assert not same_law(typed, stored), typed


def test_a_folder_is_found_by_its_path_its_beginning_its_name_and_in_no_part_of_a_name() -> None:
    for typed in ("Clients", "clients/acme", "/Clients/Acme/", "Acme", "acme/NDAs", "NDAs"):
        assert in_folder(typed, "Clients/Acme/NDAs"), typed
    for typed in ("Client", "Acme Robotics", "Clients/NDAs", "cme"):
        assert not in_folder(typed, "Clients/Acme/NDAs"), typed
    assert not in_folder("Acme", "Clients/Acme Robotics")


def test_a_text_keeps_the_vector_that_was_computed_first(tmp_path: Path) -> None:
    bundle = bundle_of("paper", LEASE)
    with open_for_writing(tmp_path, MANIFEST) as index:
        index.put(bundle)
        index.put(replace(bundle, file=file_of("copy"), vectors=bundle.vectors[::-1].copy()))
        index.publish()
        seen = index.view()
        chunks = chunks_of(seen, seen.key_of("copy", EVERYONE))
        # One text has one vector: the one that was computed first.
        assert np.array_equal(seen.vectors(chunks), bundle.vectors)


def test_parties_are_found_while_names_come_and_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_names, "_FEW_NEW", 3)
    with open_for_writing(tmp_path, MANIFEST) as index, open_index(tmp_path) as reader:
        for number in range(12):
            name = f"{WORDS[number]} holdings"
            index.put(bundle_of(f"paper-{number}", LEASE, contract_of(party=f"{name.title()} plc")))
            index.drop(f"paper-{number - 4}")
            index.publish()
            seen = reader.view()
            found = [seen.select(Filter(EVERYONE, party=f"{word} holdings"), TODAY) for word in WORDS]
            assert [len(some) for some in found] == [int(number - 4 < at <= number) for at in range(12)]
