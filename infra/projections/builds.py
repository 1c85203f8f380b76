"""Builds and their checkpoints in PostgreSQL, as the runner uses them."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import asyncpg
import structlog

from domain.shared.recorded import Position
from infra.postgres.failures import LINE_LOST, translated
from infra.projections import manage
from infra.projections.tables import FedSchema
from projections.engine.builds import Build, CheckpointMoved
from projections.engine.ports import FedTables
from projections.engine.projection import Projection

_MOVE = """
update projection_builds b set position = $4, moved_at = now(), error = null
from unnest($1::text[], $2::int[]) as moved (name, build)
where b.name = moved.name and b.build = moved.build and b.position = $3 and b.status <> 'dropped'
"""

log = structlog.get_logger()

QUIET, ANSWER_WITHIN = 2.0, 5.0
BATCH_WITHIN = 60.0
"""Seconds. A line on which nothing was said for QUIET is asked whether it is still there, and so is every line before
and after a batch. A statement on 4,000 events takes a few seconds at most."""


@dataclass(slots=True)
class PostgresBuilds:
    """One held connection, made anew when it is lost or falls silent."""

    url: str
    quiet: float = QUIET
    answer_within: float = ANSWER_WITHIN
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _held: asyncpg.Connection | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _tables: dict[str, FedSchema] = field(default_factory=dict)

    async def prepare(self, projections: Sequence[Projection]) -> None:
        async with self._connection() as connection:
            await manage.prepare(connection, projections)

    async def known(self) -> Sequence[Build]:
        self._changed.clear()
        async with self._connection() as connection:
            return await manage.builds(connection)

    async def changed(self) -> None:
        while not self._changed.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self.quiet):
                    await self._changed.wait()
                    return
            async with self._connection() as connection:
                await connection.execute("select 1", timeout=self.answer_within)

    @asynccontextmanager
    async def moving(
        self, builds: Sequence[Build], start: Position, to: Position
    ) -> AsyncIterator[Mapping[str, FedTables]]:
        async with self._connection() as connection, self._transaction(connection):
            names, numbers = [build.name for build in builds], [build.number for build in builds]
            # First of all: holding the checkpoints, nobody can drop the tables or move them under us.
            moved = await connection.execute(_MOVE, names, numbers, start, to, timeout=self.answer_within)
            if moved != f"UPDATE {len(builds)}":
                raise CheckpointMoved(f"Not all of {names} stand at {start}.")
            yield {build.schema: self._tables_of(connection, build.schema) for build in builds}
            progress = json.dumps({"position": to, "builds": [build.schema for build in builds]})
            await connection.execute("select pg_notify($1, $2)", manage.PROGRESS, progress, timeout=self.answer_within)

    async def fail(self, build: Build, error: str) -> None:
        async with self._connection() as connection:
            await connection.execute(
                "update projection_builds set error = $3 where name = $1 and build = $2",
                build.name,
                build.number,
                error,
            )

    async def close(self) -> None:
        if self._held is not None:
            await self._held.close()

    @asynccontextmanager
    async def _transaction(self, connection: asyncpg.Connection) -> AsyncIterator[None]:
        """As asyncpg's own, but a line that is silent is noticed at its beginning and at its end."""
        await connection.execute("begin", timeout=self.answer_within)
        try:
            yield
        except LINE_LOST:
            raise
        except BaseException:
            if not connection.is_closed():
                await connection.execute("rollback")
            raise
        await connection.execute("commit", timeout=self.answer_within)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection]:
        async with self._turn:
            with translated():
                if self._held is None or self._held.is_closed():
                    self._held = await self._connect()
                held = self._held
                try:
                    yield held
                except LINE_LOST as error:
                    log.warning("projections connection lost", reason=repr(error))
                    held.terminate()
                    raise

    async def _connect(self) -> asyncpg.Connection:
        self._tables.clear()
        connection = await asyncpg.connect(
            self.url, server_settings=manage.FEEDING, timeout=self.answer_within, command_timeout=BATCH_WITHIN
        )
        await connection.add_listener(manage.CHANGED, lambda *_: self._changed.set())
        connection.add_termination_listener(lambda _: self._changed.set())
        return connection

    def _tables_of(self, connection: asyncpg.Connection, schema: str) -> FedSchema:
        if schema not in self._tables:
            self._tables[schema] = FedSchema(connection, schema)
        return self._tables[schema]
