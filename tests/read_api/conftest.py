"""A read side for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.support.read_side import ReadSide, read_side


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[ReadSide]:
    async with read_side(database_url) as shop:
        yield shop
