"""The event store, measured."""

import time
from collections.abc import AsyncIterator, Collection, Sequence
from uuid import UUID

from opentelemetry import metrics, trace
from opentelemetry.trace import SpanKind, Status, StatusCode

from commands.ports import NO_STREAM, Appended, EventStore, Expected, NewEvent, Page, Record
from domain.shared.recorded import Position
from infra.telemetry.tracing import correlated

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)


class ObservedStore:
    """Implements commands.ports.EventStore on another one: counts and times appends and reads."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        meter = metrics.get_meter(__name__)
        self._tracer = trace.get_tracer(__name__)
        self._appended = meter.create_counter("counterfoil.events.appended", "{event}")
        self._append = meter.create_histogram(
            "counterfoil.append.duration", "s", explicit_bucket_boundaries_advisory=SECONDS
        )
        self._read = meter.create_histogram(
            "counterfoil.read.duration", "s", explicit_bucket_boundaries_advisory=SECONDS
        )

    async def append(self, stream: str, events: Sequence[NewEvent], *, expected: Expected) -> Appended:
        category, began, outcome = stream.partition("-")[0], time.perf_counter(), "stored"
        about = {"counterfoil.category": category, "counterfoil.stream": stream}
        links = correlated(events[0].metadata.correlation_id) if events else ()
        with self._tracer.start_as_current_span(
            f"append {category}", kind=SpanKind.CLIENT, attributes=about, links=links
        ) as span:
            try:
                appended = await self._store.append(stream, events, expected=expected)
                outcome = "repeated" if appended.repeated else "stored"
            except Exception as error:
                outcome = type(error).__name__
                span.set_status(Status(StatusCode.ERROR, outcome))
                raise
            finally:
                labels = {"counterfoil.category": category, "counterfoil.outcome": outcome}
                self._append.record(time.perf_counter() - began, labels)
        if not appended.repeated:
            self._appended.add(len(events), {"counterfoil.category": category})
        return appended

    async def find(self, stream: str, event_id: UUID) -> Record | None:
        began = time.perf_counter()
        record = await self._store.find(stream, event_id)
        self._have_read(stream, began)
        return record

    async def read(self, stream: str, *, after: int = NO_STREAM, limit: int | None = None) -> Sequence[Record]:
        began = time.perf_counter()
        records = await self._store.read(stream, after=after, limit=limit)
        self._have_read(stream, began)
        return records

    def _have_read(self, stream: str, began: float) -> None:
        self._read.record(time.perf_counter() - began, {"counterfoil.category": stream.partition("-")[0]})

    async def read_all(self, *, after: Position, limit: int, types: Collection[str] | None = None) -> Page:
        return await self._store.read_all(after=after, limit=limit, types=types)

    def subscribe(
        self, *, after: Position, types: Collection[str] | None = None, batch: int = 1000
    ) -> AsyncIterator[Page]:
        return self._store.subscribe(after=after, types=types, batch=batch)

    async def head(self) -> Position:
        return await self._store.head()

    async def event_at(self, position: Position) -> UUID | None:
        return await self._store.event_at(position)
