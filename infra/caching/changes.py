"""When the catalogue last changed: an answer that was made before may not be given any more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import get_args

from commands.ports import Codec, EventStore
from domain.category.events import CategoryEvent
from domain.product.events import ProductEvent
from domain.shared.recorded import START, Position

HEARD = (*get_args(ProductEvent), *get_args(CategoryEvent))


@dataclass(slots=True)
class Changes:
    """`last` is the position of the last fact about the catalogue that was heard of."""

    last: Position = START


@asynccontextmanager
async def catalogue_changes(store: EventStore, codec: Codec) -> AsyncIterator[Changes]:
    """Follow the log from its present end. Raises StoreUnavailable when that is not to be had."""
    begin = await store.head()
    changes = Changes(begin)

    async def follow() -> None:
        async for page in store.subscribe(after=begin, types=codec.names_of(HEARD)):
            if page.records:
                changes.last = page.records[-1].position

    following = asyncio.create_task(follow())
    try:
        yield changes
    finally:
        following.cancel()
        await asyncio.wait([following])
