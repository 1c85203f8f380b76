"""What the gateway says by itself, signed as Stripe signs: bodies are written, and read when the signature holds."""

from datetime import datetime
from typing import assert_never
from uuid import UUID

import msgspec

from domain.payment.commands import (
    RecordActionRequired,
    RecordAuthorisation,
    RecordCapture,
    RecordCaptureFailure,
    RecordDispute,
    RecordFailure,
    RecordHoldExpired,
    RecordOutsideRefund,
    RecordRefund,
    RecordRefundFailure,
    RecordVoid,
)
from domain.payment.events import RefundRequested
from domain.shared.derived import derived_id
from domain.shared.ids import PaymentId, RefundId
from infra.payments.events import AUTOMATIC, Answer, NotAnEvent, read_event
from infra.payments.signatures import WebhookRefused, verify

NAMESPACE = UUID("5a1f6d9e-9a53-5f43-8c46-0a4bb3f4a9d2")


class WebhookUnusable(WebhookRefused):
    """The gateway signed an event of which this version cannot make sense."""


class _Movement(msgspec.Struct, frozen=True):
    id: str
    amount: int
    fee: int


class _Object(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    payment_id: PaymentId
    amount: int = 0
    currency: str = ""
    attempt: int = 0
    capture_before: int = 0
    action_url: str = ""
    refund_id: RefundId = RefundId("")
    reason: str = ""
    refund_ref: str = ""
    dispute_id: str = ""
    status: str = ""
    respond_by: int = 0
    movements: list[_Movement] | None = None


class _Data(msgspec.Struct, frozen=True):
    object: _Object


class _Event(msgspec.Struct, frozen=True):
    id: str
    type: str
    created: int
    data: _Data


def write_webhook(event_id: str, ref: str, answer: Answer, now: datetime) -> bytes:
    """The body for `answer`, under the name that Stripe has for it."""
    match answer:
        case RecordAuthorisation(amount=amount, capture_before=before):
            name = "payment_intent.amount_capturable_updated"
            what = _Object(
                ref,
                answer.payment_id,
                amount.amount,
                amount.currency,
                answer.attempt,
                capture_before=int(before.timestamp()),
            )
        case RecordActionRequired():
            name = "payment_intent.requires_action"
            what = _Object(ref, answer.payment_id, attempt=answer.attempt, action_url=answer.action_url)
        case RecordFailure():
            name = "payment_intent.payment_failed"
            what = _Object(ref, answer.payment_id, attempt=answer.attempt, reason=answer.reason)
        case RecordCapture(amount=amount):
            name = "payment_intent.succeeded"
            what = _Object(ref, answer.payment_id, amount.amount, amount.currency)
        case RecordCaptureFailure():
            name = "charge.failed"
            what = _Object(ref, answer.payment_id, reason=answer.reason)
        case RecordVoid():
            name, what = "payment_intent.canceled", _Object(ref, answer.payment_id)
        case RecordHoldExpired():
            name, what = "payment_intent.canceled", _Object(ref, answer.payment_id, reason=AUTOMATIC)
        case RecordRefund():
            name = "refund.updated"
            what = _Object(
                ref, answer.payment_id, refund_id=answer.refund_id, refund_ref=answer.refund_ref or refund_ref(answer)
            )
        case RecordRefundFailure():
            name = "refund.failed"
            what = _Object(
                ref,
                answer.payment_id,
                refund_id=answer.refund_id,
                reason=answer.reason,
                refund_ref=answer.refund_ref or refund_ref(answer),
            )
        case RecordOutsideRefund(amount=amount):
            name = "charge.refunded"
            what = _Object(ref, answer.payment_id, amount.amount, amount.currency, refund_ref=answer.refund_ref)
        case RecordDispute():
            name, what = "charge.dispute.updated", _disputed(ref, answer)
        case _:
            assert_never(answer)
    return msgspec.json.encode(_Event(event_id, name, int(now.timestamp()), _Data(what)))


def refund_ref(refund: RecordRefund | RecordRefundFailure | RefundRequested) -> str:
    """The gateway's id of a refund."""
    return f"re_{refund.refund_id}"


def _disputed(ref: str, dispute: RecordDispute) -> _Object:
    return _Object(
        ref,
        dispute.payment_id,
        dispute.amount.amount,
        dispute.amount.currency,
        reason=dispute.reason,
        dispute_id=dispute.dispute_id,
        status=dispute.status,
        respond_by=0 if dispute.respond_by is None else int(dispute.respond_by.timestamp()),
        movements=[_Movement(it.movement_id, it.amount.amount, it.fee.amount) for it in dispute.movements],
    )


def read_webhook(body: bytes, signature: str, now: datetime, secret: bytes) -> tuple[UUID, Answer | None]:
    """The id of the command and the command itself; None for an event that means nothing here.

    Raises WebhookRefused, WebhookUnusable.
    """
    verify(body, signature, now, [secret])
    try:
        event_id, command = read_event(body)
    except NotAnEvent as fault:
        raise WebhookUnusable(fault.detail, fault.field) from fault
    return derived_id(NAMESPACE, event_id), command
