"""Lists of stock for staff: the levels of all SKUs, those that run low, and the warehouses."""

from functools import partial
from typing import Annotated

import strawberry

from domain.shared import ids
from projections import stock_levels, stock_lists
from projections.stock_lists import WarehouseStock
from read_api.graphql.context import Info
from read_api.graphql.relay import After, Before, Connection, Cursors, First, Last, connection, window
from read_api.graphql.scalars import Whole
from read_api.stock import StockLevel, shape

MODEL = stock_levels.PROJECTION.name
LEVELS = Cursors("stock levels", str, str)

Below = Annotated[
    int | None, strawberry.argument(description="Only where fewer units can be promised: what is running low.")
]


@strawberry.type(description="What a warehouse holds in all.")
class Warehouse:
    name: str
    skus: Whole = strawberry.field(description="Of how many SKUs there are units on hand.")
    on_hand: Whole
    reserved: Whole


async def list_stock(
    info: Info,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
    warehouse: strawberry.ID | None = None,
    below: Below = None,
) -> Connection[StockLevel]:
    asked = window(LEVELS, first, after, last, before)
    wanted = None if warehouse is None else ids.Warehouse(warehouse)
    page = await stock_lists.levels(await info.context.tables(MODEL), asked, warehouse=wanted, below=below)
    return connection(page, LEVELS, partial(shape, warehouses=info.context.ports.warehouses))


async def list_warehouses(info: Info) -> list[Warehouse]:
    return [_warehouse(it) for it in await stock_lists.warehouses(await info.context.tables(MODEL))]


def _warehouse(it: WarehouseStock) -> Warehouse:
    return Warehouse(name=it.warehouse, skus=Whole(it.skus), on_hand=Whole(it.on_hand), reserved=Whole(it.reserved))
