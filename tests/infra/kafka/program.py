"""Parts of the shop as programs, to be killed."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.e2e.shop import ROOT, environment


@asynccontextmanager
async def part(name: str, database: str, broker: str, prefix: str, data: Path, **others: str) -> AsyncIterator[Process]:
    """The program `counterfoil run <name>`, ready; killed at the end."""
    settings = {
        "COUNTERFOIL_DATA": str(data),
        "COUNTERFOIL_DATABASE": database,
        "COUNTERFOIL_KAFKA": broker,
        "COUNTERFOIL_KAFKA_PREFIX": prefix,
        **others,
    }
    words = [sys.executable, "-m", "infra.cli.main", "run", name]
    log = (data / f"{name}.log").open("ab")
    process = await asyncio.create_subprocess_exec(
        *words, cwd=ROOT, env={**environment(), **settings}, stdout=PIPE, stderr=log
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
