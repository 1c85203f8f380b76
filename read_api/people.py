"""The people who ordered, for the back office."""

from datetime import datetime
from typing import Annotated

import strawberry

from domain.shared.ids import CustomerId
from projections import customers
from read_api.graphql.context import Info
from read_api.graphql.relay import After, Before, Connection, Cursors, First, Last, connection, window
from read_api.graphql.scalars import Whole
from read_api.order_lists import ORDERS

CURSORS = Cursors("people", datetime, str)

Name = Annotated[strawberry.ID | None, strawberry.argument(description="The one of this id alone.")]


@strawberry.type(description="A person who ordered.")
class Person:
    customer_id: strawberry.ID = strawberry.field(description="The subject of their tokens.")
    orders: Whole = strawberry.field(description="How many they placed.")
    last_order_at: datetime


async def list_people(
    info: Info,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
    customer: Name = None,
) -> Connection[Person]:
    asked = window(CURSORS, first, after, last, before)
    wanted = None if customer is None else CustomerId(customer)
    page = await customers.customers(await info.context.tables(ORDERS), asked, wanted)
    return connection(page, CURSORS, _shape)


def _shape(it: customers.Customer) -> Person:
    return Person(customer_id=strawberry.ID(it.customer_id), orders=Whole(it.orders), last_order_at=it.last_order_at)
