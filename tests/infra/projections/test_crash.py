"""A runner that is killed at any moment leaves rows and checkpoint that fit together."""

import asyncio
import sys

import asyncpg

from commands.ports import EventStore
from domain.shared.recorded import Position
from infra.projections import manage
from infra.projections.active import ActiveBuilds
from infra.projections.run import build_all
from infra.serialization.codec import JsonCodec
from projections.registry import PROJECTIONS
from tests.support.builders.sale import sale
from tests.support.builders.shop import Shop, Writer
from tests.support.harness.projecting import PATIENCE, everything, folded, served

NAMES = [projection.name for projection in PROJECTIONS]
REBUILT = [projection for projection in PROJECTIONS if projection.name in ("orders", "carts", "search")]


async def _sell(store: EventStore, orders: int) -> None:
    shop, writer = Shop(units=10**6), Writer(store)
    await writer.write(shop.opening())
    for number in range(orders):
        story = sale(shop, number)
        await writer.write([story.delivered, story.cancelled, story.short, story.rejected][number % 4]())


async def _follower(url: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.infra.projections.follower", url, stdout=asyncio.subprocess.DEVNULL
    )


async def test_rows_equal_the_fold_after_kills_between_and_within_batches(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    await _sell(store, 400)
    head = await store.head()
    kills = 0
    async with ActiveBuilds(database_url) as active:
        while min(active.reached(NAMES).values()) < head:
            further = Position(min(active.reached(NAMES).values()) + 1)
            follower = await _follower(database_url)
            await active.wait_for(NAMES, further, PATIENCE)
            follower.kill()
            await follower.wait()
            kills += 1
    assert kills > 1
    facts = await everything(store)
    for projection in PROJECTIONS:
        assert await served(connection, projection) == await folded(connection, projection, facts)


async def test_what_is_rebuilt_beside_what_is_read_goes_on_after_kills_and_ends_equal(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    await _sell(store, 400)
    head = await store.head()
    await build_all(database_url, store, JsonCodec(), PROJECTIONS)
    begun = list[Position]()
    for projection in REBUILT:
        begun += await _positions(connection)
        await manage.rebuild(connection, projection)
        await _killed_on_the_way(database_url, connection)
    while min(await _positions(connection)) < head:
        await _killed_on_the_way(database_url, connection)
    assert any(0 < position < head for position in begun)
    facts = await everything(store)
    for projection in REBUILT:
        assert await served(connection, projection, 2) == await folded(connection, projection, facts)


async def _killed_on_the_way(url: str, connection: asyncpg.Connection) -> None:
    """A runner that takes the new builds one batch further, at least."""
    before, follower = await _positions(connection), await _follower(url)
    async with asyncio.timeout(PATIENCE):
        while await _positions(connection) == before:  # noqa: ASYNC110  # nobody announces it to a bare connection
            await asyncio.sleep(0.005)
    follower.kill()
    await follower.wait()


async def _positions(connection: asyncpg.Connection) -> list[Position]:
    """Where the new builds stand."""
    return [build.position for build in await manage.builds(connection) if build.number > 1]
