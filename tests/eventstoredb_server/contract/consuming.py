"""How the tests consume persistent subscriptions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

OFTEN: dict[str, Any] = {"min_checkpoint_count": 1, "max_checkpoint_count": 1, "checkpoint_after": 0.0}
"""A checkpoint after every event."""


@asynccontextmanager
async def reading(subscribing: Any) -> AsyncIterator[Any]:
    subscription = await subscribing
    try:
        yield subscription
    finally:
        await subscription.stop()


async def take(subscription: Any, number: int) -> list[Any]:
    """Pumped by a task of its own, because a cancelled iteration would end the subscription."""

    async def takes() -> list[Any]:
        return [await anext(subscription) for _ in range(number)]

    return await asyncio.wait_for(asyncio.create_task(takes()), 60)


async def handle(subscription: Any, number: int) -> list[Any]:
    taken = []
    for _ in range(number):
        (each,) = await take(subscription, 1)
        await subscription.ack(each)
        taken.append(each)
    return taken


async def until(true: Any) -> None:
    async with asyncio.timeout(60):
        while not await true():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
