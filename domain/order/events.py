"""What can happen to an order."""

from datetime import datetime

from domain.order.commands import OrderLine
from domain.shared.ids import CartId, CheckoutId, CustomerId, OrderId, PaymentId, ShipmentId, Sku
from domain.shared.messages import event
from domain.shared.money import Money
from domain.shared.personal import Sealed
from domain.shared.pricing import PriceStep
from domain.shared.units import Units


@event("order.placed.v3")
class OrderPlaced:
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


@event("order.cancelled.v1")
class OrderCancelled:
    order_id: OrderId
    reason: str


@event("order.line_cancelled.v1")
class OrderLineCancelled:
    """`value` is the share of the line's price that the shopper no longer owes."""

    order_id: OrderId
    sku: Sku
    quantity: int
    value: Money
    reason: str


@event("order.dispatched.v1")
class OrderDispatched:
    order_id: OrderId
    shipment_id: ShipmentId
    units: tuple[Units, ...]


@event("order.delivered.v1")
class OrderDelivered:
    order_id: OrderId
    shipment_id: ShipmentId


@event("order.completed.v1")
class OrderCompleted:
    order_id: OrderId


OrderEvent = OrderPlaced | OrderCancelled | OrderLineCancelled | OrderDispatched | OrderDelivered | OrderCompleted
