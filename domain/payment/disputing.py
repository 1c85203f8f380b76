"""Disputes as the gateway reports them. Each report holds the whole dispute, so a missed one is made up for."""

from collections.abc import Sequence

from domain.payment.commands import RecordDispute
from domain.payment.dispute import Dispute, DisputeOutcome, DisputeStatus
from domain.payment.errors import AmountDiffers
from domain.payment.events import (
    DisputeClosed,
    DisputeEvidenceSubmitted,
    DisputeFundsMoved,
    DisputeOpened,
    PaymentEvent,
)
from domain.payment.state import Payment
from domain.shared import require

REVIEWED = (DisputeStatus.INQUIRY_UNDER_REVIEW, DisputeStatus.UNDER_REVIEW)


def dispute(payment: Payment, command: RecordDispute) -> Sequence[PaymentEvent]:
    """What is new: a dispute only goes forward, and each movement of money counts once."""
    require.same_currency(command.amount, payment.asked.currency, "amount")
    if command.amount.amount <= 0:
        raise AmountDiffers("Only a positive amount can be disputed.", "amount")
    known = payment.disputes.get(command.dispute_id)
    return [
        *_opened(payment, known, command),
        *_moved(payment, known, command),
        *_decided(payment, known, command),
    ]


def _opened(payment: Payment, known: Dispute | None, command: RecordDispute) -> Sequence[PaymentEvent]:
    inquiry = command.status.is_inquiry
    if known is not None and (inquiry or not known.status.is_inquiry):
        return []
    return [
        DisputeOpened(
            payment_id=payment.payment_id,
            order_id=payment.order_id,
            dispute_id=command.dispute_id,
            amount=command.amount,
            reason=command.reason,
            inquiry=inquiry,
            respond_by=command.respond_by,
        )
    ]


def _moved(payment: Payment, known: Dispute | None, command: RecordDispute) -> Sequence[PaymentEvent]:
    recorded = set(known.movements) if known is not None else set[str]()
    new = {it.movement_id: it for it in command.movements if it.movement_id not in recorded}
    return [
        DisputeFundsMoved(
            payment_id=payment.payment_id,
            order_id=payment.order_id,
            dispute_id=command.dispute_id,
            movement_id=movement.movement_id,
            amount=movement.amount,
            fee=movement.fee,
        )
        for movement in new.values()
    ]


def _decided(payment: Payment, known: Dispute | None, command: RecordDispute) -> Sequence[PaymentEvent]:
    if known is not None and not command.status.follows(known.status):
        return []
    if command.status in REVIEWED:
        return [
            DisputeEvidenceSubmitted(
                payment_id=payment.payment_id, order_id=payment.order_id, dispute_id=command.dispute_id
            )
        ]
    if command.status.is_closed:
        return [
            DisputeClosed(
                payment_id=payment.payment_id,
                order_id=payment.order_id,
                dispute_id=command.dispute_id,
                outcome=DisputeOutcome(command.status.value),
            )
        ]
    return []
