"""`python -m tests.infra.projections.follower URL`: the runner in a process of its own, to be killed."""

import asyncio
import sys

from infra.bootstrap.parts import Ready, again_and_again
from infra.eventstore.factory import open_event_store
from infra.projections.run import run_projections
from infra.serialization.codec import JsonCodec
from projections.registry import PROJECTIONS


async def _follow(url: str) -> None:
    opened = await open_event_store(url)

    async def work(up: Ready) -> None:
        up()
        await run_projections(url, opened.store, JsonCodec(), PROJECTIONS)

    await again_and_again(work)


if __name__ == "__main__":
    asyncio.run(_follow(sys.argv[1]))
