"""Orders, for their customers and for staff, as they are and as they were."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

import strawberry

from domain.order.number import number_of
from domain.shared.ids import OrderId
from domain.shared.personal import Sealed
from projections import order_timeline
from projections.order_timeline import for_shopper, moment_of
from projections.order_view import OrderView, Placed, Status
from read_api import addresses, order_parts
from read_api.addresses import Address
from read_api.audit.as_of import AsOf, fold, until
from read_api.graphql.access import ALL_ORDERS
from read_api.graphql.context import Info
from read_api.graphql.errors import NotThere
from read_api.graphql.relay import Node, global_id, key_of
from read_api.graphql.values import Money, described, shown
from read_api.order_parts import Moment, OrderLine, Payment, PaymentBooks, Shipment
from read_api.price_steps import PriceStep, price_steps

strawberry.enum(Status, name="OrderStatus", description="How far an order is.")


def visible(view: OrderView | None, info: Info) -> OrderView | None:
    """A foreign order is answered like a missing one, so that answers do not show which ids exist."""
    if view is None or not _sees(info, view):
        return None
    return view


def _sees(info: Info, view: OrderView) -> bool:
    caller = info.context.caller
    return ALL_ORDERS.permits(caller) or (caller is not None and caller.subject in view.customers)


@strawberry.type(description="A link that shows one order to its holder. It permits no change.")
class OrderLink:
    token: str = strawberry.field(description="For `orderByLink`.")
    expires_at: datetime


@strawberry.type(description="How the goods travel.")
class Delivery:
    method: str
    price: Money
    price_steps: list[PriceStep] = strawberry.field(description="They add up to the price.")
    sealed: strawberry.Private[Sealed | None]

    @described("None when there is none, when the customer has been forgotten, and when the order is seen by a link.")
    async def address(self, info: Info) -> Address | None:
        return await addresses.opened(info.context.ports.vault, self.sealed)


@strawberry.type(description="What was sold, and what became of it.")
class Order(Node):
    order_id: strawberry.ID
    number: str = strawberry.field(description="For people, such as `7KQ4M-2XHTD`. It never changes.")
    status: Status
    placed_at: datetime
    customer_id: strawberry.ID = strawberry.field(description="Who placed it. A guest stays that.")
    claimed_by: strawberry.ID | None = strawberry.field(description="The account that claimed it from a guest.")

    @described("Where mails about it go. None when there is none, when the customer has been forgotten, and by a link.")
    async def email(self, info: Info) -> str | None:
        sealed = None if self.by_link else self.view.contact
        plain = None if sealed is None else await info.context.ports.vault.open(sealed)
        return None if plain is None else plain.decode()

    @described("In the order of the cart.")
    def lines(self) -> list[OrderLine]:
        return order_parts.lines(self.view)

    @described(None)
    def delivery(self) -> Delivery:
        placed = self.placed
        address = None if self.by_link else placed.address
        return Delivery(
            method=placed.delivery_method,
            price=shown(placed.delivery_price),
            price_steps=price_steps(placed.delivery_steps),
            sealed=address,
        )

    @described("With delivery, as ordered.")
    def total(self) -> Money:
        return shown(self.view.order.total)

    @described("Without what was cancelled.")
    def owed(self) -> Money:
        return shown(self.view.order.owed)

    @described("None when there was nothing to pay.")
    def payment(self) -> Payment | None:
        return order_parts.payment(self.view)

    @described(None)
    def shipments(self) -> list[Shipment]:
        return order_parts.shipments(self.view)

    @ALL_ORDERS.null_for_others("What the shop has of the payment, with disputes and their fees.")
    def books(self, info: Info) -> PaymentBooks | None:  # noqa: ARG002 - the check reads it
        return order_parts.books(self.view)

    @ALL_ORDERS.null_for_others("Why somebody has to look.")
    def attention(self, info: Info) -> list[str] | None:  # noqa: ARG002 - the check reads it
        return sorted(self.view.attention.values())

    @described("What happened, oldest first, the checkout included.")
    async def timeline(self, info: Info) -> list[Moment]:
        moments = self.moments
        if moments is None:
            moments = await info.context.loaders.timelines.load(OrderId(self.order_id)) or []
        if not ALL_ORDERS.permits(info.context.caller):
            moments = for_shopper(moments, self.view.customers)
        return [order_parts.moment(moment) for moment in moments]

    @described("Of the order itself, for `If-Match` when it is cancelled; its payment and parcels have their own.")
    def revision(self) -> int:
        return self.view.revisions.get(f"order-{self.view.order_id}", -1)

    @described("To see the order without an account. None when it is seen so already.")
    def link(self, info: Info) -> OrderLink | None:
        if self.by_link:
            return None
        token, ends = info.context.ports.order_links.issue(self.view.order_id, info.context.now)
        return OrderLink(token=token, expires_at=ends)

    by_link: strawberry.Private[bool]
    view: strawberry.Private[OrderView]
    placed: strawberry.Private[Placed]
    moments: strawberry.Private[Sequence[order_timeline.Moment] | None]

    @classmethod
    def of(
        cls,
        view: OrderView | None,
        moments: Sequence[order_timeline.Moment] | None = None,
        *,
        by_link: bool = False,
    ) -> Self | None:
        """None for a checkout that has not become an order. What costs something is made when it is asked for."""
        if view is None or view.placed is None or (status := view.status) is None:
            return None
        return cls(
            id=global_id("Order", view.order_id),
            order_id=strawberry.ID(view.order_id),
            number=number_of(view.order_id),
            status=status,
            placed_at=view.placed.at,
            customer_id=strawberry.ID(view.customer_id or ""),
            claimed_by=None if view.claimed_by is None else strawberry.ID(view.claimed_by),
            view=view,
            placed=view.placed,
            moments=moments,
            by_link=by_link,
        )


async def find_order(info: Info, id: strawberry.ID, as_of: AsOf | None = None) -> Order | None:
    view = visible(await info.context.view(OrderId(key_of("Order", id))), info)
    if view is None or as_of is None:
        return Order.of(view)
    facts = until(await info.context.past(view), as_of)
    moments = [moment for recorded in facts if (moment := moment_of(recorded))]
    return Order.of(fold(view.order_id, facts), moments)


async def find_order_by_link(info: Info, token: str) -> Order | None:
    try:
        order_id = info.context.ports.order_links.order_of(token, info.context.now)
    except ValueError as error:
        raise NotThere(str(error)) from None
    return Order.of(await info.context.view(order_id), by_link=True)
