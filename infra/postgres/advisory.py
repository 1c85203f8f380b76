"""Advisory locks of PostgreSQL, by name."""

import asyncio

import asyncpg

LOOK_EVERY = 0.2
"""Seconds. A statement that waited instead would hold back vacuum all the while."""


async def lock(name: str, connection: asyncpg.Connection, mode: str = "") -> None:
    """Wait for the lock of a name, and hold it for the session; mode `_shared` shares it with others of that mode."""
    while True:
        if await connection.fetchval(f"select pg_try_advisory_lock{mode}(hashtextextended($1, 0))", name):
            return
        await asyncio.sleep(LOOK_EVERY)
