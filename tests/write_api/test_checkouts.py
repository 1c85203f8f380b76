"""Buying what was seen, paying otherwise, and thinking again."""

import json
from typing import Any

import httpx
import pytest

from domain.payment.commands import RecordFailure, RequestPayment
from domain.shared.ids import CustomerId, OrderId, PaymentId
from tests.support.builders.for_sale import MUG, TEA, by_staff, reprice, usd
from tests.support.harness.front_desk import Desk, problem, said
from tests.write_api.test_carts import MUGS, TEAS, cart_of

HOME = {"name": "Anna Berg", "street": "Bergstrasse 1", "city": "Zürich", "country": "CH"}


def wish(cart: str, **changed: Any) -> dict[str, Any]:
    return {
        "cart_id": cart,
        "total_seen": {"amount": 2 * 1250 + 480 + 499, "currency": "USD"},
        "delivery_method": "standard",
        "address": HOME,
        "payment_method": "card",
        **changed,
    }


@pytest.fixture
async def cart(anna: httpx.AsyncClient) -> str:
    return await cart_of(anna, MUGS, TEAS)


async def test_a_cart_is_bought_and_the_address_is_sealed(shop: Desk, anna: httpx.AsyncClient, cart: str) -> None:
    body = await said(await anna.post("/checkouts", json=wish(cart)), 202)
    bought = shop.handler.codec.decode_event(shop.store.log[-1]).fact
    assert (bought.checkout_id, bought.total, bought.payment_method) == (body["checkout_id"], usd(3479), "card")
    assert (bought.delivery.method, bought.delivery.price, bought.delivery.warehouses) == (
        "standard",
        usd(499),
        ("MAIN", "WEST"),
    )
    assert [(subject, json.loads(value)["street"]) for subject, value in shop.vault.kept] == [("anna", "Bergstrasse 1")]
    assert not any(b"Bergstrasse" in record.data for record in shop.store.log)


async def test_a_stale_price_is_shown_with_the_one_in_force(shop: Desk, anna: httpx.AsyncClient, cart: str) -> None:
    await reprice(shop.handler, TEA, 500)
    refused = problem(await anna.post("/checkouts", json=wish(cart)))
    assert (refused["status"], refused["type"]) == (409, "urn:counterfoil:problem:price-changed")
    assert (refused["sku"], refused["seen"]["amount"], refused["current"]["amount"]) == (
        TEA,
        {"amount": 480, "currency": "USD"},
        {"amount": 500, "currency": "USD"},
    )
    await said(await anna.post(f"/carts/{cart}/price-changes/accept", json={"skus": [TEA]}), 200)
    refused = problem(await anna.post("/checkouts", json=wish(cart)))
    assert (refused["type"], refused["seen"]["amount"], refused["current"]["amount"]) == (
        "urn:counterfoil:problem:total-changed",
        3479,
        3499,
    )
    await said(await anna.post("/checkouts", json=wish(cart, total_seen={"amount": 3499, "currency": "USD"})), 202)


async def test_the_delivery_must_be_one_of_ours_and_know_where_to_go(anna: httpx.AsyncClient, cart: str) -> None:
    drone = problem(await anna.post("/checkouts", json=wish(cart, delivery_method="drone")))
    assert (drone["status"], drone["errors"][0]["field"]) == (422, "delivery_method")
    nowhere = problem(await anna.post("/checkouts", json=wish(cart, address=None)))
    assert (nowhere["status"], nowhere["errors"][0]["field"]) == (422, "address")
    picked_up = wish(
        cart, delivery_method="pickup", address=None, total_seen={"amount": 2 * 1250 + 480, "currency": "USD"}
    )
    await said(await anna.post("/checkouts", json=picked_up), 202)


@pytest.mark.parametrize("text", ["Bergstrasse\0", "", "x" * 201])
async def test_an_address_is_one_that_can_be_kept(shop: Desk, anna: httpx.AsyncClient, cart: str, text: str) -> None:
    refused = problem(await anna.post("/checkouts", json=wish(cart, address={**HOME, "street": text})))
    assert (refused["status"], refused["errors"][0]["field"], shop.vault.kept) == (422, "address.street", [])


async def test_a_cart_is_bought_once_at_a_time(anna: httpx.AsyncClient, cart: str) -> None:
    first = await said(await anna.post("/checkouts", json=wish(cart)), 202)
    refused = problem(await anna.post("/checkouts", json=wish(cart)))
    assert (refused["status"], refused["checkout_id"]) == (409, first["checkout_id"])


async def test_nobody_buys_a_foreign_cart(shop: Desk, ben: httpx.AsyncClient, cart: str) -> None:
    before = shop.stored
    assert problem(await ben.post("/checkouts", json=wish(cart)))["status"] == 404
    assert (shop.stored, shop.vault.kept) == (before, [])


async def test_a_repeated_checkout_is_the_same_checkout(shop: Desk, anna: httpx.AsyncClient, cart: str) -> None:
    key = {"Idempotency-Key": "buy it"}
    first = await said(await anna.post("/checkouts", json=wish(cart), headers=key), 202)
    await reprice(shop.handler, MUG, 1)
    before = shop.stored
    assert await said(await anna.post("/checkouts", json=wish(cart), headers=key), 202) == first
    assert shop.stored == before


async def test_a_checkout_is_cancelled_by_its_shopper_only(
    shop: Desk, anna: httpx.AsyncClient, ben: httpx.AsyncClient, cart: str
) -> None:
    checkout = (await said(await anna.post("/checkouts", json=wish(cart)), 202))["checkout_id"]
    assert (await ben.post(f"/checkouts/{checkout}/cancel", json={"cart_id": cart})).status_code == 404
    other = await anna.post("/checkouts/another/cancel", json={"cart_id": cart})
    assert problem(other)["type"] == "urn:counterfoil:problem:checkout-not-found"
    await said(await anna.post(f"/checkouts/{checkout}/cancel", json={"cart_id": cart}), 202)
    assert shop.stored[-1] == (f"cart-{cart}", "cart.cancellation_requested.v1")


async def test_a_failed_payment_is_tried_again_by_its_shopper_only(
    shop: Desk, anna: httpx.AsyncClient, ben: httpx.AsyncClient
) -> None:
    otherwise = {"payment_method": "other-card"}
    early = await anna.post("/checkouts/bought/payments", json=otherwise)
    assert problem(early)["type"] == "urn:counterfoil:problem:payment-not-found"
    asked = RequestPayment(
        payment_id=PaymentId("bought"),
        order_id=OrderId("bought"),
        customer_id=CustomerId("anna"),
        amount=usd(3479),
        method="card",
    )
    await shop.handler(asked, by_staff())
    under_way = await anna.post("/checkouts/bought/payments", json=otherwise)
    assert (under_way.status_code, problem(under_way)["type"]) == (409, "urn:counterfoil:problem:payment-under-way")
    await shop.handler(RecordFailure(payment_id=PaymentId("bought"), attempt=1, reason="Declined"), by_staff())
    assert (await ben.post("/checkouts/bought/payments", json=otherwise)).status_code == 404
    await said(await anna.post("/checkouts/bought/payments", json=otherwise), 202)
    again = shop.handler.codec.decode_event(shop.store.log[-1]).fact
    assert (again.attempt, again.amount, again.method) == (2, usd(3479), "other-card")
