"""When the catalogue last changed: an answer that was made before may not be given any more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import get_args

import structlog

from commands.ports import Codec, EventStore, StoreError
from domain.category.events import CategoryEvent
from domain.product.events import ProductEvent
from domain.shared.recorded import START, Position

AGAIN_AFTER = 1.0
HEARD = (*get_args(ProductEvent), *get_args(CategoryEvent))

log = structlog.get_logger()


@dataclass(slots=True)
class CatalogueVersion:
    """`last` is the position of the last fact about the catalogue that was received."""

    last: Position = START


@asynccontextmanager
async def catalogue_version(store: EventStore, codec: Codec) -> AsyncIterator[CatalogueVersion]:
    """Follow the log from its present end. Raises StoreUnavailable when that is not to be had."""
    begin = await store.head()
    changes = CatalogueVersion(begin)

    async def follow() -> None:
        while True:
            try:
                async for page in store.subscribe(after=changes.last, types=codec.names_of(HEARD)):
                    if page.records:
                        changes.last = page.records[-1].position
            except StoreError as error:
                log.warning("catalogue not followed", error=str(error))
                await asyncio.sleep(AGAIN_AFTER)
            except Exception:
                log.exception("catalogue not followed")
                await asyncio.sleep(AGAIN_AFTER)

    following = asyncio.create_task(follow())
    try:
        yield changes
    finally:
        following.cancel()
        await asyncio.wait([following])
