"""The event store as read models see it: facts, understood once for all of them."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from commands.ports import Codec, EventStore, LogDiverged, Page, Seen, StoreUnavailable, Unreadable
from commands.recognising import ADVICE, recognise, seen_of
from domain.shared.recorded import EventView, Position
from infra.serialization.codec import UnknownEvent
from projections.engine.ports import AnotherLog, Batch, Unread

BEHIND, BATCH = 4000, 2000
FEW = 50
PACE, BUSY_PACE = 0.02, 0.05
"""Seconds from one batch to the next, after a batch of few records and of more."""

PAUSE = 1.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class UnderstoodLog:
    """The log as read models read it: only events that one of them handles are decoded.

    The existing log is read in large batches of those types: a statement costs the same for many rows, and an order
    that changes ten times in a batch is stored once. After that all types are read, so that positions advance with the
    log. An event that cannot be decoded is passed on as such. A reader that `watches` for unknown names reads all
    types from the start. Batches that are not full are paced, because each has a fixed cost; the delay is not
    noticeable.
    """

    store: EventStore
    codec: Codec
    handles: Set[type[Any]]
    watches: bool = False

    async def follow(self, after: Position) -> AsyncGenerator[Batch]:
        names = self.codec.names_of(self.handles)
        decode_view, kind_of, watches = self.codec.decode_view, self.codec.kind_of, self.watches
        clock = asyncio.get_running_loop().time

        async def understood(page: Page) -> Batch:
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
            event_id = seen_of(page).event_id or await self.recognise(page.position, None)
            return Batch(facts, page.position, unread, event_id)

        more = True
        while more:
            page = await self._behind(after, None if watches else names)
            if page.position > after:
                yield await understood(page)
            after, more = page.position, page.more
        with _translated():
            async for page in self.store.subscribe(after=after, batch=BATCH):
                read_at = clock()
                yield await understood(page)
                pace = PACE if len(page.records) < FEW else BUSY_PACE
                if len(page.records) < BATCH and (early := read_at + pace - clock()) > 0:
                    await asyncio.sleep(early)

    async def recognise(self, position: Position, event_id: UUID | None) -> UUID | None:
        seen = Seen(position, event_id)
        while True:
            try:
                with _translated():
                    return (await recognise(self.store.event_at, seen)).event_id
            except StoreUnavailable as error:
                log.warning("read models wait for the event store", position=position, reason=str(error))
                await asyncio.sleep(PAUSE)

    async def _behind(self, after: Position, names: Collection[str] | None) -> Page:
        while True:
            try:
                with _translated():
                    return await self.store.read_all(after=after, limit=BEHIND, types=names)
            except StoreUnavailable as error:
                log.warning("read models wait for the event store", position=after, reason=str(error))
                await asyncio.sleep(PAUSE)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except LogDiverged as error:
        raise AnotherLog(f"{error} {ADVICE}") from error
