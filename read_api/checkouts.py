"""Checkouts: a cart on its way to becoming an order."""

from datetime import datetime
from typing import Self

import strawberry

from domain.shared.ids import OrderId
from projections.order_view import Story
from read_api import order_parts
from read_api.graphql.context import Info
from read_api.graphql.relay import Node, global_id, key_of
from read_api.graphql.values import Money, described, shown
from read_api.order_parts import Payment
from read_api.orders import Order, visible


@strawberry.type(description="On the way from a cart to an order.")
class Checkout(Node):
    checkout_id: strawberry.ID
    cart_id: strawberry.ID
    started_at: datetime
    phase: str = strawberry.field(description="Where the process stands, such as `reserving`, `awaiting payment`.")
    total: Money = strawberry.field(description="What the shopper agreed to, with delivery.")
    rejection: str | None = strawberry.field(description="Why the cart was opened again.")

    @described(None)
    def payment(self) -> Payment | None:
        return order_parts.payment(self.story)

    @described("What the checkout became; it has the same id.")
    def order(self) -> Order | None:
        return Order.of(self.story)

    story: strawberry.Private[Story]

    @classmethod
    def of(cls, story: Story | None) -> Self | None:
        if story is None or (checkout := story.checkout) is None:
            return None
        return cls(
            id=global_id("Checkout", story.order_id),
            checkout_id=strawberry.ID(story.order_id),
            cart_id=strawberry.ID(checkout.cart_id),
            started_at=checkout.started_at,
            phase=checkout.phase,
            total=shown(checkout.total),
            rejection=checkout.rejection,
            story=story,
        )


async def find_checkout(info: Info, id: strawberry.ID) -> Checkout | None:
    info.context.customer()
    return Checkout.of(visible(await info.context.story(OrderId(key_of("Checkout", id))), info))
