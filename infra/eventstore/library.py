"""The event store in whatever the eventsourcing library can write to: memory, an SQLite file, and many more.

A stream is an originator, a revision its version, the stored name the topic. The state is a JSON object,
`{"event_id":"...","data":...,"metadata":...,"behind":n}`, whose data and metadata are kept byte for byte.

The library gives no position with the events of a stream; `behind` is the end of the log before the append, and the
event is found a little behind it. Nor does it keep event ids. A second recorder says which stream may use an id,
claimed before the events are written and never given back; the stream itself shows whether the events are in it.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from datetime import datetime
from functools import partial
from typing import NamedTuple, ParamSpec, TypeVar
from uuid import UUID

import msgspec
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    ConnectionPoolClosedError,
    InfrastructureFactory,
    IntegrityError,
    PersistenceError,
    StoredEvent,
    TrackingRecorder,
)

from commands.ports import NO_STREAM, Appended, EventIdTaken, Expected, NewEvent, Page, Record, StoreUnavailable
from commands.recognising import ends_before
from domain.shared.recorded import START, Position
from infra.eventstore.capabilities import Capabilities
from infra.eventstore.hash_chain import check, recorded_at, stated_hash, storable_name, timestamp
from infra.eventstore.postgres.append_rules import EMPTY, Head, Place, expect, repeat_of, seal_all
from infra.eventstore.postgres.restoring import NotRestorable, continued
from infra.eventstore.postgres.subscription import Bell, follow

P = ParamSpec("P")
T = TypeVar("T")

POLL = 0.5
TRIES = 1000
NEIGHBOURS = 16
LAST = Position(2**63 - 1)
FAILURES = (PersistenceError, ConnectionPoolClosedError, sqlite3.OperationalError)
"""What storage that cannot be used looks like; opening an SQLite file lets the last of them through."""


class _State(msgspec.Struct):
    event_id: UUID
    metadata: msgspec.Raw
    behind: int


_understand = msgspec.json.Decoder(_State).decode


class Recorders(NamedTuple):
    """What the library keeps the events in."""

    factory: "InfrastructureFactory[TrackingRecorder]"
    log: ApplicationRecorder
    claims: AggregateRecorder


def recorders(env: dict[str, str]) -> Recorders:
    """The recorders that the library's environment variables choose. Blocks. Raises StoreUnavailable."""
    try:
        factory = InfrastructureFactory[TrackingRecorder].construct({"ORIGINATOR_ID_TYPE": "text"} | env)
        return Recorders(factory, factory.application_recorder(), factory.aggregate_recorder(purpose="event_ids"))
    except FAILURES as error:
        raise StoreUnavailable(f"The event store cannot be opened: {error}") from error


