"""The parts of the shop that work behind the scenes, each to be run in a process of its own until it is cancelled."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from infra.bootstrap import composition
from infra.gc_tuning import collect_rarely
from infra.postgres.lease import LeaseLost, lease
from infra.postgres.partition_assignment import share_work
from infra.projections.run import run_projections
from infra.settings import Settings
from process_managers.engine.partitions import PARTITIONS
from projections.registry import PROJECTIONS

Ready = Callable[[], None]
"""To be called when the part does its work."""

PROCESSES, WEBHOOKS = "processes", "webhooks"

AGAIN_AFTER = 0.5
LOOKS_AT_KEYS_EVERY = 60.0
SIGNATURE = "Stripe-Signature"
HOOKS = "/webhooks/payments"


async def feed_projections(settings: Settings, ready: Ready) -> None:
    collect_rarely()

    async def work() -> None:
        async with composition.event_store(settings) as store:
            ready()
            await run_projections(composition.database_of(settings), store, composition.codec(), PROJECTIONS)

    copying = asyncio.create_task(while_there_is_a_lease(partial(composition.search_index, settings)))
    try:
        await while_there_is_a_lease(work)
    finally:
        copying.cancel()
        await asyncio.wait([copying])


async def drive_processes(settings: Settings, ready: Ready) -> None:
    collect_rarely()
    database = composition.database_of(settings)

    async def work() -> None:
        async with composition.process_runner(settings) as runner_of:
            ready()

            async def drive(mine: frozenset[str], stop: asyncio.Event) -> None:
                await runner_of(frozenset(map(int, mine))).run(stop)

            await share_work(database, PROCESSES, list(map(str, range(PARTITIONS))), drive)

    async def send() -> None:
        async with lease(database, WEBHOOKS):
            await _send_webhooks(settings)

    beside = [
        asyncio.create_task(while_there_is_a_lease(send)),
        asyncio.create_task(composition.rotate_when_due(settings, LOOKS_AT_KEYS_EVERY)),
    ]
    try:
        await while_there_is_a_lease(work)
    finally:
        for task in beside:
            task.cancel()
        await asyncio.wait(beside)


async def _send_webhooks(settings: Settings) -> None:
    """Tell the write API what the test gateway has to tell."""
    import httpx  # a seventh of the time until the part is ready, and needed after that only

    async with httpx.AsyncClient(base_url=composition.write_url(settings), trust_env=False) as client:

        async def send(body: bytes, signature: str) -> None:
            headers = {SIGNATURE: signature, "Content-Type": "application/json"}
            (await client.post(HOOKS, content=body, headers=headers)).raise_for_status()

        async with composition.webhook_sender(settings, send) as sender:
            await _until_cancelled(sender.run)


async def while_there_is_a_lease(work: Callable[[], Awaitable[None]]) -> None:
    """Whoever loses the lease has lost the database; they queue for it again."""
    while True:
        try:
            await work()
            return
        except LeaseLost:
            await asyncio.sleep(AGAIN_AFTER)


async def _until_cancelled(run: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """When we are cancelled, ask for the end and wait for it: what is in hand is finished."""
    stop = asyncio.Event()
    running = asyncio.ensure_future(run(stop))
    try:
        await asyncio.shield(running)
    finally:
        stop.set()
        await running
