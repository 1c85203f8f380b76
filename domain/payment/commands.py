"""What can be asked of a payment. `attempt` numbers a shopper's tries from 1."""

from datetime import datetime

from domain.payment.dispute import DisputeStatus, FundsMovement
from domain.shared.ids import CustomerId, DisputeId, OrderId, PaymentId, RefundId
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
    """Take the money that is held, or `amount` of it: a card hold allows one capture, which releases the rest."""

    payment_id: PaymentId
    amount: Money | None = None


@command("payment.record_capture.v1")
class RecordCapture:
    """The gateway took `amount` of the hold and released the rest, asked by us or not.

    `gateway_ref` names the hold; None is the one of the current attempt.
    """

    payment_id: PaymentId
    amount: Money
    gateway_ref: str | None = None


@command("payment.record_capture_failure.v1")
class RecordCaptureFailure:
    payment_id: PaymentId
    reason: str


@command("payment.record_hold_expired.v1")
class RecordHoldExpired:
    """The gateway let the hold go because its time was over, unasked, and nothing was taken."""

    payment_id: PaymentId
    gateway_ref: str


@command("payment.request_void.v1")
class RequestVoid:
    """Give the hold back untaken; before an answer of the gateway it also stops the attempt."""

    payment_id: PaymentId
    reason: str


@command("payment.record_void.v1")
class RecordVoid:
    """`gateway_ref` names the hold that went back; None is the one of the current attempt."""

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
    """`refund_ref` is the gateway's id of the refund; a refund that is requested again gets another one."""

    payment_id: PaymentId
    refund_id: RefundId
    refund_ref: str | None = None


@command("payment.record_refund_failure.v1")
class RecordRefundFailure:
    """A refund failed or was cancelled. One with a `refund_ref` failed for good, even if it had succeeded before."""

    payment_id: PaymentId
    refund_id: RefundId
    reason: str
    refund_ref: str | None = None


@command("payment.record_outside_refund.v1")
class RecordOutsideRefund:
    """`amount` was refunded at the gateway, without us. If it fails later, its failure names the same ref."""

    payment_id: PaymentId
    refund_ref: str
    amount: Money


@command("payment.record_dispute.v1")
class RecordDispute:
    """How a dispute stands at the gateway: all of it, so that what was missed on the way is recorded too.

    `amount` is what is disputed, positive. `movements` are all changes of the balance so far.
    """

    payment_id: PaymentId
    dispute_id: DisputeId
    status: DisputeStatus
    amount: Money
    reason: str
    respond_by: datetime | None = None
    movements: tuple[FundsMovement, ...] = ()


PaymentCommand = (
    RequestPayment
    | RecordAuthorisation
    | RecordActionRequired
    | RecordFailure
    | RequestCapture
    | RecordCapture
    | RecordCaptureFailure
    | RecordHoldExpired
    | RequestVoid
    | RecordVoid
    | RequestRefund
    | RecordRefund
    | RecordRefundFailure
    | RecordOutsideRefund
    | RecordDispute
)
