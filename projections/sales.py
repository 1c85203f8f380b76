"""Sales by day and category, and by department (a category at the root of the tree).

Revenue is what the lines of placed orders cost, tax as priced and delivery not included. It counts on the day the
order was placed; cancelled lines and orders take theirs off again on the day of the cancellation. Days are in UTC.
A category belongs to the department under which it hangs now.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

from domain.category.events import CategoryEvent
from domain.shared.ids import CategoryId
from domain.shared.money import Money
from domain.shared.recorded import EventView
from projections import category_tree, sold_lines
from projections.engine.ports import Row, Tables
from projections.engine.projection import Projection

DDL = (
    category_tree.DDL
    + sold_lines.DDL
    + """
create table {s}.sales (
    day date not null,
    category_id text not null,
    currency text not null,
    revenue bigint not null,
    units bigint not null,
    primary key (day, category_id, currency)
);
"""
)

UNCATEGORISED = ""

_ADD = """
insert into {s}.sales as s (day, category_id, currency, revenue, units)
select * from unnest($1::date[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
on conflict (day, category_id, currency) do update
set revenue = s.revenue + excluded.revenue, units = s.units + excluded.units
"""

_BY_DAY = """
select s.day, nullif(s.category_id, '') as category_id, c.name, c.path[1] as department_id,
    s.currency, s.revenue, s.units
from {s}.sales s left join {s}.categories c using (category_id)
where s.day between coalesce($1, '-infinity'::date) and coalesce($2, 'infinity'::date)
    and ($3::text is null or c.path @> array[$3])
order by s.day, s.category_id, s.currency
"""

_DAILY = """
select day, currency, sum(revenue)::bigint as revenue, sum(units)::bigint as units
from {s}.sales
where day between coalesce($1, '-infinity'::date) and coalesce($2, 'infinity'::date)
group by day, currency
order by day, currency
"""

_BY_CATEGORY = """
select nullif(s.category_id, '') as category_id, c.name, s.currency,
    sum(s.revenue)::bigint as revenue, sum(s.units)::bigint as units
from {s}.sales s left join {s}.categories c using (category_id)
where s.day between coalesce($1, '-infinity'::date) and coalesce($2, 'infinity'::date)
group by s.category_id, c.name, s.currency
order by sum(s.revenue) desc, c.name
"""

_BY_DEPARTMENT = """
select d.category_id as department_id, d.name, s.currency,
    sum(s.revenue)::bigint as revenue, sum(s.units)::bigint as units
from {s}.sales s
left join {s}.categories c using (category_id)
left join {s}.categories d on d.category_id = c.path[1]
where s.day between coalesce($1, '-infinity'::date) and coalesce($2, 'infinity'::date)
group by d.category_id, d.name, s.currency
order by sum(s.revenue) desc, d.name
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CategorySales:
    """One day's sales of the products right in a category; no ids and name for those that have no category."""

    day: date
    category_id: CategoryId | None
    name: str | None
    department_id: CategoryId | None
    revenue: Money
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DailySales:
    """The sales of a day."""

    day: date
    revenue: Money
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryTotal:
    """The sales of the products right in a category, or of all products without one."""

    category_id: CategoryId | None
    name: str | None
    revenue: Money
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentSales:
    """The sales of a department, or of all products without a category."""

    department_id: CategoryId | None
    name: str | None
    revenue: Money
    units: int


async def project(batch: Sequence[EventView[Any]], tables: Tables) -> None:
    if tree := [recorded for recorded in batch if isinstance(recorded.fact, CategoryEvent)]:
        await category_tree.project(tree, tables)
    added = defaultdict[tuple[date, str, str], list[int]](lambda: [0, 0])
    for day, line in await sold_lines.sold(batch, tables):
        sums = added[day, line.category_id or UNCATEGORISED, line.price.currency]
        sums[0] += line.price.amount
        sums[1] += line.units
    if added:
        rows = [(*key, *sums) for key, sums in added.items()]
        await tables.execute(_ADD, *map(list, zip(*rows, strict=True)))


PROJECTION = Projection(
    name="sales",
    version=2,
    handles=(*get_args(CategoryEvent), *sold_lines.HANDLES),
    tables=("sales", "categories", "open_orders"),
    ddl=DDL,
    project=project,
)


async def by_day(
    tables: Tables, first: date | None = None, last: date | None = None, within: CategoryId | None = None
) -> list[CategorySales]:
    """Sales by day and category; `within` narrows them to a category and all below it."""
    rows = await tables.fetch(_BY_DAY, first, last, within)
    return [
        CategorySales(
            day=row["day"],
            category_id=row["category_id"],
            name=row["name"],
            department_id=row["department_id"],
            revenue=_revenue(row),
            units=row["units"],
        )
        for row in rows
    ]


async def daily(tables: Tables, first: date | None = None, last: date | None = None) -> list[DailySales]:
    """Sales by day, oldest first."""
    rows = await tables.fetch(_DAILY, first, last)
    return [DailySales(day=row["day"], revenue=_revenue(row), units=row["units"]) for row in rows]


async def by_category(tables: Tables, first: date | None = None, last: date | None = None) -> list[CategoryTotal]:
    """Sales by category, the highest revenue first."""
    rows = await tables.fetch(_BY_CATEGORY, first, last)
    return [
        CategoryTotal(category_id=row["category_id"], name=row["name"], revenue=_revenue(row), units=row["units"])
        for row in rows
    ]


async def by_department(tables: Tables, first: date | None = None, last: date | None = None) -> list[DepartmentSales]:
    """Sales by department, the highest revenue first."""
    rows = await tables.fetch(_BY_DEPARTMENT, first, last)
    return [
        DepartmentSales(department_id=row["department_id"], name=row["name"], revenue=_revenue(row), units=row["units"])
        for row in rows
    ]


def _revenue(row: Row) -> Money:
    return Money(row["revenue"], row["currency"])
