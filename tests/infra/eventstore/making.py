"""Events to store, and what must be true of every log."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from commands.ports import EventStore, NewEvent, Record
from domain.shared.recorded import START, Metadata, Position
from infra.eventstore.hash_chain import FIRST, verify

RECEIVED = "stock.received.v1"
RESERVED = "stock.reserved.v1"


@dataclass(slots=True)
class Corner:
    """A test's own part of a log that others may have written to: names of streams, and everything since."""

    suffix: str = ""
    beginning: Position = START


CORNER = Corner()


def stock(name: object) -> str:
    """A stream of this test."""
    return f"stock-{name}{CORNER.suffix}"


def beginning() -> Position:
    """Where the log stood when the test began."""
    return CORNER.beginning


def event(data: bytes = b'{"quantity":1}', *, type: str = RECEIVED, event_id: UUID | None = None) -> NewEvent:
    """An event that was caused by a command of its own."""
    command = uuid4()
    metadata = Metadata(command_id=command, correlation_id=command, causation_id=command, actor="tester")
    return NewEvent(event_id or uuid4(), type, data, metadata)


def of(actor: str, made: NewEvent) -> NewEvent:
    """The same event, caused by somebody else."""
    return made._replace(metadata=made.metadata._replace(actor=actor))


async def whole_log(store: EventStore, page: int = 1000) -> list[Record]:
    """Everything that this test has stored, in global order."""
    records, position = list[Record](), beginning()
    while (read := await store.read_all(after=position, limit=page)).records:
        records += read.records
        position = read.position
    return records


def assert_sound(log: Sequence[Record], *, ids_across_streams: bool = True) -> None:
    """One order, no event twice, streams without gaps, seals unbroken, no time before an earlier one of its stream."""
    positions = [record.position for record in log]
    assert positions == sorted(set(positions))
    assert len({(record.event_id, "" if ids_across_streams else record.stream) for record in log}) == len(log)
    ends, times = dict[str, tuple[int, str]](), dict[str, list[datetime]]()
    for record in log:
        revision, previous = ends.get(record.stream, (-1, FIRST))
        assert record.revision == revision + 1
        times.setdefault(record.stream, []).append(recorded_at(record))
        ends[record.stream] = record.revision, verify(record, previous)
    assert {stream: sorted(told) for stream, told in times.items()} == times


def recorded_at(record: Record) -> datetime:
    """When a record says that it was recorded."""
    return datetime.fromisoformat(json.loads(record.metadata)["recorded_at"])


def verify_all(chain: Iterable[Record]) -> None:
    """Follow the seals of a stream from its beginning. Raises BrokenSeal."""
    previous = FIRST
    for record in chain:
        previous = verify(record, previous)


def places(log: Iterable[Record]) -> dict[UUID, tuple[Position, str, int]]:
    """Where each event stands."""
    return {record.event_id: (record.position, record.stream, record.revision) for record in log}
