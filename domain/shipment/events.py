"""What can happen to a parcel."""

from domain.shared.ids import OrderId, ShipmentId, Warehouse
from domain.shared.messages import event
from domain.shared.units import Units


@event("shipment.planned.v1")
class ShipmentPlanned:
    shipment_id: ShipmentId
    order_id: OrderId
    warehouse: Warehouse
    items: tuple[Units, ...]


@event("shipment.picked.v1")
class ShipmentPicked:
    shipment_id: ShipmentId
    order_id: OrderId


@event("shipment.short_picked.v1")
class ShipmentShortPicked:
    """`items` is what is in the parcel now, `missing` what the shelf did not hold."""

    shipment_id: ShipmentId
    order_id: OrderId
    items: tuple[Units, ...]
    missing: tuple[Units, ...]


@event("shipment.reduced.v1")
class ShipmentReduced:
    """`items` is what is to be in the parcel now, for the rest was cancelled."""

    shipment_id: ShipmentId
    order_id: OrderId
    items: tuple[Units, ...]


@event("shipment.packed.v1")
class ShipmentPacked:
    shipment_id: ShipmentId
    order_id: OrderId


@event("shipment.cleared.v1")
class ShipmentCleared:
    shipment_id: ShipmentId
    order_id: OrderId


@event("shipment.dispatched.v1")
class ShipmentDispatched:
    shipment_id: ShipmentId
    order_id: OrderId
    warehouse: Warehouse
    items: tuple[Units, ...]
    carrier: str
    tracking: str


@event("shipment.tracked.v1")
class ShipmentTracked:
    shipment_id: ShipmentId
    order_id: OrderId
    status: str


@event("shipment.delivered.v1")
class ShipmentDelivered:
    shipment_id: ShipmentId
    order_id: OrderId


@event("shipment.lost.v1")
class ShipmentLost:
    shipment_id: ShipmentId
    order_id: OrderId
    reason: str


@event("shipment.returned_to_sender.v1")
class ShipmentReturnedToSender:
    shipment_id: ShipmentId
    order_id: OrderId
    reason: str


@event("shipment.cancelled.v1")
class ShipmentCancelled:
    shipment_id: ShipmentId
    order_id: OrderId
    reason: str


ShipmentEvent = (
    ShipmentPlanned
    | ShipmentPicked
    | ShipmentShortPicked
    | ShipmentReduced
    | ShipmentPacked
    | ShipmentCleared
    | ShipmentDispatched
    | ShipmentTracked
    | ShipmentDelivered
    | ShipmentLost
    | ShipmentReturnedToSender
    | ShipmentCancelled
)
