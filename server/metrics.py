"""What an operator can watch: calls, refusals and what is waiting, in the form that Prometheus reads."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from index.errors import StoreError
from index.store import Encoder, Index, Vectors

log = logging.getLogger(__name__)

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60)
_RUNS = 50


class Metrics:
    """The figures of one server. `together` is the folder in which its workers add theirs up, None for a single one."""

    def __init__(self, together: Path | None = None) -> None:
        self._together = together
        here = self._registry = CollectorRegistry()
        self.calls = Counter(
            "muniment_calls", "Questions answered or refused, by tool and outcome.", ["tool", "outcome"], registry=here
        )
        self.seconds = Histogram("muniment_call_seconds", "How long a question took.", ["tool"], buckets=_SECONDS, registry=here)
        self.refusals = Counter(
            "muniment_refusals", "Requests answered with an error, by HTTP status.", ["status"], registry=here
        )
        self.requests = Counter("muniment_requests", "HTTP requests answered.", registry=here)
        self.asked = _gauge("muniment_questions_in_flight", "Questions that are being answered or wait for it.", here)
        self.encoding = _gauge("muniment_encoder_queue", "Questions that are at the encoder or wait for it.", here)

    def answered(self, status: int) -> None:
        """Count an HTTP answer."""
        self.requests.inc()
        if status >= 400:
            self.refusals.labels(str(status)).inc()

    def exposed(self, extra: Collector) -> bytes:
        """All figures, of all workers, with those of a further collector."""
        shown = CollectorRegistry()
        shown.register(extra)
        if self._together is None:
            return generate_latest(self._registry) + generate_latest(shown)
        MultiProcessCollector(shown, path=str(self._together))  # type: ignore[no-untyped-call]  # the library leaves it unannotated
        return generate_latest(shown)


def forget_worker(process: int, together: Path | None) -> None:
    """A worker has ended: what it had in hand counts no more, what it did still does."""
    if together is not None:
        mark_process_dead(process, str(together))  # type: ignore[no-untyped-call]  # the library leaves it unannotated


class Holdings(Collector):
    """What the index holds, looked up when it is asked for: whose it is does not matter, and no name is in it.

    `told` says when a directory told who belongs to which groups, None where none ever did.
    """

    def __init__(self, index: Callable[[], Index], told: Callable[[], datetime | None], clock: Callable[[], datetime]) -> None:
        self._index, self._told, self._clock = index, told, clock

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The figures; of the index only that there is none, where there is none."""
        if as_of := self._told():
            age = (self._clock() - as_of).total_seconds()
            yield GaugeMetricFamily("muniment_directory_age_seconds", "Since the directory was asked for groups.", age)
        up = GaugeMetricFamily("muniment_index_up", "Whether the index answers.")
        try:
            figures = list(self._figures(self._index()))
        except StoreError as error:
            log.warning("no figures of the index: %s", type(error).__name__)
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield from figures

    def _figures(self, index: Index) -> Iterator[GaugeMetricFamily]:
        held = index.inventory()
        for name, words, value in (
            ("muniment_documents", "Contracts that can be asked.", held.documents),
            ("muniment_chunks", "Passages of them.", held.chunks),
            ("muniment_generation", "Counts up with every publication.", held.generation),
        ):
            yield GaugeMetricFamily(name, words, value)
        failed = GaugeMetricFamily("muniment_failures", "Files that can't be asked, by kind of reason.", labels=["kind"])
        for kind in ("unreadable", "skipped", "failed"):
            failed.add_metric([kind], sum(1 for failure in held.failures if failure.kind == kind))
        yield failed
        ages = GaugeMetricFamily("muniment_sync_age_seconds", "Since the last run of ingest ended.", labels=["run"])
        runs = index.runs(_RUNS)
        for kind, run in (("any", runs[:1]), ("complete", [run for run in runs if run.outcome == "complete"][:1])):
            if run:
                ended = run[0].started + timedelta(seconds=run[0].seconds)
                ages.add_metric([kind], (self._clock() - ended).total_seconds())
        yield ages


class CountedEncoder:
    """An encoder that tells how many are waiting for it; see `index.store.Encoder`."""

    def __init__(self, encoder: Encoder, metrics: Metrics) -> None:
        self._encoder, self._waiting = encoder, metrics.encoding
        self.name, self.dimensions, self.max_tokens = encoder.name, encoder.dimensions, encoder.max_tokens
        self.count_tokens = encoder.count_tokens

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode`."""
        with counted(self._waiting):
            return self._encoder.encode(texts)

    def encode_question(self, text: str) -> Vectors:
        """See `Encoder.encode_question`."""
        with counted(self._waiting):
            return self._encoder.encode_question(text)


@contextmanager
def counted(gauge: Gauge) -> Iterator[None]:
    """One more while the block runs."""
    gauge.inc()
    try:
        yield
    finally:
        gauge.dec()


def _gauge(name: str, words: str, registry: CollectorRegistry) -> Gauge:
    return Gauge(name, words, registry=registry, multiprocess_mode="livesum")
