"""How far a parcel has come."""

from dataclasses import dataclass
from enum import IntEnum
from typing import assert_never

from domain.shared.frozen import replace
from domain.shared.ids import OrderId, Warehouse
from domain.shared.units import Units
from domain.shipment.events import (
    ShipmentCancelled,
    ShipmentCleared,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentEvent,
    ShipmentLost,
    ShipmentPacked,
    ShipmentPicked,
    ShipmentPlanned,
    ShipmentReduced,
    ShipmentReturnedToSender,
    ShipmentShortPicked,
    ShipmentTracked,
)

NO_ORDER = OrderId("")
NO_WAREHOUSE = Warehouse("")


class ShipmentPhase(IntEnum):
    """The way of a parcel, in order; the last three are ends beside DELIVERED."""

    NEW = 0
    PLANNED = 1
    PICKED = 2
    PACKED = 3
    CLEARED = 4
    DISPATCHED = 5
    DELIVERED = 6
    LOST = 7
    RETURNED = 8
    CANCELLED = 9

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Shipment:
    """What is in a parcel, and how far it has come."""

    phase: ShipmentPhase = ShipmentPhase.NEW
    order_id: OrderId = NO_ORDER
    warehouse: Warehouse = NO_WAREHOUSE
    planned: tuple[Units, ...] = ()
    items: tuple[Units, ...] = ()
    missing: tuple[Units, ...] = ()
    label: tuple[str, str] | None = None
    last_status: str | None = None


def evolve(parcel: Shipment, event: ShipmentEvent) -> Shipment:
    """Take a fact into the state."""
    match event:
        case ShipmentPlanned(order_id=order, warehouse=warehouse, items=items):
            return Shipment(ShipmentPhase.PLANNED, order, warehouse, planned=items, items=items)
        case ShipmentPicked():
            return replace(parcel, phase=ShipmentPhase.PICKED)
        case ShipmentShortPicked(items=items, missing=missing):
            return replace(parcel, phase=ShipmentPhase.PICKED, items=items, missing=missing)
        case ShipmentReduced(items=items):
            return replace(parcel, items=items)
        case ShipmentPacked():
            return replace(parcel, phase=ShipmentPhase.PACKED)
        case ShipmentCleared():
            return replace(parcel, phase=ShipmentPhase.CLEARED)
        case ShipmentDispatched(carrier=carrier, tracking=tracking):
            return replace(parcel, phase=ShipmentPhase.DISPATCHED, label=(carrier, tracking))
        case ShipmentTracked(status=status):
            return replace(parcel, last_status=status)
        case ShipmentDelivered():
            return replace(parcel, phase=ShipmentPhase.DELIVERED)
        case ShipmentLost():
            return replace(parcel, phase=ShipmentPhase.LOST)
        case ShipmentReturnedToSender():
            return replace(parcel, phase=ShipmentPhase.RETURNED)
        case ShipmentCancelled():
            return replace(parcel, phase=ShipmentPhase.CANCELLED)
        case _:
            assert_never(event)
