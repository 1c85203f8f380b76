"""Orders: cancelling all of them, or what cannot be delivered."""

from fastapi import APIRouter

from domain.order.commands import CancelLine, CancelOrder
from domain.shared.ids import OrderId, Sku
from write_api.http.context import Orders, ShopOrOrders
from write_api.http.fields import Because, Body, PathCode, PathId, Quantity, Reason, example
from write_api.http.ownership import OwnOrder
from write_api.http.responses import Accepted
from write_api.http.route import CommandRoute

router = APIRouter(prefix="/orders", tags=["orders"], route_class=CommandRoute)


class Missing(Body):
    """How many units of the line will not be delivered, and why."""

    model_config = example(quantity=1, reason="Broken in the warehouse")

    quantity: Quantity
    reason: Reason


@router.post("/{order_id}/cancel", status_code=202)
async def cancel_order(context: ShopOrOrders, order_id: OwnOrder, body: Because) -> Accepted:
    """Cancel an order. It must not have been dispatched; stock and money go back."""
    return await context.carry_out(CancelOrder(order_id=order_id, reason=body.reason))


@router.post("/{order_id}/lines/{sku}/cancel", status_code=202)
async def cancel_line(context: Orders, order_id: PathId, sku: PathCode, body: Missing) -> Accepted:
    """Cancel units of an order line that cannot be delivered."""
    cancel = CancelLine(order_id=OrderId(order_id), sku=Sku(sku), quantity=body.quantity, reason=body.reason)
    return await context.carry_out(cancel)
