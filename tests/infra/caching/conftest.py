"""A client of the Redis that all tests share, and a namespace for each test."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from redis.asyncio import Redis


@pytest.fixture
async def client(redis: str) -> AsyncIterator[Redis]:
    """Patient: what is tested with it is not how soon it gives up."""
    opened = Redis.from_url(redis)
    yield opened
    await opened.aclose()


@pytest.fixture
def namespace() -> str:
    return f"test-{uuid4()}"
