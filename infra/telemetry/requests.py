"""Requests to an API: how many, how long, how they ended (OpenTelemetry's semantic conventions for HTTP servers)."""

import time
from collections.abc import Callable, Iterator

from opentelemetry import metrics, propagate, trace
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.trace import SpanKind, Status, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
FAILED = 500
TRACE_HEADERS = (b"traceparent", b"tracestate")


class ObservedRequests:
    """An ASGI application around another one. A request's span goes on into the events, by its `traceparent`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        meter = metrics.get_meter(__name__)
        self._tracer = trace.get_tracer(__name__)
        self._under_way = meter.create_up_down_counter("http.server.active_requests", "{request}")
        self._duration = meter.create_histogram(
            "http.server.request.duration", "s", explicit_bucket_boundaries_advisory=SECONDS
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), FAILED
        method = {"http.request.method": scope["method"]}

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        came_from = propagate.extract(
            {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        )
        with self._tracer.start_as_current_span(scope["method"], came_from, SpanKind.SERVER) as span:
            scope["headers"] = _passed_on(scope["headers"])
            self._under_way.add(1, method)
            try:
                await self.app(scope, receive, noted)
            finally:
                self._under_way.add(-1, method)
                about = {**method, "http.route": _route(scope), "http.response.status_code": status}
                self._duration.record(time.perf_counter() - began, about)
                span.update_name(f"{scope['method']} {about['http.route']}")
                span.set_attributes(about)
                if status >= FAILED:
                    span.set_status(Status(StatusCode.ERROR))


def turned_away(count: Callable[[], int]) -> None:
    """Tell how many were turned away up to now. Most of them become no request that could be measured."""

    def told(_options: CallbackOptions) -> Iterator[Observation]:
        yield Observation(count())

    metrics.get_meter(__name__).create_observable_counter("counterfoil.requests.turned_away", [told], "{request}")


def _route(scope: Scope) -> str:
    """The template, never the path: ids would make a series of their own each."""
    return getattr(scope.get("route"), "path", None) or "unmatched"


def _passed_on(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers, with our span as what the request came from (W3C Trace Context)."""
    carrier = dict[str, str]()
    propagate.inject(carrier)
    ours = [(name.encode(), value.encode()) for name, value in carrier.items()]
    return [*(header for header in headers if header[0] not in TRACE_HEADERS), *ours] if ours else headers
