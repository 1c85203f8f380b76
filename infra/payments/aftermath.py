"""Webhooks of the test gateway after an action, by payment method."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.payment.commands import (
    RecordCapture,
    RecordDispute,
    RecordHoldExpired,
    RecordOutsideRefund,
    RecordRefundFailure,
)
from domain.payment.dispute import DisputeStatus, FundsMovement
from domain.payment.events import RefundRequested
from domain.shared.ids import DisputeId
from domain.shared.money import Money
from infra.payments.events import Answer
from infra.payments.intents import Intent
from infra.payments.webhooks import refund_ref

HOLD_EXPIRES, CAPTURED_OUTSIDE = "pm_card_hold_expires", "pm_card_captured_outside"
REFUND_FAILS_LATER, REFUNDED_OUTSIDE = "pm_card_refund_fails_later", "pm_card_refunded_outside"
DISPUTES: dict[str, tuple[DisputeStatus, ...]] = {
    "pm_card_disputed": (DisputeStatus.NEEDS_RESPONSE,),
    "pm_card_dispute_won": (DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW, DisputeStatus.WON),
    "pm_card_dispute_lost": (DisputeStatus.NEEDS_RESPONSE, DisputeStatus.LOST),
    "pm_card_inquiry": (DisputeStatus.INQUIRY_NEEDS_RESPONSE,),
}
METHODS = {HOLD_EXPIRES, CAPTURED_OUTSIDE, REFUND_FAILS_LATER, REFUNDED_OUTSIDE, *DISPUTES}
FEE = 1500
"""What a dispute costs, in minor units: 15.00, as at Stripe."""

RESPOND_WITHIN = timedelta(days=9)

Telling = Sequence[tuple[Answer, datetime]]
"""The answers that webhooks bring, and when."""


def quarter(amount: Money) -> Money:
    """Money that is taken or given back by hand at the gateway."""
    return Money(max(1, amount.amount // 4), amount.currency)


def after_hold(intent: Intent, now: datetime, late_by: timedelta) -> Telling:
    """What becomes of a hold without the shop."""
    if intent.method == HOLD_EXPIRES:
        return [(RecordHoldExpired(payment_id=intent.payment_id, gateway_ref=intent.ref), now + late_by)]
    if intent.method == CAPTURED_OUTSIDE:
        taken = RecordCapture(payment_id=intent.payment_id, amount=quarter(intent.amount), gateway_ref=intent.ref)
        return [(taken, now + late_by)]
    return []


def after_capture(intent: Intent, taken: Money, now: datetime, late_by: timedelta) -> Telling:
    """What becomes of money that was taken."""
    if intent.method == REFUNDED_OUTSIDE:
        back = RecordOutsideRefund(payment_id=intent.payment_id, refund_ref=f"re_{intent.ref}", amount=quarter(taken))
        return [(back, now + late_by)]
    statuses = DISPUTES.get(intent.method, ())
    return [(_dispute(intent, taken, it, now), now + late_by * n) for n, it in enumerate(statuses, 1)]


def after_refund(asked: RefundRequested, intent: Intent, now: datetime, late_by: timedelta) -> Telling:
    """What becomes of a refund that had succeeded."""
    if intent.method != REFUND_FAILS_LATER:
        return []
    failure = RecordRefundFailure(
        payment_id=asked.payment_id,
        refund_id=asked.refund_id,
        reason="lost_or_stolen_card",
        refund_ref=refund_ref(asked),
    )
    return [(failure, now + late_by)]


def _dispute(intent: Intent, taken: Money, status: DisputeStatus, now: datetime) -> RecordDispute:
    nothing, fee = Money(0, taken.currency), Money(-FEE, taken.currency)
    movements = [FundsMovement(movement_id=f"txn_{intent.ref}_1", amount=nothing - taken, fee=fee)]
    if status is DisputeStatus.WON:
        movements.append(FundsMovement(movement_id=f"txn_{intent.ref}_2", amount=taken, fee=nothing))
    return RecordDispute(
        payment_id=intent.payment_id,
        dispute_id=DisputeId(f"dp_{intent.ref}"),
        status=status,
        amount=taken,
        reason="fraudulent",
        # Whole seconds, because webhooks carry no fractions.
        respond_by=(now + RESPOND_WITHIN).replace(microsecond=0),
        movements=() if status.is_inquiry else tuple(movements),
    )
