"""One round: bring the index up to date with its source once, count what came of it, and keep that in the index's history."""

import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, get_args, runtime_checkable

from index.store import Run, WritableIndex
from ingest.drive_records import Accounted, Explanation, Refreshed, Usage
from ingest.pipeline import Outcome, OutcomeKind, Recipe
from ingest.pipeline import ingest as outcomes_of
from ingest.source import IngestError, RemovalsRefused, Source
from scripts.progress import shown
from scripts.settings import Settings
from scripts.wiring import open_source

# What may become of a file; a run's other counts are sums and figures beside these.
KINDS: tuple[str, ...] = get_args(OutcomeKind)
# Between two outcomes a round may take this many seconds longer than it was given, before it is cut off.
_GRACE = 60.0


@runtime_checkable
class Mirrored(Source, Protocol):
    """A source that keeps a mirror of what it lists, and brings it up to date before a round."""

    @property
    def usage(self) -> Usage:
        """Requests and bytes since it was opened."""

    def refresh(self, full: bool = False) -> Refreshed:
        """Bring the mirror up to date."""

    def account(self) -> Iterator[Accounted]:
        """Every listed file that is no folder, from the mirror."""

    def explain(self, principals: frozenset[str], wanted: str) -> Explanation:
        """Why somebody may see a file, named by id, path or name, or may not."""

    def close(self) -> None:
        """Let go of connections and files."""


class TimeIsUp(BaseException):
    """The round has had the time it was given."""


@dataclass(frozen=True, slots=True)
class Round:
    """What came of one round. `error` is what kept it from its end, where that was the source."""

    run: Run
    problems: tuple[str, ...]
    error: IngestError | None

    @property
    def whole(self) -> bool:
        """Whether nothing is left that the next round would have to try again."""
        return self.run.outcome == "complete" and not self.problems and not self.run.counts.get("failed")


class _Record:
    """What is known of a round while it runs."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.problems: tuple[str, ...] = ()
        self.outcome = "stopped"
        self.error: IngestError | None = None


def bring_up_to_date(
    source: Source,
    recipe: Recipe,
    index: WritableIndex,
    *,
    most_removed: float = 1.0,
    full: bool = False,
    seconds: float | None = None,
) -> Round:
    """Do one round, of at most about so many seconds; it is recorded whatever becomes of it.

    What the source raises is in the round that is returned; anything else is raised.
    """
    started, clock = datetime.now(UTC), time.monotonic()
    record = _Record()
    try:
        _work(source, recipe, index, record, most_removed, full, None if seconds is None else clock + seconds)
    finally:
        if isinstance(source, Mirrored):
            record.counts.update(requests=source.usage.requests, bytes=source.usage.bytes)
        run = Run(started, time.monotonic() - clock, record.outcome, dict(record.counts))
        index.record_run(run)
    return Round(run, record.problems, record.error)


def _work(
    source: Source,
    recipe: Recipe,
    index: WritableIndex,
    record: _Record,
    most_removed: float,
    full: bool,
    until: float | None,
) -> None:
    try:
        if isinstance(source, Mirrored):
            print("asking the source what changed", file=sys.stderr, flush=True)
            with alarm(until):
                told = source.refresh(full)
            record.problems = told.problems
            print(f"{told.changes} changes, {told.listed} files and folders listed", file=sys.stderr, flush=True)
        with alarm(until, _GRACE), closing(outcomes_of(source, recipe, index, most_removed=most_removed)) as outcomes:
            _count(shown(outcomes), index.stamps(), record, until)
        record.outcome = "complete"
    except TimeIsUp:
        record.outcome = "time is up"
    except RemovalsRefused as error:
        record.outcome, record.error = "removals refused", error
    except IngestError as error:
        record.outcome, record.error = "incomplete", error


def _count(outcomes: Iterator[Outcome], known: Mapping[str, str], record: _Record, until: float | None) -> None:
    for each in outcomes:
        record.counts.update(_counts(each, known))
        if until is not None and time.monotonic() >= until and each.done < each.total:
            raise TimeIsUp


def _counts(outcome: Outcome, known: Mapping[str, str]) -> Iterator[str]:
    yield outcome.kind
    if outcome.kind != "removed":
        yield "seen"
    if outcome.kind == "indexed":
        yield "changed" if outcome.file_id in known else "added"
    if outcome.described:
        yield "described"


@contextmanager
def alarm(until: float | None, grace: float = 0.0) -> Iterator[None]:
    """Raises TimeIsUp in the main thread when the time has come."""
    if until is None:
        yield
        return

    def ring(*_: object) -> None:
        raise TimeIsUp

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(0.001, until + grace - time.monotonic()))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def stopping_in_order() -> Iterator[None]:
    """A scheduler's SIGTERM stops a round as Ctrl-C does: what was done stays, and is published."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def opened_source(settings: Settings) -> Iterator[Source]:
    """Where the contracts come from, closed again afterwards."""
    source = open_source(settings)
    try:
        yield source
    finally:
        if isinstance(source, Mirrored):
            source.close()
