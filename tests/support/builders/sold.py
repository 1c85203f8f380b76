"""An order of two mugs and three cups, for tests of what follows from it."""

from dataclasses import fields
from typing import Any

from domain.order.commands import OrderLine, PlaceOrder, Source
from domain.order.events import OrderPlaced
from domain.shared.ids import CartId, CheckoutId, CustomerId, OrderId, PaymentId, ProductId, Sku, Warehouse, shipment_of
from domain.shared.money import Money
from domain.shared.pricing import PricedLine, PriceStep
from domain.shared.units import Units
from tests.support.builders.strategies import CUP, MUG, NOON

ORDER = OrderId("one")
PAYMENT = PaymentId("one")
ANNA = CustomerId("anna")
WEST, EAST = Warehouse("WEST"), Warehouse("EAST")
FIRST, SECOND = shipment_of(ORDER, 1), shipment_of(ORDER, 2)


def euro(cents: int) -> Money:
    return Money(cents, "EUR")


def units(sku: Sku, quantity: int) -> Units:
    return Units(sku=sku, quantity=quantity)


def from_one(priced: PricedLine, warehouse: Warehouse) -> OrderLine:
    """A line of which one warehouse holds all units."""
    return OrderLine(priced=priced, sources=(Source(warehouse=warehouse, quantity=priced.quantity),))


def at_list(method: str, price: Money) -> tuple[PriceStep, ...]:
    """The price of a delivery without promotions."""
    return (PriceStep(kind="list", amount=price, reason=method),)


def order_line(sku: Sku, warehouse: Warehouse, quantity: int, cents: int) -> OrderLine:
    price = euro(cents)
    return OrderLine(
        priced=PricedLine(
            sku=sku,
            product_id=ProductId(sku),
            category_id=None,
            title=sku,
            quantity=quantity,
            steps=(PriceStep(kind="list", amount=price, reason="List price"),),
            total=price,
        ),
        sources=(Source(warehouse=warehouse, quantity=quantity),),
    )


MUGS = order_line(MUG, WEST, 2, 101)
CUPS = order_line(CUP, EAST, 3, 100)


def place(**changes: Any) -> PlaceOrder:
    """Two mugs for 1.01 and three cups for 1.00, delivered for 0.07."""
    usual: dict[str, Any] = {
        "order_id": ORDER,
        "checkout_id": CheckoutId(ORDER),
        "cart_id": CartId("cart"),
        "customer_id": ANNA,
        "lines": (MUGS, CUPS),
        "delivery_method": "post",
        "delivery_price": euro(7),
        "address": None,
        "total": euro(208),
        "payment_id": PAYMENT,
        "at": NOON,
    }
    told = usual | changes
    return PlaceOrder(**{"delivery_steps": at_list(told["delivery_method"], told["delivery_price"]), **told})


def placed(**changes: Any) -> OrderPlaced:
    """The fact that follows."""
    command = place(**changes)
    return OrderPlaced(**{field.name: getattr(command, field.name) for field in fields(command)})
