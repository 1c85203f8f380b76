"""How many units of each SKU each warehouse holds, has promised, and can still promise; and which are held unpaid."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from domain.shared.ids import Sku, Warehouse
from domain.shared.recorded import EventView
from domain.stock.events import (
    BackorderLimitSet,
    ReservationReleased,
    StockAdjusted,
    StockDispatched,
    StockReceived,
    StockReserved,
    StockReturned,
)
from projections import holds
from projections.engine.ports import Tables
from projections.engine.projection import Projection

DDL = """
create table {s}.stock_levels (
    sku text not null,
    warehouse text not null,
    on_hand bigint not null default 0,
    reserved bigint not null default 0,
    backorder_limit bigint not null default 0,
    primary key (sku, warehouse)
);
"""

_MOVE = """
insert into {s}.stock_levels as s (sku, warehouse, on_hand, reserved)
select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
on conflict (sku, warehouse) do update
set on_hand = s.on_hand + excluded.on_hand, reserved = s.reserved + excluded.reserved
"""

_MOVE_AND_TELL = f"""
with asked (sku, warehouse, on_hand, reserved) as (
    select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
), moved as ({_MOVE} returning sku, warehouse, s.on_hand + backorder_limit - s.reserved as available)
select distinct sku from moved join asked using (sku, warehouse)
where (available > 0) <> (available - on_hand + reserved > 0)
"""

_LIMIT = """
insert into {s}.stock_levels (sku, warehouse, backorder_limit)
select * from unnest($1::text[], $2::text[], $3::bigint[])
on conflict (sku, warehouse) do update set backorder_limit = excluded.backorder_limit
"""

_BY_SKUS = """
select sku, warehouse, on_hand, reserved, backorder_limit from {s}.stock_levels
where sku = any($1) order by sku, warehouse
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLevel:
    """The units of one SKU in one warehouse."""

    sku: Sku
    warehouse: Warehouse
    on_hand: int
    reserved: int
    backorder_limit: int

    @property
    def available(self) -> int:
        """Units that can still be promised."""
        return self.on_hand + self.backorder_limit - self.reserved


_quantity, _delta = attrgetter("quantity"), attrgetter("delta")
_UNITS: Mapping[type[Any], tuple[int, int, Callable[[Any], int]]] = {
    StockReceived: (1, 0, _quantity),
    StockReturned: (1, 0, _quantity),
    StockAdjusted: (1, 0, _delta),
    StockReserved: (0, 1, _quantity),
    ReservationReleased: (0, -1, _quantity),
    StockDispatched: (-1, -1, _quantity),
}
"""How often the units of a fact count as on hand and as reserved."""


async def project(batch: Sequence[EventView[Any]], tables: Tables) -> None:
    """Take the facts into the levels, and into what is held unpaid."""
    await _project_levels([recorded for recorded in batch if type(recorded.fact) in _LEVELS], tables)
    await holds.project([recorded for recorded in batch if type(recorded.fact) in _HOLDS], tables)


async def _project_levels(batch: Sequence[EventView[Any]], tables: Tables) -> None:
    moved, limits = _sums(batch)
    if moved:
        await tables.execute(_MOVE, *moved)
    if limits:
        await tables.execute(_LIMIT, *limits)


async def project_and_tell(batch: Sequence[EventView[Any]], tables: Tables) -> set[Sku]:
    """As `project`; answers of which SKUs a warehouse may have run out, or have units to promise again."""
    moved, limits = _sums(batch)
    turned = {row["sku"] for row in await tables.fetch(_MOVE_AND_TELL, *moved)} if moved else set()
    if limits:
        await tables.execute(_LIMIT, *limits)
        turned.update(limits[0])
    return turned


def _sums(batch: Sequence[EventView[Any]]) -> tuple[Sequence[list[Any]], Sequence[list[Any]]]:
    """The columns of _MOVE and of _LIMIT for a batch; none if there is nothing to be done."""
    moved = defaultdict[tuple[str, str], list[int]](lambda: [0, 0])
    limits = dict[tuple[str, str], int]()
    for recorded in batch:
        fact = recorded.fact
        level, kind = (fact.sku, fact.warehouse), type(fact)
        if kind in _UNITS:
            on_hand, reserved, units = _UNITS[kind]
            sums, number = moved[level], units(fact)
            sums[0] += on_hand * number
            sums[1] += reserved * number
        else:
            limits[level] = fact.limit
    rows = [(*level, *sums) for level, sums in moved.items()]
    limited = [(*level, limit) for level, limit in limits.items()]
    return [list(column) for column in zip(*rows, strict=True)], [list(column) for column in zip(*limited, strict=True)]


LEVELS = (*_UNITS, BackorderLimitSet)
"""Facts that change how many units there are, or are promised."""

_LEVELS, _HOLDS = frozenset(LEVELS), frozenset(holds.HANDLES)

PROJECTION = Projection(
    name="stock_levels",
    version=2,
    handles=(*LEVELS, *(kind for kind in holds.HANDLES if kind not in _LEVELS)),
    tables=("stock_levels", "holds"),
    ddl=DDL + holds.DDL,
    project=project,
)


async def by_skus(tables: Tables, skus: Iterable[Sku]) -> dict[Sku, list[StockLevel]]:
    """The levels of each SKU, by warehouse; a SKU that was never stocked is missing."""
    levels = defaultdict[Sku, list[StockLevel]](list)
    for row in await tables.fetch(_BY_SKUS, list(skus)):
        levels[row["sku"]].append(
            StockLevel(
                sku=row["sku"],
                warehouse=row["warehouse"],
                on_hand=row["on_hand"],
                reserved=row["reserved"],
                backorder_limit=row["backorder_limit"],
            )
        )
    return dict(levels)
