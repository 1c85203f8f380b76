"""Read sides to ask: one with a database, and one in which nothing has happened."""

from collections.abc import AsyncIterator

import pytest

from tests.support.harness.read_side import Asker, NoHistory, NoModels, OpenBook, ReadSide, asking, ports, read_side


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[ReadSide]:
    async with read_side(database_url) as shop:
        yield shop


@pytest.fixture
def no_models() -> NoModels:
    return NoModels()


@pytest.fixture
async def empty(no_models: NoModels) -> AsyncIterator[Asker]:
    async with asking(ports(no_models, NoHistory(), OpenBook())) as empty:
        yield empty
