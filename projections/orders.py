"""Checkouts and the orders they become, each with its payment, its parcels and its timeline; a customer's history."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from domain.shared.ids import CustomerId, OrderId
from domain.shared.journal import JournalEntry
from domain.shared.recorded import EventView
from projections.engine.documents import Document
from projections.engine.paging import Ordering, Page, Window, page_of
from projections.engine.ports import FedTables, Row, Tables
from projections.engine.projection import Projection
from projections.order_timeline import Moment, moment_of
from projections.order_view import CHECKOUT, FULFILMENT, OrderView, Status, StoryEvent, order_of, told

DDL = """
create table {s}.orders (
    order_id text primary key,
    customer_id text,
    placed_at timestamptz,
    status text,
    story json not null
) with (fillfactor = 50, toast_tuple_target = 8160);
create index on {s}.orders (placed_at, order_id) where placed_at is not null;
create index on {s}.orders (customer_id, placed_at, order_id) where placed_at is not null;
create index on {s}.orders (status, placed_at, order_id) where placed_at is not null;
create table {s}.timeline (
    order_id text not null,
    position bigint not null,
    at timestamptz not null,
    kind text not null,
    what text not null,
    by text not null,
    why text,
    primary key (order_id, position)
);
"""

"""A story is told again a dozen times within a second: pages leave room for that, so that no index is touched, and none
is compressed (which PostgreSQL does from 2 KB on) as long as it fits into a page."""

NEWEST_FIRST = Ordering(columns=("placed_at", "order_id"), descending=True)

_STORIES: Document[OrderView] = Document(OrderView)


def _is_ours(fact: object) -> bool:
    """Journals of other processes tell nothing of orders."""
    return not isinstance(fact, JournalEntry) or fact.process in (CHECKOUT, FULFILMENT)


async def project(batch: Sequence[EventView[Any]], tables: FedTables) -> None:
    """Load the stories of the batch, take its facts in, store them again; add what happened to the timelines."""
    by_order = defaultdict[OrderId, list[EventView[Any]]](list)
    for recorded in batch:
        if _is_ours(recorded.fact):
            by_order[order_of(recorded.fact)].append(recorded)
    before = await by_ids(tables, by_order)
    await _store([told(before.get(it) or OrderView(order_id=it), facts) for it, facts in by_order.items()], tables)
    moments = [(it, *moment) for it, facts in by_order.items() for fact in facts if (moment := moment_of(fact))]
    if moments:
        await tables.add("timeline", ("order_id", *Moment._fields), moments)


async def _store(views: Sequence[OrderView], tables: Tables) -> None:
    await tables.execute(
        """
        insert into {s}.orders (order_id, customer_id, placed_at, status, story)
        select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::json[])
        on conflict (order_id) do update set customer_id = excluded.customer_id, placed_at = excluded.placed_at,
            status = excluded.status, story = excluded.story
        """,
        [view.order_id for view in views],
        [view.customer_id for view in views],
        [view.placed and view.placed.at for view in views],
        [view.status for view in views],
        [_STORIES.write(view) for view in views],
    )


PROJECTION = Projection(
    name="orders",
    version=3,
    handles=get_args(StoryEvent),
    tables=("orders", "timeline"),
    ddl=DDL,
    project=project,
    readable_since=3,
)


def _story(row: Row) -> OrderView:
    return _STORIES.read(row["story"])


def _moment(row: Row) -> Moment:
    return Moment(
        position=row["position"], at=row["at"], kind=row["kind"], what=row["what"], by=row["by"], why=row["why"]
    )


async def by_ids(tables: Tables, ids: Iterable[OrderId]) -> dict[OrderId, OrderView]:
    """Orders and checkouts that are not orders yet."""
    rows = await tables.fetch("select story from {s}.orders where order_id = any($1)", list(ids))
    return {view.order_id: view for view in map(_story, rows)}


async def placed(
    tables: Tables, window: Window, *, customer_id: CustomerId | None = None, status: Status | None = None
) -> Page[OrderView]:
    """A page of orders, newest first: everybody's or one customer's, in any status or in one."""
    values: list[object] = []
    conditions = ["placed_at is not null"]
    for column, value in (("customer_id", customer_id), ("status", status)):
        if value is not None:
            values.append(value)
            conditions.append(f"{column} = ${len(values)}")
    conditions += NEWEST_FIRST.conditions(window, values)
    rows = await tables.fetch(
        f"""
        select placed_at, order_id, story from {{s}}.orders
        where {" and ".join(conditions)} {NEWEST_FIRST.clause(window)}
        """,
        *values,
    )
    return page_of(rows, window, lambda row: (row["placed_at"], row["order_id"]), _story)


async def timelines(tables: Tables, ids: Iterable[OrderId]) -> Mapping[OrderId, Sequence[Moment]]:
    """What happened to each of the orders, oldest first."""
    rows = await tables.fetch(
        "select * from {s}.timeline where order_id = any($1) order by order_id, position", list(ids)
    )
    told: dict[OrderId, list[Moment]] = {}
    for row in rows:
        told.setdefault(row["order_id"], []).append(_moment(row))
    return told
