"""Stock of a SKU in a warehouse: what comes in, what the count says, what may be promised."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from commands.lookups.catalogue import product_of
from commands.lookups.warehouses import known_warehouse
from domain.shared import ids
from domain.stock.commands import AdjustStock, ReceiveStock, SetBackorderLimit
from domain.stock.reserving import MOST_UNITS
from write_api.http.context import Stock
from write_api.http.fields import Body, PathCode, Reason, example
from write_api.http.responses import Accepted
from write_api.http.route import CommandRoute

router = APIRouter(prefix="/stock/{warehouse}/{sku}", tags=["stock"], route_class=CommandRoute)


class Receipt(Body):
    model_config = example(quantity=100)

    quantity: Annotated[int, Field(ge=1, le=MOST_UNITS)]


class Adjustment(Body):
    """How many units there are more (or, negative, fewer) than was thought, and why."""

    model_config = example(delta=-2, reason="Broken")

    delta: Annotated[int, Field(ge=-MOST_UNITS, le=MOST_UNITS)]
    reason: Reason


class BackorderLimit(Body):
    """How many units may be promised beyond those on hand."""

    model_config = example(limit=50)

    limit: Annotated[int, Field(ge=0, le=MOST_UNITS)]


async def _known_sku(context: Stock, sku: PathCode) -> ids.Sku:
    await product_of(context.handler, ids.Sku(sku))
    return ids.Sku(sku)


def _known_warehouse(context: Stock, warehouse: PathCode) -> ids.Warehouse:
    return known_warehouse(ids.Warehouse(warehouse), context.ports.rules.delivery.warehouses)


KnownSku = Annotated[ids.Sku, Depends(_known_sku)]
KnownWarehouse = Annotated[ids.Warehouse, Depends(_known_warehouse)]


@router.post("/receipts", status_code=201)
async def receive(context: Stock, warehouse: KnownWarehouse, sku: KnownSku, body: Receipt) -> Accepted:
    """Receive stock into a warehouse."""
    context.created("stock", warehouse, sku)
    return await context.carry_out(ReceiveStock(sku=sku, warehouse=warehouse, quantity=body.quantity))


@router.post("/adjustments", status_code=201)
async def adjust(context: Stock, warehouse: PathCode, sku: KnownSku, body: Adjustment) -> Accepted:
    """Adjust stock in a warehouse, up or down."""
    if body.delta > 0:
        _known_warehouse(context, warehouse)
    context.created("stock", warehouse, sku)
    return await context.carry_out(
        AdjustStock(sku=sku, warehouse=ids.Warehouse(warehouse), delta=body.delta, reason=body.reason)
    )


@router.put("/backorder-limit")
async def set_backorder_limit(
    context: Stock, warehouse: KnownWarehouse, sku: KnownSku, body: BackorderLimit
) -> Accepted:
    """Set the backorder limit of a SKU in a warehouse."""
    return await context.carry_out(SetBackorderLimit(sku=sku, warehouse=warehouse, limit=body.limit))
