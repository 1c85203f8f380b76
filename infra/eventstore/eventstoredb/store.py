"""The event store in EventStoreDB, for any number of writers and readers."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import aclosing
from datetime import datetime
from uuid import UUID

from esdbclient.connection_spec import NODE_PREFERENCE_LEADER, ConnectionSpec

from commands.ports import NO_STREAM, Appended, Expected, NewEvent, Page, Record
from domain.shared.recorded import Position
from infra.eventstore.capabilities import Capabilities
from infra.eventstore.eventstoredb import reading
from infra.eventstore.eventstoredb.appending import Appender
from infra.eventstore.eventstoredb.connection import Connection
from infra.eventstore.eventstoredb.restoring import restore
from infra.eventstore.eventstoredb.stream_heads import LOOK_BACK
from infra.eventstore.eventstoredb.subscription import Followers
from infra.eventstore.hash_chain import NotStorable, check, storable_name
from infra.postgres.sessions import Sessions

PATIENCE = 15.0


class EventStoreDB:
    """Implements commands.ports.EventStore on the asyncio client of the `esdbclient` library.

    Positions are commit positions: they rise with gaps, and reading starts only where a record stands. Nothing waits
    longer than `patience` seconds for its turn, nor takes longer when it has it: then it is done, or StoreUnavailable.

    EventStoreDB itself looks for a repeated event id only right behind the expected revision, hence the traits.
    """

    capabilities = Capabilities(gapless=False, ids_across_streams=False, looks_back=LOOK_BACK, times_in_order=False)

    def __init__(
        self, uri: str, clock: Callable[[], datetime], patience: float = PATIENCE, *, beside: Sessions | None = None
    ) -> None:
        """`beside` are connections to what is kept elsewhere, closed with the store."""
        if ConnectionSpec(uri).options.NodePreference != NODE_PREFERENCE_LEADER:
            raise ValueError("NodePreference has to be leader: a decision needs to read what was written last.")
        self._reader = Connection(uri, "reader", patience)
        self._writer = Connection(uri, "writer", patience)
        self._appender = Appender(self._writer, clock, patience)
        self._beside = beside
        self._followers = Followers(uri)

    async def open(self) -> None:
        """See that the server answers. Raises StoreUnavailable."""
        await self.head()

    async def append(self, stream: str, events: Sequence[NewEvent], *, expected: Expected) -> Appended:
        check(stream, events)
        for name in (stream, *(event.type for event in events)):
            if name.startswith(reading.SYSTEM):
                raise NotStorable(f"{name[:80]!r}: names that begin with $ are the server's own.")
        return await self._appender.append(stream, events, expected)

    async def find(self, stream: str, event_id: UUID) -> Record | None:
        return await self._appender.find(stream, event_id) if storable_name(stream) else None

    async def read(self, stream: str, *, after: int = NO_STREAM, limit: int | None = None) -> Sequence[Record]:
        if not storable_name(stream) or limit == 0 or after >= reading.LAST:
            return []
        records = await reading.stream(self._reader, stream, after, limit)
        self._appender.knowledge.learn(stream, records)
        return records

    async def read_all(self, *, after: Position, limit: int, types: Collection[str] | None = None) -> Page:
        if limit < 1:
            raise ValueError("A page holds at least one record.")
        return await reading.page(self._reader, after, limit, types)

    async def subscribe(
        self, *, after: Position, types: Collection[str] | None = None, batch: int = 1000
    ) -> AsyncIterator[Page]:
        async with aclosing(self._followers.follow(after, types, batch)) as pages:
            async for page in pages:
                yield page

    async def head(self) -> Position:
        return await reading.head(self._reader)

    async def event_at(self, position: Position) -> UUID | None:
        return await reading.event_at(self._reader, position)

    async def restore(self, records: Sequence[Record]) -> None:
        """As the opener promises. One append after the other: they alone make the order of the log."""
        await restore(self._writer, records)

    async def close(self) -> None:
        """Finish the appends under way, end the subscriptions and disconnect."""
        await self._followers.send_home()
        await self._appender.close()
        await self._writer.close()
        await self._reader.close()
        if self._beside is not None:
            await self._beside.close()
