"""Connections to PostgreSQL that are held, not borrowed from a pool that resets them, and made anew when lost."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

import asyncpg
import structlog

from commands.ports import StoreUnavailable
from domain.shared.backoff import Backoff

T = TypeVar("T")

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

log = structlog.get_logger()

TRY_AGAIN = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InvalidTransactionStateError,
    asyncpg.LockNotAvailableError,
    asyncpg.TransactionRollbackError,
    asyncpg.UniqueViolationError,
)
"""Errors after which the work is done again: a lost connection; a server that stops, starts, is full or in recovery; a
time-out; a lock that could not be taken; and a write of another process that did not hold it."""

CONNECTING = 5.0
ATTEMPT = 5.0
BACKOFF = Backoff(0.02, 1.0)


async def connect(url: str, name: str, lock_within: float = 0.0) -> Connection:
    """A connection for short statements by index, whose plans must not depend on how full the tables are.

    JSON comes and goes as bytes, as it is hashed, encoded and decoded.

    The server stops waiting for a lock after `lock_within` seconds (0: never), before we stop waiting for the server: a
    statement whose caller has given up must not be carried out later.
    """
    settings = {
        "application_name": f"counterfoil {name}",
        "jit": "off",
        "enable_seqscan": "off",
        "plan_cache_mode": "force_generic_plan",
        "idle_in_transaction_session_timeout": "5s",
        "lock_timeout": f"{lock_within * 1000:.0f}ms",
    }
    connection = await asyncpg.connect(url, timeout=CONNECTING, server_settings=settings)
    try:
        await connection.set_type_codec("json", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary")
    except BaseException:
        connection.terminate()
        raise
    return connection


@dataclass(slots=True, eq=False)
class Session:
    """One connection, opened when it is needed and kept."""

    url: str
    name: str
    lock_within: float = 0.0
    _connection: "Connection | None" = None
    _closed: bool = False

    async def persistently(self, work: Callable[[Connection], Awaitable[T]], patience: float) -> T:
        """Do the work; when the connection is lost, again on a new one. Raises StoreUnavailable when patience ends.

        The work may be done twice: a connection can be lost between the server's deed and its answer.
        """
        now = asyncio.get_running_loop().time
        deadline, failures = now() + patience, 0
        while True:
            try:
                async with asyncio.timeout_at(min(deadline, now() + ATTEMPT)):
                    return await work(await self._open())
            except TRY_AGAIN as error:
                failures += 1
                pause = BACKOFF.pause(failures)
                self._lost(error, again=now() + pause + self.lock_within < deadline)
                await asyncio.sleep(pause)
            except BaseException:
                self._drop()
                raise

    async def close(self) -> None:
        self._closed = True
        if self._connection is not None:
            with suppress(*TRY_AGAIN):
                await self._connection.close(timeout=1)

    async def _open(self) -> Connection:
        if self._closed:
            raise StoreUnavailable("The event store is closed.")
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self.url, self.name, self.lock_within)
        return self._connection

    def _lost(self, error: Exception, *, again: bool) -> None:
        self._drop()
        if isinstance(error, ValueError):  # asyncpg's word for an argument of the wrong kind
            raise error
        reason = f"{type(error).__name__}: {error}"
        if not again:
            raise StoreUnavailable(f"The event store cannot be reached. {reason}") from error
        log.warning("event store connection lost", session=self.name, reason=reason)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


@dataclass(slots=True, eq=False)
class Sessions:
    """Several sessions for many users, each lent to one at a time, the warmest first."""

    url: str
    name: str
    count: int
    _idle: "asyncio.LifoQueue[Session]" = field(default_factory=asyncio.LifoQueue)

    def __post_init__(self) -> None:
        for _ in range(self.count):
            self._idle.put_nowait(Session(self.url, self.name))

    async def persistently(self, work: Callable[[Connection], Awaitable[T]], patience: float) -> T:
        """As Session.persistently, on whichever session is idle."""
        session = await self._idle.get()
        try:
            return await session.persistently(work, patience)
        finally:
            self._idle.put_nowait(session)

    async def close(self) -> None:
        """Close each session when it comes back."""
        sessions = [await self._idle.get() for _ in range(self.count)]
        for session in sessions:
            await session.close()
            self._idle.put_nowait(session)
