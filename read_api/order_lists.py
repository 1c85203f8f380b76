"""Lists of orders: the caller's own, and everybody's for staff."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

import strawberry

from domain.shared.ids import CustomerId, Sku
from projections import orders
from projections.order_view import OrderView, Status
from projections.orders import Filter
from read_api.graphql.context import Info
from read_api.graphql.errors import BadUserInput
from read_api.graphql.relay import After, Before, Connection, Cursors, First, Last, connection, window
from read_api.graphql.values import described
from read_api.orders import Order
from read_api.sales import FirstDay, LastDay

ORDERS = orders.PROJECTION.name
CURSORS = Cursors("orders", datetime, str)
LONGEST_TEXT = 100
ONE_DAY = timedelta(days=1)

Text = Annotated[
    str | None,
    strawberry.argument(
        description="Each word begins a word of the order: its id, customer, SKUs, titles, carrier or tracking number."
    ),
]


@strawberry.type(description="The caller.")
class Me:
    subject: strawberry.ID
    roles: list[str]

    @described("The orders of the caller, the newest first.")
    async def orders(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Order] | None:
        asked = window(CURSORS, first, after, last, before)
        wanted = Filter(customer_id=info.context.customer())
        page = await orders.placed(await info.context.tables(ORDERS), asked, wanted)
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
    sku: strawberry.ID | None = None,
    text: Text = None,
    from_: FirstDay = None,
    to: LastDay = None,
) -> Connection[Order]:
    asked = window(CURSORS, first, after, last, before)
    if text is not None and len(text) > LONGEST_TEXT:
        raise BadUserInput(f"Look for at most {LONGEST_TEXT} characters.")
    wanted = Filter(
        customer_id=None if customer is None else CustomerId(customer),
        status=status,
        sku=None if sku is None else Sku(sku),
        text=text,
        since=None if from_ is None else datetime.combine(from_, time.min, UTC),
        until=None if to is None or to == date.max else datetime.combine(to + ONE_DAY, time.min, UTC),
    )
    page = await orders.placed(await info.context.tables(ORDERS), asked, wanted)
    return connection(page, CURSORS, shape)


def shape(view: OrderView) -> Order:
    order = Order.of(view)
    assert order is not None, "the read model lists placed orders only"
    return order
