"""Random requests over the whole OpenAPI document, by schemathesis: every operation, every check, every phase."""

import asyncio
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Sequence

from tests.hostile.parts import Running, bearer

CONFIG = "tests/hostile/schemathesis.toml"
CLI = (sys.executable, "-m", "schemathesis.cli", "--config-file", CONFIG, "run")


async def throw_requests(at: Running, *options: str) -> tuple[int, str]:
    """Throw requests until the options say that it is enough; answers schemathesis' exit code and what it told."""
    words: Sequence[str] = (
        f"{at.url}/openapi.json",
        *(f"--header={name}: {value}" for name, value in bearer().items()),
        "--continue-on-failure",
        "--no-color",
        "--warnings=off",
        *options,
    )
    process = await asyncio.create_subprocess_exec(*CLI, *words, stdout=PIPE, stderr=STDOUT)
    told, _ = await process.communicate()
    return await process.wait(), told.decode()
