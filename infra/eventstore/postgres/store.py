"""The event store in a PostgreSQL database, for any number of writers and readers."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import aclosing
from datetime import datetime
from functools import partial
from uuid import UUID

import asyncpg

from commands.ports import NO_STREAM, Appended, Expected, NewEvent, Page, Record, StoreUnavailable
from domain.shared.recorded import Position
from infra.eventstore.capabilities import PROMISED
from infra.eventstore.hash_chain import check, storable_name
from infra.eventstore.postgres import reading
from infra.eventstore.postgres.group_commit import Append, Committer, Lookup, NotStored
from infra.eventstore.postgres.notifications import Listener
from infra.eventstore.postgres.reading import StreamRead
from infra.eventstore.postgres.schema import migrate
from infra.eventstore.postgres.subscription import Bell, follow
from infra.postgres.batching import Batcher
from infra.postgres.sessions import ATTEMPT, Session, Sessions

GROUP = 256
WAITING = 4096
READERS = 4
POLL = 1.0
PACE = 0.005
LAST = Position(2**63 - 1 - reading.WINDOW)


class PostgresEventStore:
    """Implements commands.ports.EventStore on the tables of schema.py.

    Nothing waits longer than `patience` seconds for its turn, nor takes longer when it has it: then it is done, or
    StoreUnavailable.
    """

    capabilities = PROMISED

    def __init__(self, url: str, clock: Callable[[], datetime], patience: float = 15.0) -> None:
        self._patience = patience
        self.readers = Sessions(url, "reader", READERS)
        self._writer = Session(url, "committer", lock_within=min(patience, ATTEMPT) / 2)
        self._bell = Bell()
        self._listener = Listener(url, self._bell)
        committer = self._committer = Committer(self._writer, clock, patience)
        self._appends = Batcher(committer.commit, 1, GROUP, WAITING, patience)
        self._reads = Batcher(self._read_all_of, READERS - 1, GROUP, WAITING, patience)

    async def open(self) -> None:
        """Make the tables if they are missing. Raises StoreUnavailable."""
        try:
            await self._writer.persistently(migrate, self._patience)
        except (asyncpg.PostgresError, ValueError) as error:
            raise StoreUnavailable(f"The event store cannot be opened: {error}") from error

    async def append(self, stream: str, events: Sequence[NewEvent], *, expected: Expected) -> Appended:
        check(stream, events)
        return await self._appends(Append(stream, events, expected))

    async def find(self, stream: str, event_id: UUID) -> Record | None:
        if not storable_name(stream):
            return None
        try:
            at = await self._appends(Lookup(stream, event_id))
        except NotStored:
            return None
        (record,) = await self._reads(StreamRead(stream, at.revision - 1, 1))
        return record

    async def read(self, stream: str, *, after: int = NO_STREAM, limit: int | None = None) -> Sequence[Record]:
        if not storable_name(stream):
            return []
        records = await self._reads(StreamRead(stream, min(after, LAST), limit))
        if records and (limit is None or len(records) < limit):
            self._committer.guesses.seen(records[-1])
        return records

    async def read_all(self, *, after: Position, limit: int, types: Collection[str] | None = None) -> Page:
        if limit < 1:
            raise ValueError("A page holds at least one record.")
        page = await self._page(after, limit, types)
        records = list(page.records)
        while len(records) < limit and page.more:
            page = await self._page(page.position, limit - len(records), types)
            records += page.records
        return Page(records, page.position, page.more)

    async def subscribe(
        self, *, after: Position, types: Collection[str] | None = None, batch: int = 1000
    ) -> AsyncIterator[Page]:
        self._listener.start()
        async with aclosing(
            follow(partial(self._page, limit=batch, types=types), self.event_at, self._bell, after, POLL, PACE)
        ) as pages:
            async for page in pages:
                yield page

    async def head(self) -> Position:
        return Position(await self.readers.persistently(lambda c: c.fetchval(reading.HEAD), self._patience))

    async def event_at(self, position: Position) -> UUID | None:
        return await self.readers.persistently(lambda c: reading.event_at(c, position), self._patience)

    async def restore(self, records: Sequence[Record]) -> None:
        """As the opener promises."""
        if records:
            await self.readers.persistently(lambda c: self._committer.restore(c, records), self._patience)

    async def close(self) -> None:
        """Finish the appends under way, end the subscriptions and disconnect."""
        self._bell.muffle()
        await self._listener.close()
        await self._appends.close()
        await self._reads.close()
        await self._writer.close()
        await self.readers.close()

    async def _read_all_of(self, asked: Sequence[StreamRead]) -> Sequence[Sequence[Record] | Exception]:
        return await self.readers.persistently(lambda c: reading.streams(c, asked), self._patience)

    async def _page(self, after: Position, limit: int, types: Collection[str] | None) -> Page:
        if after > LAST:
            return Page([], after)
        return await self.readers.persistently(lambda c: reading.page(c, after, limit, types), self._patience)
