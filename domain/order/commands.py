"""What can be asked of an order."""

from dataclasses import dataclass
from datetime import datetime

from domain.shared.ids import CartId, CheckoutId, CustomerId, OrderId, PaymentId, ShipmentId, Sku, Warehouse
from domain.shared.messages import command
from domain.shared.money import Money
from domain.shared.personal import Sealed
from domain.shared.pricing import PricedLine, PriceStep
from domain.shared.units import Units


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Units of a line that one warehouse holds."""

    warehouse: Warehouse
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """What was sold, and the warehouses that hold it: together they hold all of its units."""

    priced: PricedLine
    sources: tuple[Source, ...]


@command("order.place.v3")
class PlaceOrder:
    """`payment_id` is None when there was nothing to pay."""

    order_id: OrderId
    checkout_id: CheckoutId
    cart_id: CartId
    customer_id: CustomerId
    lines: tuple[OrderLine, ...]
    delivery_method: str
    delivery_price: Money
    delivery_steps: tuple[PriceStep, ...]
    address: Sealed | None
    total: Money
    payment_id: PaymentId | None
    at: datetime


@command("order.cancel.v1")
class CancelOrder:
    order_id: OrderId
    reason: str


@command("order.cancel_line.v1")
class CancelLine:
    """Take units off a line that cannot be delivered; the line's price is shared by unit."""

    order_id: OrderId
    sku: Sku
    quantity: int
    reason: str


@command("order.record_dispatch.v1")
class RecordDispatch:
    order_id: OrderId
    shipment_id: ShipmentId
    units: tuple[Units, ...]


@command("order.record_delivery.v1")
class RecordDelivery:
    order_id: OrderId
    shipment_id: ShipmentId


@command("order.complete.v1")
class CompleteOrder:
    """Everything that was not cancelled has arrived, and the money is settled."""

    order_id: OrderId


OrderCommand = PlaceOrder | CancelOrder | CancelLine | RecordDispatch | RecordDelivery | CompleteOrder
