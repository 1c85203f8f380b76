"""A follower that is frozen, or that the database hears nothing of: its read models go on elsewhere and stay right."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager

import asyncpg
import pytest

from commands.ports import EventStore
from infra.projections.active import ActiveBuilds
from projections.registry import PROJECTIONS
from tests.infra.projections.test_crash import NAMES, _follower, _sell
from tests.support.fixtures.freezing import frozen, shares
from tests.support.fixtures.proxy import until, wire_to
from tests.support.harness.projecting import everything, folded, reached, served

WITHIN = 60
SIZES = [len(PROJECTIONS) // 2, len(PROJECTIONS) - len(PROJECTIONS) // 2]


@asynccontextmanager
async def follower(url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await _follower(url)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.parametrize("way", ["frozen", "silent"])
async def test_read_models_of_a_stopped_follower_go_on_and_equal_the_fold(
    database_url: str, store: EventStore, connection: asyncpg.Connection, way: str
) -> None:
    async def shared(sizes: list[int]) -> bool:
        try:
            return await shares(connection, "projections") == sizes
        except asyncpg.UndefinedTableError:
            return False

    async with wire_to(database_url) as wire, follower(wire.url) as first, follower(database_url):
        await until(lambda: shared(SIZES), WITHIN)
        async with ActiveBuilds(database_url) as active:
            await _sell(store, 100)
            stopped: AbstractContextManager[None] = frozen(first.pid) if way == "frozen" else wire.silent()
            with stopped:
                await _sell(store, 100)
                assert await reached(active, NAMES, await store.head())
                assert await shared([len(PROJECTIONS)])
            await until(lambda: shared(SIZES), WITHIN)
            await _sell(store, 100)
            assert await reached(active, NAMES, await store.head())
            assert first.returncode is None
    facts = await everything(store)
    for projection in PROJECTIONS:
        assert await served(connection, projection) == await folded(connection, projection, facts)
