"""Checkouts that wait: carts of three lines that were checked out while no process was at work."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

from commands.handler import CommandHandler
from commands.routes import ROUTES
from domain.cart.commands import AddItem, CheckOutCart, Delivery, Offer, OpenCart
from domain.shared.ids import CartId, CheckoutId, CustomerId, ProductId, Sku, Warehouse
from domain.shared.money import Money
from domain.shared.pricing import UnitPrice
from domain.shared.recorded import Metadata
from domain.stock.commands import ReceiveStock
from infra.demo.importing import NoSnapshots
from infra.eventstore.factory import open_event_store
from infra.serialization.codec import JsonCodec

MAIN = Warehouse("MAIN")
SKUS, LINES, UNITS, AT_ONCE = 1_000, 3, 10**6, 200
PRICE = Money(1_000, "USD")


async def receive(url: str) -> None:
    """Enough of everything."""
    await _carried_out(
        url, ([ReceiveStock(sku=_sku(number), warehouse=MAIN, quantity=UNITS)] for number in range(SKUS))
    )


async def check_out(url: str, name: str, orders: int) -> None:
    """So many checkouts, whose ids begin with the name."""
    await _carried_out(url, (_bought(CartId(f"{name}-{number}"), number) for number in range(orders)))


def _bought(cart: CartId, number: int) -> list[object]:
    now = datetime.now(UTC)
    offers = tuple(_offer(_sku((number * LINES + line) % SKUS)) for line in range(LINES))
    return [
        OpenCart(cart_id=cart, owner=CustomerId(f"owner-of-{cart}"), currency=PRICE.currency, at=now),
        *(AddItem(cart_id=cart, offer=offer, quantity=1, at=now) for offer in offers),
        CheckOutCart(
            cart_id=cart,
            checkout_id=CheckoutId(cart),
            offers=offers,
            total_seen=Money(LINES * PRICE.amount, PRICE.currency),
            delivery=Delivery(method="pickup", price=Money(0, PRICE.currency), warehouses=(MAIN,)),
            payment_method="pm_card_ok",
            at=now,
        ),
    ]


def _offer(sku: Sku) -> Offer:
    price = UnitPrice(amount=PRICE)
    return Offer(sku=sku, product_id=ProductId(f"product-of-{sku}"), category_id=None, title=sku, unit_price=price)


def _sku(number: int) -> Sku:
    return Sku(f"SKU-{number}")


async def _carried_out(url: str, commands: Iterator[list[object]]) -> None:
    store, _ = await open_event_store(url)
    handle = CommandHandler(store, JsonCodec(), NoSnapshots(), ROUTES)

    async def work() -> None:
        for together in commands:
            new = uuid4()
            await handle.all_of(together, Metadata(command_id=new, correlation_id=new, causation_id=new, actor="bench"))

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    await store.close()
