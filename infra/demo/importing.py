"""Bring the catalogue into the shop: the same commands as a back office would send, many at once."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from commands.handler import CommandHandler
from commands.ports import Appended, Codec, EventStore, Expected, NewEvent, Page, Record, Snapshot
from commands.routes import CATEGORY_TREE, ROUTES
from domain.shared.derived import derived_id
from domain.shared.recorded import Metadata, Position
from domain.stock.events import StockReceived
from infra.demo.catalogue import Catalogue, Entry
from infra.demo.recalled import recalled

IN_FLIGHT = 500
ID = UUID("6a3f0f3e-6f0a-5f6e-9b0f-7d1f5c3f2017")
ACTOR = "demo"
REASON = "Import of The Complete Journey"


@dataclass(frozen=True, slots=True)
class Unread:
    """A store that reads a stream only after the first append to it has failed.

    The streams of an import are new, or hold the very same events; asking 277,000 times would take most of its time.
    """

    store: EventStore
    _asked: set[str] = field(default_factory=set)

    async def append(self, stream: str, events: Sequence[NewEvent], *, expected: Expected) -> Appended:
        return await self.store.append(stream, events, expected=expected)

    async def find(self, stream: str, event_id: UUID) -> Record | None:
        return await self.store.find(stream, event_id)

    async def read(self, stream: str, *, after: int = -1, limit: int | None = None) -> Sequence[Record]:
        if stream not in self._asked:
            self._asked.add(stream)
            return []
        return await self.store.read(stream, after=after, limit=limit)

    async def read_all(self, *, after: Position, limit: int, types: Collection[str] | None = None) -> Page:
        return await self.store.read_all(after=after, limit=limit, types=types)

    def subscribe(
        self, *, after: Position, types: Collection[str] | None = None, batch: int = 1000
    ) -> AsyncIterator[Page]:
        return self.store.subscribe(after=after, types=types, batch=batch)

    async def head(self) -> Position:
        return await self.store.head()

    async def event_at(self, position: Position) -> UUID | None:
        return await self.store.event_at(position)


class NoSnapshots:
    """New streams have none."""

    async def load(self, stream: str, version: str) -> Snapshot | None:  # noqa: ARG002 - the port's words
        return None

    async def save(self, stream: str, version: str, snapshot: Snapshot) -> None:
        """The shop will make them."""


async def import_catalogue(
    catalogue: Catalogue, store: EventStore, codec: Codec, advance: Callable[[int], None]
) -> int:
    """Append the missing products; returns their number. `advance` is called for every product, also for those there.

    Command ids follow from the product ids, so an import that was broken off goes on where it stopped.
    """
    there = await _received(store, codec)
    missing = [entry for entry in catalogue.entries if entry.key not in there]
    advance(len(catalogue.entries) - len(missing))
    if not missing:
        return 0
    handle = CommandHandler(Unread(store), codec, NoSnapshots(), ROUTES, streams_kept=2 * IN_FLIGHT)
    await handle.all_of(catalogue.categories, _metadata(CATEGORY_TREE))
    await _all(missing, handle, advance)
    return len(missing)


async def _received(store: EventStore, codec: Codec) -> set[str]:
    """SKUs whose stock the import received: the last step of each product."""
    received = recalled(store, codec, StockReceived)
    return {str(one.fact.sku) async for one in received if one.metadata.actor == ACTOR}


async def _all(entries: Iterable[Entry], handle: CommandHandler, advance: Callable[[int], None]) -> None:
    waiting: Iterator[Entry] = iter(entries)

    async def work() -> None:
        for entry in waiting:
            await handle(entry.on_sku(), _metadata(f"{entry.key}/sku"))
            await handle.all_of(entry.on_product(), _metadata(f"{entry.key}/product"))
            await handle(entry.on_stock(), _metadata(f"{entry.key}/stock"))
            advance(1)

    async with asyncio.TaskGroup() as workers:
        for _ in range(IN_FLIGHT):
            workers.create_task(work())


def _metadata(name: str) -> Metadata:
    command_id = derived_id(ID, name)
    return Metadata(
        command_id=command_id, correlation_id=command_id, causation_id=command_id, actor=ACTOR, reason=REASON
    )
