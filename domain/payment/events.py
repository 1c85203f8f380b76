"""What can happen to a payment."""

from datetime import datetime

from domain.payment.dispute import DisputeOutcome
from domain.shared.ids import CustomerId, DisputeId, OrderId, PaymentId, RefundId
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
    """`amount` is to be taken; what else is held is released with it."""

    payment_id: PaymentId
    order_id: OrderId
    gateway_ref: str
    amount: Money


@event("payment.captured.v1")
class PaymentCaptured:
    """`amount` was taken and the rest of the hold released, as asked or by hand at the gateway."""

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
    """`gateway_ref` names the hold that went back; None is the one of the current attempt."""

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


@event("payment.refunded.v2")
class PaymentRefunded:
    """`refund_ref` is the gateway's id of the refund."""

    payment_id: PaymentId
    order_id: OrderId
    refund_id: RefundId
    amount: Money
    refund_ref: str | None = None


@event("payment.refund_failed.v2")
class RefundFailed:
    """Nothing went back, or it came back: a refund may fail days after it had succeeded."""

    payment_id: PaymentId
    order_id: OrderId
    refund_id: RefundId
    reason: str
    refund_ref: str | None = None


@event("payment.refunded_outside.v1")
class PaymentRefundedOutside:
    """Refunded by hand at the gateway, without us; `refund_id` is the gateway's id."""

    payment_id: PaymentId
    order_id: OrderId
    refund_id: RefundId
    amount: Money


@event("payment.hold_expired.v1")
class HoldExpired:
    """The gateway let the hold go because its time was over. Another attempt may follow."""

    payment_id: PaymentId
    order_id: OrderId
    gateway_ref: str


@event("payment.dispute_opened.v1")
class DisputeOpened:
    """The cardholder's bank disputes `amount`, or inquires first. An inquiry may be opened again, as a dispute."""

    payment_id: PaymentId
    order_id: OrderId
    dispute_id: DisputeId
    amount: Money
    reason: str
    inquiry: bool
    respond_by: datetime | None


@event("payment.dispute_evidence_submitted.v1")
class DisputeEvidenceSubmitted:
    """The shop has answered; the bank decides."""

    payment_id: PaymentId
    order_id: OrderId
    dispute_id: DisputeId


@event("payment.dispute_funds_moved.v1")
class DisputeFundsMoved:
    """The shop's balance changed by `amount` and by `fee`; both are negative when money is taken from it."""

    payment_id: PaymentId
    order_id: OrderId
    dispute_id: DisputeId
    movement_id: str
    amount: Money
    fee: Money


@event("payment.dispute_closed.v1")
class DisputeClosed:
    payment_id: PaymentId
    order_id: OrderId
    dispute_id: DisputeId
    outcome: DisputeOutcome


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
    | PaymentRefundedOutside
    | HoldExpired
    | DisputeOpened
    | DisputeEvidenceSubmitted
    | DisputeFundsMoved
    | DisputeClosed
)
