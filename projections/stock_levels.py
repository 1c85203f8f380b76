"""How many units of each SKU each warehouse holds, has promised, and can still promise."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from domain.shared.ids import Sku, Warehouse
from domain.shared.recorded import Recorded
from domain.stock.events import (
    BackorderLimitSet,
    ReservationReleased,
    StockAdjusted,
    StockDispatched,
    StockReceived,
    StockReserved,
    StockReturned,
)
from projections.ports import Tables
from projections.projection import Projection

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


async def project(batch: Sequence[Recorded[Any]], tables: Tables) -> None:
    moved = defaultdict[tuple[str, str], list[int]](lambda: [0, 0])
    limits = dict[tuple[str, str], int]()
    for recorded in batch:
        match recorded.fact:
            case StockReserved(sku=sku, warehouse=warehouse, quantity=units):
                moved[sku, warehouse][1] += units
            case StockDispatched(sku=sku, warehouse=warehouse, quantity=units):
                level = moved[sku, warehouse]
                level[0] -= units
                level[1] -= units
            case ReservationReleased(sku=sku, warehouse=warehouse, quantity=units):
                moved[sku, warehouse][1] -= units
            case (
                StockReceived(sku=sku, warehouse=warehouse, quantity=units)
                | StockReturned(sku=sku, warehouse=warehouse, quantity=units)
                | StockAdjusted(sku=sku, warehouse=warehouse, delta=units)
            ):
                moved[sku, warehouse][0] += units
            case BackorderLimitSet(sku=sku, warehouse=warehouse, limit=limit):
                limits[sku, warehouse] = limit
    if moved:
        rows = [(*key, *units) for key, units in moved.items()]
        await tables.execute(_MOVE, *map(list, zip(*rows, strict=True)))
    if limits:
        limited = [(*key, limit) for key, limit in limits.items()]
        await tables.execute(_LIMIT, *map(list, zip(*limited, strict=True)))


PROJECTION = Projection(
    name="stock_levels",
    version=1,
    hears=(
        StockReceived,
        StockAdjusted,
        BackorderLimitSet,
        StockReserved,
        ReservationReleased,
        StockDispatched,
        StockReturned,
    ),
    tables=("stock_levels",),
    ddl=DDL,
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
