"""Parcels, for warehouses, carriers and customer service. A tracking number leads to an address, so it is left out."""

from domain.shipment.events import (
    ShipmentCancelled,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentEvent,
    ShipmentLost,
    ShipmentPlanned,
    ShipmentReduced,
    ShipmentReturnedToSender,
    ShipmentShortPicked,
)
from published.message import message
from published.values import Units, units_of

TOPIC = "shipments"


@message("shipment.planned.v1", topic=TOPIC, key="shipment_id")
class Planned:
    """A warehouse is to pack these."""

    shipment_id: str
    order_id: str
    warehouse: str
    items: tuple[Units, ...]


@message("shipment.changed.v1", topic=TOPIC, key="shipment_id")
class Changed:
    """Some of it was cancelled or missing; `items` is what is in the parcel now."""

    shipment_id: str
    order_id: str
    items: tuple[Units, ...]


@message("shipment.dispatched.v1", topic=TOPIC, key="shipment_id")
class Dispatched:
    """The carrier has it."""

    shipment_id: str
    order_id: str
    warehouse: str
    items: tuple[Units, ...]
    carrier: str


@message("shipment.delivered.v1", topic=TOPIC, key="shipment_id")
class Delivered:
    """It arrived."""

    shipment_id: str
    order_id: str


@message("shipment.failed.v1", topic=TOPIC, key="shipment_id")
class Failed:
    """It will not arrive: `outcome` is `cancelled`, `lost` or `returned`."""

    shipment_id: str
    order_id: str
    outcome: str


ShipmentMessage = Planned | Changed | Dispatched | Delivered | Failed


def translate(fact: ShipmentEvent) -> ShipmentMessage | None:
    """What a fact means to others; the steps within a warehouse are its own."""
    match fact:
        case ShipmentPlanned(shipment_id=it, order_id=order, warehouse=warehouse, items=items):
            return Planned(shipment_id=it, order_id=order, warehouse=warehouse, items=units_of(items))
        case ShipmentReduced(shipment_id=it, order_id=order, items=items):
            return Changed(shipment_id=it, order_id=order, items=units_of(items))
        case ShipmentShortPicked(shipment_id=it, order_id=order, items=items):
            return Changed(shipment_id=it, order_id=order, items=units_of(items))
        case ShipmentDispatched(shipment_id=it, order_id=order, warehouse=warehouse, items=items, carrier=carrier):
            return Dispatched(
                shipment_id=it, order_id=order, warehouse=warehouse, items=units_of(items), carrier=carrier
            )
        case ShipmentDelivered(shipment_id=it, order_id=order):
            return Delivered(shipment_id=it, order_id=order)
        case ShipmentCancelled(shipment_id=it, order_id=order):
            return Failed(shipment_id=it, order_id=order, outcome="cancelled")
        case ShipmentLost(shipment_id=it, order_id=order):
            return Failed(shipment_id=it, order_id=order, outcome="lost")
        case ShipmentReturnedToSender(shipment_id=it, order_id=order):
            return Failed(shipment_id=it, order_id=order, outcome="returned")
        case _:
            return None
