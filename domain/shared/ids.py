"""Names of things. All are text; streams and URLs are made of them."""

from typing import NewType

ProductId = NewType("ProductId", str)
CategoryId = NewType("CategoryId", str)
Sku = NewType("Sku", str)
Warehouse = NewType("Warehouse", str)
CustomerId = NewType("CustomerId", str)
CartId = NewType("CartId", str)
CheckoutId = NewType("CheckoutId", str)
OrderId = NewType("OrderId", str)
PaymentId = NewType("PaymentId", str)
ShipmentId = NewType("ShipmentId", str)
RefundId = NewType("RefundId", str)
DisputeId = NewType("DisputeId", str)
PromotionId = NewType("PromotionId", str)

GUEST = "guest-"
"""The prefix of the subject of a guest. A client gets as many such subjects as it asks for."""


def order_of(checkout: CheckoutId) -> OrderId:
    """A checkout makes at most one order, so the order carries its id."""
    return OrderId(checkout)


def payment_of(checkout: CheckoutId) -> PaymentId:
    """A checkout makes at most one payment, so the payment carries its id."""
    return PaymentId(checkout)


def shipment_of(order: OrderId, number: int) -> ShipmentId:
    """The n-th parcel of an order, counted from 1."""
    return ShipmentId(f"{order}.{number}")
