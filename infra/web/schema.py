"""The schema `web` of the pages: what all their processes share. It is in no backup."""

from infra.postgres.sessions import Connection
from infra.postgres.sessions import Sessions as Connections

PATIENCE = 3.0
"""Seconds that a page waits for the database."""

LOCK = "select pg_advisory_xact_lock(hashtextextended('counterfoil web schema', 0))"
SCHEMA = "create schema if not exists web"


async def prepare(connections: Connections, ddl: str) -> None:
    """Make tables that are missing, one process after the other. Raises StoreUnavailable."""

    async def work(connection: Connection) -> None:
        async with connection.transaction():
            await connection.execute(LOCK)
            await connection.execute(SCHEMA)
            await connection.execute(ddl)

    await connections.persistently(work, PATIENCE)
