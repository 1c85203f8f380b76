"""The gateway's events in Stripe's form, each field within its bounds, and the commands that record them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import msgspec
import structlog
from msgspec import Meta

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
from domain.payment.dispute import DisputeStatus, FundsMovement
from domain.shared.ids import DisputeId, PaymentId, RefundId
from domain.shared.money import Money

Answer = (
    RecordAuthorisation
    | RecordActionRequired
    | RecordFailure
    | RecordCapture
    | RecordCaptureFailure
    | RecordVoid
    | RecordHoldExpired
    | RecordRefund
    | RecordRefundFailure
    | RecordOutsideRefund
    | RecordDispute
)

Id = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"\A[!-~]+\Z")]
Text = Annotated[str, Meta(max_length=500, pattern=r"\A[^\x00-\x1f\x7f]*\Z")]
Url = Annotated[str, Meta(max_length=2048, pattern=r"\Ahttps?://[A-Za-z0-9\[][!-~]*\Z")]
Attempt = Annotated[int, Meta(ge=1, le=1_000_000)]
Amount = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Change = Annotated[int, Meta(ge=1 - 2**53, le=2**53 - 1)]
Currency = Annotated[str, Meta(pattern=r"\A[A-Z]{3}\Z")]
Seconds = Annotated[int, Meta(ge=946_684_800, le=4_102_444_800)]
"""From the year 2000 to 2100: a time that the shop can reckon with."""

AUTOMATIC = "automatic"
"""Stripe's word for the end of a hold whose time is over."""

T = TypeVar("T")

log = structlog.get_logger()


class NotAnEvent(ValueError):
    """A body that is no event, or an event with a field out of bounds."""

    def __init__(self, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


class _Object(msgspec.Struct, frozen=True):
    payment_id: Id

    @property
    def payment(self) -> PaymentId:
        return PaymentId(self.payment_id)


class _Authorised(_Object, frozen=True):
    id: Id
    attempt: Attempt
    amount: Amount
    currency: Currency
    capture_before: Seconds

    def command(self) -> Answer:
        return RecordAuthorisation(
            payment_id=self.payment,
            attempt=self.attempt,
            gateway_ref=self.id,
            amount=Money(self.amount, self.currency),
            capture_before=datetime.fromtimestamp(self.capture_before, UTC),
        )


class _ActionRequired(_Object, frozen=True):
    id: Id
    attempt: Attempt
    action_url: Url

    def command(self) -> Answer:
        return RecordActionRequired(
            payment_id=self.payment, attempt=self.attempt, gateway_ref=self.id, action_url=self.action_url
        )


class _Failed(_Object, frozen=True):
    attempt: Attempt
    reason: Text = ""

    def command(self) -> Answer:
        return RecordFailure(payment_id=self.payment, attempt=self.attempt, reason=self.reason)


class _Captured(_Object, frozen=True):
    id: Id
    amount: Amount
    currency: Currency

    def command(self) -> Answer:
        return RecordCapture(payment_id=self.payment, amount=Money(self.amount, self.currency), gateway_ref=self.id)


class _CaptureFailed(_Object, frozen=True):
    reason: Text = ""

    def command(self) -> Answer:
        return RecordCaptureFailure(payment_id=self.payment, reason=self.reason)


class _Voided(_Object, frozen=True):
    id: Id
    reason: Text = ""

    def command(self) -> Answer:
        if self.reason == AUTOMATIC:
            return RecordHoldExpired(payment_id=self.payment, gateway_ref=self.id)
        return RecordVoid(payment_id=self.payment, gateway_ref=self.id)


class _Refunded(_Object, frozen=True):
    refund_id: Id
    refund_ref: Id

    def command(self) -> Answer:
        return RecordRefund(payment_id=self.payment, refund_id=RefundId(self.refund_id), refund_ref=self.refund_ref)


class _RefundFailed(_Object, frozen=True):
    refund_id: Id
    refund_ref: Id
    reason: Text = ""

    def command(self) -> Answer:
        return RecordRefundFailure(
            payment_id=self.payment,
            refund_id=RefundId(self.refund_id),
            reason=self.reason,
            refund_ref=self.refund_ref,
        )


class _RefundedOutside(_Object, frozen=True):
    refund_ref: Id
    amount: Amount
    currency: Currency

    def command(self) -> Answer:
        return RecordOutsideRefund(
            payment_id=self.payment, refund_ref=self.refund_ref, amount=Money(self.amount, self.currency)
        )


class _Movement(msgspec.Struct, frozen=True):
    id: Id
    amount: Change
    fee: Change


class _Disputed(_Object, frozen=True):
    dispute_id: Id
    status: DisputeStatus
    amount: Amount
    currency: Currency
    respond_by: Seconds
    movements: Annotated[list[_Movement], Meta(max_length=100)]
    reason: Text = ""

    def command(self) -> Answer:
        return RecordDispute(
            payment_id=self.payment,
            dispute_id=DisputeId(self.dispute_id),
            status=self.status,
            amount=Money(self.amount, self.currency),
            reason=self.reason,
            respond_by=datetime.fromtimestamp(self.respond_by, UTC),
            movements=tuple(
                FundsMovement(
                    movement_id=it.id, amount=Money(it.amount, self.currency), fee=Money(it.fee, self.currency)
                )
                for it in self.movements
            ),
        )


_Known = (
    _Authorised
    | _ActionRequired
    | _Failed
    | _Captured
    | _CaptureFailed
    | _Voided
    | _Refunded
    | _RefundFailed
    | _RefundedOutside
    | _Disputed
)

OBJECTS: Mapping[str, type[_Known]] = {
    "payment_intent.amount_capturable_updated": _Authorised,
    "payment_intent.requires_action": _ActionRequired,
    "payment_intent.payment_failed": _Failed,
    "payment_intent.succeeded": _Captured,
    "charge.failed": _CaptureFailed,
    "payment_intent.canceled": _Voided,
    "refund.updated": _Refunded,
    "refund.failed": _RefundFailed,
    "charge.refunded": _RefundedOutside,
    "charge.dispute.updated": _Disputed,
}
"""The fields of each event. No default has a meaning, so a missing field is an error."""


class _Data(msgspec.Struct, frozen=True):
    object: msgspec.Raw


class _Event(msgspec.Struct, frozen=True):
    id: Id
    type: Annotated[str, Meta(max_length=255)]
    data: _Data


def read_event(body: bytes) -> tuple[str, Answer | None]:
    """The gateway's id of the event, and the command that records it; None for a type that means nothing here.

    Raises NotAnEvent.
    """
    event = _decoded(body, _Event, "")
    known = OBJECTS.get(event.type)
    if known is None:
        log.warning("webhook of no known type", type=event.type, webhook=event.id)
        return event.id, None
    return event.id, _decoded(bytes(event.data.object), known, "data.object.").command()


def _decoded(data: bytes, kind: type[T], at: str) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except (ValueError, RecursionError) as fault:
        told, _, path = str(fault).partition(" - at `$")
        field = at + path.strip(".`")
        place = f" at {field}" if path else ""
        raise NotAnEvent(f"The gateway's event cannot be used{place}: {told}.", field if path else None) from fault
