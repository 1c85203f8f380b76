"""Where a payment stands."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from immutables import Map

from domain.payment.events import (
    CaptureFailed,
    CaptureRequested,
    PaymentActionRequired,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentEvent,
    PaymentFailed,
    PaymentRefunded,
    PaymentRequested,
    PaymentVoided,
    RefundFailed,
    RefundRequested,
    VoidRequested,
)
from domain.shared.frozen import replace
from domain.shared.ids import CustomerId, OrderId, PaymentId, RefundId
from domain.shared.money import Money, total

NO_MONEY = Money(0, "XXX")
NO_PAYMENT = PaymentId("")
NO_ORDER = OrderId("")


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


class RefundPhase(StrEnum):
    """What became of a refund."""

    REQUESTED = "requested"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Refund:
    """Money on its way back, or there."""

    amount: Money
    phase: RefundPhase = RefundPhase.REQUESTED


@dataclass(frozen=True, slots=True)
class Payment:
    """The current attempt at `asked`, what is held and taken of it, and what went back.

    `stopped`: a void was asked while nothing was held, so no further attempt may start. `strays` are holds that nobody
    wanted (of an older attempt, or of another amount), and whether they have gone back.
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

    @property
    def refunded(self) -> Money:
        return self._sum(RefundPhase.DONE)

    @property
    def refundable(self) -> Money:
        """What was taken and has not been promised back."""
        return self.captured - self.refunded - self._sum(RefundPhase.REQUESTED)

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
            )
        case PaymentAuthorised(gateway_ref=ref, amount=amount):
            return replace(payment, phase=PaymentPhase.AUTHORISED, gateway_ref=ref, authorised=amount, stopped=False)
        case PaymentActionRequired(gateway_ref=ref):
            return replace(payment, phase=PaymentPhase.ACTION_REQUIRED, gateway_ref=ref)
        case PaymentFailed():
            return replace(payment, phase=PaymentPhase.FAILED, gateway_ref=None)
        case CaptureRequested():
            return replace(payment, phase=PaymentPhase.CAPTURING)
        case PaymentCaptured(amount=amount):
            return replace(payment, phase=PaymentPhase.CAPTURED, captured=amount)
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
        case RefundRequested(refund_id=refund, amount=amount):
            return replace(payment, refunds=payment.refunds.set(refund, Refund(amount)))
        case PaymentRefunded(refund_id=refund, amount=amount):
            return replace(payment, refunds=payment.refunds.set(refund, Refund(amount, RefundPhase.DONE)))
        case RefundFailed(refund_id=refund):
            failed = replace(payment.refunds[refund], phase=RefundPhase.FAILED)
            return replace(payment, refunds=payment.refunds.set(refund, failed))
        case _:
            assert_never(event)
