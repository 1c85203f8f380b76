"""A runner that is frozen, or that the database hears nothing of: another one carries on, and nothing is done twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, AsyncExitStack
from dataclasses import dataclass
from time import monotonic

import asyncpg
import pytest

from commands.handler import CommandHandler
from domain.shared.journal import JournalEntry
from infra.eventstore.factory import ClosableEventStore, open_event_store
from infra.serialization.codec import JsonCodec
from process_managers.engine.partitions import PARTITIONS
from tests.infra.processes.test_killed_runner import WITHIN, checkpoint_at_end, everything, heard, runner, sell
from tests.support.fixtures.freezing import frozen, shares
from tests.support.fixtures.proxy import Wire, until, wire_to
from tests.support.harness.counter import TicketSold
from tests.support.harness.process_harness import ROUTES

GROUPS = 100
HALF = PARTITIONS // 2
GOES_OVER_WITHIN = 20.0
"""Seconds: 15 are promised, and machines that run tests are busy."""


@dataclass(frozen=True, slots=True)
class Evening:
    """Two runners at work, of which the first can be stopped without closing a line."""

    first: asyncio.subprocess.Process
    wire: Wire
    way: str
    url: str
    admin: asyncpg.Connection
    store: ClosableEventStore
    handle: CommandHandler

    def stopped(self) -> AbstractContextManager[None]:
        return frozen(self.first.pid) if self.way == "frozen" else self.wire.silent()

    async def even(self) -> bool:
        return await shares(self.admin, "processes") == [HALF, HALF]

    async def all_planned(self, groups: int) -> None:
        """Until so many groups have play and dinner, which each journal hears of."""
        await asyncio.wait_for(heard(self.store, 2 * groups), WITHIN)


@pytest.fixture(params=["frozen", "silent"])
async def evening(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Evening]:
    async with AsyncExitStack() as cleaning:
        store, snapshots = await open_event_store(database_url)
        cleaning.push_async_callback(store.close)
        admin = await asyncpg.connect(database_url)
        cleaning.push_async_callback(admin.close)
        wire = await cleaning.enter_async_context(wire_to(database_url))
        handle = CommandHandler(store, JsonCodec(), snapshots, ROUTES)
        first = await cleaning.enter_async_context(runner(wire.url))
        await until(lambda: settled(admin, [PARTITIONS]), WITHIN)
        await cleaning.enter_async_context(runner(database_url))
        await until(lambda: settled(admin, [HALF, HALF]), WITHIN)
        yield Evening(first, wire, str(request.param), database_url, admin, store, handle)


async def settled(admin: asyncpg.Connection, sizes: list[int]) -> bool:
    try:
        return await shares(admin, "processes") == sizes
    except asyncpg.UndefinedTableError:
        return False


async def test_what_a_stopped_runner_held_is_done_by_another_and_once(evening: Evening) -> None:
    await asyncio.gather(*(sell(evening.handle, f"{group}/play") for group in range(GROUPS)))
    await asyncio.wait_for(heard(evening.store, 20), WITHIN)
    with evening.stopped():
        began = monotonic()
        await asyncio.gather(*(sell(evening.handle, f"{group}/play") for group in range(GROUPS, 2 * GROUPS)))
        await until(lambda: settled(evening.admin, [PARTITIONS]), WITHIN)
        assert monotonic() - began < GOES_OVER_WITHIN
        await evening.all_planned(2 * GROUPS)

    await until(evening.even, WITHIN)
    await asyncio.gather(*(sell(evening.handle, f"{group}/play") for group in range(2 * GROUPS, 3 * GROUPS)))
    await evening.all_planned(3 * GROUPS)
    await asyncio.wait_for(checkpoint_at_end(evening.url, evening.store), WITHIN)
    assert evening.first.returncode is None

    log = await everything(evening.store)
    asked = Counter(one.command_id for r in log if isinstance(r.fact, JournalEntry) for one in r.fact.asked)
    assert list(asked.values()) == [1] * 3 * GROUPS
    dinners = Counter(r.fact.show for r in log if isinstance(r.fact, TicketSold) and r.fact.show.endswith("dinner"))
    assert dinners == {f"{group}/dinner": 1 for group in range(3 * GROUPS)}
