"""What can be asked of a parcel."""

from domain.shared.ids import OrderId, ShipmentId, Sku, Warehouse
from domain.shared.messages import command
from domain.shared.units import Units


@command("shipment.plan.v1")
class PlanShipment:
    shipment_id: ShipmentId
    order_id: OrderId
    warehouse: Warehouse
    items: tuple[Units, ...]


@command("shipment.pick.v1")
class PickShipment:
    """Everything was found on the shelf."""

    shipment_id: ShipmentId


@command("shipment.short_pick.v1")
class ShortPick:
    """Picked, but `missing` was not on the shelf."""

    shipment_id: ShipmentId
    missing: tuple[Units, ...]


@command("shipment.reduce.v1")
class ReduceShipment:
    """Send no more than `quantity` units of the SKU; the others are not wanted any more."""

    shipment_id: ShipmentId
    sku: Sku
    quantity: int


@command("shipment.pack.v1")
class PackShipment:
    shipment_id: ShipmentId


@command("shipment.clear.v1")
class ClearShipment:
    """The money is in hand: the parcel may leave."""

    shipment_id: ShipmentId


@command("shipment.dispatch.v1")
class DispatchShipment:
    shipment_id: ShipmentId
    carrier: str
    tracking: str


@command("shipment.record_tracking.v1")
class RecordTracking:
    shipment_id: ShipmentId
    status: str


@command("shipment.record_delivery.v1")
class RecordParcelDelivery:
    shipment_id: ShipmentId


@command("shipment.record_loss.v1")
class RecordLoss:
    shipment_id: ShipmentId
    reason: str


@command("shipment.record_return_to_sender.v1")
class RecordReturnToSender:
    shipment_id: ShipmentId
    reason: str


@command("shipment.cancel.v1")
class CancelShipment:
    shipment_id: ShipmentId
    reason: str


ShipmentCommand = (
    PlanShipment
    | PickShipment
    | ShortPick
    | ReduceShipment
    | PackShipment
    | ClearShipment
    | DispatchShipment
    | RecordTracking
    | RecordParcelDelivery
    | RecordLoss
    | RecordReturnToSender
    | CancelShipment
)
