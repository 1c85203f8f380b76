"""A collector of OpenTelemetry that keeps what it is sent, for a test to look at."""

import gzip
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

Labels = dict[str, Any]


def labels(attributes: Any) -> Labels:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}


@dataclass(slots=True)
class Collector:
    """Metrics by name (labels and value, or the count of a histogram; newest last), and spans by service."""

    url: str = ""
    metrics: dict[str, list[tuple[Labels, float]]] = field(default_factory=lambda: defaultdict(list))
    spans: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))

    def take(self, path: str, body: bytes) -> None:
        if path == "/v1/metrics":
            for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                for scope in resource.scope_metrics:
                    for metric in scope.metrics:
                        self._note(metric)
        else:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                service = labels(resource.resource.attributes)["service.name"]
                for scope in resource.scope_spans:
                    self.spans[service] += scope.spans

    def _note(self, metric: Any) -> None:
        kind = metric.WhichOneof("data")
        for point in getattr(metric, kind).data_points:
            value = point.count if kind == "histogram" else getattr(point, point.WhichOneof("value"))
            self.metrics[metric.name].append((labels(point.attributes), value))

    def latest(self, name: str, **wanted: object) -> float | None:
        """The newest value of a series that has these labels (dots written as underscores)."""
        for given, value in reversed(self.metrics[name]):
            if wanted.items() <= {key.replace(".", "_"): each for key, each in given.items()}.items():
                return value
        return None


@contextmanager
def collector() -> Iterator[Collector]:
    kept = Collector()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.take(self.path, gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        kept.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield kept
        finally:
            server.shutdown()
