"""Connections kept open for reads. asyncpg's pool would reset one after each query, which costs as much as a query."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import asyncpg
import structlog

from infra.circuit import Circuit
from infra.postgres.failures import LINE_LOST, translated
from infra.postgres.liveness import LivenessProbe
from infra.postgres.shutdown import closed
from projections.engine.ports import StorageUnavailable

T = TypeVar("T")

READ_ONLY = {"default_transaction_read_only": "on", "application_name": "counterfoil read models"}
ANSWER_WITHIN = 10.0
"""The time limit of a query in seconds. A server that is silent for so long counts as gone, open connection or not."""

STOPPED_AFTER = 0.8
"""The part of that time after which the server itself cancels a statement; the connection stays usable."""

CONNECTS_WITHIN = 2.5
AWAY = 1.0
"""Seconds between attempts to reach a server that did not answer. Queries in between fail at once."""

OTHER_SHAPE = (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.InvalidSchemaNameError)
"""The build was just dropped, or an older version made it and readers were not switched to a newer one yet."""

log = structlog.get_logger()


class OfOtherShape(StorageUnavailable):
    """The build lacks a table or a column of the query."""


BY_INDEX = {
    "jit": "off",
    "enable_seqscan": "off",
    "enable_sort": "off",
    "enable_memoize": "off",
    "plan_cache_mode": "force_generic_plan",
}
"""For statements that follow an index: their plans must not depend on how full the tables are. A plan made before a
table was counted reads half of it, and it is counted minutes after it was filled, at best. Nor are they made again for
each question, which costs a search as much as its answer."""


class Reading(ABC):
    """What runs statements on some connection."""

    __slots__ = ()

    async def execute(self, query: str, /, *args: object) -> str:
        return await self._asked(asyncpg.Connection.execute, query, args)

    async def fetch(self, query: str, /, *args: object) -> Sequence[asyncpg.Record]:
        return await self._asked(asyncpg.Connection.fetch, query, args)

    async def fetchrow(self, query: str, /, *args: object) -> asyncpg.Record | None:
        return await self._asked(asyncpg.Connection.fetchrow, query, args)

    @abstractmethod
    def in_turn(self) -> AbstractAsyncContextManager["Reading"]:
        """For statements of which each needs the answer of the one before: they wait for a connection once."""

    @abstractmethod
    async def _asked(self, ask: Callable[..., Awaitable[T]], query: str, args: Sequence[object]) -> T: ...


@dataclass(slots=True, eq=False)
class Readers(Reading):
    """At most `size` connections, opened when needed; the one used last is used first, for it is the warmest.

    The server stops a statement after `stop_after` seconds (by default shortly before we stop waiting for an answer).
    All methods raise StorageUnavailable, and TookTooLong. When one connection is lost, those that are idle go with it.
    """

    url: str
    size: int = 4
    settings: Mapping[str, str] = field(default_factory=dict)
    answer_within: float = ANSWER_WITHIN
    stop_after: float | None = None
    _circuit: Circuit = field(default_factory=lambda: Circuit("read models' database", failures=1, pause=AWAY))
    _free: list[asyncpg.Connection] = field(default_factory=list)
    _places: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(self.size)

    @asynccontextmanager
    async def in_turn(self) -> AsyncIterator[Reading]:
        async with self._places:
            yield _Turn(self)

    async def close(self) -> None:
        while self._free:
            await closed(self._free.pop())

    async def _asked(self, ask: Callable[..., Awaitable[T]], query: str, args: Sequence[object]) -> T:
        async with self._places:
            return await self.without_waiting(ask, query, args)

    async def without_waiting(self, ask: Callable[..., Awaitable[T]], query: str, args: Sequence[object]) -> T:
        if not self._circuit.lets_through():
            raise StorageUnavailable("The database did not answer a moment ago.")
        with translated():
            connection = await self._taken()
            probe = LivenessProbe(self.url, connection, self._silent)
            try:
                with probe:
                    answer = await ask(connection, query, *args)
                self._circuit.succeeded()
                return answer
            except OTHER_SHAPE as error:
                log.warning("build of another shape; see: counterfoil projections list", error=str(error))
                raise OfOtherShape("The build that is read is of another version, or gone.") from error
            except LINE_LOST as error:
                self._hang_up(connection, error)
                raise
            finally:
                if not connection.is_closed():
                    self._free.append(connection)

    def _silent(self, line: asyncpg.Connection, error: Exception, *, server: bool) -> None:
        """A line says nothing, or the whole `server` does."""
        if server:
            self._circuit.failed(repr(error))
        self._hang_up(line, error)

    def _hang_up(self, lost: asyncpg.Connection, error: Exception) -> None:
        log.warning("reader connection lost", reason=repr(error))
        for line in (lost, *self._free):
            line.terminate()
        self._free.clear()

    async def _taken(self) -> asyncpg.Connection:
        while self._free:
            if not (connection := self._free.pop()).is_closed():
                return connection
        stop_after = self.answer_within * STOPPED_AFTER if self.stop_after is None else self.stop_after
        limit = {"statement_timeout": f"{stop_after * 1000:.0f}ms"}
        try:
            return await asyncpg.connect(
                self.url,
                server_settings={**READ_ONLY, **limit, **self.settings},
                statement_cache_size=500,
                timeout=min(self.answer_within, CONNECTS_WITHIN),
                command_timeout=self.answer_within,
            )
        except OSError as error:
            self._circuit.failed(repr(error))
            raise


@dataclass(frozen=True, slots=True)
class _Turn(Reading):
    readers: Readers

    @asynccontextmanager
    async def in_turn(self) -> AsyncIterator[Reading]:
        yield self

    async def _asked(self, ask: Callable[..., Awaitable[T]], query: str, args: Sequence[object]) -> T:
        return await self.readers.without_waiting(ask, query, args)
