"""Money that is taken from a hold, and money that goes back from what was taken."""

from collections.abc import Sequence

from domain.payment.commands import (
    RecordCapture,
    RecordRefund,
    RecordRefundFailure,
    RequestRefund,
)
from domain.payment.errors import (
    AmountDiffers,
    NothingHeld,
    NothingTaken,
    RefundNotFound,
    RefundTooHigh,
)
from domain.payment.events import (
    CaptureRequested,
    PaymentCaptured,
    PaymentEvent,
    PaymentRefunded,
    RefundFailed,
    RefundRequested,
)
from domain.payment.state import Payment, PaymentPhase, Refund, RefundPhase, evolve
from domain.shared import require
from domain.shared.ids import RefundId
from domain.shared.money import Money

TAKEN = (PaymentPhase.CAPTURING, PaymentPhase.CAPTURED)


def request_capture(payment: Payment) -> Sequence[PaymentEvent]:
    """All that is held is taken at once."""
    if payment.phase in TAKEN:
        return []
    if payment.phase is not PaymentPhase.AUTHORISED or payment.gateway_ref is None:
        raise NothingHeld(f"The payment is {payment.phase}; no money is held that could be taken.")
    return [
        CaptureRequested(
            payment_id=payment.payment_id,
            order_id=payment.order_id,
            gateway_ref=payment.gateway_ref,
            amount=payment.authorised,
        )
    ]


def capture(payment: Payment, command: RecordCapture) -> Sequence[PaymentEvent]:
    """The gateway's word counts, also after it had said that it failed."""
    if payment.phase is PaymentPhase.CAPTURED and command.amount == payment.captured:
        return []
    if payment.phase not in (PaymentPhase.CAPTURING, PaymentPhase.AUTHORISED, PaymentPhase.VOIDING):
        raise NothingHeld(f"The payment is {payment.phase}; no money is held that could have been taken.")
    if not Money(0, payment.asked.currency) < command.amount <= payment.authorised:
        raise AmountDiffers(f"At most {payment.authorised} can be taken.", "amount")
    captured = PaymentCaptured(payment_id=payment.payment_id, order_id=payment.order_id, amount=command.amount)
    if payment.phase is not PaymentPhase.VOIDING:
        return [captured]
    # It was taken while it was to go back, so it goes back.
    back = RequestRefund(
        payment_id=payment.payment_id,
        refund_id=RefundId(f"{payment.payment_id}.cancelled"),
        amount=command.amount,
        reason="The hold was to be given back when it was captured.",
    )
    return [captured, *request_refund(evolve(payment, captured), back)]


def request_refund(payment: Payment, command: RequestRefund) -> Sequence[PaymentEvent]:
    """What is promised back already counts against what is left."""
    if payment.phase is not PaymentPhase.CAPTURED or payment.gateway_ref is None:
        raise NothingTaken(f"The payment is {payment.phase}; void the hold instead of a refund.")
    known = payment.refunds.get(command.refund_id)
    if known is not None and known.amount != command.amount:
        raise AmountDiffers(f"Refund {command.refund_id} is over {known.amount}. Use another id.", "amount")
    if known is not None and known.phase is not RefundPhase.FAILED:
        return []
    require.same_currency(command.amount, payment.asked.currency, "amount")
    if command.amount.amount <= 0:
        raise AmountDiffers("Only a positive amount can go back.", "amount")
    if command.amount > payment.refundable:
        raise RefundTooHigh(f"At most {payment.refundable} can still go back.", "amount")
    return [
        RefundRequested(
            payment_id=payment.payment_id,
            order_id=payment.order_id,
            refund_id=command.refund_id,
            gateway_ref=payment.gateway_ref,
            amount=command.amount,
            reason=command.reason,
        )
    ]


def refund(payment: Payment, command: RecordRefund) -> Sequence[PaymentEvent]:
    """A refund that was said to have failed may have succeeded."""
    refund = _known(payment, command.refund_id)
    if refund.phase is RefundPhase.DONE:
        return []
    if refund.phase is RefundPhase.FAILED and refund.amount > payment.refundable:
        raise RefundTooHigh(f"The refund had failed, and only {payment.refundable} can still go back.")
    return [
        PaymentRefunded(
            payment_id=payment.payment_id,
            order_id=payment.order_id,
            refund_id=command.refund_id,
            amount=refund.amount,
        )
    ]


def refund_failure(payment: Payment, command: RecordRefundFailure) -> Sequence[PaymentEvent]:
    """What did not go back is left to be promised again."""
    if _known(payment, command.refund_id).phase is not RefundPhase.REQUESTED:
        return []
    return [
        RefundFailed(
            payment_id=payment.payment_id,
            order_id=payment.order_id,
            refund_id=command.refund_id,
            reason=command.reason,
        )
    ]


def _known(payment: Payment, refund_id: RefundId) -> Refund:
    if (refund := payment.refunds.get(refund_id)) is None:
        raise RefundNotFound(f"Refund {refund_id} was never asked for.")
    return refund
