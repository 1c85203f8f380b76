"""The server in a process of its own, which a test may kill."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

START = 60.0


@asynccontextmanager
async def running(*options: str) -> AsyncIterator[tuple[Process, str]]:
    """The process and its connection string; killed at the end. Raises TimeoutError after `START` seconds."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.eventstoredb_server", *options, stdout=PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START):
            uri = (await process.stdout.readline()).decode().strip()
        assert uri, "The server ended before it said where it listens."
        yield process, uri
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