class LibraryEventStore:
    """Implements commands.ports.EventStore on recorders of the library.

    `direct` calls them in the event loop, which only memory is fast enough for; all others get threads.
    """

    capabilities = Capabilities(gapless=False, ids_across_streams=True, looks_back=None, times_in_order=False)

    def __init__(
        self, recorders: Recorders, clock: Callable[[], datetime], *, direct: bool, poll: float | None
    ) -> None:
        self._factory, self._log, self._claims = recorders
        self._clock = clock
        self._direct = direct
        self._poll = poll
        self._bell = Bell()
        self._appending = asyncio.Lock()
        self._threads = ThreadPoolExecutor(thread_name_prefix="event-store")
        self._closed = False

    async def append(self, stream: str, events: Sequence[NewEvent], *, expected: Expected) -> Appended:
        check(stream, events)
        async with self._appending:
            appended = await self._call(self._append, stream, events, expected)
        self._bell.ring()
        return appended

    async def find(self, stream: str, event_id: UUID) -> Record | None:
        if not storable_name(stream):
            return None
        async with self._appending:
            return await self._call(self._find, stream, event_id)

    async def read(self, stream: str, *, after: int = NO_STREAM, limit: int | None = None) -> Sequence[Record]:
        if not storable_name(stream) or limit == 0:
            return []
        return await self._call(self._read, stream, min(after, LAST), limit)

    async def read_all(self, *, after: Position, limit: int, types: Collection[str] | None = None) -> Page:
        if limit < 1:
            raise ValueError("A page holds at least one record.")
        return await self._call(self._page, min(after, LAST), limit, types)

    async def subscribe(
        self, *, after: Position, types: Collection[str] | None = None, batch: int = 1000
    ) -> AsyncIterator[Page]:
        read = partial(self._next_page, batch, types)
        async with aclosing(follow(read, self.event_at, self._bell, after, self._poll)) as pages:
            async for page in pages:
                yield page

    async def head(self) -> Position:
        return await self._call(self._head_of_log)

    async def event_at(self, position: Position) -> UUID | None:
        return await self._call(self._event_at, position)

    async def restore(self, records: Sequence[Record]) -> None:
        """As the opener promises."""
        async with self._appending:
            await self._call(self._restore, records)
        self._bell.ring()

    async def close(self) -> None:
        """Leave; subscriptions end. Threads that read have ended before the recorders go: SQLite dies otherwise."""
        self._bell.muffle()
        async with self._appending:
            self._closed = True
            await asyncio.to_thread(self._threads.shutdown)
            await asyncio.to_thread(self._factory.close)

    async def _next_page(self, limit: int, types: Collection[str] | None, after: Position) -> Page:
        return await self.read_all(after=after, limit=limit, types=types)

    async def _call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._closed:
            raise StoreUnavailable("The event store is closed.")
        try:
            if self._direct:
                return work(*args, **kwargs)
            return await asyncio.get_running_loop().run_in_executor(self._threads, partial(work, *args, **kwargs))
        except FAILURES as error:
            raise StoreUnavailable(f"The event store did not answer. {type(error).__name__}: {error}") from error

    def _append(self, stream: str, events: Sequence[NewEvent], expected: Expected) -> Appended:
        for _ in range(TRIES):
            claims = self._claims_of(events)
            if (repeat := self._repeat_of(stream, events, claims)) is not None:
                return repeat
            head = self._head(stream)
            expect(stream, expected, head.revision)
            try:
                return self._store(stream, events, head, claims)
            except IntegrityError:
                continue  # another process was faster: look again
        raise StoreUnavailable(f"Others were faster {TRIES} times to append to {stream}.")

    def _store(self, stream: str, events: Sequence[NewEvent], head: Head, claims: dict[UUID, str]) -> Appended:
        new = [event.event_id for event in events if event.event_id not in claims]
        if new:
            self._claims.insert_events([StoredEvent(str(event_id), 0, "event_id", stream.encode()) for event_id in new])
        behind = self._head_of_log()
        now = timestamp(self._clock())
        if behind != START:
            (last,) = self._log.select_notifications(behind, 1)
            now = max(now, recorded_at(bytes(_understand(last.state).metadata)))
        sealed = seal_all(stream, events, head, now)
        stored = [
            StoredEvent(stream, revision, event.type, _state(event, metadata, behind))
            for event, (revision, metadata) in zip(events, sealed, strict=True)
        ]
        positions = self._log.insert_events(stored)
        assert positions is not None, "An application recorder returns the positions of the events."
        return Appended(Position(positions[-1]), stored[-1].originator_version)

    def _restore(self, records: Sequence[Record]) -> None:
        heads = {stream: self._head(stream) for stream in {record.stream for record in records}}
        new = [record for record in records if record.revision > heads[record.stream].revision]
        for old in (record for record in records if record.revision <= heads[record.stream].revision):
            if [one.metadata for one in self._read(old.stream, old.revision - 1, 1)] != [old.metadata]:
                raise NotRestorable(f"{old.stream} holds something else at revision {old.revision}.")
        continued(new, heads)
        for start in range(0, len(new), NEIGHBOURS):
            some, behind = new[start : start + NEIGHBOURS], self._head_of_log()
            claims = [StoredEvent(str(one.event_id), 0, "event_id", one.stream.encode()) for one in some]
            self._claims.insert_events(
                [claim for claim in claims if not self._claims.select_events(claim.originator_id)]
            )
            self._log.insert_events(
                [StoredEvent(one.stream, one.revision, one.type, _state(one, one.metadata, behind)) for one in some]
            )

    def _claims_of(self, events: Sequence[NewEvent]) -> dict[UUID, str]:
        return {
            event.event_id: claim.state.decode()
            for event in events
            for claim in self._claims.select_events(str(event.event_id))
        }

    def _repeat_of(self, stream: str, events: Sequence[NewEvent], claims: dict[UUID, str]) -> Appended | None:
        for event_id, owner in claims.items():
            if owner != stream:
                raise EventIdTaken(f"The event id {event_id} belongs to {owner}.")
        stored = self._read(stream, NO_STREAM, None) if claims else []
        known = {
            record.event_id: Place(record.position, stream, record.revision)
            for record in stored
            if record.event_id in claims
        }
        return repeat_of(stream, events, known)

    def _find(self, stream: str, event_id: UUID) -> Record | None:
        """A claim names the stream that may hold the event; only the stream shows whether it does."""
        if [claim.state.decode() for claim in self._claims.select_events(str(event_id))] != [stream]:
            return None
        return next((record for record in self._read(stream, NO_STREAM, None) if record.event_id == event_id), None)

    def _head(self, stream: str) -> Head:
        for stored in self._log.select_events(stream, desc=True, limit=1):
            return Head(stored.originator_version, stated_hash(bytes(_understand(stored.state).metadata)))
        return EMPTY

    def _event_at(self, position: Position) -> UUID | None:
        if position > (head := self._head_of_log()):
            raise ends_before(position, head)
        for stored in self._log.select_notifications(position, 1, position) if position != START else ():
            return _understand(stored.state).event_id
        return None

    def _head_of_log(self) -> Position:
        return Position(self._log.max_notification_id() or START)

    def _read(self, stream: str, after: int, limit: int | None) -> list[Record]:
        positions = dict[int, int]()
        records = list[Record]()
        for stored in self._log.select_events(stream, gt=after, limit=limit):
            start = _understand(stored.state).behind
            while stored.originator_version not in positions:
                near = self._log.select_notifications(start, NEIGHBOURS, inclusive_of_start=False)
                positions |= {n.originator_version: n.id for n in near if n.originator_id == stream}
                start = near[-1].id
            records.append(_record(positions[stored.originator_version], stored))
        return records

    def _page(self, after: Position, limit: int, types: Collection[str] | None) -> Page:
        end = self._head_of_log()
        if end <= after or (types is not None and not types):
            return Page([], max(after, end))
        found = self._log.select_notifications(after, limit, end, tuple(types or ()), inclusive_of_start=False)
        records = [_record(stored.id, stored) for stored in found]
        full = len(records) == limit
        return Page(records, records[-1].position if full else end, more=full)


_BEFORE_DATA = len('{"event_id":"') + 36 + len('","data":')


def _state(event: NewEvent | Record, metadata: bytes, behind: int) -> bytes:
    known = str(event.event_id).encode(), event.data, metadata, behind
    return b'{"event_id":"%b","data":%b,"metadata":%b,"behind":%d}' % known


def _record(position: int, stored: StoredEvent) -> Record:
    state = _understand(stored.state)
    metadata = bytes(state.metadata)
    after_data = len(',"metadata":') + len(metadata) + len(',"behind":') + len(str(state.behind)) + len("}")
    data = stored.state[_BEFORE_DATA:-after_data]
    stream, revision = str(stored.originator_id), stored.originator_version
    return Record(Position(position), stream, revision, state.event_id, stored.topic, data, metadata)
