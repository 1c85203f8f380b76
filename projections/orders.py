"""Checkouts and the orders they become, each with its payment, its parcels and its timeline; a customer's history."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from domain.order.number import OrderNumber, number_of
from domain.shared.ids import CustomerId, OrderId, Sku
from domain.shared.journal import JournalEntry
from domain.shared.recorded import EventView, Position
from projections import customers, shipment_lists
from projections.engine.documents import Document
from projections.engine.paging import Ordering, Page, Window, page_of
from projections.engine.ports import FedTables, Row, Tables
from projections.engine.projection import Projection
from projections.order_timeline import Moment, moment_of
from projections.order_view import CHECKOUT, FULFILMENT, OrderView, Status, StoryEvent, orders_of, told
from projections.search.words import words

DDL = (
    """
create table {s}.orders (
    order_id text primary key,
    customer_id text,
    placed_at timestamptz,
    status text,
    number text not null,
    changed bigint not null,
    skus text[] not null,
    words text[] not null,
    story json not null
) with (fillfactor = 50, toast_tuple_target = 8160);
create index on {s}.orders (placed_at, order_id) where placed_at is not null;
create index on {s}.orders (customer_id, placed_at, order_id) where placed_at is not null;
create index on {s}.orders (status, placed_at, order_id) where placed_at is not null;
create index on {s}.orders (number) where placed_at is not null;
create index on {s}.orders using gin (skus) where placed_at is not null;
create index on {s}.orders using gin (array_to_tsvector(words)) where placed_at is not null;
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
    + shipment_lists.DDL
    + customers.DDL
)
"""A story is told again a dozen times within a second: pages leave room for that, so that no index is touched, and none
is compressed (which PostgreSQL does from 2 KB on) as long as it fits into a page. No index has `changed`, the position
of the last event."""

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
            for order_id in orders_of(recorded.fact):
                by_order[order_id].append(recorded)
    before = await by_ids(tables, by_order)
    after = [told(before.get(it) or OrderView(order_id=it), facts) for it, facts in by_order.items()]
    await _store(after, [facts[-1].position for facts in by_order.values()], tables)
    await shipment_lists.project(batch, {view.order_id: view for view in after}, tables)
    await customers.project(batch, tables)
    moments = [(it, *moment) for it, facts in by_order.items() for fact in facts if (moment := moment_of(fact))]
    if moments:
        await tables.add("timeline", ("order_id", *Moment._fields), moments)


async def _store(views: Sequence[OrderView], changed: Sequence[Position], tables: Tables) -> None:
    await tables.execute(
        """
        insert into {s}.orders (order_id, customer_id, placed_at, status, skus, words, story, number, changed)
        select order_id, customer_id, placed_at, status, string_to_array(skus, chr(31)),
            string_to_array(words, chr(31)), story, number, changed
        from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::json[],
            $8::text[], $9::bigint[])
            as t (order_id, customer_id, placed_at, status, skus, words, story, number, changed)
        on conflict (order_id) do update set customer_id = excluded.customer_id, placed_at = excluded.placed_at,
            status = excluded.status, skus = excluded.skus, words = excluded.words, story = excluded.story,
            changed = excluded.changed
        """,
        [view.order_id for view in views],
        [view.owner for view in views],
        [view.placed and view.placed.at for view in views],
        [view.status for view in views],
        ["\x1f".join(line.sold.priced.sku for line in view.lines()) for view in views],
        ["\x1f".join(_words(view)) for view in views],
        [_STORIES.write(view) for view in views],
        [number_of(view.order_id) for view in views],
        changed,
    )


def _words(view: OrderView) -> Sequence[str]:
    """What staff know of an order when they look for it: its numbers, its customer, what was bought, the parcels."""
    lines = [text for line in view.lines() for text in (line.sold.priced.sku, line.sold.priced.title)]
    labels = [text for parcel in view.shipments.values() for text in parcel.label or ()]
    texts = (view.order_id, number_of(view.order_id), view.customer_id or "", view.owner or "", *lines, *labels)
    return list(dict.fromkeys(word for text in texts for word in words(text)))


PROJECTION = Projection(
    name="orders",
    version=8,
    handles=get_args(StoryEvent),
    tables=("orders", "timeline", "shipments", "customers"),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which orders are wanted: all that is given has to hold.

    Placed from `since` on and before `until`; with a line of the SKU; each word of `text` begins a word of the order.
    """

    customer_id: CustomerId | None = None
    statuses: Collection[Status] | None = None
    number: OrderNumber | None = None
    since: datetime | None = None
    until: datetime | None = None
    sku: Sku | None = None
    text: str | None = None

    def conditions(self, values: list[object]) -> list[str]:
        """What keeps the wanted rows; the values of its parameters are added to `values`."""
        found = ["placed_at is not null"]
        for condition, value in (
            ("customer_id = {}", self.customer_id),
            ("status = any({}::text[])", None if self.statuses is None else list(self.statuses)),
            ("number = {}", self.number),
            ("placed_at >= {}", self.since),
            ("placed_at < {}", self.until),
            ("skus @> {}::text[]", None if self.sku is None else [self.sku]),
            ("array_to_tsvector(words) @@ {}::text::tsquery", None if self.text is None else _beginnings(self.text)),
        ):
            if value is not None:
                values.append(value)
                found.append(condition.format(f"${len(values)}"))
        return found


def _beginnings(text: str) -> str | None:
    """Words as a query for words that begin so."""
    return " & ".join(f"'{word}':*" for word in words(text)) or None


async def placed(tables: Tables, window: Window, wanted: Filter) -> Page[OrderView]:
    """A page of the wanted orders, newest first."""
    values: list[object] = []
    conditions = wanted.conditions(values)
    conditions += NEWEST_FIRST.conditions(window, values)
    rows = await tables.fetch(
        f"""
        select placed_at, order_id, story from {{s}}.orders
        where {" and ".join(conditions)} {NEWEST_FIRST.clause(window)}
        """,
        *values,
    )
    return page_of(rows, window, lambda row: (row["placed_at"], row["order_id"]), _story)


async def count(tables: Tables, wanted: Filter, most: int) -> int:
    """How many orders are wanted, counted no further than one beyond `most`."""
    values: list[object] = []
    conditions = wanted.conditions(values)
    rows = await tables.fetch(
        f"""
        select count(*) from (
            select from {{s}}.orders where {" and ".join(conditions)} limit {most + 1}
        ) as counted
        """,
        *values,
    )
    return int(rows[0][0])


async def timelines(tables: Tables, ids: Iterable[OrderId]) -> Mapping[OrderId, Sequence[Moment]]:
    """What happened to each of the orders, oldest first."""
    rows = await tables.fetch(
        "select * from {s}.timeline where order_id = any($1) order by order_id, position", list(ids)
    )
    told: dict[OrderId, list[Moment]] = {}
    for row in rows:
        told.setdefault(row["order_id"], []).append(_moment(row))
    return told
