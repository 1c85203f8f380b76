"""Who was forgotten is shown by no process a moment later, and can buy again at once."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from domain.shared.personal import Sealed
from infra.bootstrap.composition import secret_of, sessions_of
from infra.bootstrap.data_folder import SECRETS, with_secrets
from infra.bootstrap.vault import vault_of
from infra.postgres.embedded import EmbeddedPostgres
from infra.settings import Settings
from tests.e2e.shop import data_folder
from tests.e2e.test_up import open_shop
from tests.e2e.test_up import until as wait
from tests.hostile.everything import SOMEBODY
from tests.hostile.parts import Running, running
from tests.support.harness.front_desk import said
from tests.support.harness.vaults import as_earlier_versions_had_it, names
from tests.write_api.test_checkouts import HOME
from tests.write_api.test_on_postgres import put_on_sale

SHOWN_FOR = 2.0
PATIENCE = 60
ORDER = "query($id: ID!) { order(id: $id) { delivery { address { name street city } } } }"
WRAPPING_KEYS = "select wrapping_id::text from vault.wrapping_keys"


@pytest.fixture
async def parts(database_url: str, tmp_path: Path) -> AsyncIterator[list[Running]]:
    """A write API, and two read APIs that remember answers."""
    async with AsyncExitStack() as stack:
        started = []
        for number, name in enumerate(("write-api", "read-api", "read-api", "projections", "processes")):
            folder = tmp_path / str(number)
            folder.mkdir()
            settings = {"COUNTERFOIL_KEYS_FOLDER": str(tmp_path / "keys"), "COUNTERFOIL_REMEMBER": "32"}
            settings["COUNTERFOIL_TEST_GATEWAY"] = "true"
            started.append(await stack.enter_async_context(running(name, database_url, folder, **settings)))
        yield started


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            if await holds():
                return
            await asyncio.sleep(0.05)


async def order(client: httpx.AsyncClient, order_id: str) -> dict[str, Any] | None:
    answer = await client.post("/graphql", json={"query": ORDER, "variables": {"id": order_id}})
    found: dict[str, Any] | None = answer.json()["data"]["order"]
    return found


async def buy(shop: httpx.AsyncClient, home: dict[str, str]) -> str:
    cart = await said(await shop.post("/carts", json={"items": [{"sku": "MUG", "quantity": 1}]}), 201)
    wish = {
        "cart_id": cart["cart_id"],
        "total_seen": {"amount": 1250 + 499, "currency": "USD"},
        "delivery_method": "standard",
        "address": home,
        "payment_method": "pm_card_ok",
    }
    bought: str = (await said(await shop.post("/checkouts", json=wish), 202))["checkout_id"]
    return bought


async def test_no_process_shows_the_address_two_seconds_later_and_a_new_order_has_one(
    parts: list[Running], database_url: str, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        shop, *readers = [await stack.enter_async_context(part.client()) for part in parts[:3]]
        await put_on_sale(shop)
        await said(await shop.post("/stock/MAIN/MUG/receipts", json={"quantity": 5}), 201)
        first = await buy(shop, HOME)
        for reader in readers:

            async def shown(reader: httpx.AsyncClient = reader) -> bool:
                found = await order(reader, first)
                return found is not None and found["delivery"]["address"]["street"] == HOME["street"]

            await until(shown)

        async def keep_asking(reader: httpx.AsyncClient) -> float:
            """The last moment at which the address was begun to be asked for and shown."""
            last, stop = 0.0, time.monotonic() + 2 * SHOWN_FOR
            while (now := time.monotonic()) < stop:
                found = await order(reader, first)
                assert found is not None
                if found["delivery"]["address"] is not None:
                    last = now
            return last

        asking = [asyncio.create_task(keep_asking(reader)) for reader in readers]
        await asyncio.sleep(0.2)
        await said(await shop.post("/people/forget", json={"subject": SOMEBODY, "reason": "Letter"}), 200)
        forgotten_at = time.monotonic()
        second = await buy(shop, {**HOME, "street": "Talweg 2"})
        assert [last - forgotten_at < SHOWN_FOR for last in await asyncio.gather(*asking)] == [True, True]
        for reader in readers:
            await until(lambda reader=reader: _is_there(reader, second))  # type: ignore[misc]
            assert (await order(reader, second) or {})["delivery"]["address"]["street"] == "Talweg 2"
            assert await order(reader, first) == {"delivery": {"address": None}}

        await rotated_by_itself(database_url, tmp_path)
        for reader in readers:
            assert (await order(reader, second) or {})["delivery"]["address"]["street"] == "Talweg 2"
        third = await buy(shop, {**HOME, "street": "Seeweg 3"})
        await until(lambda: _is_there(readers[0], third))
        assert (await order(readers[0], third) or {})["delivery"]["address"]["street"] == "Seeweg 3"


def test_a_shop_of_an_earlier_version_has_its_keys_wrapped_anew_and_its_vault_key_replaced() -> None:
    with data_folder() as data:
        server = EmbeddedPostgres(data)
        server.start()
        settings = with_secrets(Settings(data=data, database=server.url))
        sealed = asyncio.run(sealed_earlier(settings))
        server.stop()
        assert names(data) == ["postgresql", "postgresql.log", *SECRETS]
        with open_shop(data) as (program, _):
            wait(lambda: not (data / "vault_key_before").exists() and len(names(data / "keys")) == 1)
            assert (data / "vault_key").read_text() != secret_of(settings.vault_key)
            assert (
                asyncio.run(read_now(with_secrets(settings.model_copy(update={"vault_key": None})), sealed)) == b"home"
            )
            assert program.stop() == 0


async def sealed_earlier(settings: Settings) -> Sealed:
    async with sessions_of(settings, "test") as sessions:
        vault = await vault_of(settings, sessions)
        sealed = await vault.seal("anna", b"home")
        await as_earlier_versions_had_it(settings.database or "", vault.wrapping)
        return sealed


async def read_now(settings: Settings, sealed: Sealed) -> bytes | None:
    async with sessions_of(settings, "test") as sessions:
        return await (await vault_of(settings, sessions)).open(sealed)


async def _is_there(reader: httpx.AsyncClient, order_id: str) -> bool:
    return await order(reader, order_id) is not None


async def rotated_by_itself(database_url: str, folder: Path) -> None:
    """Make the wrapping key a day older, and wait until another one is there in its place."""
    connection = await asyncpg.connect(database_url)
    keys = {"COUNTERFOIL_KEYS_FOLDER": str(folder / "keys")}
    before = names(folder / "keys")
    await connection.execute("update vault.wrapping_keys set made_at = made_at - interval '25 hours'")

    async def rotated() -> bool:
        there = [row[0] for row in await connection.fetch(WRAPPING_KEYS)]
        return set(before).isdisjoint(there) and there == names(folder / "keys")

    async with running("processes", database_url, folder, **keys):
        await until(rotated)
    await connection.close()
