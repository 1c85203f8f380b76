"""One holder at a time: a lease that lives exactly as long as a database connection."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial

import asyncpg
import structlog

LOOK_EVERY = 0.5
BEAT_EVERY = 2.0
ANSWER_WITHIN = 5.0
# A holder whose machine vanishes is found by the server's keepalive probes, and others may take over.
KEEPALIVE = {"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3"}

log = structlog.get_logger()


class LeaseLost(Exception):
    """The connection that held the lease is gone, so somebody else may work now."""


@asynccontextmanager
async def lease(dsn: str, name: str) -> AsyncIterator[None]:
    """Wait until nobody else holds the lease `name`, hold it, and run the body.

    It is a session advisory lock (PostgreSQL, 13.3.5) on a connection of its own. When that is lost, the body is
    cancelled and LeaseLost raised: whoever works on without a lease works beside its successor.
    """
    connection = await acquired(dsn, name, partial(lock, name))
    beat = asyncio.create_task(_beat(connection))
    try:
        async with held(connection, name):
            yield
    finally:
        beat.cancel()


async def acquired(dsn: str, name: str, first: Callable[[asyncpg.Connection], Awaitable[None]]) -> asyncpg.Connection:
    """A connection on which `first` was done, however long that takes."""
    while True:
        try:
            connection = await asyncpg.connect(dsn, server_settings=KEEPALIVE)
            try:
                await first(connection)
            except BaseException:
                connection.terminate()
                raise
            return connection
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as fault:
            log.warning("lease not to be had", lease=name, error=type(fault).__name__)
            await asyncio.sleep(LOOK_EVERY)


@asynccontextmanager
async def held(connection: asyncpg.Connection, name: str) -> AsyncIterator[None]:
    """Run the body as long as the connection lives, then end both. Raises LeaseLost."""
    log.info("lease taken", lease=name)
    body = asyncio.current_task()
    assert body is not None
    lost = False

    def give_up(_: object) -> None:
        nonlocal lost
        lost = True
        body.cancel()

    connection.add_termination_listener(give_up)
    try:
        yield
    except asyncio.CancelledError:
        if lost and body.uncancel() == 0:
            raise LeaseLost(name) from None
        raise
    finally:
        connection.remove_termination_listener(give_up)
        connection.terminate()
        log.info("lease lost" if lost else "lease returned", lease=name)


async def lock(name: str, connection: asyncpg.Connection, mode: str = "") -> None:
    """Wait for the lock of a name; with the mode `_shared` others may have it as well, but nobody alone."""
    # Asked again and again, for a query that waits would hold back vacuum all the while.
    while True:
        if await connection.fetchval(f"select pg_try_advisory_lock{mode}(hashtextextended($1, 0))", name):
            return
        await asyncio.sleep(LOOK_EVERY)


async def _beat(connection: asyncpg.Connection) -> None:
    with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        while True:
            await asyncio.sleep(BEAT_EVERY)
            await connection.execute("select 1", timeout=ANSWER_WITHIN)
    connection.terminate()
