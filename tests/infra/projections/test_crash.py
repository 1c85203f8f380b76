"""A runner that is killed at any moment leaves rows and checkpoint that fit together."""

import asyncio
import sys

import asyncpg

from commands.ports import EventStore
from domain.shared.recorded import Position
from infra.projections.active import ActiveBuilds
from projections.catalogue import PROJECTIONS
from tests.support.projecting import PATIENCE, everything, folded, served
from tests.support.sale import sale
from tests.support.shop import Shop, Writer

NAMES = [projection.name for projection in PROJECTIONS]


async def test_rows_equal_the_fold_after_kills_between_and_within_batches(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    shop, writer = Shop(units=10**6), Writer(store)
    await writer.write(shop.opening())
    for number in range(400):
        story = sale(shop, number)
        await writer.write([story.delivered, story.cancelled, story.short, story.rejected][number % 4]())
    head = await store.head()
    kills = 0
    async with ActiveBuilds(database_url) as active:
        while min(active.reached(NAMES).values()) < head:
            further = Position(min(active.reached(NAMES).values()) + 1)
            follower = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.infra.projections.follower",
                database_url,
                stdout=asyncio.subprocess.DEVNULL,
            )
            await active.wait_for(NAMES, further, PATIENCE)
            follower.kill()
            await follower.wait()
            kills += 1
    assert kills > 1
    facts = await everything(store)
    for projection in PROJECTIONS:
        assert await served(connection, projection) == await folded(connection, projection, facts)
