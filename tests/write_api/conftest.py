"""A shop with goods on sale, and the people in it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.builders.for_sale import put_on_sale
from tests.support.harness.front_desk import Desk, desk


@pytest.fixture
async def shop() -> Desk:
    made = desk()
    await put_on_sale(made.handler)
    return made


@pytest.fixture
async def anna(shop: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with shop.client("anna", "shopper") as client:
        yield client


@pytest.fixture
async def ben(shop: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with shop.client("ben", "shopper") as client:
        yield client


@pytest.fixture
async def olga(shop: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with shop.client("olga", "back_office") as client:
        yield client


@pytest.fixture
async def nobody(shop: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with shop.client(None) as client:
        yield client
