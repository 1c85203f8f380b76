"""What carrying commands out needs from the outside."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, NamedTuple, Protocol, TypeVar
from uuid import UUID

from domain.shared.personal import Sealed
from domain.shared.recorded import EventView, Metadata, Position, Recorded

T = TypeVar("T")


class Anything(Enum):
    """An append that does not care where the stream stands."""

    ANY = "any"


ANY: Final = Anything.ANY
NO_STREAM: Final = -1
Expected = int | Anything


class StoreError(Exception):
    """The event store did not carry the call out."""


class ConcurrentChange(StoreError):
    """The stream does not stand at the expected revision."""

    def __init__(self, stream: str, expected: Expected, actual: int) -> None:
        super().__init__(f"{stream} is at revision {actual}, not {expected}.")
        self.stream = stream
        self.expected = expected
        self.actual = actual


class EventIdTaken(StoreError):
    """An event id of the append is stored already, and not as part of a repeat of this append."""


class StoreUnavailable(StoreError):
    """The store cannot be reached, or did not answer in time; whether an append was stored is not known."""


class StreamCut(StoreError):
    """The stream was deleted or truncated by other means than this port, so nothing can follow in it any more.

    Whether an append was stored is not known.
    """


class Unreadable(ValueError):
    """A stored event cannot be understood by this version."""


class LogDiverged(StoreError):
    """The log is not the one that was followed: it ends before a position, or holds another event there."""


class Seen(NamedTuple):
    """How far a log was followed. `event_id` is of the last event up to there; None: not known."""

    position: Position
    event_id: UUID | None


class NewEvent(NamedTuple):
    """An event about to be stored: `data` is JSON in UTF-8."""

    event_id: UUID
    type: str
    data: bytes
    metadata: Metadata


class Record(NamedTuple):
    """An event as stored, byte for byte. `metadata` ends with the hash that covers all of the record."""

    position: Position
    stream: str
    revision: int
    event_id: UUID
    type: str
    data: bytes
    metadata: bytes


@dataclass(frozen=True, slots=True)
class Appended:
    """Where the last event of an append stands. `repeated`: it had been stored by an earlier, equal append."""

    position: Position
    revision: int
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Records in global order; every event of the wanted types up to `position` is in this page or before it.

    Without `more` the log ended there when it was read; with it, it may go on.
    """

    records: Sequence[Record]
    position: Position
    more: bool = False


class EventStore(Protocol):
    """Streams of events in one global order that never shows a later event before an earlier one commits.

    All methods raise StoreUnavailable when the store cannot be reached.
    """

    async def append(self, stream: str, events: Sequence[NewEvent], *, expected: Expected) -> Appended:
        """Append all events or none. `expected` is the revision of the stream's last event, NO_STREAM or ANY.

        A repeat (the same event ids, stored in this stream one after the other) is a success that appends nothing,
        whatever `expected` says. Raises ConcurrentChange, EventIdTaken.
        """

    async def find(self, stream: str, event_id: UUID) -> Record | None:
        """The committed record of an event, or None when the stream does not hold the event.

        The lookup queues behind the appends to this stream that were asked of this object before it. So None means that
        none of them stores the event, unless its caller got StoreUnavailable, in which case it may still be committed.
        An append of another process may be under way. A store may search only the last events of a stream.
        """

    async def read(self, stream: str, *, after: int = NO_STREAM, limit: int | None = None) -> Sequence[Record]:
        """Records of a stream with a revision greater than `after`, oldest first; a missing stream is empty."""

    async def read_all(self, *, after: Position, limit: int, types: Collection[str] | None = None) -> Page:
        """At most `limit` records behind `after`, in global order. `types` are stored names (None: all)."""

    def subscribe(
        self, *, after: Position, types: Collection[str] | None = None, batch: int = 1000
    ) -> AsyncIterator[Page]:
        """Pages without an end: first what is there, then what comes; no gap, no repeat. Survives lost connections.

        A page may be empty: then only `position` has moved on. Raises LogDiverged when the log ends before `after`, or
        does not hold what was read of it any more, as after the server was restored.
        """

    async def head(self) -> Position:
        """The position of the last event, START when there is none."""

    async def event_at(self, position: Position) -> UUID | None:
        """The id of the last event up to a position; None when there is none. Raises LogDiverged when the log ends
        before it."""


class Codec(Protocol):
    """Between facts and JSON."""

    def encode(self, value: object) -> bytes:
        """The JSON of an event, a command or a state."""

    def decode(self, data: bytes, into: type[T]) -> T:
        """A value of that class. Raises ValueError when the JSON does not describe one."""

    def decode_event(self, record: Record) -> Recorded[Any]:
        """Decode a record, old versions of its event brought up to date. Raises Unreadable."""

    def decode_view(self, record: Record) -> EventView[Any]:
        """As `decode_event`, but no more than read models look at, for less than half of the price."""

    def kind_of(self, name: str) -> type[Any] | None:
        """The class of events of this stored name; `object` of one of the past, None of one that is not known."""

    def names_of(self, events: Collection[type[Any]]) -> Collection[str]:
        """The stored names under which a log may hold these events: theirs of today, and any event's of the past."""


@dataclass(frozen=True, slots=True)
class Done:
    """What an earlier command left in a stream: where, and the fingerprint of the request that it came from."""

    at: Appended
    fingerprint: str | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A fold kept so that a long stream need not be read from its beginning."""

    revision: int
    position: Position
    state: bytes
    done: dict[UUID, Done]


class Snapshots(Protocol):
    """A cache of folds. Losing it costs time and nothing else."""

    async def load(self, stream: str, version: str) -> Snapshot | None: ...

    async def save(self, stream: str, version: str, snapshot: Snapshot) -> None: ...


class Vault(Protocol):
    """Keys of the people in the log, one each. A destroyed key forgets its subject."""

    async def seal(self, subject: str, value: bytes) -> Sealed: ...

    async def open(self, sealed: Sealed) -> bytes | None:
        """None when the subject has been forgotten."""

    async def has_key(self, subject: str) -> bool:
        """Whether something was sealed for the subject, and not forgotten."""

    async def forget(self, subject: str) -> None:
        """Destroy the subject's key, if there is one: what was sealed with it is noise from now on."""
