"""Tells the pages how far the import is."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from commands.ports import StoreUnavailable
from infra.bootstrap import composition
from infra.settings import Settings
from infra.web.filling import PostgresFilling

TELLS_EVERY = 2.0


@asynccontextmanager
async def told_to_pages(
    settings: Settings, total: int, advance: Callable[[int], None]
) -> AsyncIterator[Callable[[int], None]]:
    """What is to be called with each number of products that are there, as `advance` is."""
    done = 0

    def imported(products: int) -> None:
        nonlocal done
        done += products
        advance(products)

    async def tell(filling: PostgresFilling) -> None:
        while True:
            with suppress(StoreUnavailable):
                await filling.tell(done, total)
            await asyncio.sleep(TELLS_EVERY)

    async with composition.sessions_of(settings, "import") as sessions:
        filling = PostgresFilling(sessions)
        await filling.prepare()
        telling = asyncio.create_task(tell(filling))
        try:
            yield imported
        finally:
            telling.cancel()
            await asyncio.wait([telling])
            with suppress(StoreUnavailable):
                await filling.end()
