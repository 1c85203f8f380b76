"""Who has ordered, how often, and when last. A table of the read model `orders`."""

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.customer.events import OrdersClaimed
from domain.order.events import OrderPlaced
from domain.shared.ids import CustomerId
from domain.shared.recorded import EventView
from projections.engine.paging import Ordering, Page, Window, page_of
from projections.engine.ports import Row, Tables

DDL = """
create table {s}.customers (
    customer_id text primary key,
    orders bigint not null,
    last_order_at timestamptz not null
);
create index on {s}.customers (last_order_at, customer_id);
"""

LATEST_FIRST = Ordering(columns=("last_order_at", "customer_id"), descending=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who ordered; the name by which tokens and events know them."""

    customer_id: CustomerId
    orders: int
    last_order_at: datetime


async def project(batch: Sequence[EventView[Any]], tables: Tables) -> None:
    """Count the orders of the batch, which the table `orders` has already."""
    placed = [recorded.fact for recorded in batch if isinstance(recorded.fact, OrderPlaced)]
    if placed:
        await _count(placed, tables)
    claimed = [recorded.fact for recorded in batch if isinstance(recorded.fact, OrdersClaimed)]
    if claimed:
        await _count_anew({it for fact in claimed for it in (fact.subject, fact.guest)}, tables)


async def _count_anew(moved: Set[str], tables: Tables) -> None:
    """Orders went from guests to accounts."""
    await tables.execute("delete from {s}.customers where customer_id = any($1::text[])", list(moved))
    await tables.execute(
        """
        insert into {s}.customers (customer_id, orders, last_order_at)
        select customer_id, count(*), max(placed_at) from {s}.orders
         where customer_id = any($1::text[]) and placed_at is not null group by customer_id
        """,
        list(moved),
    )


async def _count(placed: Sequence[OrderPlaced], tables: Tables) -> None:
    orders = Counter(fact.customer_id for fact in placed)
    last = {fact.customer_id: fact.at for fact in sorted(placed, key=lambda fact: fact.at)}
    await tables.execute(
        """
        insert into {s}.customers as c (customer_id, orders, last_order_at)
        select * from unnest($1::text[], $2::bigint[], $3::timestamptz[])
        on conflict (customer_id) do update set orders = c.orders + excluded.orders,
            last_order_at = greatest(c.last_order_at, excluded.last_order_at)
        """,
        list(orders),
        list(orders.values()),
        [last[customer] for customer in orders],
    )


async def customers(tables: Tables, window: Window, customer: CustomerId | None = None) -> Page[Customer]:
    """A page of those who ordered, or the one of this name."""
    values: list[object] = [] if customer is None else [customer]
    conditions = ["true" if customer is None else "customer_id = $1", *LATEST_FIRST.conditions(window, values)]
    rows = await tables.fetch(
        f"""
        select customer_id, orders, last_order_at from {{s}}.customers
        where {" and ".join(conditions)} {LATEST_FIRST.clause(window)}
        """,
        *values,
    )
    return page_of(rows, window, lambda row: (row["last_order_at"], row["customer_id"]), _customer)


def _customer(row: Row) -> Customer:
    return Customer(customer_id=row["customer_id"], orders=row["orders"], last_order_at=row["last_order_at"])
