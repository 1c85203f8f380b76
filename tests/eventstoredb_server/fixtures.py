"""A fresh EventStoreDB for a test."""

from collections.abc import AsyncIterator

import pytest

from . import Server


@pytest.fixture
async def eventstoredb() -> AsyncIterator[Server]:
    """Plain, in memory, in the loop of the test."""
    async with Server() as server:
        yield server
