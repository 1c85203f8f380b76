"""The parts of the shop that work behind the scenes, each to be run in a process of its own until it is cancelled."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from commands.ports import StoreUnavailable
from infra.bootstrap import composition, vault
from infra.bootstrap.payments import follow_stripe, retry_gateway_calls
from infra.gc_tuning import collect_rarely
from infra.postgres.lease import lease
from infra.postgres.membership import LeaseLost
from infra.postgres.partition_assignment import Fence, share_work
from infra.projections.run import run_projections
from infra.settings import Settings
from process_managers.engine.partitions import PARTITIONS
from projections.engine.ports import StorageUnavailable
from projections.registry import PROJECTIONS

Ready = Callable[[], None]
"""To be called when the part does its work."""

PROCESSES, WEBHOOKS, STRIPE, RETRIES, MAILS = "processes", "webhooks", "stripe", "gateway retries", "mails"

AGAIN_AFTER = 0.5
LOOKS_AT_KEYS_EVERY = 60.0
SIGNATURE = "Stripe-Signature"
HOOKS = "/webhooks/payments"

log = structlog.get_logger()


async def feed_projections(settings: Settings, ready: Ready) -> None:
    collect_rarely()

    async def work(up: Ready) -> None:
        async with composition.event_store(settings) as store:
            up()
            await run_projections(composition.database_of(settings), store, composition.codec(), PROJECTIONS)

    async def copy(up: Ready) -> None:
        up()
        await composition.search_index(settings)

    copying = asyncio.create_task(again_and_again(copy))
    try:
        await again_and_again(work, ready)
    finally:
        copying.cancel()
        await asyncio.wait([copying])


async def drive_processes(settings: Settings, ready: Ready) -> None:
    collect_rarely()
    database = composition.database_of(settings)

    async def work(up: Ready) -> None:
        async with composition.process_runner(settings) as runner_of:
            up()

            async def drive(fence: Fence, stop: asyncio.Event) -> None:
                await runner_of(fence).run(stop)

            await share_work(database, PROCESSES, list(map(str, range(PARTITIONS))), drive)

    async def send(up: Ready) -> None:
        up()
        async with lease(database, WEBHOOKS):
            await _send_webhooks(settings)

    async def stripe(up: Ready) -> None:
        up()
        async with lease(database, STRIPE):
            await _until_cancelled(partial(follow_stripe, settings))

    async def retry(up: Ready) -> None:
        up()
        async with lease(database, RETRIES):
            await _until_cancelled(partial(retry_gateway_calls, settings))

    async def mail(up: Ready) -> None:
        up()
        async with lease(database, MAILS):
            await _send_mails(settings)

    beside = [
        asyncio.create_task(vault.rotate_when_due(settings, LOOKS_AT_KEYS_EVERY)),
        asyncio.create_task(again_and_again(mail)),
        asyncio.create_task(again_and_again(retry)),
    ]
    if settings.test_gateway:
        beside.append(asyncio.create_task(again_and_again(send)))
    if settings.stripe_key is not None:
        beside.append(asyncio.create_task(again_and_again(stripe)))
    try:
        await again_and_again(work, ready)
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


async def _send_mails(settings: Settings) -> None:
    from infra.bootstrap.accounts import mailing, order_mails

    async with mailing(settings) as mailer, order_mails(settings) as about_orders, asyncio.TaskGroup() as both:
        both.create_task(mailer.run())
        both.create_task(about_orders.run())


async def again_and_again(work: Callable[[Ready], Awaitable[None]], ready: Ready = lambda: None) -> None:
    """Do the work until it ends, and begin it again when its lease is lost or the database is away.

    Work that never came up fails instead: its settings may be wrong. Raises StoreUnavailable, StorageUnavailable.
    """
    came_up = False

    def up() -> None:
        nonlocal came_up
        came_up = True
        ready()

    while True:
        try:
            await work(up)
            return
        except LeaseLost as lost:
            log.warning("work begins again", reason="lease lost", lease=str(lost))
        except (StoreUnavailable, StorageUnavailable) as error:
            if not came_up:
                raise
            log.warning("work begins again", reason=str(error) or repr(error.__cause__))
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
