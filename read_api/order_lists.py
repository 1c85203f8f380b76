"""Lists of orders: the caller's own, and everybody's for staff."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

import strawberry

from domain.order import number as order_number
from domain.shared.ids import CustomerId, Sku
from domain.staff.permissions import ordered
from projections import orders
from projections.engine.paging import Window
from projections.order_view import OrderView, Status
from projections.orders import Filter
from read_api.accounts import Account, own_account
from read_api.carts import Cart
from read_api.graphql.context import Info
from read_api.graphql.errors import BadUserInput
from read_api.graphql.relay import After, Before, Connection, Cursors, First, Last, edges, page_info, window
from read_api.graphql.values import described
from read_api.orders import Order
from read_api.product_lists import Total
from read_api.sales import FirstDay, LastDay

ORDERS = orders.PROJECTION.name
CURSORS = Cursors("orders", datetime, str)
LONGEST_TEXT = 100
COUNTED_TO = 1_000
ONE_DAY = timedelta(days=1)

Statuses = Annotated[list[Status] | None, strawberry.argument(description="One of these.")]
OrderNumber = Annotated[
    str | None,
    strawberry.argument(description="As `Order.number` gives it; letters may be small, its hyphen may lack."),
]
Text = Annotated[
    str | None,
    strawberry.argument(
        description="Each word begins a word of the order: its id, number, customer, SKUs, titles, carrier or tracking "
        "number."
    ),
]


@strawberry.type(description="A page of orders.")
class OrderConnection(Connection[Order]):
    wanted: strawberry.Private[Filter]

    @described(f"Counted up to {COUNTED_TO}.")
    async def total(self, info: Info) -> Total:
        await info.context.tables(ORDERS)
        async with info.context.turn():
            tables = info.context.ports.models.apart(ORDERS, filtered=True)
            counted = await orders.count(tables, self.wanted, COUNTED_TO)
        return Total(at_least=min(counted, COUNTED_TO), exact=counted <= COUNTED_TO)


@strawberry.type(description="The caller.")
class Me:
    subject: strawberry.ID
    roles: list[str]
    permissions: list[str] = strawberry.field(description="What the caller may do: names as in docs/api.md.")

    @described("The orders of the caller, the newest first.")
    async def orders(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> OrderConnection | None:
        asked = window(CURSORS, first, after, last, before)
        return await _listed(info, asked, Filter(customer_id=info.context.customer()))

    @described("Of a shopper who has registered; null for guests and staff.")
    async def account(self, info: Info) -> Account | None:
        return await own_account(info)

    @described("What the caller opened last and can still put something into.")
    async def cart(self, info: Info) -> Cart | None:
        found = await info.context.loaders.open_carts.load(info.context.customer())
        return None if found is None else Cart.of(*found)


async def the_caller(info: Info) -> Me | None:
    caller = info.context.caller
    if caller is None:
        return None
    return Me(
        subject=strawberry.ID(caller.subject),
        roles=sorted(caller.roles),
        permissions=[permission.value for permission in ordered(caller.permissions)],
    )


async def list_orders(
    info: Info,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
    status: Statuses = None,
    number: OrderNumber = None,
    customer: strawberry.ID | None = None,
    sku: strawberry.ID | None = None,
    text: Text = None,
    from_: FirstDay = None,
    to: LastDay = None,
) -> OrderConnection:
    asked = window(CURSORS, first, after, last, before)
    if text is not None and len(text) > LONGEST_TEXT:
        raise BadUserInput(f"Look for at most {LONGEST_TEXT} characters.")
    wanted = Filter(
        customer_id=None if customer is None else CustomerId(customer),
        statuses=status,
        number=None if number is None else _number(number),
        sku=None if sku is None else Sku(sku),
        text=text,
        since=None if from_ is None else datetime.combine(from_, time.min, UTC),
        until=None if to is None or to == date.max else datetime.combine(to + ONE_DAY, time.min, UTC),
    )
    return await _listed(info, asked, wanted)


async def _listed(info: Info, asked: Window, wanted: Filter) -> OrderConnection:
    page = await orders.placed(await info.context.tables(ORDERS), asked, wanted)
    found = edges(page, CURSORS, shape)
    return OrderConnection(edges=found, page_info=page_info(page, found), wanted=wanted)


def _number(text: str) -> order_number.OrderNumber:
    if (found := order_number.typed_number(text)) is None:
        raise BadUserInput(f"{text[:LONGEST_TEXT]!r} is no order number. They look like 7KQ4M-2XHTD.")
    return found


def shape(view: OrderView) -> Order:
    order = Order.of(view)
    assert order is not None, "the read model lists placed orders only"
    return order
