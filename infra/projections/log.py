"""The event store as read models see it: facts, understood once for all of them."""

import asyncio
from collections.abc import AsyncGenerator, Set
from dataclasses import dataclass
from typing import Any

from commands.ports import Codec, EventStore
from domain.shared.recorded import Position
from projections.ports import Batch

BATCH = 2000
PACE = 0.05


@dataclass(frozen=True, slots=True)
class UnderstoodLog:
    """Only what somebody hears is decoded. The store is asked for everything, so that positions move with it.

    From one batch to the next there are at least PACE seconds, unless they are full: what a batch costs whatever is in
    it would else be most of the cost, and nobody sees the difference.
    """

    store: EventStore
    codec: Codec
    hears: Set[type[Any]]

    async def follow(self, after: Position) -> AsyncGenerator[Batch]:
        names = self.codec.names_of(self.hears)
        clock = asyncio.get_running_loop().time
        async for page in self.store.subscribe(after=after, batch=BATCH):
            read_at = clock()
            facts = [self.codec.understand(record) for record in page.records if record.type in names]
            yield Batch(facts, page.position)
            if len(page.records) < BATCH and (early := read_at + PACE - clock()) > 0:
                await asyncio.sleep(early)
