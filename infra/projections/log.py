"""The event store as read models see it: facts, understood once for all of them."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Set
from dataclasses import dataclass
from typing import Any

import structlog

from commands.ports import Codec, EventStore, Page, StoreUnavailable, Unreadable
from domain.shared.recorded import EventView, Position
from infra.serialization.codec import UnknownEvent
from projections.engine.ports import Batch, Unread

BEHIND, BATCH = 4000, 2000
FEW = 50
PACE, BUSY_PACE = 0.02, 0.05
"""Seconds from one batch to the next, after a batch of few records and of more."""

PAUSE = 1.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class UnderstoodLog:
    """Only what somebody hears is decoded.

    What is there already is read in large batches of nothing but that: a statement costs the same for many rows, and
    an order that is told of ten times in a batch is stored once. Then the store is asked for everything, so that
    positions move with it. What cannot be read is handed out as such. Who `watches` for names that are not known reads
    everything from the start. Batches that are not full come at a pace: what one costs whatever is in it would else be
    most of the cost, and nobody sees the difference.
    """

    store: EventStore
    codec: Codec
    handles: Set[type[Any]]
    watches: bool = False

    async def follow(self, after: Position) -> AsyncGenerator[Batch]:
        names = self.codec.names_of(self.handles)
        decode_view, kind_of, watches = self.codec.decode_view, self.codec.kind_of, self.watches
        clock = asyncio.get_running_loop().time

        def understood(page: Page) -> Batch:
            facts, unread = list[EventView[Any]](), list[Unread]()
            for it in page.records:
                if it.type in names:
                    try:
                        facts.append(decode_view(it))
                    except Unreadable as fault:
                        unread.append(Unread(it.position, it.stream, it.type, kind_of(it.type), fault))
                elif watches and kind_of(it.type) is None:
                    stranger = UnknownEvent(f"No event is called {it.type}. Is this version older than the log?")
                    unread.append(Unread(it.position, it.stream, it.type, None, stranger))
            return Batch(facts, page.position, unread)

        more = True
        while more:
            page = await self._behind(after, None if watches else names)
            if page.position > after:
                yield understood(page)
            after, more = page.position, page.more
        async for page in self.store.subscribe(after=after, batch=BATCH):
            read_at = clock()
            yield understood(page)
            pace = PACE if len(page.records) < FEW else BUSY_PACE
            if len(page.records) < BATCH and (early := read_at + pace - clock()) > 0:
                await asyncio.sleep(early)

    async def _behind(self, after: Position, names: Collection[str] | None) -> Page:
        while True:
            try:
                return await self.store.read_all(after=after, limit=BEHIND, types=names)
            except StoreUnavailable as error:
                log.warning("read models wait for the event store", position=after, reason=str(error))
                await asyncio.sleep(PAUSE)
