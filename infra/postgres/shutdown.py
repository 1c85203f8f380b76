"""Close connections and cancel tasks when the database may not answer."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import asyncpg

CLOSES_WITHIN = 1.0
AGAIN_AFTER = 2.0


async def closed(line: asyncpg.Connection) -> None:
    """Close a connection, waiting for the server a second at most."""
    with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        async with asyncio.timeout(CLOSES_WITHIN):
            await line.close()
    line.terminate()


async def ended(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """Cancel tasks repeatedly until they have ended: a cancelled transaction waits for the server to roll back."""
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=AGAIN_AFTER)
