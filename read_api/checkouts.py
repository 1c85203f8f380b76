"""Checkouts: a cart on its way to becoming an order."""

from datetime import datetime
from typing import Self

import strawberry

from domain.shared.ids import OrderId
from projections.order_story import Checkout as CheckoutState
from projections.order_story import Story
from read_api import order_parts
from read_api.context import Info
from read_api.order_parts import Payment
from read_api.orders import Order, visible
from read_api.relay import Node, global_id, key_of
from read_api.values import Money, shown


@strawberry.type(description="On the way from a cart to an order.")
class Checkout(Node):
    checkout_id: strawberry.ID
    cart_id: strawberry.ID
    started_at: datetime
    phase: str = strawberry.field(description="Where the process stands, such as `reserving`, `awaiting payment`.")
    total: Money = strawberry.field(description="What the shopper agreed to, with delivery.")
    rejection: str | None = strawberry.field(description="Why the cart was opened again.")
    payment: Payment | None
    order: Order | None = strawberry.field(description="What the checkout became; it has the same id.")

    @classmethod
    def of(cls, story: Story | None, info: Info) -> Self | None:
        if story is None or story.checkout is None:
            return None
        return cls.started(story, story.checkout, info)

    @classmethod
    def started(cls, story: Story, checkout: CheckoutState, info: Info) -> Self:
        return cls(
            id=global_id("Checkout", story.order_id),
            checkout_id=strawberry.ID(story.order_id),
            cart_id=strawberry.ID(checkout.cart_id),
            started_at=checkout.started_at,
            phase=checkout.phase,
            total=shown(checkout.total),
            rejection=checkout.rejection,
            payment=order_parts.payment(story),
            order=Order.of(story, info),
        )


async def find_checkout(info: Info, id: strawberry.ID) -> Checkout | None:
    info.context.customer()
    return Checkout.of(visible(await info.context.loaders.stories.load(OrderId(key_of("Checkout", id))), info), info)
