"""Lists of stock: the levels of all SKUs, those that run low, and the warehouses."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.shared.ids import Warehouse
from projections.engine.paging import Ordering, Page, Window, page_of
from projections.engine.ports import Row, Tables
from projections.stock_levels import StockLevel

BY_SKU = Ordering(columns=("sku", "warehouse"))
_AVAILABLE = "on_hand + backorder_limit - reserved"


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseStock:
    """What a warehouse holds in all."""

    warehouse: Warehouse
    skus: int
    on_hand: int
    reserved: int


async def levels(
    tables: Tables, window: Window, *, warehouse: Warehouse | None = None, below: int | None = None
) -> Page[StockLevel]:
    """A page of levels, by SKU and warehouse: of one warehouse or of all, of what can be promised less than `below`."""
    values: list[object] = []
    conditions = ["true"]
    for condition, value in (("warehouse = {}", warehouse), (f"{_AVAILABLE} < {{}}", below)):
        if value is not None:
            values.append(value)
            conditions.append(condition.format(f"${len(values)}"))
    conditions += BY_SKU.conditions(window, values)
    rows = await tables.fetch(
        f"""
        select sku, warehouse, on_hand, reserved, backorder_limit from {{s}}.stock_levels
        where {" and ".join(conditions)} {BY_SKU.clause(window)}
        """,
        *values,
    )
    return page_of(rows, window, lambda row: (row["sku"], row["warehouse"]), _level)


def _level(row: Row) -> StockLevel:
    return StockLevel(
        sku=row["sku"],
        warehouse=row["warehouse"],
        on_hand=row["on_hand"],
        reserved=row["reserved"],
        backorder_limit=row["backorder_limit"],
    )


async def warehouses(tables: Tables) -> Sequence[WarehouseStock]:
    """Every warehouse in which there is or was something, by name."""
    rows = await tables.fetch(
        """
        select warehouse, count(*) filter (where on_hand > 0) as skus, sum(on_hand)::bigint as on_hand,
            sum(reserved)::bigint as reserved
        from {s}.stock_levels group by warehouse order by warehouse
        """
    )
    return [
        WarehouseStock(warehouse=row["warehouse"], skus=row["skus"], on_hand=row["on_hand"], reserved=row["reserved"])
        for row in rows
    ]
