"""Where a payment stands."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from immutables import Map

from domain.payment.dispute import Dispute, DisputeStatus, FundsMovement
from domain.payment.events import (
    CaptureFailed,
    CaptureRequested,
    DisputeClosed,
    DisputeEvidenceSubmitted,
    DisputeFundsMoved,
    DisputeOpened,
    HoldExpired,
    PaymentActionRequired,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentEvent,
    PaymentFailed,
    PaymentRefunded,
    PaymentRefundedOutside,
    PaymentRequested,
    PaymentVoided,
    RefundFailed,
    RefundRequested,
    VoidRequested,
)
from domain.shared.frozen import replace
from domain.shared.ids import CustomerId, DisputeId, OrderId, PaymentId, RefundId
from domain.shared.money import Money, total

NO_MONEY = Money(0, "XXX")
NO_PAYMENT = PaymentId("")
NO_ORDER = OrderId("")
BARRING = (DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW, DisputeStatus.LOST)


class PaymentPhase(StrEnum):
    """Where the current attempt stands."""

    NEW = "new"
    PENDING = "pending"
    ACTION_REQUIRED = "action required"
    FAILED = "failed"
    AUTHORISED = "authorised"
    CAPTURING = "capturing"
    CAPTURED = "captured"
    VOIDING = "voiding"
    VOIDED = "voided"
    HOLD_EXPIRED = "hold expired"


class RefundPhase(StrEnum):
    """What became of a refund."""

    REQUESTED = "requested"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Refund:
    """Money on its way back, or there.

    `outside`: refunded by hand at the gateway, without us. `refund_ref` is the gateway's id of it; `failed_refs` are
    those of earlier tries, which failed for good. `failure` is why the last try failed.
    """

    amount: Money
    phase: RefundPhase = RefundPhase.REQUESTED
    outside: bool = False
    refund_ref: str | None = None
    failure: str | None = None
    failed_refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Payment:
    """The current attempt at `asked`, what is held and taken of it, and what went back.

    `stopped`: a void was asked while nothing was held, so no further attempt may start. `strays` are holds that nobody
    wanted (of an older attempt, or of another amount) or that expired, and whether they have gone back.
    `capture_asked` is what we asked to take last; `captured_outside`: another amount was taken by hand at the gateway.
    """

    payment_id: PaymentId = NO_PAYMENT
    order_id: OrderId = NO_ORDER
    customer_id: CustomerId | None = None
    phase: PaymentPhase = PaymentPhase.NEW
    attempt: int = 0
    method: str = ""
    asked: Money = NO_MONEY
    gateway_ref: str | None = None
    authorised: Money = NO_MONEY
    captured: Money = NO_MONEY
    refunds: Map[RefundId, Refund] = field(default_factory=Map)
    stopped: bool = False
    strays: Map[str, bool] = field(default_factory=Map)
    capture_asked: Money | None = None
    captured_outside: bool = False
    disputes: Map[DisputeId, Dispute] = field(default_factory=Map)

    @property
    def released(self) -> Money:
        """What was held and went back untaken."""
        if self.phase in (PaymentPhase.CAPTURED, PaymentPhase.VOIDED, PaymentPhase.HOLD_EXPIRED):
            return self.authorised - self.captured
        return Money(0, self.asked.currency)

    @property
    def refunded(self) -> Money:
        return self._sum(RefundPhase.DONE)

    @property
    def refundable(self) -> Money:
        """What was taken and has not been promised back. A refund made outside may leave less than was promised."""
        left = self.captured - self.refunded - self._sum(RefundPhase.REQUESTED)
        return max(left, Money(0, self.asked.currency))

    @property
    def refund_barred_by(self) -> tuple[DisputeId, Dispute] | None:
        """The dispute that keeps money from going back: the bank has it, or may give it back itself."""
        return next((it for it in sorted(self.disputes.items()) if it[1].status in BARRING), None)

    @property
    def disputed(self) -> Money:
        """What disputes have changed the balance by, without fees."""
        return total((it.moved for it in self.disputes.values()), self.asked.currency)

    @property
    def fees(self) -> Money:
        """What disputes have changed the balance by, in fees."""
        return total((it.fee for it in self.disputes.values()), self.asked.currency)

    @property
    def received(self) -> Money:
        """What the shop has of the payment after refunds, disputes and their fees. It may be below zero."""
        return self.captured - self.refunded + self.disputed + self.fees

    def _sum(self, phase: RefundPhase) -> Money:
        return total((refund.amount for refund in self.refunds.values() if refund.phase is phase), self.asked.currency)


def evolve(payment: Payment, event: PaymentEvent) -> Payment:
    """Take a fact into the state."""
    match event:
        case PaymentRequested():
            return replace(
                payment,
                payment_id=event.payment_id,
                order_id=event.order_id,
                customer_id=event.customer_id,
                phase=PaymentPhase.PENDING,
                attempt=event.attempt,
                method=event.method,
                asked=event.amount,
                authorised=Money(0, event.amount.currency),
                captured=Money(0, event.amount.currency),
                capture_asked=None,
            )
        case PaymentAuthorised(gateway_ref=ref, amount=amount):
            return replace(payment, phase=PaymentPhase.AUTHORISED, gateway_ref=ref, authorised=amount, stopped=False)
        case PaymentActionRequired(gateway_ref=ref):
            return replace(payment, phase=PaymentPhase.ACTION_REQUIRED, gateway_ref=ref)
        case PaymentFailed():
            return replace(payment, phase=PaymentPhase.FAILED, gateway_ref=None)
        case CaptureRequested(amount=amount):
            return replace(payment, phase=PaymentPhase.CAPTURING, capture_asked=amount)
        case PaymentCaptured(amount=amount):
            outside = amount != payment.capture_asked
            return replace(payment, phase=PaymentPhase.CAPTURED, captured=amount, captured_outside=outside)
        case CaptureFailed():
            return replace(payment, phase=PaymentPhase.AUTHORISED)
        case VoidRequested(gateway_ref=ref):
            if ref is None:
                return replace(payment, stopped=True)
            if ref == payment.gateway_ref:
                return replace(payment, phase=PaymentPhase.VOIDING)
            return replace(payment, strays=payment.strays.set(ref, False))
        case PaymentVoided(gateway_ref=ref):
            if ref is None or ref == payment.gateway_ref:
                return replace(payment, phase=PaymentPhase.VOIDED)
            return replace(payment, strays=payment.strays.set(ref, True))
        case HoldExpired(gateway_ref=ref):
            gone = payment.strays.set(ref, True)
            return replace(payment, phase=PaymentPhase.HOLD_EXPIRED, gateway_ref=None, strays=gone)
        case RefundRequested() | PaymentRefunded() | PaymentRefundedOutside() | RefundFailed():
            return replace(payment, refunds=payment.refunds.set(event.refund_id, _refund(payment, event)))
        case DisputeOpened() | DisputeEvidenceSubmitted() | DisputeFundsMoved() | DisputeClosed():
            return replace(payment, disputes=payment.disputes.set(event.dispute_id, _dispute(payment, event)))
        case _:
            assert_never(event)


RefundEvent = RefundRequested | PaymentRefunded | PaymentRefundedOutside | RefundFailed
DisputeEvent = DisputeOpened | DisputeEvidenceSubmitted | DisputeFundsMoved | DisputeClosed


def _refund(payment: Payment, event: RefundEvent) -> Refund:
    match event:
        case RefundRequested(amount=amount):
            known = payment.refunds.get(event.refund_id, Refund(amount))
            return replace(known, phase=RefundPhase.REQUESTED, refund_ref=None, failure=None)
        case PaymentRefunded(amount=amount, refund_ref=ref):
            known = payment.refunds.get(event.refund_id, Refund(amount))
            return replace(known, phase=RefundPhase.DONE, refund_ref=ref, failure=None)
        case PaymentRefundedOutside(amount=amount):
            return Refund(amount, RefundPhase.DONE, outside=True, refund_ref=event.refund_id)
        case RefundFailed(reason=reason, refund_ref=ref):
            known = payment.refunds[event.refund_id]
            failed = known.failed_refs if ref is None else (*known.failed_refs, ref)
            return replace(known, phase=RefundPhase.FAILED, refund_ref=None, failure=reason, failed_refs=failed)
        case _:
            assert_never(event)


def _dispute(payment: Payment, event: DisputeEvent) -> Dispute:
    if isinstance(event, DisputeOpened):
        status = DisputeStatus.INQUIRY_NEEDS_RESPONSE if event.inquiry else DisputeStatus.NEEDS_RESPONSE
        opened = Dispute(event.amount, event.reason, status, event.respond_by)
        known = payment.disputes.get(event.dispute_id)
        return opened if known is None else replace(opened, movements=known.movements)
    dispute = payment.disputes[event.dispute_id]
    match event:
        case DisputeEvidenceSubmitted():
            inquiry = dispute.status.is_inquiry
            status = DisputeStatus.INQUIRY_UNDER_REVIEW if inquiry else DisputeStatus.UNDER_REVIEW
            return replace(dispute, status=status)
        case DisputeFundsMoved(movement_id=it, amount=amount, fee=fee):
            movement = FundsMovement(movement_id=it, amount=amount, fee=fee)
            return replace(dispute, movements=dispute.movements.set(it, movement))
        case DisputeClosed(outcome=outcome):
            return replace(dispute, status=DisputeStatus(outcome.value))
        case _:
            assert_never(event)
