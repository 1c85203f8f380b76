"""Appends to EventStoreDB: exact revisions always, one after the other in a stream, many streams at once.

The server takes an append whose events stand right behind the expected revision for a repeat and answers where they
stand, but does not say so; with ANY it forgets ids when it is restarted. So ANY becomes the revision that was read, ids
are looked for in the last events of the stream, and after each append its last event is read: only stored metadata
shows whether it was ours, with our time and hash, or the same command's from another process.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID
from weakref import WeakValueDictionary

from esdbclient import NewEvent as StoredEvent
from esdbclient import StreamState
from esdbclient.exceptions import WrongCurrentVersion

from commands.ports import ANY, NO_STREAM, Appended, Expected, NewEvent, Record, StoreUnavailable, StreamCut
from domain.shared.recorded import Position
from infra.eventstore.eventstoredb import reading
from infra.eventstore.eventstoredb.client import Client
from infra.eventstore.eventstoredb.connection import CALL, Connection
from infra.eventstore.eventstoredb.stream_heads import LOOK_BACK, StreamHead, StreamHeads
from infra.eventstore.hash_chain import timestamp
from infra.eventstore.postgres.append_rules import EMPTY, Head, Place, expect, repeat_of, seal_all

AT_ONCE = 64
WAITING = 4096


class Appender:
    """Carries appends out. Those of one stream keep their order; at most AT_ONCE are under way."""

    def __init__(self, link: Connection, clock: Callable[[], datetime], patience: float) -> None:
        self.knowledge = StreamHeads()
        self._link = link
        self._clock = clock
        self._patience = patience
        self._queues: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._under_way = set[asyncio.Task[Appended]]()

    async def append(self, stream: str, events: Sequence[NewEvent], expected: Expected) -> Appended:
        """As the port says; it goes on when the caller leaves."""
        if len(self._under_way) >= WAITING:
            raise StoreUnavailable(f"{len(self._under_way)} others wait for the event store already.")
        repeat_of(stream, events, {})
        task = asyncio.create_task(self._in_turn(stream, events, expected))
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Wait until everything that was asked is answered."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    def _ended(self, task: "asyncio.Task[Appended]") -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()

    async def find(self, stream: str, event_id: UUID) -> Record | None:
        """As the port says, among the last LOOK_BACK events of the stream."""
        async with self._turn(stream):
            known = await self._look(stream)
            if known is None or not (there := known.among([event_id])):
                return None
            stored = await reading.stream(self._link, stream, there[0] - 1, 1)
            return next((record for record in stored if record.event_id == event_id), None)

    async def _in_turn(self, stream: str, events: Sequence[NewEvent], expected: Expected) -> Appended:
        async with self._turn(stream), self._room:
            return await self._append(stream, events, expected)

    @asynccontextmanager
    async def _turn(self, stream: str) -> AsyncIterator[None]:
        queue = self._queues.setdefault(stream, asyncio.Lock())
        try:
            async with asyncio.timeout(self._patience):
                await queue.acquire()
        except TimeoutError:
            raise StoreUnavailable(f"The event store was busy for {self._patience:g} s.") from None
        try:
            yield
        finally:
            queue.release()

    async def _append(self, stream: str, events: Sequence[NewEvent], expected: Expected) -> Appended:
        now = asyncio.get_running_loop().time
        deadline = now() + self._patience
        known, looked = self.knowledge.get(stream), False
        if known is None and expected != NO_STREAM:
            known, looked = await self._look(stream), True
        while now() < deadline:
            if known is not None and (repeat := await self._repeat(stream, events, known)) is not None:
                return repeat
            head = EMPTY if known is None else known.head
            if expected is not ANY and expected != head.revision:
                if looked:
                    expect(stream, expected, head.revision)
                known, looked = await self._look(stream), True
                continue
            try:
                return await self._store(stream, events, head)
            except WrongCurrentVersion:
                known, looked = await self._look(stream, moved=head), True
        raise StoreUnavailable(f"Others were faster for {self._patience:g} s to append to {stream}.")

    async def _look(self, stream: str, moved: Head = EMPTY) -> StreamHead | None:
        """What is known of a stream, brought up to date. `moved`: it does not stand there any more."""
        if (known := self.knowledge.get(stream)) is not None:
            new = await reading.stream(self._link, stream, known.head.revision, None)
            known = self.knowledge.learn(stream, new)
            if known is not None and known.head != moved:
                return known
            self.knowledge.forget(stream)
        return self.knowledge.learn(stream, await reading.latest(self._link, stream, LOOK_BACK), enough=True)

    async def _repeat(self, stream: str, events: Sequence[NewEvent], known: StreamHead) -> Appended | None:
        if not (there := known.among([event.event_id for event in events])):
            return None
        first, last = min(there), max(there)
        stored = await reading.stream(self._link, stream, first - 1, last - first + 1)
        return repeat_of(stream, events, {one.event_id: Place(one.position, stream, one.revision) for one in stored})

    async def _store(self, stream: str, events: Sequence[NewEvent], head: Head) -> Appended:
        recorded_at = max(timestamp(self._clock()), self.knowledge.latest)
        sealed = seal_all(stream, events, head, recorded_at)
        new = [
            StoredEvent(event.type, event.data, metadata, "application/json", event.event_id)
            for event, (_, metadata) in zip(events, sealed, strict=True)
        ]
        position = await send(self._link, stream, head.revision, new)
        revision, metadata = sealed[-1]
        last = await self._stored_last(stream, revision, new[-1])
        self.knowledge.learn(stream, self._learned(stream, events, sealed, last))
        assert last.position == position, "An append answers where its last event stands."
        return Appended(last.position, revision, repeated=last.metadata != metadata)

    async def _stored_last(self, stream: str, revision: int, sent: StoredEvent) -> Record:
        stored = await reading.stream(self._link, stream, revision - 1, 1)
        if not stored or (stored[0].revision, stored[0].event_id) != (revision, sent.id):
            raise StreamCut(f"{stream} was deleted or truncated at the server, so nothing can follow in it.")
        return stored[0]

    def _learned(
        self, stream: str, events: Sequence[NewEvent], sealed: Sequence[tuple[int, bytes]], last: Record
    ) -> list[Record]:
        before = [
            Record(Position(0), stream, revision, event.event_id, event.type, b"", metadata)
            for event, (revision, metadata) in zip(events[:-1], sealed[:-1], strict=True)
        ]
        return [*before, last]


async def send(link: Connection, stream: str, behind: int, new: Sequence[StoredEvent]) -> Position:
    """Have events stored behind a revision, all or none; answers where the last one stands.

    Raises WrongCurrentVersion.
    """
    version = StreamState.NO_STREAM if behind == NO_STREAM else behind

    async def work(client: Client) -> int:
        return await client.append_to_stream(stream, current_version=version, events=new, timeout=CALL)

    return Position(await link.persistently(work))
