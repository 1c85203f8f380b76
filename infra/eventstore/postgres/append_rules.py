"""Which appends go in, and where: the rules of the port, one append after the other, before anything is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from commands.ports import ANY, NO_STREAM, Appended, ConcurrentChange, EventIdTaken, Expected, NewEvent, Record
from domain.shared.recorded import Position
from infra.eventstore.hash_chain import FIRST, seal, stated_hash


class Head(NamedTuple):
    """Where a stream ends, and with which hash."""

    revision: int
    hash: str


class Place(NamedTuple):
    """Where an event stands."""

    position: Position
    stream: str
    revision: int


EMPTY = Head(NO_STREAM, FIRST)


def repeat_of(stream: str, events: Sequence[NewEvent], known: Mapping[UUID, Place]) -> Appended | None:
    """Where an append stands that was stored before; None for a new one. Raises EventIdTaken.

    `known` are the places of those event ids that are stored.
    """
    if len(events) > 1 and len({event.event_id for event in events}) < len(events):
        raise EventIdTaken(f"An append to {stream} names one event id twice.")
    places = [known[event.event_id] for event in events if event.event_id in known]
    if not places:
        return None
    first, last = places[0], places[-1]
    equal = [(stream, first.revision + n) for n in range(len(events))]
    if [(place.stream, place.revision) for place in places] != equal:
        raise EventIdTaken(f"An event id of an append to {stream} is stored at {last.stream} {last.revision}.")
    return Appended(last.position, last.revision, repeated=True)


def expect(stream: str, expected: Expected, actual: int) -> None:
    """Raise ConcurrentChange when a stream is not where the append wants it."""
    if expected is not ANY and expected != actual:
        raise ConcurrentChange(stream, expected, actual)


def seal_all(stream: str, events: Sequence[NewEvent], head: Head, recorded_at: str) -> Sequence[tuple[int, bytes]]:
    """Revision and metadata of events that follow the head of their stream."""
    revision, previous = head
    sealed = list[tuple[int, bytes]]()
    for event in events:
        revision += 1
        metadata, previous = seal(event, stream, revision, previous, recorded_at)
        sealed.append((revision, metadata))
    return sealed


@dataclass(slots=True)
class Rows:
    """What is to be stored, by column; the first row goes to position `first`."""

    first: int
    streams: list[str] = field(default_factory=list)
    revisions: list[int] = field(default_factory=list)
    event_ids: list[UUID] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    metadata: list[str] = field(default_factory=list)

    @property
    def next(self) -> Position:
        return Position(self.first + len(self.streams))

    @property
    def columns(self) -> Sequence[Sequence[object]]:
        """All of them but the position, in the order of the table."""
        return self.streams, self.revisions, self.event_ids, self.types, self.data, self.metadata

    def restore(self, record: Record) -> None:
        self.streams.append(record.stream)
        self.revisions.append(record.revision)
        self.event_ids.append(record.event_id)
        self.types.append(record.type)
        self.data.append(record.data.decode())
        self.metadata.append(record.metadata.decode())

    def add(self, stream: str, revision: int, event: NewEvent, metadata: bytes) -> None:
        self.streams.append(stream)
        self.revisions.append(revision)
        self.event_ids.append(event.event_id)
        self.types.append(event.type)
        self.data.append(event.data.decode())
        self.metadata.append(metadata.decode())


@dataclass(slots=True)
class AppendRules:
    """Decides over appends as if each came alone, in their order, and gathers the rows of those that go in."""

    heads: dict[str, Head]
    known: dict[UUID, Place]
    recorded_at: str
    rows: Rows

    def admit(self, stream: str, events: Sequence[NewEvent], expected: Expected) -> Appended:
        """Raises ConcurrentChange and EventIdTaken; the append has then changed nothing."""
        if (repeat := repeat_of(stream, events, self.known)) is not None:
            return repeat
        head = self.heads.get(stream, EMPTY)
        expect(stream, expected, head.revision)
        sealed = seal_all(stream, events, head, self.recorded_at)
        for event, (revision, metadata) in zip(events, sealed, strict=True):
            self.known[event.event_id] = Place(self.rows.next, stream, revision)
            self.rows.add(stream, revision, event, metadata)
        head = self.heads[stream] = Head(revision, stated_hash(metadata))
        return Appended(Position(self.rows.next - 1), head.revision)
