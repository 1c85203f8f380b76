"""What Stripe's objects mean to a payment: the commands that record how an object stands now.

They are the same whether the object is an answer to a call, was fetched after a webhook, or was found by a look-up, and
the payment takes each of them once. So neither the order nor the number of webhooks changes anything.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from domain.payment.commands import (
    PaymentCommand,
    RecordActionRequired,
    RecordAuthorisation,
    RecordCapture,
    RecordDispute,
    RecordFailure,
    RecordHoldExpired,
    RecordOutsideRefund,
    RecordRefund,
    RecordRefundFailure,
    RecordVoid,
)
from domain.payment.dispute import DisputeStatus, FundsMovement
from domain.shared.ids import DisputeId, OrderId, PaymentId, RefundId
from infra.payments.stripe.amounts import from_stripe
from infra.payments.stripe.objects import (
    ATTEMPT,
    ORDER,
    PAYMENT,
    REFUND,
    Dispute,
    Intent,
    Movement,
    Problem,
    Refund,
    Unexpected,
)

HOLD = timedelta(days=5)
"""How long a card hold lasts at least, where Stripe does not say."""

_SUSPICIONS = """
    fraudulent lost_card merchant_blacklist pickup_card restricted_card revocation_of_all_authorizations
    revocation_of_authorization security_violation stolen_card stop_payment_order transaction_not_allowed
"""
NOT_FOR_SHOPPERS = frozenset(_SUSPICIONS.split())
"""Reasons that Stripe asks to show as a plain decline: they would help a thief."""


def payment_of(intent: Intent) -> PaymentId:
    """Raises Unexpected for an intent that the shop has not made."""
    if (payment := intent.metadata.get(PAYMENT)) is None:
        raise Unexpected(f"{intent.id} names no payment.")
    return PaymentId(payment)


def attempt_of(intent: Intent) -> int:
    """Raises Unexpected."""
    attempt = intent.metadata.get(ATTEMPT, "")
    if not (attempt.isascii() and attempt.isdigit()):
        raise Unexpected(f"{intent.id} names no attempt.")
    return int(attempt)


def is_open_failure(intent: Intent) -> bool:
    """Whether the attempt has failed and could still be confirmed: it is cancelled before anything else is tried."""
    return intent.status == "requires_payment_method" and intent.last_payment_error is not None


def held(intent: Intent) -> RecordAuthorisation:
    """Raises Unexpected."""
    ends = intent.capture_before
    return RecordAuthorisation(
        payment_id=payment_of(intent),
        attempt=attempt_of(intent),
        gateway_ref=intent.id,
        amount=from_stripe(intent.amount_capturable or intent.amount, intent.currency),
        capture_before=_moment(intent.created) + HOLD if ends is None else _moment(ends),
    )


def taken(intent: Intent) -> RecordCapture:
    """Raises Unexpected."""
    return RecordCapture(
        payment_id=payment_of(intent),
        amount=from_stripe(intent.amount_received, intent.currency),
        gateway_ref=intent.id,
    )


def failed(intent: Intent, problem: Problem | None = None) -> RecordFailure:
    """Raises Unexpected."""
    return RecordFailure(
        payment_id=payment_of(intent),
        attempt=attempt_of(intent),
        reason=reason_of(problem or intent.last_payment_error),
    )


def facts_of(intent: Intent, confirm_at: Callable[[OrderId], str]) -> Sequence[PaymentCommand]:
    """What the present state of an intent says, oldest first; `confirm_at` is our page. Raises Unexpected."""
    match intent.status:
        case "requires_action":
            return [
                RecordActionRequired(
                    payment_id=payment_of(intent),
                    attempt=attempt_of(intent),
                    gateway_ref=intent.id,
                    action_url=confirm_at(OrderId(intent.metadata.get(ORDER, ""))),
                )
            ]
        case "requires_payment_method" if intent.last_payment_error is not None:
            return [failed(intent)]
        case "requires_capture":
            return [held(intent)]
        case "succeeded":
            return [held(intent), taken(intent)]
        case "canceled":
            return _cancelled(intent)
        case _:
            return []


def facts_of_refund(refund: Refund, payment: PaymentId) -> Sequence[PaymentCommand]:
    """What the present state of a refund says; one that the shop did not ask for was made at Stripe."""
    ours = (refund.metadata or {}).get(REFUND)
    refund_id = RefundId(ours or refund.id)
    match refund.status:
        case "succeeded" if ours is None:
            amount = from_stripe(refund.amount, refund.currency)
            return [RecordOutsideRefund(payment_id=payment, refund_ref=refund.id, amount=amount)]
        case "succeeded":
            return [RecordRefund(payment_id=payment, refund_id=refund_id, refund_ref=refund.id)]
        case "failed" | "canceled":
            reason = refund.failure_reason or refund.status
            return [RecordRefundFailure(payment_id=payment, refund_id=refund_id, reason=reason, refund_ref=refund.id)]
        case _:
            return []


def facts_of_dispute(dispute: Dispute, payment: PaymentId) -> Sequence[PaymentCommand]:
    """What the present state of a dispute says; one that was prevented is over before it began."""
    if dispute.status not in set(DisputeStatus):
        return []
    due_by = dispute.evidence_details.due_by if dispute.evidence_details else None
    return [
        RecordDispute(
            payment_id=payment,
            dispute_id=DisputeId(dispute.id),
            status=DisputeStatus(dispute.status),
            amount=from_stripe(dispute.amount, dispute.currency),
            reason=dispute.reason,
            respond_by=None if due_by is None else _moment(due_by),
            movements=tuple(map(_movement, dispute.balance_transactions)),
        )
    ]


def reason_of(problem: Problem | None) -> str:
    """A word for why a payment failed, which may be shown to the shopper."""
    if problem is None:
        return "card_declined"
    if problem.code == "card_declined" and problem.decline_code not in (None, "generic_decline", *NOT_FOR_SHOPPERS):
        return problem.decline_code or problem.code
    return problem.code or problem.type or "card_declined"


def _cancelled(intent: Intent) -> Sequence[PaymentCommand]:
    """An attempt that came to nothing has failed. A hold has gone back: asked for by us or at Stripe, or by itself."""
    nothing_held = failed(intent, intent.last_payment_error or Problem(code="canceled"))
    if intent.latest_charge is None or intent.last_payment_error is not None:
        return [nothing_held]
    if intent.cancellation_reason == "automatic":
        return [nothing_held, RecordHoldExpired(payment_id=payment_of(intent), gateway_ref=intent.id)]
    return [nothing_held, RecordVoid(payment_id=payment_of(intent), gateway_ref=intent.id)]


def _movement(one: Movement) -> FundsMovement:
    """Stripe's fee is what it takes; ours, like the amount, is the change of the balance."""
    amount, fee = from_stripe(one.amount, one.currency), from_stripe(-one.fee, one.currency)
    return FundsMovement(movement_id=one.id, amount=amount, fee=fee)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
