"""Lists of orders: the caller's own, and everybody's for staff."""

from datetime import datetime

import strawberry

from domain.shared.ids import CustomerId
from projections import orders
from projections.order_view import OrderView, Status
from read_api.graphql.context import Info
from read_api.graphql.relay import After, Before, Connection, Cursors, First, Last, connection, window
from read_api.graphql.values import described
from read_api.orders import STAFF, Order

ORDERS = orders.PROJECTION.name
CURSORS = Cursors("orders", datetime, str)


@strawberry.type(description="The caller.")
class Me:
    subject: strawberry.ID
    roles: list[str]

    @described("The orders of the caller, the newest first.")
    async def orders(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Order] | None:
        asked = window(CURSORS, first, after, last, before)
        page = await orders.placed(await info.context.tables(ORDERS), asked, customer_id=info.context.customer())
        return connection(page, CURSORS, shape)


async def the_caller(info: Info) -> Me | None:
    caller = info.context.caller
    return Me(subject=strawberry.ID(caller.subject), roles=sorted(caller.roles)) if caller else None


async def list_orders(
    info: Info,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
    status: Status | None = None,
    customer: strawberry.ID | None = None,
) -> Connection[Order]:
    info.context.require(*STAFF)
    asked = window(CURSORS, first, after, last, before)
    page = await orders.placed(
        await info.context.tables(ORDERS),
        asked,
        customer_id=None if customer is None else CustomerId(customer),
        status=status,
    )
    return connection(page, CURSORS, shape)


def shape(view: OrderView) -> Order:
    order = Order.of(view)
    assert order is not None, "the read model lists placed orders only"
    return order
