"""What can be asked of a payment. `attempt` counts from 1 and tells a shopper's tries apart."""

from datetime import datetime

from domain.shared.ids import CustomerId, OrderId, PaymentId, RefundId
from domain.shared.messages import command
from domain.shared.money import Money


@command("payment.request.v1")
class RequestPayment:
    """Ask the gateway to hold the money; after a failure the shopper may ask again with another method."""

    payment_id: PaymentId
    order_id: OrderId
    customer_id: CustomerId
    amount: Money
    method: str


@command("payment.record_authorisation.v1")
class RecordAuthorisation:
    """The gateway holds `amount` until `capture_before`."""

    payment_id: PaymentId
    attempt: int
    gateway_ref: str
    amount: Money
    capture_before: datetime


@command("payment.record_action_required.v1")
class RecordActionRequired:
    """The shopper has to prove who they are (3-D Secure) at `action_url`."""

    payment_id: PaymentId
    attempt: int
    gateway_ref: str
    action_url: str


@command("payment.record_failure.v1")
class RecordFailure:
    payment_id: PaymentId
    attempt: int
    reason: str


@command("payment.request_capture.v1")
class RequestCapture:
    """Take all the money that is held (a card hold normally allows one capture)."""

    payment_id: PaymentId


@command("payment.record_capture.v1")
class RecordCapture:
    payment_id: PaymentId
    amount: Money


@command("payment.record_capture_failure.v1")
class RecordCaptureFailure:
    payment_id: PaymentId
    reason: str


@command("payment.request_void.v1")
class RequestVoid:
    """Give the hold back untaken; before an answer of the gateway it also stops the attempt."""

    payment_id: PaymentId
    reason: str


@command("payment.record_void.v1")
class RecordVoid:
    """`gateway_ref` tells which hold went back; None is the one of the current attempt."""

    payment_id: PaymentId
    gateway_ref: str | None = None


@command("payment.request_refund.v1")
class RequestRefund:
    payment_id: PaymentId
    refund_id: RefundId
    amount: Money
    reason: str


@command("payment.record_refund.v1")
class RecordRefund:
    payment_id: PaymentId
    refund_id: RefundId


@command("payment.record_refund_failure.v1")
class RecordRefundFailure:
    payment_id: PaymentId
    refund_id: RefundId
    reason: str


PaymentCommand = (
    RequestPayment
    | RecordAuthorisation
    | RecordActionRequired
    | RecordFailure
    | RequestCapture
    | RecordCapture
    | RecordCaptureFailure
    | RequestVoid
    | RecordVoid
    | RequestRefund
    | RecordRefund
    | RecordRefundFailure
)
