"""Orders and checkouts as they change, until nothing more is to come."""

from collections.abc import AsyncGenerator, AsyncIterator

import strawberry

from domain.shared.ids import OrderId
from domain.shared.recorded import Position
from projections import orders
from projections.order_view import OrderView, Status
from read_api.changes import ChangedThing, changed
from read_api.checkouts import Checkout
from read_api.graphql.access import ALL_ORDERS
from read_api.graphql.context import Info
from read_api.graphql.errors import NotThere
from read_api.graphql.relay import key_of
from read_api.orders import Order, visible

FINAL = (Status.COMPLETED, Status.CANCELLED)


async def _views(info: Info, kind: str, id: str, after: Position | None) -> AsyncIterator[OrderView]:
    """Now and at every change. Raises NotThere, Stale."""
    order_id = OrderId(key_of(kind, id))
    if after is not None:
        await info.context.reach(orders.PROJECTION.name, after)
    async with info.context.feed.watching(order_id) as watcher:
        if visible(watcher.view, info) is None and not await _accepted(info, order_id):
            raise NotThere(f"There is no such {kind.lower()}.")
        async for view in watcher.views():
            info.context.refresh()
            yield view


async def _accepted(info: Info, order_id: OrderId) -> bool:
    """Whether the log holds it by now: what was just accepted may not be in the read model yet. Raises Stale."""
    await info.context.reach(orders.PROJECTION.name, await info.context.ports.history.head())
    return visible(await info.context.view(order_id), info) is not None


async def order_status(info: Info, id: strawberry.ID, after: Position | None = None) -> AsyncGenerator[Order, None]:
    """Ends when the order is completed or cancelled."""
    async for view in _views(info, "Order", id, after):
        if (order := Order.of(view)) is not None:
            yield order
        if view.status in FINAL:
            return


async def checkout_status(
    info: Info, id: strawberry.ID, after: Position | None = None
) -> AsyncGenerator[Checkout, None]:
    """Ends when the order is placed, or the cart is open again."""
    async for view in _views(info, "Checkout", id, after):
        if (checkout := Checkout.of(view)) is not None:
            yield checkout
        if view.is_decided:
            return


@strawberry.type
class Subscription:
    order_status: AsyncGenerator[Order, None] = ALL_ORDERS.subscription(
        order_status, "An order now and at every change, until it is completed or cancelled."
    )
    checkout_status: AsyncGenerator[Checkout, None] = ALL_ORDERS.subscription(
        checkout_status, "A checkout now and at every change, until it is decided."
    )
    changed: AsyncGenerator[list[ChangedThing], None] = ALL_ORDERS.subscription(
        changed,
        "That some of these things changed (global ids of orders, checkouts, carts and products, at most 1,000): after "
        "a position, or from now on.",
    )
