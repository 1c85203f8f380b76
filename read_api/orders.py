"""Orders, for their customers and for staff, as they are and as they were."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

import strawberry
from strawberry.scalars import JSON

from domain.shared.ids import OrderId
from domain.shared.personal import Sealed
from projections import order_timeline
from projections.order_story import Placed, Status, Story
from projections.order_timeline import moment_of
from read_api import order_parts
from read_api.context import Info
from read_api.order_parts import Moment, OrderLine, Payment, Shipment
from read_api.past import AsOf, facts_until, fold
from read_api.relay import Node, global_id, key_of
from read_api.values import Money, described, opened, shown

STAFF = ("warehouse", "auditor")

strawberry.enum(Status, name="OrderStatus", description="How far an order is.")


def visible(story: Story | None, info: Info) -> Story | None:
    """A foreign order is answered like a missing one, so that nobody learns which ids exist."""
    return story if story is not None and info.context.may_see(story.customer_id, *STAFF) else None


@strawberry.type(description="How the goods travel.")
class Delivery:
    method: str
    price: Money
    sealed: strawberry.Private[Sealed | None]

    @described("None when there is none, or when the customer has been forgotten.")
    async def address(self, info: Info) -> JSON | None:
        address: JSON | None = await opened(info.context.ports.vault, self.sealed)
        return address


@strawberry.type(description="What was sold, and what became of it.")
class Order(Node):
    order_id: strawberry.ID
    status: Status
    placed_at: datetime
    customer_id: strawberry.ID
    lines: list[OrderLine] = strawberry.field(description="In the order of the cart.")
    delivery: Delivery
    total: Money = strawberry.field(description="With delivery, as ordered.")
    owed: Money = strawberry.field(description="Without what was cancelled.")
    payment: Payment | None = strawberry.field(description="None when there was nothing to pay.")
    shipments: list[Shipment]
    attention: list[str] | None = strawberry.field(description="Why somebody has to look; for staff only.")
    moments: strawberry.Private[Sequence[order_timeline.Moment] | None]

    @classmethod
    def of(cls, story: Story | None, info: Info, moments: Sequence[order_timeline.Moment] | None = None) -> Self | None:
        """None while there is only a checkout. `moments` are given when they are not to be read."""
        if story is None or story.placed is None or story.status is None:
            return None
        return cls.placed(story, story.placed, story.status, info, moments)

    @classmethod
    def placed(
        cls,
        story: Story,
        placed: Placed,
        status: Status,
        info: Info,
        moments: Sequence[order_timeline.Moment] | None = None,
    ) -> Self:
        return cls(
            id=global_id("Order", story.order_id),
            order_id=strawberry.ID(story.order_id),
            status=status,
            placed_at=placed.at,
            customer_id=strawberry.ID(story.customer_id or ""),
            lines=order_parts.lines(story),
            delivery=Delivery(method=placed.delivery_method, price=shown(placed.delivery_price), sealed=placed.address),
            total=shown(story.order.total),
            owed=shown(story.order.owed),
            payment=order_parts.payment(story),
            shipments=order_parts.shipments(story),
            attention=sorted(story.attention.values()) if info.context.is_staff(*STAFF) else None,
            moments=moments,
        )

    @described("What happened, oldest first, the checkout included.")
    async def timeline(self, info: Info) -> list[Moment]:
        moments = self.moments
        if moments is None:
            moments = await info.context.loaders.timelines.load(OrderId(self.order_id)) or []
        return [order_parts.moment(moment) for moment in moments]


async def find_order(info: Info, id: strawberry.ID, as_of: AsOf | None = None) -> Order | None:
    info.context.customer()
    story = visible(await info.context.loaders.stories.load(OrderId(key_of("Order", id))), info)
    if story is None or as_of is None:
        return Order.of(story, info)
    facts = await facts_until(info.context.ports.history, story, as_of)
    moments = [moment for recorded in facts if (moment := moment_of(recorded))]
    return Order.of(fold(story.order_id, facts), info, moments)
