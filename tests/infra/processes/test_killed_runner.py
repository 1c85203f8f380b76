"""kill -9 in the middle of work, again and again: every command is carried out, and none of them twice."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID, uuid5

from commands.handler import CommandHandler
from commands.ports import EventStore
from domain.shared.journal import JournalEntry
from domain.shared.messages import stored_name
from domain.shared.recorded import START, Metadata, Position, Recorded
from infra.eventstore.factory import open_event_store
from infra.postgres.sessions import Sessions
from infra.processes.progress import PostgresProgress
from infra.serialization.codec import JsonCodec
from process_managers.engine.process import CommandRefused
from tests.support.harness.counter import SellTicket, TicketSold
from tests.support.harness.process_harness import ROUTES

GROUPS, SOLD_OUT = 200, 20
HEARD = stored_name(JournalEntry)
WITHIN = 60


@asynccontextmanager
async def runner(url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A runner in a process of its own, killed at the end of the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.infra.processes.outings", url, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def sell(handle: CommandHandler, show: str, number: int = 0) -> None:
    sold = uuid5(UUID(int=number), show)
    signed = Metadata(command_id=sold, correlation_id=sold, causation_id=sold, actor="test")
    await handle(SellTicket(show=show), signed)


async def heard(store: EventStore, entries: int) -> None:
    """Wait until journals have so many entries."""
    count = 0
    async for page in store.subscribe(after=START, types=[HEARD], batch=1):
        count += len(page.records)
        if count >= entries:
            return


async def everything(store: EventStore) -> list[Recorded[object]]:
    page = await store.read_all(after=START, limit=100_000)
    return [JsonCodec().decode_event(record) for record in page.records]


async def test_commands_are_carried_out_exactly_once_through_any_number_of_kills(database_url: str) -> None:
    async with AsyncExitStack() as cleaning:
        store, snapshots = await open_event_store(database_url)
        cleaning.push_async_callback(store.close)
        handle = CommandHandler(store, JsonCodec(), snapshots, ROUTES)
        for number in range(3):
            await asyncio.gather(*(sell(handle, f"{group}/dinner", number) for group in range(SOLD_OUT)))
        await asyncio.gather(*(sell(handle, f"{group}/play") for group in range(GROUPS)))

        for entries in (3, 100, 200):
            async with runner(database_url):
                await asyncio.wait_for(heard(store, entries), WITHIN)
        # Three share the work, and one after the other is killed.
        async with runner(database_url) as first, runner(database_url) as second, runner(database_url):
            await asyncio.wait_for(heard(store, 250), WITHIN)
            first.kill()
            await asyncio.wait_for(heard(store, 300), WITHIN)
            second.kill()
            await asyncio.wait_for(heard(store, 350), WITHIN)

        # Of those whose dinner is sold out, journals hear 3 dinners, play, refusal and list; of all others 2 shows.
        async with runner(database_url), runner(database_url):
            await asyncio.wait_for(heard(store, SOLD_OUT * 6 + (GROUPS - SOLD_OUT) * 2), WITHIN)
            await asyncio.wait_for(checkpoint_at_end(database_url, store), WITHIN)

        log = await everything(store)
        asked = [one.command_id for r in log if isinstance(r.fact, JournalEntry) for one in r.fact.asked]
        refused = [
            r for r in log if isinstance(r.fact, JournalEntry) and isinstance(r.fact.input.message, CommandRefused)
        ]
        carried_out = Counter(r.metadata.command_id for r in log if not isinstance(r.fact, JournalEntry))
        assert len(asked) == GROUPS + SOLD_OUT
        assert len(refused) == SOLD_OUT
        assert Counter(carried_out[command] for command in asked) == {0: SOLD_OUT, 1: GROUPS}
        dinners = Counter(r.fact.show for r in log if isinstance(r.fact, TicketSold) and r.fact.show.endswith("dinner"))
        assert dinners == {f"{n}/dinner": 3 if n < SOLD_OUT else 1 for n in range(GROUPS)}


async def checkpoint_at_end(url: str, store: EventStore) -> None:
    """Wait until the runner has nothing left to do."""
    sessions = Sessions(url, "test", 1)
    at = Position(0)
    while at < await store.head():
        at = await PostgresProgress(sessions).position()
    await sessions.close()


async def test_another_runner_takes_over_from_one_that_was_killed(database_url: str) -> None:
    store, snapshots = await open_event_store(database_url)
    handle = CommandHandler(store, JsonCodec(), snapshots, ROUTES)
    await sell(handle, "anna/play")
    async with runner(database_url) as first:
        await asyncio.wait_for(heard(store, 2), WITHIN)
        async with runner(database_url):
            first.kill()
            await sell(handle, "ben/play")
            await asyncio.wait_for(heard(store, 4), WITHIN)
    await store.close()
