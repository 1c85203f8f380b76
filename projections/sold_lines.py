"""What was sold and what of it was cancelled again, line by line, for every read model that counts sales.

A cancellation names the order, not its categories or days. So the lines of open orders are remembered, in a table of
each read model that counts, until the order is completed or cancelled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from domain.order.events import OrderCancelled, OrderCompleted, OrderLineCancelled, OrderPlaced
from domain.shared.frozen import replace
from domain.shared.ids import CategoryId, OrderId, ProductId, Sku
from domain.shared.money import Money
from domain.shared.recorded import EventView
from projections.engine.documents import Document
from projections.engine.ports import Tables

DDL = """
create table {s}.open_orders (
    order_id text primary key,
    lines json not null
);
"""

HANDLES = (OrderPlaced, OrderLineCancelled, OrderCancelled, OrderCompleted)

_KEEP = """
insert into {s}.open_orders (order_id, lines) select * from unnest($1::text[], $2::text[]::json[])
on conflict (order_id) do update set lines = excluded.lines
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldLine:
    """Units of one product and their price, without delivery. Cancelled ones are negative."""

    sku: Sku
    product_id: ProductId
    category_id: CategoryId | None
    units: int
    price: Money

    def less(self, units: int, price: Money) -> "SoldLine":
        return replace(self, units=self.units - units, price=self.price - price)


Order = tuple[SoldLine, ...]
Sold = tuple[date, SoldLine]

_LINES: Document[Order] = Document(Order)


async def sold(batch: Sequence[EventView[Any]], tables: Tables) -> list[Sold]:
    """The sales of a batch, with their days: of an order when it was placed, of a cancellation when it was recorded."""
    changed = await _open_orders(batch, tables)
    sales = list[Sold]()
    for recorded in batch:
        match recorded.fact:
            case OrderPlaced(order_id=order, at=at) as placed:
                changed[order] = _lines(placed)
                sales += [(_day(at), line) for line in changed[order]]
            case OrderLineCancelled(order_id=order, sku=sku, quantity=units, value=price):
                (line,) = [line for line in changed[order] if line.sku == sku]
                changed[order] = tuple(line.less(units, price) if line.sku == sku else line for line in changed[order])
                sales.append((_day(recorded.recorded_at), _negative(line, units, price)))
            case OrderCancelled(order_id=order):
                day = _day(recorded.recorded_at)
                sales += [(day, _negative(line, line.units, line.price)) for line in changed[order] if line.units]
                changed[order] = ()
            case OrderCompleted(order_id=order):
                changed[order] = ()
    await _keep(changed, tables)
    return sales


async def _open_orders(batch: Sequence[EventView[Any]], tables: Tables) -> dict[OrderId, Order]:
    """The orders that the batch cancels from, as they were before it."""
    touched = {r.fact.order_id for r in batch if isinstance(r.fact, OrderLineCancelled | OrderCancelled)}
    if not touched:
        return {}
    rows = await tables.fetch("select order_id, lines from {s}.open_orders where order_id = any($1)", list(touched))
    return {row["order_id"]: _LINES.read(row["lines"]) for row in rows}


async def _keep(changed: dict[OrderId, Order], tables: Tables) -> None:
    kept = {order: _LINES.write(lines) for order, lines in changed.items() if lines}
    if kept:
        await tables.execute(_KEEP, list(kept), list(kept.values()))
    if over := [order for order, lines in changed.items() if not lines]:
        await tables.execute("delete from {s}.open_orders where order_id = any($1)", over)


def _lines(placed: OrderPlaced) -> Order:
    return tuple(
        SoldLine(
            sku=line.priced.sku,
            product_id=line.priced.product_id,
            category_id=line.priced.category_id,
            units=line.priced.quantity,
            price=line.priced.total,
        )
        for line in placed.lines
    )


def _negative(line: SoldLine, units: int, price: Money) -> SoldLine:
    return replace(line, units=-units, price=Money(-price.amount, price.currency))


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
