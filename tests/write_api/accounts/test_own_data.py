"""The download of one's data: all of it, nothing of others, no notes of staff, and never without bounds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from domain.cart.events import CartAbandoned, CartOpened, ItemAdded, PriceAgreed
from domain.shared.ids import CartId, CustomerId
from domain.shared.money import Money
from domain.shared.personal import Sealed
from infra.bootstrap.composition import sessions_of
from infra.bootstrap.vault import vault_of
from infra.projections.builds import PostgresBuilds
from infra.projections.tables import FedSchema
from infra.settings import Settings
from projections import carts, orders
from tests.projections.test_carts import MILK, offer
from tests.support.builders.event_log_builder import NOON, Log, feed
from tests.support.builders.purchases import Purchase
from tests.support.harness.accounts import Shop, bearer
from tests.support.harness.front_desk import problem, said

HOME = {"name": "Anna Berg", "street": "Bergstrasse 1", "postal_code": "8001", "city": "Zürich", "country": "CH"}
BENS = {"name": "Ben Planted", "street": "Planted Road 9", "city": "Bern", "country": "CH"}
NOTE, WORDS = "NOTE OF STAFF", "regular customer"
"""The second is the reason of the price that staff agreed to in `Purchase`."""


class Shopper:
    """A shopper who is logged in."""

    def __init__(self, shop: Shop, tokens: Any) -> None:
        self.shop, self.tokens, self.id = shop, tokens, CustomerId(tokens["subject"])

    async def ask(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = await self.shop.client.request(method, path, json=body, headers=bearer(self.tokens))
        return await said(answer, status)

    async def download(self, **headers: str) -> httpx.Response:
        return await self.shop.client.get("/account/data", headers={**bearer(self.tokens), **headers})


@pytest.fixture
async def anna(accounts: Shop) -> Shopper:
    return Shopper(accounts, await accounts.registered("anna@shop.example", name="Anna Berg", device="phone"))


@pytest.fixture
async def ben(accounts: Shop) -> Shopper:
    return Shopper(accounts, await accounts.registered("ben@planted.example", name="Ben Planted", device="Bens tablet"))


@asynccontextmanager
async def told(settings: Settings, log: Log) -> AsyncIterator[None]:
    """The read models of orders and carts, with what the log tells."""
    assert settings.database is not None
    builds, connection = PostgresBuilds(settings.database), await asyncpg.connect(settings.database)
    await builds.prepare([orders.PROJECTION, carts.PROJECTION])
    for projection in (orders.PROJECTION, carts.PROJECTION):
        await feed(FedSchema(connection, f"{projection.name}_b1"), projection, log.recorded)
    try:
        yield
    finally:
        await connection.close()
        await builds.close()


@pytest.fixture
async def homes(
    settings: Settings, anna: Shopper, ben: Shopper, monkeypatch: pytest.MonkeyPatch
) -> dict[CustomerId, Sealed]:
    """The addresses of orders, sealed for their shoppers. A test may mix them up."""
    async with sessions_of(settings, "test") as sessions:
        vault = await vault_of(settings, sessions)
        plain = {anna.id: HOME, ben.id: BENS}
        sealed = {it: await vault.seal(it, httpx.Request("POST", "/", json=home).content) for it, home in plain.items()}
    monkeypatch.setattr("tests.support.builders.purchases.home_of", sealed.__getitem__)
    return sealed


def cart(log: Log, owner: CustomerId, number: str) -> CartId:
    """Three litres of milk, at a price that staff agreed to."""
    cart_id = CartId(number)
    log.tell(
        CartOpened(cart_id=cart_id, owner=owner, currency="USD", at=NOON),
        ItemAdded(cart_id=cart_id, offer=offer(MILK, 99), quantity=3, at=NOON),
        PriceAgreed(cart_id=cart_id, sku=MILK, total=Money(250, "USD"), reason=NOTE, at=NOON),
        stream=f"cart-{cart_id}",
    )
    return cart_id


def order(log: Log, customer: CustomerId, number: str, at: int = 0) -> Purchase:
    """A cart, and the order that it became."""
    purchase = Purchase(log, number, customer, cart(log, customer, f"cart-of-{number}"))
    purchase.buy(at)
    return purchase


def usd(cents: int) -> dict[str, Any]:
    return {"amount": cents, "currency": "USD"}


def line(sku: str, title: str, quantity: int, *steps: dict[str, Any], total: int) -> dict[str, Any]:
    known = {"sku": sku, "title": title, "quantity": quantity, "dispatched": quantity, "cancelled": 0}
    return {**known, "price_steps": list(steps), "total": usd(total)}


def step(kind: str, cents: int, reason: str | None) -> dict[str, Any]:
    return {"kind": kind, "amount": usd(cents), "reason": reason}


def own_cart(number: str, status: str, order_id: str | None = None) -> dict[str, Any]:
    kept = {"sku": MILK, "title": "Milk-1", "quantity": 3, "unit_price": usd(99), "base_quantity": 1}
    lines = [{**kept, "agreed_total": usd(250)}]
    at = "2026-11-25T12:00:00Z"
    known = {"cart_id": number, "status": status, "currency": "USD", "touched_at": at}
    return {**known, "lines": lines, "order_id": order_id}


async def test_all_that_the_shop_holds_of_a_shopper_is_in_one_document(
    settings: Settings, anna: Shopper, homes: dict[CustomerId, Sealed]
) -> None:
    assert set(homes) >= {anna.id}
    address_id = (await anna.ask("POST", "/account/addresses", HOME, 201))["address_id"]
    await anna.ask("PUT", "/account/consents/newsletter", {"wording": "2026-11"})
    await anna.ask("DELETE", "/account/consents/newsletter")
    log = Log()
    purchase = order(log, anna.id, "O1")
    purchase.fulfil()
    purchase.reach("shipping", attention=NOTE, process="fulfilment")
    cart(log, anna.id, "open")
    log.tell(CartAbandoned(cart_id=cart(log, anna.id, "left")), stream="cart-left")
    async with told(settings, log):
        response = await anna.download()
        found = await said(response, 200)
    headers = (response.headers["content-disposition"], response.headers["cache-control"])
    assert headers == ('attachment; filename="my-data.json"', "no-store")
    assert found["profile"]["email"] == "anna@shop.example"
    assert (found["profile"]["name"], found["profile"]["subject"]) == ("Anna Berg", anna.id)
    defaults = {"address_id": address_id, "for_delivery": True, "for_billing": True}
    assert found["addresses"] == [{**HOME, "region": "", **defaults}]
    assert [(it["purpose"], it["given"], it["wording"]) for it in found["consents"]] == [
        ("newsletter", True, "2026-11"),
        ("newsletter", False, None),
    ]
    assert [(it["device"], it["present"]) for it in found["sessions"]] == [("phone", True)]
    assert (found["all_orders"], found["all_carts"]) == (True, True)
    assert found["carts"] == [
        own_cart("left", "abandoned"),
        own_cart("open", "open"),
        own_cart("cart-of-O1", "checked out", "O1"),
    ]
    (own,) = found["orders"]
    number = own.pop("number")
    assert len(number) == 11
    assert own == {
        "order_id": "O1",
        "status": "delivered",
        "placed_at": "2026-11-25T12:00:00Z",
        "lines": [
            line("MILK-1", "Whole milk", 2, step("list", 198, "2 x 0.99 USD"), step("agreed", -18, None), total=180),
            line("BREAD-1", "Bread", 1, step("list", 250, "1 x 2.50 USD"), total=250),
        ],
        "delivery": {
            "method": "parcel",
            "price": usd(500),
            "price_steps": [step("list", 500, "parcel")],
            "address": {**HOME, "region": ""},
        },
        "total": usd(930),
        "owed": usd(930),
        "payment": {
            "payment_id": "O1",
            "status": "captured",
            "method": "card",
            "amount": usd(930),
            "captured": usd(930),
            "refunded": usd(0),
            "refunds": [],
            "failure": None,
        },
        "shipments": [
            {
                "shipment_id": "O1.1",
                "status": "delivered",
                "items": [{"sku": "MILK-1", "quantity": 2}, {"sku": "BREAD-1", "quantity": 1}],
                "carrier": "DHL",
                "tracking": "JD014",
                "last_seen": None,
            }
        ],
    }
    assert [it for it in (NOTE, WORDS, "walter") if it in response.text] == []


async def test_nothing_of_another_shopper_is_in_it(
    settings: Settings, anna: Shopper, ben: Shopper, homes: dict[CustomerId, Sealed]
) -> None:
    await ben.ask("POST", "/account/addresses", BENS, 201)
    await ben.ask("PUT", "/account/consents/newsletter", {"wording": "planted-wording"})
    log = Log()
    order(log, ben.id, "bens-order", at=1)
    order(log, anna.id, "annas-order")
    cart(log, ben.id, "bens-cart")
    homes[anna.id] = homes[ben.id]
    order(log, anna.id, "sent-to-ben", at=2)
    async with told(settings, log):
        response, bens = await anna.download(), await ben.download()
    found = await said(response, 200)
    addresses = {it["order_id"]: it["delivery"]["address"] for it in found["orders"]}
    assert addresses == {"annas-order": {**HOME, "region": ""}, "sent-to-ben": None}
    assert [it["cart_id"] for it in found["carts"]] == ["cart-of-sent-to-ben", "cart-of-annas-order"]
    planted = (ben.id, "Ben Planted", "Planted Road", "ben@planted.example", "Bens tablet", "planted-wording", "bens-")
    assert [it for it in planted if it in response.text] == []
    assert [it for it in planted if it not in bens.text] == []


@pytest.mark.parametrize(
    ("most", "most_lines", "page", "kept"), [(3, 6, 1, 3), (3, 6, 3, 3), (2, 6, 1, 2), (3, 5, 2, 2), (3, 1, 3, 0)]
)
async def test_a_long_history_is_cut_after_the_newest(
    settings: Settings,
    anna: Shopper,
    homes: dict[CustomerId, Sealed],
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    most_lines: int,
    page: int,
    kept: int,
) -> None:
    assert homes
    monkeypatch.setattr("write_api.own_data.MOST", most)
    monkeypatch.setattr("write_api.own_data.MOST_LINES", most_lines)
    monkeypatch.setattr("infra.projections.own_records.PAGE", page)
    log = Log()
    for number in range(3):
        order(log, anna.id, f"O{number}", at=number)
    async with told(settings, log):
        found = await said(await anna.download(), 200)
    assert [it["order_id"] for it in found["orders"]] == ["O2", "O1", "O0"][:kept]
    assert found["all_orders"] is (kept == 3)
    newest = ["cart-of-O2", "cart-of-O1", "cart-of-O0"][: min(most, most_lines)]
    assert ([it["cart_id"] for it in found["carts"]], found["all_carts"]) == (newest, len(newest) == 3)


async def test_a_download_needs_a_login_a_short_time_ago(anna: Shopper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("write_api.http.context.RECENT", timedelta(seconds=-1))
    refused = await anna.download()
    assert (refused.status_code, problem(refused)["type"]) == (403, "urn:counterfoil:problem:reauthentication-required")


async def test_guests_and_strangers_have_no_data(accounts: Shop) -> None:
    guest = await accounts.post("/sessions", 201)
    headers = {"Authorization": f"Bearer {guest['token']}"}
    answer = await accounts.client.get("/account/data", headers=headers)
    assert (answer.status_code, problem(answer)["type"]) == (404, "urn:counterfoil:problem:account-not-found")
    assert (await accounts.client.get("/account/data")).status_code == 401


async def test_before_the_read_models_are_built_it_is_503(anna: Shopper) -> None:
    refused = await anna.download()
    assert (refused.status_code, problem(refused)["type"]) == (503, "urn:counterfoil:problem:store-unavailable")


async def test_what_takes_too_long_is_503(settings: Settings, anna: Shopper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("write_api.own_data.WITHIN", 0)
    async with told(settings, Log()):
        refused = await anna.download()
    assert (refused.status_code, problem(refused)["type"]) == (503, "urn:counterfoil:problem:not-ready")


async def test_a_read_is_not_kept_under_an_idempotency_key(settings: Settings, anna: Shopper) -> None:
    key = {"Idempotency-Key": "one"}
    async with told(settings, Log()):
        assert (await said(await anna.download(**key), 200))["consents"] == []
        await anna.ask("PUT", "/account/consents/newsletter", {"wording": "2026-11"})
        assert len((await said(await anna.download(**key), 200))["consents"]) == 1
