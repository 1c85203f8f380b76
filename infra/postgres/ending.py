"""Ending work on a database that does not answer."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import asyncpg

CLOSES_WITHIN = 1.0
AGAIN_AFTER = 2.0


async def closed(line: asyncpg.Connection) -> None:
    """Take leave of the server, if it answers at once."""
    with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        async with asyncio.timeout(CLOSES_WITHIN):
            await line.close()
    line.terminate()


async def ended(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """Cancel tasks until they have ended: a transaction that is cancelled waits for the server once more."""
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=AGAIN_AFTER)
