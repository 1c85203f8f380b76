"""Checkouts: a cart on its way to becoming an order."""

from datetime import datetime
from enum import Enum
from typing import Self

import strawberry

from domain.shared.ids import OrderId
from projections.order_view import OrderView
from read_api import order_parts
from read_api.graphql.context import Info
from read_api.graphql.relay import Node, global_id, key_of
from read_api.graphql.values import Money, described, shown
from read_api.order_parts import Payment
from read_api.orders import Order, visible

NO_REASON_YET = {
    "expired": "The time to pay was over. The cart opens again when the gateway has answered, in 15 minutes at most.",
    "rejected": "The checkout came to nothing. The cart is being opened again, with the reason.",
    "cancelled": "The checkout was given up. The cart is being opened again.",
}
"""What is said of a checkout that has ended until its cart is open again."""


@strawberry.enum(description="How far a checkout is.")
class CheckoutPhase(Enum):
    STARTED = "started"
    RESERVING = "reserving"
    RESERVED = "reserved"
    AWAITING_PAYMENT = "awaiting payment"
    AUTHORISED = "authorised"
    CONFIRMING = "confirming"
    PLACED = "placed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    NEEDS_ATTENTION = "needs attention"
    OTHER = strawberry.enum_value("other", description="One that a newer version of the shop knows.")

    @classmethod
    def _missing_(cls, value: object) -> "CheckoutPhase":  # noqa: ARG003 - whatever it is called
        return cls.OTHER


@strawberry.type(description="On the way from a cart to an order.")
class Checkout(Node):
    checkout_id: strawberry.ID
    cart_id: strawberry.ID
    started_at: datetime
    phase: CheckoutPhase = strawberry.field(description="Where the process stands.")
    total: Money = strawberry.field(description="What the shopper agreed to, with delivery.")
    rejection: str | None = strawberry.field(description="Why the cart was opened again.")

    @described(None)
    def payment(self) -> Payment | None:
        return order_parts.payment(self.view)

    @described("What the checkout became; it has the same id.")
    def order(self) -> Order | None:
        return Order.of(self.view)

    view: strawberry.Private[OrderView]

    @classmethod
    def of(cls, view: OrderView | None) -> Self | None:
        if view is None or (checkout := view.checkout) is None:
            return None
        return cls(
            id=global_id("Checkout", view.order_id),
            checkout_id=strawberry.ID(view.order_id),
            cart_id=strawberry.ID(checkout.cart_id),
            started_at=checkout.started_at,
            phase=CheckoutPhase(checkout.phase),
            total=shown(checkout.total),
            rejection=checkout.rejection or NO_REASON_YET.get(checkout.phase),
            view=view,
        )


async def find_checkout(info: Info, id: strawberry.ID) -> Checkout | None:
    return Checkout.of(visible(await info.context.view(OrderId(key_of("Checkout", id))), info))
