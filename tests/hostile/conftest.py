"""A read side with one purchase in it."""

from collections.abc import AsyncIterator

import pytest

from tests.support.purchases import bought
from tests.support.read_side import ReadSide, read_side


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[ReadSide]:
    async with read_side(database_url) as shop:
        bought(shop.log)
        await shop.catch_up()
        shop.models.statements.clear()
        yield shop
