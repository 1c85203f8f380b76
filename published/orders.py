"""What was sold and what became of it, without anything about the customer."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from domain.order.events import (
    OrderCancelled,
    OrderCompleted,
    OrderDelivered,
    OrderDispatched,
    OrderEvent,
    OrderLineCancelled,
    OrderPlaced,
)
from published.message import message
from published.values import Money, money_of

TOPIC = "orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """So many of a SKU for `total`, all price steps taken."""

    sku: str
    product_id: str
    title: str
    quantity: int
    total: Money


@message("order.placed.v1", topic=TOPIC, key="order_id")
class Placed:
    """Stock and money are held for it. `total` includes delivery."""

    order_id: str
    placed_at: datetime
    lines: tuple[Line, ...]
    delivery_method: str
    delivery_price: Money
    total: Money


@message("order.line_cancelled.v1", topic=TOPIC, key="order_id")
class LineCancelled:
    """Some units will not be sent; `value` is what they were sold for."""

    order_id: str
    sku: str
    quantity: int
    value: Money


@message("order.cancelled.v1", topic=TOPIC, key="order_id")
class Cancelled:
    """Nothing of it will be sent."""

    order_id: str


@message("order.completed.v1", topic=TOPIC, key="order_id")
class Completed:
    """Everything that was to be sent has been delivered."""

    order_id: str


OrderMessage = Placed | LineCancelled | Cancelled | Completed


def translate(fact: OrderEvent) -> OrderMessage | None:
    """What a fact means to others; parcels speak for themselves."""
    match fact:
        case OrderPlaced():
            return _placed(fact)
        case OrderLineCancelled(order_id=it, sku=sku, quantity=quantity, value=value):
            return LineCancelled(order_id=it, sku=sku, quantity=quantity, value=money_of(value))
        case OrderCancelled(order_id=it):
            return Cancelled(order_id=it)
        case OrderCompleted(order_id=it):
            return Completed(order_id=it)
        case OrderDispatched() | OrderDelivered():
            return None
        case _:
            assert_never(fact)


def _placed(fact: OrderPlaced) -> Placed:
    return Placed(
        order_id=fact.order_id,
        placed_at=fact.at,
        lines=tuple(
            Line(
                sku=priced.sku,
                product_id=priced.product_id,
                title=priced.title,
                quantity=priced.quantity,
                total=money_of(priced.total),
            )
            for priced in (line.priced for line in fact.lines)
        ),
        delivery_method=fact.delivery_method,
        delivery_price=money_of(fact.delivery_price),
        total=money_of(fact.total),
    )
