"""The event store as read models see it: facts, understood once for all of them."""

from collections.abc import AsyncGenerator, Set
from dataclasses import dataclass
from typing import Any

from commands.ports import Codec, EventStore
from domain.shared.messages import stored_name
from domain.shared.recorded import Position
from projections.ports import Batch

BATCH = 2000


@dataclass(frozen=True, slots=True)
class UnderstoodLog:
    """Only what somebody hears is decoded. The store is asked for everything, so that positions move with it."""

    store: EventStore
    codec: Codec
    hears: Set[type[Any]]

    async def follow(self, after: Position) -> AsyncGenerator[Batch]:
        names = {stored_name(heard) for heard in self.hears}
        async for page in self.store.subscribe(after=after, batch=BATCH):
            facts = [self.codec.understand(record) for record in page.records if record.type in names]
            yield Batch(facts, page.position)
