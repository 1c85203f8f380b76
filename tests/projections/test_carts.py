"""Carts as rows."""

import json
from datetime import timedelta

import asyncpg
import pytest

from domain.cart.commands import Offer
from domain.cart.events import CartOpened, ItemAdded, PriceAgreed
from domain.shared.ids import CartId, CustomerId, ProductId, Sku
from domain.shared.money import Money
from domain.shared.pricing import UnitPrice
from projections.carts import PROJECTION
from tests.support.builders.event_log_builder import NOON, Log, build, feed, rows

CART, ANNA, MILK, FUEL = CartId("C1"), CustomerId("anna"), Sku("MILK-1"), Sku("FUEL-1")


def offer(sku: Sku, cents: int, base_quantity: int = 1) -> Offer:
    return Offer(
        sku=sku,
        product_id=ProductId(sku.partition("-")[0]),
        category_id=None,
        title=sku.title(),
        unit_price=UnitPrice(amount=Money(cents, "USD"), base_quantity=base_quantity),
    )


def shopping() -> Log:
    log = Log()
    log.tell(
        CartOpened(cart_id=CART, owner=ANNA, currency="USD", at=NOON),
        ItemAdded(cart_id=CART, offer=offer(MILK, 99), quantity=1, at=NOON),
        ItemAdded(cart_id=CART, offer=offer(MILK, 89), quantity=2, at=NOON),
        ItemAdded(cart_id=CART, offer=offer(FUEL, 2299, 1000), quantity=1500, at=NOON + timedelta(minutes=1)),
        PriceAgreed(cart_id=CART, sku=FUEL, total=Money(3000, "USD"), reason="regular", at=NOON),
    )
    return log


@pytest.mark.parametrize("size", [1, 2, 100])
async def test_a_cart_is_one_row_however_its_facts_arrive(connection: asyncpg.Connection, size: int) -> None:
    tables, log = await build(connection, PROJECTION), shopping()
    await feed(tables, PROJECTION, log.recorded, size)
    ((cart_id, owner, opened, is_open, changed, document),) = await rows(tables, "carts", "cart_id")
    assert (cart_id, owner, opened, is_open, changed) == ("C1", "anna", 1, True, len(log.recorded))
    assert json.loads(document) == {
        "cart": {
            "owner": "anna",
            "currency": "USD",
            "lines": [
                {
                    "sku": "MILK-1",
                    "quantity": 3,
                    "seen": {"amount": {"amount": 89, "currency": "USD"}, "base_quantity": 1},
                    "agreed": None,
                },
                {
                    "sku": "FUEL-1",
                    "quantity": 1500,
                    "seen": {"amount": {"amount": 2299, "currency": "USD"}, "base_quantity": 1000},
                    "agreed": {"total": {"amount": 3000, "currency": "USD"}, "reason": "regular"},
                },
            ],
            "checkout_id": None,
            "cancelling": False,
            "ended_checkouts": [],
            "abandoned": False,
            "touched_at": "2026-11-25T12:00:00Z",
            "handed_to": None,
            "merged": [],
        },
        "goods": {
            "FUEL-1": {"product_id": "FUEL", "title": "Fuel-1"},
            "MILK-1": {"product_id": "MILK", "title": "Milk-1"},
        },
        "revision": len(log.recorded) - 1,
    }
