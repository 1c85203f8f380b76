"""Money that is taken from a hold, and money that goes back from what was taken."""

from collections.abc import Sequence

from domain.payment.commands import (
    RecordCapture,
    RecordOutsideRefund,
    RecordRefund,
    RecordRefundFailure,
    RequestRefund,
)
from domain.payment.dispute import DisputeStatus
from domain.payment.errors import (
    AmountDiffers,
    NothingHeld,
    NothingTaken,
    RefundDisputed,
    RefundNotFound,
    RefundTooHigh,
)
from domain.payment.events import (
    CaptureRequested,
    PaymentCaptured,
    PaymentEvent,
    PaymentRefunded,
    PaymentRefundedOutside,
    RefundFailed,
    RefundRequested,
)
from domain.payment.state import Payment, PaymentPhase, Refund, RefundPhase, evolve
from domain.shared import require
from domain.shared.ids import RefundId
from domain.shared.money import Money

TAKEN = (PaymentPhase.CAPTURING, PaymentPhase.CAPTURED)


def request_capture(payment: Payment, amount: Money | None) -> Sequence[PaymentEvent]:
    """Taken once: all that is held, or a part of it."""
    if payment.phase in TAKEN:
        return []
    if payment.phase is not PaymentPhase.AUTHORISED or payment.gateway_ref is None:
        raise NothingHeld(f"The payment is {payment.phase}; no money is held that could be taken.")
    wanted = payment.authorised if amount is None else amount
    _within_hold(payment, wanted)
    return [
        CaptureRequested(
            payment_id=payment.payment_id,
            order_id=payment.order_id,
            gateway_ref=payment.gateway_ref,
            amount=wanted,
        )
    ]


def _within_hold(payment: Payment, amount: Money) -> None:
    require.same_currency(amount, payment.asked.currency, "amount")
    if not 0 < amount.amount <= payment.authorised.amount:
        raise AmountDiffers(f"At most {payment.authorised} can be taken.", "amount")


def capture(payment: Payment, command: RecordCapture) -> Sequence[PaymentEvent]:
    """The gateway's word counts, also after a failure, and if another amount was taken there by hand."""
    if command.gateway_ref not in (None, payment.gateway_ref):
        raise NothingHeld(f"The hold {command.gateway_ref} is not the one that the payment waits for.", "gateway_ref")
    if payment.phase is PaymentPhase.CAPTURED and command.amount == payment.captured:
        return []
    if payment.phase not in (PaymentPhase.CAPTURING, PaymentPhase.AUTHORISED, PaymentPhase.VOIDING):
        raise NothingHeld(f"The payment is {payment.phase}; no money is held that could have been taken.")
    _within_hold(payment, command.amount)
    captured = PaymentCaptured(payment_id=payment.payment_id, order_id=payment.order_id, amount=command.amount)
    if payment.phase is not PaymentPhase.VOIDING or payment.refund_barred_by is not None:
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
    _undisputed(payment)
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


def _undisputed(payment: Payment) -> None:
    if (barred := payment.refund_barred_by) is None:
        return
    it, dispute = barred
    raise RefundDisputed(f"Dispute {it} over {dispute.amount} {_DISPUTED[dispute.status]}")


_DISPUTED = {
    DisputeStatus.NEEDS_RESPONSE: (
        "waits for an answer, and the bank has taken the money back. Answer it, or accept it, at the gateway."
    ),
    DisputeStatus.UNDER_REVIEW: "is under review, and the bank has taken the money back. Wait for its decision.",
    DisputeStatus.LOST: "was lost: the shopper has the money from the bank.",
}


def refund(payment: Payment, command: RecordRefund) -> Sequence[PaymentEvent]:
    """A refund that was said to have failed may have succeeded, unless the gateway's word was about the same try."""
    refund = _known(payment, command.refund_id)
    if refund.phase is RefundPhase.DONE or command.refund_ref in refund.failed_refs:
        return []
    if refund.phase is RefundPhase.FAILED and refund.amount > payment.refundable:
        raise RefundTooHigh(f"The refund had failed, and only {payment.refundable} can still go back.")
    _not_beyond_captured(payment, refund.amount)
    return [
        PaymentRefunded(
            payment_id=payment.payment_id,
            order_id=payment.order_id,
            refund_id=command.refund_id,
            amount=refund.amount,
            refund_ref=command.refund_ref,
        )
    ]


def refund_failure(payment: Payment, command: RecordRefundFailure) -> Sequence[PaymentEvent]:
    """What did not go back is left to be promised again. Only a named try can fail after it had succeeded."""
    refund, ref = _known(payment, command.refund_id), command.refund_ref
    late = refund.phase is RefundPhase.DONE and ref is not None and refund.refund_ref in (None, ref)
    if not (late or refund.phase is RefundPhase.REQUESTED) or ref in refund.failed_refs:
        return []
    return [
        RefundFailed(
            payment_id=payment.payment_id,
            order_id=payment.order_id,
            refund_id=command.refund_id,
            reason=command.reason,
            refund_ref=ref,
        )
    ]


def outside_refund(payment: Payment, command: RecordOutsideRefund) -> Sequence[PaymentEvent]:
    """A refund made by hand at the gateway leaves less for us to give back."""
    ref = command.refund_ref
    if any(ref == refund.refund_ref or ref in refund.failed_refs for refund in payment.refunds.values()):
        return []
    if payment.phase is not PaymentPhase.CAPTURED:
        raise NothingTaken(f"The payment is {payment.phase}; no money was taken that could have gone back.")
    require.same_currency(command.amount, payment.asked.currency, "amount")
    if command.amount.amount <= 0:
        raise AmountDiffers("Only a positive amount can go back.", "amount")
    _not_beyond_captured(payment, command.amount)
    return [
        PaymentRefundedOutside(
            payment_id=payment.payment_id,
            order_id=payment.order_id,
            refund_id=RefundId(ref),
            amount=command.amount,
        )
    ]


def _not_beyond_captured(payment: Payment, amount: Money) -> None:
    left = payment.captured - payment.refunded
    if amount > left:
        raise RefundTooHigh(f"Only {left} of what was taken has not gone back yet.", "amount")


def _known(payment: Payment, refund_id: RefundId) -> Refund:
    if (refund := payment.refunds.get(refund_id)) is None:
        raise RefundNotFound(f"Refund {refund_id} was never asked for.")
    return refund
