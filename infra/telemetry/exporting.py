"""Where metrics and traces go: by OTLP, to whomever OpenTelemetry's own variables name."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from opentelemetry import metrics, trace

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
METRICS = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"
TRACES = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
NAMESPACE = "counterfoil"


def wanted(variables: Mapping[str, str] = os.environ) -> bool:
    """Whether an exporter is set. Without one nothing is measured, at no cost."""
    return any(variables.get(name) for name in (ENDPOINT, METRICS, TRACES))


@contextmanager
def exporting(part: str) -> Iterator[None]:
    """Send what this process measures (OpenTelemetry Protocol Exporter, HTTP), and the rest of it at the end.

    A collector that is slow or away costs nothing but its data: batches are sent by threads, and dropped when full.
    """
    with ExitStack() as stack:
        if wanted():
            _send(part, stack)
        yield


def _send(part: str, stack: ExitStack) -> None:
    # Imported here: a shop without an exporter starts faster.
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    who: dict[str, str | int] = {
        "service.namespace": NAMESPACE,
        "service.name": f"{NAMESPACE}-{part}",
        "process.pid": os.getpid(),
    }
    resource = Resource.create({**who})
    if os.environ.get(METRICS) or os.environ.get(ENDPOINT):
        meters = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())], resource)
        metrics.set_meter_provider(meters)
        stack.callback(meters.shutdown)
    if os.environ.get(TRACES) or os.environ.get(ENDPOINT):
        tracers = TracerProvider(resource=resource)
        tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        trace.set_tracer_provider(tracers)
        stack.callback(tracers.shutdown)
