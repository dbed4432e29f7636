"""Whatever is done to a store in whatever order, it answers as a plain dictionary would."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from engines import ENGINES, Engine
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from papers import MANIFEST, TODAY, bundle_of, encode, failure_of, file_of

from index.records import Filter
from index.store import View

names = st.sampled_from(["alpha", "bravo", "charlie"])
callers = st.frozensets(st.sampled_from(["anna", "bert"]))


@dataclass(frozen=True)
class Shown:
    """What is to be seen of a document: its text or, without one, that it could not be read."""

    text: str | None
    file_name: str


class Store(RuleBasedStateMachine):
    """A store and what it should hold: written, published and seen by views that somebody still has."""

    engine: Engine

    @initialize()
    def open(self) -> None:
        self.place = Path(tempfile.mkdtemp())
        self.writer = self.engine.open_for_writing(self.place, MANIFEST)
        self.reader = self.engine.open_index(self.place)
        self.written: dict[str, Shown] = {}
        self.published: dict[str, Shown] = {}
        self.held: list[tuple[View, dict[str, Shown]]] = []
        self.readers: dict[str, frozenset[str]] = {}

    def teardown(self) -> None:
        self.reader.close()
        self.writer.close()
        shutil.rmtree(self.place)

    @rule(name=names, readers=callers, version=st.integers(1, 4), lines=st.integers(0, 3))
    def put(self, name: str, readers: frozenset[str], version: int, lines: int) -> None:
        text = "".join(f"{name} number{version} says line{line}.\n" for line in range(lines))
        self.writer.put(bundle_of(name, text, readers=readers))
        self.written[name], self.readers[name] = Shown(text, f"{name}.pdf"), readers

    @rule(name=names, readers=callers)
    def put_failure(self, name: str, readers: frozenset[str]) -> None:
        self.writer.put_failure(failure_of(name, readers=readers))
        self.written[name], self.readers[name] = Shown(None, f"{name}.pdf"), readers

    @rule(name=names, readers=callers, number=st.integers(1, 3))
    def describe(self, name: str, readers: frozenset[str], number: int) -> None:
        if name in self.written:
            self.writer.describe(file_of(name, readers, name=f"renamed{number}.pdf"))
            self.written[name] = Shown(self.written[name].text, f"renamed{number}.pdf")
            self.readers[name] = readers

    @rule(name=names, readers=callers)
    def set_readers(self, name: str, readers: frozenset[str]) -> None:
        if name in self.written:
            self.writer.set_readers(name, readers)
            self.readers[name] = readers

    @rule(name=names)
    def drop(self, name: str) -> None:
        self.writer.drop(name)
        for known in (self.written, self.published, *(seen for _, seen in self.held)):
            known.pop(name, None)

    @rule()
    def publish(self) -> None:
        self.writer.publish()
        self.published = dict(self.written)

    @rule()
    def hold_a_view(self) -> None:
        self.held = [*self.held[-2:], (self.reader.view(), dict(self.published))]

    @rule()
    def refill(self) -> None:
        self.writer.refill()

    @rule()
    def reopen(self) -> None:
        self.writer.close()
        self.writer = self.engine.open_for_writing(self.place, MANIFEST)

    @invariant()
    def answers_are_those_of_the_dictionary(self) -> None:
        assert self.writer.stamps() == dict.fromkeys(self.written, "v1/r1")
        for view, seen in [(self.reader.view(), self.published), *self.held]:
            for caller in ("anna", "bert"):
                may = {name: shown for name, shown in seen.items() if caller in self.readers[name]}
                assert self.seen(view, caller) == may

    @staticmethod
    def seen(view: View, caller: str) -> dict[str, Shown]:
        within = view.select(Filter(frozenset({caller})), TODAY)
        found = {s.document_id: Shown(view.text(s.key), s.file_name) for s in view.summaries(within.keys.tolist())}
        lines = sorted(line for shown in found.values() for line in (shown.text or "").splitlines(keepends=True))
        for hits in (view.matching("says", within, 50), view.nearest(encode(["says"])[0], within, 50)):
            passages = view.passages([hit.chunk for hit in hits])
            assert sorted(passage.span.of(view.text(passage.document)) for passage in passages) == lines
        assert {key for key, _ in view.matching_documents("pdf", within, 50)} == set(within.keys.tolist())
        failed = {failure.file.id: Shown(None, failure.file.name) for failure in view.failures(frozenset({caller}))}
        return found | failed


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
def test_whatever_is_done_the_store_answers_as_a_dictionary_would(engine: Engine) -> None:
    machine = type("Machine", (Store,), {"engine": engine})
    run_state_machine_as_test(machine, settings=settings(max_examples=12, stateful_step_count=12, deadline=None))
