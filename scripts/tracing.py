"""Spans for OpenTelemetry, where a collector is set: the protocol's own, with methods and durations and no contract text."""

from collections.abc import Sequence
from importlib.metadata import version

from scripts.settings import Settings, SettingsError


def trace(settings: Settings) -> None:
    """Send this process's spans to the collector that the settings name, if they name one."""
    endpoint = settings.tracing.endpoint
    if endpoint is None:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
    except ImportError:
        raise SettingsError(
            "MUNIMENT_TRACING__ENDPOINT is set, but the exporter is missing: pip install 'muniment[tracing]'"
        ) from None
    from opentelemetry.trace import Status, set_tracer_provider

    class Reserved(OTLPSpanExporter):
        """Keeps to itself what an error said, since that may be a question's words."""

        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            return super().export([_bare(span) for span in spans])

    def _bare(span: ReadableSpan) -> ReadableSpan:
        return ReadableSpan(
            name=span.name,
            context=span.context,
            parent=span.parent,
            resource=span.resource,
            attributes=span.attributes,
            kind=span.kind,
            instrumentation_scope=span.instrumentation_scope,
            status=Status(span.status.status_code),
            start_time=span.start_time,
            end_time=span.end_time,
        )

    provider = TracerProvider(resource=Resource.create({"service.name": "muniment", "service.version": version("muniment")}))
    provider.add_span_processor(BatchSpanProcessor(Reserved(endpoint=f"{endpoint.rstrip('/')}/v1/traces")))
    set_tracer_provider(provider)
