"""A read side with one purchase in it, and one in which nothing may be looked up."""

from collections.abc import AsyncIterator

import pytest

from tests.support.builders.purchases import bought
from tests.support.harness.read_side import Asker, NoHistory, NoModels, OpenBook, ReadSide, asking, ports, read_side


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[ReadSide]:
    async with read_side(database_url) as shop:
        bought(shop.log)
        await shop.catch_up()
        shop.models.statements.clear()
        yield shop


@pytest.fixture
async def closed() -> AsyncIterator[Asker]:
    """Whoever looks something up gets a fault of ours."""
    models = NoModels(AssertionError("Something was looked up."))
    async with asking(ports(models, NoHistory(), OpenBook())) as closed:
        yield closed
