"""Builds and their checkpoints in PostgreSQL, as the runner uses them."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg

from domain.shared.recorded import Position
from infra.projections import manage
from infra.projections.failures import translated
from infra.projections.tables import SchemaTables
from projections.builds import Build, CheckpointMoved
from projections.ports import Tables
from projections.projection import Projection

_MOVE = """
update projection_builds b set position = $4, moved_at = now(), error = null
from unnest($1::text[], $2::int[]) as moved (name, build)
where b.name = moved.name and b.build = moved.build and b.position = $3 and b.status <> 'dropped'
"""


@dataclass(slots=True)
class PostgresBuilds:
    """One held connection."""

    url: str
    _held: asyncpg.Connection | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _tables: dict[str, SchemaTables] = field(default_factory=dict)

    async def prepare(self, projections: Sequence[Projection]) -> None:
        async with self._connection() as connection:
            await manage.prepare(connection, projections)

    async def known(self) -> Sequence[Build]:
        self._changed.clear()
        async with self._connection() as connection:
            return await manage.builds(connection)

    async def changed(self) -> None:
        await self._changed.wait()

    @asynccontextmanager
    async def moving(
        self, builds: Sequence[Build], start: Position, to: Position
    ) -> AsyncIterator[Mapping[str, Tables]]:
        async with self._connection() as connection, connection.transaction():
            names, numbers = [build.name for build in builds], [build.number for build in builds]
            # First of all: holding the checkpoints, nobody can drop the tables or move them under us.
            moved = await connection.execute(_MOVE, names, numbers, start, to)
            if moved != f"UPDATE {len(builds)}":
                raise CheckpointMoved(f"Not all of {names} stand at {start}.")
            yield {build.schema: self._tables_of(connection, build.schema) for build in builds}
            progress = json.dumps({"position": to, "builds": [build.schema for build in builds]})
            await connection.execute("select pg_notify($1, $2)", manage.PROGRESS, progress)

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
    async def _connection(self) -> AsyncIterator[asyncpg.Connection]:
        with translated():
            if self._held is None or self._held.is_closed():
                self._held = await self._connect()
            yield self._held

    async def _connect(self) -> asyncpg.Connection:
        self._tables.clear()
        connection = await asyncpg.connect(self.url, server_settings=manage.FEEDING)
        await connection.add_listener(manage.CHANGED, lambda *_: self._changed.set())
        connection.add_termination_listener(lambda _: self._changed.set())
        return connection

    def _tables_of(self, connection: asyncpg.Connection, schema: str) -> SchemaTables:
        if schema not in self._tables:
            self._tables[schema] = SchemaTables(connection, schema)
        return self._tables[schema]
