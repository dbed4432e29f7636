"""Shows how far a run is: a bar with rate and time left on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Iterable, Iterator

from ingest.pipeline import Outcome

_LINE_EVERY = 10.0  # seconds between plain lines


def shown(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """The same outcomes, shown on standard error as they pass."""
    return _on_terminal(outcomes) if sys.stderr.isatty() else _in_lines(outcomes)


def _on_terminal(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("Contracts", total=None, rate="")
        pace = _Pace()
        for outcome in outcomes:
            bar.update(task, completed=outcome.done, total=outcome.total, rate=pace.after(outcome).rate)
            if _worth_a_line(outcome):
                bar.console.print(f"{outcome.kind}: {outcome.name}: {outcome.reason}", markup=False, highlight=False)
            yield outcome


def _in_lines(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    pace, next_line = _Pace(), time.monotonic() + _LINE_EVERY
    for outcome in outcomes:
        pace.after(outcome)
        if _worth_a_line(outcome):
            print(f"{outcome.kind}: {outcome.name}: {outcome.reason}", file=sys.stderr, flush=True)
        if time.monotonic() >= next_line:
            next_line = time.monotonic() + _LINE_EVERY
            print(f"{outcome.done} of {outcome.total}, {pace.rate}, {pace.left} left", file=sys.stderr, flush=True)
        yield outcome


def _worth_a_line(outcome: Outcome) -> bool:
    # What is skipped is skipped by kind, often by the thousand; `muniment coverage` lists it.
    return bool(outcome.reason) and outcome.kind != "skipped"


class _Pace:
    """How fast files that are really read go by; unchanged ones pass in no time and say nothing of the rest."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._read = 0
        self._remaining = 0

    def after(self, outcome: Outcome) -> "_Pace":
        self._read += outcome.kind not in {"unchanged", "removed"}
        self._remaining = outcome.total - outcome.done
        return self

    @property
    def rate(self) -> str:
        each = self._seconds_each()
        if each is None:
            return ""
        return f"{1 / each:.1f}/s" if each < 1 else f"{3600 / each:.0f}/h"

    @property
    def left(self) -> str:
        each = self._seconds_each()
        return "some time" if each is None else duration(each * self._remaining)

    def _seconds_each(self) -> float | None:
        return (time.monotonic() - self._started) / self._read if self._read else None


def duration(seconds: float) -> str:
    """A length of time as a person says it: "42 s", "3:20 min", "2:05 h"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02} h"
