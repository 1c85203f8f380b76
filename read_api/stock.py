"""Units on the shelves, for staff."""

from collections.abc import Collection
from datetime import datetime

import strawberry

from domain.shared.ids import Sku
from domain.staff.permissions import Permission
from projections.holds import UnpaidHold as Hold
from projections.stock_levels import StockLevel as Level
from read_api.graphql.access import needs
from read_api.graphql.context import Info
from read_api.graphql.scalars import Whole


@strawberry.type(description="The units of a SKU in one warehouse.")
class StockLevel:
    sku: strawberry.ID
    warehouse: str
    on_hand: Whole
    reserved: Whole
    backorder_limit: Whole = strawberry.field(description="How many may be promised beyond those on hand.")
    available: Whole = strawberry.field(description="How many can still be promised.")
    sells: bool = strawberry.field(description="Whether the shop sells from this warehouse.")


@strawberry.type(description="Units that an order holds before it is paid.")
class UnpaidHold:
    warehouse: str
    order_id: strawberry.ID
    quantity: Whole
    expires_at: datetime
    shopper: str | None = strawberry.field(description="Who buys them.")
    client: str | None = strawberry.field(
        description="A pseudonym of the network address they come from: the same for the same address."
    )


@strawberry.type(description="The units of a SKU.")
class Stock:
    sku: strawberry.ID
    available: Whole = strawberry.field(
        description="How many can be bought: those of warehouses that the shop sells from."
    )
    levels: list[StockLevel]

    @needs(Permission.ORDERS).described("The largest holds that are not paid yet, at most 100.")
    async def unpaid_holds(self, info: Info) -> list[UnpaidHold]:
        found = await info.context.loaders.holds.load(Sku(self.sku))
        return [_hold(hold) for hold in found or ()]


def _hold(hold: Hold) -> UnpaidHold:
    return UnpaidHold(
        warehouse=hold.warehouse,
        order_id=strawberry.ID(hold.order_id),
        quantity=Whole(hold.quantity),
        expires_at=hold.expires_at,
        shopper=hold.shopper,
        client=hold.client,
    )


def shape(level: Level, warehouses: Collection[str] | None) -> StockLevel:
    return StockLevel(
        sku=strawberry.ID(level.sku),
        warehouse=level.warehouse,
        on_hand=Whole(level.on_hand),
        reserved=Whole(level.reserved),
        backorder_limit=Whole(level.backorder_limit),
        available=Whole(level.available),
        sells=_sells(level, warehouses),
    )


def _sells(level: Level, warehouses: Collection[str] | None) -> bool:
    return warehouses is None or level.warehouse in warehouses


async def find_stock(info: Info, sku: strawberry.ID) -> Stock | None:
    levels = await info.context.loaders.stock.load(Sku(sku))
    if levels is None:
        return None
    warehouses = info.context.ports.warehouses
    return Stock(
        sku=sku,
        available=Whole(sum(level.available for level in levels if _sells(level, warehouses))),
        levels=[shape(level, warehouses) for level in levels],
    )
