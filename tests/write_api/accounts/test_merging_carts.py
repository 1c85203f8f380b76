"""A guest's cart is merged at login: added, capped by stock, told, and once; without one, the account's is found."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from commands.accounts.services import by
from commands.ports import StoreUnavailable
from domain.cart.commands import AbandonCart
from domain.shared.ids import CartId
from infra.bootstrap.composition import command_handler, tokens
from infra.eventstore.factory import utc_now
from infra.settings import Settings
from tests.support.harness.accounts import PASSWORD, Shop, bearer
from tests.support.harness.front_desk import problem, said

ANNA, BEN = "anna@shop.example", "ben@shop.example"


@pytest.fixture
async def stocked(accounts: Shop, settings: Settings) -> Shop:
    """Ten ABC and plenty of XYZ."""
    olga = {"Authorization": f"Bearer {tokens(settings).issue('olga', ['back_office'], timedelta(hours=1))}"}

    async def put(path: str, body: Any, status: int) -> Any:
        return await said(await accounts.client.post(path, json=body, headers=olga), status)

    for sku, quantity in (("ABC", 10), ("XYZ", 100)):
        product = f"/products/{(await put('/products', {'title': sku}, 201))['product_id']}"
        await put(f"{product}/variants", {"sku": sku}, 201)
        price = {"price": {"amount": 1250, "currency": "USD"}, "valid_from": "2026-01-01T00:00:00Z"}
        await put(f"{product}/variants/{sku}/prices", price, 201)
        await put(f"{product}/publish", None, 200)
        await put(f"/stock/MAIN/{sku}/receipts", {"quantity": quantity}, 201)
    return accounts


class Guest:
    """Somebody without an account, who has filled a cart."""

    def __init__(self, client: httpx.AsyncClient, token: str, subject: str) -> None:
        self.client, self.token, self.subject, self.cart = client, token, subject, ""
        self.headers = {"Authorization": f"Bearer {token}"}

    async def fill(self, **quantities: int) -> "Guest":
        items = [{"sku": sku, "quantity": quantity} for sku, quantity in quantities.items()]
        answer = await self.client.post("/carts", json={"items": items}, headers=self.headers)
        self.cart = (await said(answer, 201))["cart_id"]
        return self

    def login(self, email: str) -> dict[str, str]:
        return {"email": email, "password": PASSWORD, "guest_token": self.token, "guest_cart_id": self.cart}


async def guest(shop: Shop) -> Guest:
    session = await shop.post("/sessions", 201)
    return Guest(shop.client, session["token"], session["subject"])


async def fill(shop: Shop, account: Any, **quantities: int) -> str:
    items = [{"sku": sku, "quantity": quantity} for sku, quantity in quantities.items()]
    answer = await shop.client.post("/carts", json={"items": items}, headers=bearer(account))
    return str((await said(answer, 201))["cart_id"])


async def test_quantities_are_added_capped_by_stock_and_told_once(stocked: Shop) -> None:
    anna = await stocked.registered(ANNA)
    cart = await fill(stocked, anna, ABC=10)
    other = await (await guest(stocked)).fill(ABC=1, XYZ=2)
    merged = {
        "cart_id": cart,
        "lines": [{"sku": "ABC", "asked": 11, "quantity": 10}, {"sku": "XYZ", "asked": 2, "quantity": 2}],
    }
    assert (await stocked.post("/auth/login", 200, **other.login(ANNA)))["cart"] == merged
    assert (await stocked.post("/auth/login", 200, **other.login(ANNA)))["cart"] == merged
    added = await stocked.client.post(
        f"/carts/{cart}/items", json={"items": [{"sku": "XYZ", "quantity": 1}]}, headers=bearer(anna)
    )
    assert (await said(added, 200))["revision"] == 3  # opened, added, merged once, added


async def test_two_logins_at_once_merge_a_cart_once(stocked: Shop) -> None:
    await stocked.registered(ANNA)
    other = await (await guest(stocked)).fill(ABC=3, XYZ=2)
    answers = await asyncio.gather(*(stocked.client.post("/auth/login", json=other.login(ANNA)) for _ in range(4)))
    (merged,) = {str((await said(answer, 200))["cart"]) for answer in answers}
    assert "'asked': 3, 'quantity': 3" in merged


async def test_a_guests_old_token_does_not_reach_the_merged_cart(stocked: Shop) -> None:
    await stocked.registered(ANNA)
    other = await (await guest(stocked)).fill(ABC=1)
    await stocked.post("/auth/login", 200, **other.login(ANNA))
    for method, path, body in (
        ("POST", f"/carts/{other.cart}/items", {"items": [{"sku": "ABC", "quantity": 1}]}),
        ("PATCH", f"/carts/{other.cart}/items/ABC", {"quantity": 2}),
        ("DELETE", f"/carts/{other.cart}/items/ABC", None),
    ):
        answer = await stocked.client.request(method, path, json=body, headers=other.headers)
        assert (answer.status_code, problem(answer)["type"]) == (404, "urn:counterfoil:problem:cart-not-found")


async def test_a_guests_cart_never_lands_in_two_accounts_or_in_one_without_the_guests_token(stocked: Shop) -> None:
    await stocked.registered(ANNA)
    await stocked.registered(BEN)
    other = await (await guest(stocked)).fill(ABC=1)
    stranger = await (await guest(stocked)).fill(XYZ=1)
    stolen = {**other.login(BEN), "guest_token": stranger.token}
    assert (await stocked.post("/auth/login", 200, **stolen))["cart"] is None
    assert (await stocked.post("/auth/login", 200, **other.login(ANNA)))["cart"] is not None
    assert (await stocked.post("/auth/login", 200, **other.login(BEN)))["cart"] is None


async def test_nothing_of_the_cart_keeps_anybody_from_logging_in(stocked: Shop) -> None:
    await stocked.registered(ANNA)
    other = await guest(stocked)
    for token, cart in (("nonsense", "x"), (other.token, "nowhere")):
        answer = await stocked.post(
            "/auth/login", 200, email=ANNA, password=PASSWORD, guest_token=token, guest_cart_id=cart
        )
        assert answer["cart"] is None


async def test_a_line_is_never_smaller_than_either_cart_had_it(stocked: Shop) -> None:
    anna = await stocked.registered(ANNA)
    cart = await fill(stocked, anna, ABC=12)
    other = await (await guest(stocked)).fill(ABC=11)
    merged = (await stocked.post("/auth/login", 200, **other.login(ANNA)))["cart"]
    assert merged == {"cart_id": cart, "lines": [{"sku": "ABC", "asked": 23, "quantity": 12}]}


async def test_a_second_device_finds_the_cart_that_the_account_opened_last(stocked: Shop) -> None:
    anna = await stocked.registered(ANNA)
    await stocked.registered(BEN)
    assert (await stocked.logged_in(ANNA))["cart"] is None
    await fill(stocked, anna, ABC=1)
    newest = await fill(stocked, anna, XYZ=1)
    assert (await stocked.logged_in(ANNA))["cart"] == {"cart_id": newest, "lines": []}
    assert (await stocked.logged_in(BEN))["cart"] is None
    other = await (await guest(stocked)).fill(ABC=1)
    stolen = {**other.login(ANNA), "guest_token": "nonsense"}
    assert (await stocked.post("/auth/login", 200, **stolen))["cart"] == {"cart_id": newest, "lines": []}


async def test_a_cart_that_was_left_is_not_found_again(stocked: Shop, settings: Settings) -> None:
    anna = await stocked.registered(ANNA)
    cart = CartId(await fill(stocked, anna, ABC=1))
    async with command_handler(settings) as handler:
        await handler(AbandonCart(cart_id=cart, idle_since=utc_now()), by("process:test", uuid4()))
    assert (await stocked.logged_in(ANNA))["cart"] is None


async def test_a_log_that_cannot_be_read_keeps_nobody_from_logging_in(
    stocked: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await stocked.registered(ANNA)
    await fill(stocked, anna, ABC=1)

    async def away(*_: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr("write_api.auth.kept_cart", away)
    assert (await stocked.logged_in(ANNA))["cart"] is None
