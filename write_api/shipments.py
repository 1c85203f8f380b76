"""Parcels: picked, packed, dispatched, and what the carrier says of them."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from domain.shared.ids import ShipmentId
from domain.shipment.commands import (
    CancelShipment,
    DispatchShipment,
    PackShipment,
    PickShipment,
    RecordLoss,
    RecordParcelDelivery,
    RecordReturnToSender,
    RecordTracking,
    ShortPick,
)
from write_api.http.context import Fulfilment
from write_api.http.fields import Because, Body, Item, PathId, Text, example
from write_api.http.responses import Accepted
from write_api.http.route import CommandRoute

router = APIRouter(prefix="/shipments/{shipment_id}", tags=["shipments"], route_class=CommandRoute)

Label = Annotated[Text, Field(max_length=100)]


class NotOnTheShelf(Body):
    """What was missing."""

    model_config = example(missing=[{"sku": "MUG", "quantity": 1}])

    missing: Annotated[list[Item], Field(min_length=1, max_length=200)]


class Dispatch(Body):
    model_config = example(carrier="Post", tracking="99.00.123456.12345678")

    carrier: Label
    tracking: Label


class Tracking(Body):
    model_config = example(status="In customs")

    status: Label


@router.post("/pick")
async def pick(context: Fulfilment, shipment_id: PathId) -> Accepted:
    """Record that a parcel was picked in full."""
    return await context.carry_out(PickShipment(shipment_id=ShipmentId(shipment_id)))


@router.post("/short-pick")
async def short_pick(context: Fulfilment, shipment_id: PathId, body: NotOnTheShelf) -> Accepted:
    """Record that a parcel was picked with units missing. They are cancelled and refunded."""
    missing = tuple(item.units() for item in body.missing)
    return await context.carry_out(ShortPick(shipment_id=ShipmentId(shipment_id), missing=missing))


@router.post("/pack", status_code=202)
async def pack(context: Fulfilment, shipment_id: PathId) -> Accepted:
    """Record that a parcel was packed. It may leave when the money is taken, which follows."""
    return await context.carry_out(PackShipment(shipment_id=ShipmentId(shipment_id)))


@router.post("/dispatch")
async def dispatch(context: Fulfilment, shipment_id: PathId, body: Dispatch) -> Accepted:
    """Dispatch a parcel. The carrier has it."""
    return await context.carry_out(
        DispatchShipment(shipment_id=ShipmentId(shipment_id), carrier=body.carrier, tracking=body.tracking)
    )


@router.post("/tracking", status_code=201)
async def track(context: Fulfilment, shipment_id: PathId, body: Tracking) -> Accepted:
    """Record the tracking status of a parcel."""
    context.created("shipments", shipment_id)
    return await context.carry_out(RecordTracking(shipment_id=ShipmentId(shipment_id), status=body.status))


@router.post("/delivery")
async def deliver(context: Fulfilment, shipment_id: PathId) -> Accepted:
    """Record that a parcel was delivered."""
    return await context.carry_out(RecordParcelDelivery(shipment_id=ShipmentId(shipment_id)))


@router.post("/loss")
async def lose(context: Fulfilment, shipment_id: PathId, body: Because) -> Accepted:
    """Record that a parcel was lost."""
    return await context.carry_out(RecordLoss(shipment_id=ShipmentId(shipment_id), reason=body.reason))


@router.post("/return-to-sender")
async def return_to_sender(context: Fulfilment, shipment_id: PathId, body: Because) -> Accepted:
    """Record that a parcel was returned to the sender, undelivered."""
    return await context.carry_out(RecordReturnToSender(shipment_id=ShipmentId(shipment_id), reason=body.reason))


@router.post("/cancel")
async def cancel(context: Fulfilment, shipment_id: PathId, body: Because) -> Accepted:
    """Cancel a parcel. It will not be sent."""
    return await context.carry_out(CancelShipment(shipment_id=ShipmentId(shipment_id), reason=body.reason))
