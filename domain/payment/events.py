"""What can happen to a payment."""

from datetime import datetime

from domain.shared.ids import CustomerId, OrderId, PaymentId, RefundId
from domain.shared.messages import event
from domain.shared.money import Money


@event("payment.requested.v1")
class PaymentRequested:
    payment_id: PaymentId
    order_id: OrderId
    customer_id: CustomerId
    attempt: int
    amount: Money
    method: str


@event("payment.authorised.v1")
class PaymentAuthorised:
    payment_id: PaymentId
    order_id: OrderId
    attempt: int
    gateway_ref: str
    amount: Money
    capture_before: datetime


@event("payment.action_required.v1")
class PaymentActionRequired:
    payment_id: PaymentId
    order_id: OrderId
    attempt: int
    gateway_ref: str
    action_url: str


@event("payment.failed.v1")
class PaymentFailed:
    payment_id: PaymentId
    order_id: OrderId
    attempt: int
    reason: str


@event("payment.capture_requested.v1")
class CaptureRequested:
    payment_id: PaymentId
    order_id: OrderId
    gateway_ref: str
    amount: Money


@event("payment.captured.v1")
class PaymentCaptured:
    payment_id: PaymentId
    order_id: OrderId
    amount: Money


@event("payment.capture_failed.v1")
class CaptureFailed:
    payment_id: PaymentId
    order_id: OrderId
    reason: str


@event("payment.void_requested.v1")
class VoidRequested:
    """`gateway_ref` is None while the gateway has not answered yet."""

    payment_id: PaymentId
    order_id: OrderId
    gateway_ref: str | None
    reason: str


@event("payment.voided.v1")
class PaymentVoided:
    """`gateway_ref` tells which hold went back; None is the one of the current attempt."""

    payment_id: PaymentId
    order_id: OrderId
    gateway_ref: str | None = None


@event("payment.refund_requested.v1")
class RefundRequested:
    payment_id: PaymentId
    order_id: OrderId
    refund_id: RefundId
    gateway_ref: str
    amount: Money
    reason: str


@event("payment.refunded.v1")
class PaymentRefunded:
    payment_id: PaymentId
    order_id: OrderId
    refund_id: RefundId
    amount: Money


@event("payment.refund_failed.v1")
class RefundFailed:
    payment_id: PaymentId
    order_id: OrderId
    refund_id: RefundId
    reason: str


PaymentEvent = (
    PaymentRequested
    | PaymentAuthorised
    | PaymentActionRequired
    | PaymentFailed
    | CaptureRequested
    | PaymentCaptured
    | CaptureFailed
    | VoidRequested
    | PaymentVoided
    | RefundRequested
    | PaymentRefunded
    | RefundFailed
)
