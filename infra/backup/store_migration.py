"""A shop whose log has moved to another store: what named positions of the old one is translated or made again."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import asyncpg

from domain.shared.recorded import Position
from infra.projections import manage

RUNNERS = ("processes", "projections")
"""The work of those who remember how far they have read; who holds its lease keeps them out."""

TAKE = "select pg_try_advisory_lock(hashtextextended($1, 0))"
PROGRESS = "select runner, position from processes.process_progress"
MOVE = "update processes.process_progress set position = $2 where runner = $1"


class ShopRuns(Exception):
    """A lease is held that is free only while the shop is stopped."""


@asynccontextmanager
async def at_rest(database: str) -> AsyncIterator[asyncpg.Connection]:
    """Keep processes and read models of a shop standing still. Raises ShopRuns."""
    connection = await asyncpg.connect(database)
    try:
        for name in RUNNERS:
            if not await connection.fetchval(TAKE, name):
                raise ShopRuns(f"The {name} of this shop run. Stop the shop first.")
        yield connection
    finally:
        await connection.close()


async def standing(connection: asyncpg.Connection) -> Sequence[Position]:
    """How far the processes have come."""
    return [Position(row["position"]) for row in await _progress(connection)]


async def adopt(connection: asyncpg.Connection, places: Mapping[Position, Position]) -> None:
    """Let processes go on where they stood, at the places of the new store, and read models begin anew.

    Rows of read models name positions, and so do snapshots: both are made again from the log.
    """
    await manage.install(connection)
    async with connection.transaction():
        for row in await _progress(connection):
            await connection.execute(MOVE, row["runner"], places[Position(row["position"])])
        if await connection.fetchval("select to_regclass('snapshots')") is not None:
            await connection.execute("delete from snapshots")
        await manage.drop_all(connection)


async def _progress(connection: asyncpg.Connection) -> Sequence[asyncpg.Record]:
    if await connection.fetchval("select to_regclass('processes.process_progress')") is None:
        return []
    rows: Sequence[asyncpg.Record] = await connection.fetch(PROGRESS)
    return rows
