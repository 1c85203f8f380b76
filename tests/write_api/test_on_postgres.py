"""The write API as it is put together for a shop: two processes over one PostgreSQL."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from infra.bootstrap.composition import tokens
from infra.bootstrap.write_api import write_side
from infra.settings import Settings
from tests.support.harness.front_desk import problem, said

KEY = {"Idempotency-Key": "buy it"}


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path,
        database=database_url,
        token_secret=SecretStr("a secret of more than thirty-two bytes"),
        vault_key=SecretStr(base64.b64encode(bytes(32)).decode()),
        webhook_secret=SecretStr("the secret of the gateway"),
    )


@pytest.fixture
async def processes(settings: Settings) -> AsyncIterator[list[httpx.AsyncClient]]:
    """One person with every role, at two processes."""
    token = tokens(settings).issue("anna", ["shopper", "back_office"], timedelta(hours=1))
    async with AsyncExitStack() as stack:
        clients = []
        for _ in range(2):
            transport = httpx.ASGITransport(await stack.enter_async_context(write_side(settings)))
            headers = {"Authorization": f"Bearer {token}"}
            client = httpx.AsyncClient(transport=transport, base_url="http://shop", headers=headers)
            clients.append(await stack.enter_async_context(client))
        yield clients


async def put_on_sale(client: httpx.AsyncClient) -> str:
    """A mug for 12.50."""
    draft = await said(await client.post("/products", json={"title": "Mug"}), 201)
    mug = f"/products/{draft['product_id']}"
    await said(await client.post(f"{mug}/variants", json={"sku": "MUG"}), 201)
    price = {"price": {"amount": 1250, "currency": "USD"}, "valid_from": "2026-01-01T00:00:00Z"}
    await said(await client.post(f"{mug}/variants/MUG/prices", json=price), 201)
    await said(await client.post(f"{mug}/publish"), 200)
    return mug


async def test_a_shop_is_stocked_and_bought_from_over_two_processes(
    processes: list[httpx.AsyncClient], settings: Settings
) -> None:
    here, there = processes
    mug = await put_on_sale(here)
    await said(await there.post("/stock/MAIN/MUG/receipts", json={"quantity": 5}), 201)
    opened = await said(await there.post("/carts", json={"items": [{"sku": "MUG", "quantity": 2}]}), 201)
    wish = {
        "cart_id": opened["cart_id"],
        "total_seen": {"amount": 2500 + 499, "currency": "USD"},
        "delivery_method": "standard",
        "address": {"name": "Anna Berg", "street": "Bergstrasse 1", "city": "Zürich", "country": "CH"},
        "payment_method": "pm_card_ok",
    }
    answers = await asyncio.gather(*(processes[n % 2].post("/checkouts", json=wish, headers=KEY) for n in range(20)))
    assert {(answer.status_code, answer.text) for answer in answers} == {(202, answers[0].text)}
    await said(await here.post(f"{mug}/unpublish", json={"reason": "Sold out"}), 200)
    assert await said(await there.post("/checkouts", json=wish, headers=KEY), 202) == answers[0].json()
    other = await here.post("/checkouts", json={**wish, "payment_method": "other"}, headers=KEY)
    assert (other.status_code, problem(other)["type"]) == (422, "urn:counterfoil:problem:command-id-reused")

    connection = await asyncpg.connect(settings.database)
    log = await connection.fetch("select type, data::text as data from events order by position")
    await connection.close()
    assert [row["type"] for row in log][-5:] == [
        "stock.received.v1",
        "cart.opened.v1",
        "cart.item_added.v1",
        "cart.checked_out.v4",
        "product.unpublished.v1",
    ]
    assert not any("Bergstrasse" in row["data"] for row in log)
