"""Which products sell best over a period, by units or by revenue.

Counted as sales are: on the day of the order, delivery not included, cancellations taken off on their own day.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, get_args

from domain.category.events import CategoryEvent
from domain.shared.ids import CategoryId, ProductId
from domain.shared.money import Money
from domain.shared.recorded import EventView
from projections import category_tree, sold_lines
from projections.engine.ports import Tables
from projections.engine.projection import Projection

DDL = (
    category_tree.DDL
    + sold_lines.DDL
    + """
create table {s}.product_sales (
    product_id text not null,
    day date not null,
    category_id text not null,
    currency text not null,
    revenue bigint not null,
    units bigint not null,
    primary key (product_id, day, category_id, currency)
);
create index on {s}.product_sales (day);
"""
)

_ADD = """
insert into {s}.product_sales as s (product_id, day, category_id, currency, revenue, units)
select * from unnest($1::text[], $2::date[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
on conflict (product_id, day, category_id, currency) do update
set revenue = s.revenue + excluded.revenue, units = s.units + excluded.units
"""

_TOP = """
select s.product_id, s.currency, sum(s.revenue)::bigint as revenue, sum(s.units)::bigint as units
from {s}.product_sales s left join {s}.categories c using (category_id)
where s.day between coalesce($1, '-infinity'::date) and coalesce($2, 'infinity'::date)
    and ($3::text is null or c.path @> array[$3])
group by s.product_id, s.currency
having sum(s.units) > 0
"""


class By(Enum):
    """What best means."""

    UNITS = "order by units desc, revenue desc, product_id"
    REVENUE = "order by revenue desc, units desc, product_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class BestSeller:
    """What a product sold in the period."""

    product_id: ProductId
    units: int
    revenue: Money


async def project(batch: Sequence[EventView[Any]], tables: Tables) -> None:
    if tree := [recorded for recorded in batch if isinstance(recorded.fact, CategoryEvent)]:
        await category_tree.project(tree, tables)
    added = defaultdict[tuple[str, date, str, str], list[int]](lambda: [0, 0])
    for day, line in await sold_lines.sold(batch, tables):
        sums = added[line.product_id, day, line.category_id or "", line.price.currency]
        sums[0] += line.price.amount
        sums[1] += line.units
    if added:
        rows = [(*key, *sums) for key, sums in added.items()]
        await tables.execute(_ADD, *map(list, zip(*rows, strict=True)))


PROJECTION = Projection(
    name="best_sellers",
    version=2,
    handles=(*get_args(CategoryEvent), *sold_lines.HANDLES),
    tables=("product_sales", "categories", "open_orders"),
    ddl=DDL,
    project=project,
)


async def top(
    tables: Tables,
    count: int,
    by: By = By.UNITS,
    first: date | None = None,
    last: date | None = None,
    within: CategoryId | None = None,
) -> list[BestSeller]:
    """The best sellers of a period (both days included); `within` narrows them to a category and all below it."""
    rows = await tables.fetch(f"{_TOP} {by.value} limit $4", first, last, within, count)
    return [
        BestSeller(product_id=row["product_id"], units=row["units"], revenue=Money(row["revenue"], row["currency"]))
        for row in rows
    ]
