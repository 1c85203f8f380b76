"""Units on the shelves, for staff."""

import strawberry

from domain.shared.ids import Sku
from projections.stock_levels import StockLevel as Level
from read_api.graphql.context import Info
from read_api.graphql.values import Whole


@strawberry.type(description="The units of a SKU in one warehouse.")
class StockLevel:
    warehouse: str
    on_hand: Whole
    reserved: Whole
    backorder_limit: Whole = strawberry.field(description="How many may be promised beyond those on hand.")
    available: Whole = strawberry.field(description="How many can still be promised.")


@strawberry.type(description="The units of a SKU.")
class Stock:
    sku: strawberry.ID
    available: Whole
    levels: list[StockLevel]


def _level(level: Level) -> StockLevel:
    return StockLevel(
        warehouse=level.warehouse,
        on_hand=Whole(level.on_hand),
        reserved=Whole(level.reserved),
        backorder_limit=Whole(level.backorder_limit),
        available=Whole(level.available),
    )


async def find_stock(info: Info, sku: strawberry.ID) -> Stock | None:
    info.context.require("warehouse")
    levels = await info.context.loaders.stock.load(Sku(sku))
    if levels is None:
        return None
    return Stock(
        sku=sku, available=Whole(sum(level.available for level in levels)), levels=[_level(level) for level in levels]
    )
