"""Taking part in a work for a term at a time: a row that others can see end, and a clock of our own that ends first.

A member renews its term every RENEW_EVERY seconds. When it cannot, it stops MARGIN seconds before others may remove it;
when it is frozen, others remove it at the end of its term. A session that ends is noticed at once by both sides.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import structlog

from infra.clock.steady import seconds_since_boot
from infra.postgres.lease_schema import END_STALLED, JOIN, LEAVE, NEXT_TOKEN, PRESENT, RENEW, install

TERM, RENEW_EVERY, MARGIN = 10.0, 2.0, 2.0
"""Seconds. What a lease protects goes over to others within TERM and two looks."""

LOOK_EVERY = 0.5
STALLED_AFTER = 5.0
"""Seconds for which a session of ours may hold a lock that others wait for, and wait for its client."""

CONNECTS_WITHIN, ANSWERS_WITHIN, LEAVES_WITHIN = 5.0, 5.0, 1.0
SESSION = {
    "application_name": "counterfoil lease",
    # A holder whose machine vanishes is found by the server's keepalive probes; a frozen one in a transaction is ended.
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "idle_in_transaction_session_timeout": "5s",
}

NOT_THERE = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

log = structlog.get_logger()


class LeaseLost(Exception):
    """The lease has ended, so another holder may be at work."""


@dataclass(slots=True, eq=False)
class Membership:
    """A token in a work, valid until `ends` by the clock that counts from the start of this machine."""

    work: str
    token: int
    lost: asyncio.Event
    _connection: asyncpg.Connection
    _ends: float
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def valid(self) -> bool:
        return not self.lost.is_set() and seconds_since_boot() < self._ends

    async def ask(self, method: Callable[..., Awaitable[Any]], query: str, *args: object) -> Any:
        """What the server answers before the term ends. Raises LeaseLost."""
        try:
            if not self.valid:
                raise TimeoutError
            async with asyncio.timeout(self._ends - seconds_since_boot()), self._turn:
                return await method(self._connection, query, *args)
        except NOT_THERE as error:
            log.warning("lease not renewed", lease=self.work, token=self.token, reason=type(error).__name__)
            self.end()
            raise LeaseLost(self.work) from error

    async def execute(self, query: str, *args: object) -> str:
        status: str = await self.ask(asyncpg.Connection.execute, query, *args)
        return status

    async def fetch(self, query: str, *args: object) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self.ask(asyncpg.Connection.fetch, query, *args)
        return rows

    def end(self) -> None:
        """Give everything up now, without a word to the server."""
        self._connection.terminate()
        self.lost.set()

    async def renewing(self) -> None:
        """Renew the term until it is lost."""
        with suppress(LeaseLost):
            while True:
                await asyncio.sleep(RENEW_EVERY)
                began = seconds_since_boot()
                if await self.execute(RENEW, self.work, self.token, TERM) != "UPDATE 1":
                    log.warning("lease taken over by others", lease=self.work, token=self.token)
                    break
                self._ends = began + TERM - MARGIN
                await self._end_stalled()
        self.end()

    async def _end_stalled(self) -> None:
        """End sessions whose clients are frozen and whose locks others wait for. Raises LeaseLost."""
        for row in await self.fetch(END_STALLED, STALLED_AFTER):
            log.warning("stalled session ended", session=row["name"], backend=row["pid"])

    async def leave(self) -> None:
        """Notify the other members, if the server answers at once."""
        with suppress(LeaseLost, TimeoutError):
            async with asyncio.timeout(LEAVES_WITHIN):
                await self.execute(LEAVE, self.work, self.token)


@asynccontextmanager
async def member_of(dsn: str, work: str) -> AsyncIterator[Membership]:
    """Take part in a work until the block ends, which it should soon after `lost` is set."""
    lost = asyncio.Event()
    membership = await _joined(dsn, work, lost)
    membership._connection.add_termination_listener(lambda _: lost.set())
    log.info("lease taken", lease=work, token=membership.token)
    renewing = asyncio.create_task(membership.renewing())
    try:
        yield membership
    finally:
        renewing.cancel()
        await asyncio.wait([renewing])
        was_lost = lost.is_set()
        if not was_lost:
            await membership.leave()
        membership.end()
        log.info("lease lost" if was_lost else "lease returned", lease=work, token=membership.token)


async def _joined(dsn: str, work: str, lost: asyncio.Event) -> Membership:
    """A membership, however long the server is away or the work is kept at rest."""
    while True:
        try:
            connection = await asyncpg.connect(
                dsn, server_settings=SESSION, timeout=CONNECTS_WITHIN, command_timeout=ANSWERS_WITHIN
            )
            try:
                await install(connection)
                await _admitted(connection, work)
                token = await connection.fetchval(NEXT_TOKEN)
                await connection.execute(PRESENT, work, token)
                began = seconds_since_boot()
                await connection.execute(JOIN, work, token, f"{socket.gethostname()} {os.getpid()}", TERM)
            except BaseException:
                connection.terminate()
                raise
            return Membership(work, token, lost, connection, began + TERM - MARGIN)
        except NOT_THERE as fault:
            log.warning("lease not to be had", lease=work, error=type(fault).__name__)
            await asyncio.sleep(LOOK_EVERY)


async def _admitted(connection: asyncpg.Connection, work: str) -> None:
    """Wait while the work is kept at rest (infra/backup/store_migration.py), and keep it from being put to rest."""
    # Asked again and again, for a query that waits would hold back vacuum all the while.
    while True:
        if await connection.fetchval("select pg_try_advisory_lock_shared(hashtextextended($1, 0))", work):
            return
        await asyncio.sleep(LOOK_EVERY)
