"""Only one works at a time, and knows when it no longer is the one."""

import asyncio

import asyncpg
import pytest

from infra.postgres.lease import lease
from infra.postgres.membership import LeaseLost

WITHIN = 60


async def test_a_second_one_waits_until_the_first_returns_the_lease(database_url: str) -> None:
    happened = list[str]()

    async def second() -> None:
        async with lease(database_url, "runner"):
            happened.append("second has it")

    async with lease(database_url, "runner"):
        waiting = asyncio.create_task(second())
        async with lease(database_url, "another"):
            happened.append("another name is another lease")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(waiting), 1)
        happened.append("first returns it")
    await asyncio.wait_for(waiting, WITHIN)

    assert happened == ["another name is another lease", "first returns it", "second has it"]


async def test_whoever_loses_the_connection_stops_and_another_takes_over(database_url: str) -> None:
    holding, taken_over = asyncio.Event(), asyncio.Event()

    async def hold(mine: asyncio.Event) -> None:
        async with lease(database_url, "runner"):
            mine.set()
            await asyncio.sleep(WITHIN)

    first = asyncio.create_task(hold(holding))
    await holding.wait()
    second = asyncio.create_task(hold(taken_over))
    await _cut_the_holder(database_url)

    with pytest.raises(LeaseLost, match="runner"):
        await first
    await asyncio.wait_for(taken_over.wait(), WITHIN)
    second.cancel()


async def test_an_error_of_the_body_is_its_own_and_returns_the_lease(database_url: str) -> None:
    with pytest.raises(ZeroDivisionError):
        async with lease(database_url, "runner"):
            raise ZeroDivisionError
    async with asyncio.timeout(WITHIN), lease(database_url, "runner"):
        pass


async def test_a_cancelled_body_is_cancelled_and_not_told_of_a_loss(database_url: str) -> None:
    holding = asyncio.Event()

    async def hold() -> None:
        async with lease(database_url, "runner"):
            holding.set()
            await asyncio.sleep(WITHIN)

    task = asyncio.create_task(hold())
    await holding.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_database_that_is_away_is_waited_for(database_url: str) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2), lease(f"{database_url}.nowhere", "runner"):
            pytest.fail("There is nobody to ask.")


async def _cut_the_holder(database_url: str) -> None:
    admin = await asyncpg.connect(database_url)
    holder = "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted"
    assert await admin.fetchval(holder)
    await admin.close()
