"""The facts of one payment, under short names."""

from datetime import timedelta
from typing import Any

from domain.payment import commands as ask
from domain.payment import events as fact
from domain.payment.decider import payment_decider
from domain.payment.dispute import DisputeOutcome, DisputeStatus, FundsMovement
from domain.shared.ids import DisputeId, RefundId
from tests.support.builders.sold import ANNA, ORDER, PAYMENT, euro
from tests.support.builders.strategies import NOON
from tests.support.harness.spec import Spec

given = Spec(payment_decider).given
WHICH: dict[str, Any] = {"payment_id": PAYMENT, "order_id": ORDER}
WEEK = NOON + timedelta(days=7)
DISPUTE = DisputeId("dp")
URL = "https://bank.example/3ds"


def request(cents: int = 100, method: str = "card") -> ask.RequestPayment:
    return ask.RequestPayment(**WHICH, customer_id=ANNA, amount=euro(cents), method=method)


def requested(attempt: int = 1, method: str = "card") -> fact.PaymentRequested:
    return fact.PaymentRequested(**WHICH, customer_id=ANNA, attempt=attempt, amount=euro(100), method=method)


def authorise(attempt: int = 1, ref: str = "a", cents: int = 100) -> ask.RecordAuthorisation:
    return ask.RecordAuthorisation(
        payment_id=PAYMENT, attempt=attempt, gateway_ref=ref, amount=euro(cents), capture_before=WEEK
    )


def authorised(attempt: int = 1, ref: str = "a") -> fact.PaymentAuthorised:
    return fact.PaymentAuthorised(**WHICH, attempt=attempt, gateway_ref=ref, amount=euro(100), capture_before=WEEK)


def need_action(attempt: int = 1, ref: str = "a") -> ask.RecordActionRequired:
    return ask.RecordActionRequired(payment_id=PAYMENT, attempt=attempt, gateway_ref=ref, action_url=URL)


def action_required(ref: str = "a", attempt: int = 1) -> fact.PaymentActionRequired:
    return fact.PaymentActionRequired(**WHICH, attempt=attempt, gateway_ref=ref, action_url=URL)


def fail(attempt: int = 1) -> ask.RecordFailure:
    return ask.RecordFailure(payment_id=PAYMENT, attempt=attempt, reason="Declined")


def failed(reason: str = "Declined") -> fact.PaymentFailed:
    return fact.PaymentFailed(**WHICH, attempt=1, reason=reason)


def void_requested(ref: str | None, reason: str = "Expired") -> fact.VoidRequested:
    return fact.VoidRequested(**WHICH, gateway_ref=ref, reason=reason)


def voided(ref: str = "a") -> fact.PaymentVoided:
    return fact.PaymentVoided(**WHICH, gateway_ref=ref)


def record_void(ref: str | None = "a") -> ask.RecordVoid:
    return ask.RecordVoid(payment_id=PAYMENT, gateway_ref=ref)


def record_capture(cents: int = 100, ref: str | None = None) -> ask.RecordCapture:
    return ask.RecordCapture(payment_id=PAYMENT, amount=euro(cents), gateway_ref=ref)


def captured(cents: int = 100) -> fact.PaymentCaptured:
    return fact.PaymentCaptured(**WHICH, amount=euro(cents))


def refund(name: str, cents: int) -> ask.RequestRefund:
    return ask.RequestRefund(payment_id=PAYMENT, refund_id=RefundId(name), amount=euro(cents), reason="Broken")


def refund_requested(name: str, cents: int, reason: str = "Broken") -> fact.RefundRequested:
    return fact.RefundRequested(**WHICH, refund_id=RefundId(name), gateway_ref="a", amount=euro(cents), reason=reason)


def record_refund(name: str, ref: str | None = None) -> ask.RecordRefund:
    return ask.RecordRefund(payment_id=PAYMENT, refund_id=RefundId(name), refund_ref=ref)


def refunded(name: str, cents: int, ref: str | None = None) -> fact.PaymentRefunded:
    return fact.PaymentRefunded(**WHICH, refund_id=RefundId(name), amount=euro(cents), refund_ref=ref)


def fail_refund(name: str, ref: str | None = None) -> ask.RecordRefundFailure:
    return ask.RecordRefundFailure(
        payment_id=PAYMENT, refund_id=RefundId(name), reason="Closed account", refund_ref=ref
    )


def refund_failed(name: str, ref: str | None = None) -> fact.RefundFailed:
    return fact.RefundFailed(**WHICH, refund_id=RefundId(name), reason="Closed account", refund_ref=ref)


def outside_refund(ref: str, cents: int) -> ask.RecordOutsideRefund:
    return ask.RecordOutsideRefund(payment_id=PAYMENT, refund_ref=ref, amount=euro(cents))


def refunded_outside(ref: str, cents: int) -> fact.PaymentRefundedOutside:
    return fact.PaymentRefundedOutside(**WHICH, refund_id=RefundId(ref), amount=euro(cents))


def part_of(cents: int) -> ask.RequestCapture:
    return ask.RequestCapture(payment_id=PAYMENT, amount=euro(cents))


def part_requested(cents: int) -> fact.CaptureRequested:
    return fact.CaptureRequested(**WHICH, gateway_ref="a", amount=euro(cents))


def expire(ref: str = "a") -> ask.RecordHoldExpired:
    return ask.RecordHoldExpired(payment_id=PAYMENT, gateway_ref=ref)


def expired(ref: str = "a") -> fact.HoldExpired:
    return fact.HoldExpired(**WHICH, gateway_ref=ref)


def movement(name: str, cents: int, fee: int = 0) -> FundsMovement:
    return FundsMovement(movement_id=name, amount=euro(cents), fee=euro(fee))


def dispute(status: DisputeStatus, *movements: FundsMovement, cents: int = 100) -> ask.RecordDispute:
    return ask.RecordDispute(
        payment_id=PAYMENT,
        dispute_id=DISPUTE,
        status=status,
        amount=euro(cents),
        reason="fraudulent",
        respond_by=WEEK,
        movements=movements,
    )


def opened(*, inquiry: bool = False, cents: int = 100) -> fact.DisputeOpened:
    return fact.DisputeOpened(
        **WHICH, dispute_id=DISPUTE, amount=euro(cents), reason="fraudulent", inquiry=inquiry, respond_by=WEEK
    )


def funds_moved(name: str, cents: int, fee: int = 0) -> fact.DisputeFundsMoved:
    return fact.DisputeFundsMoved(**WHICH, dispute_id=DISPUTE, movement_id=name, amount=euro(cents), fee=euro(fee))


def closed(outcome: DisputeOutcome) -> fact.DisputeClosed:
    return fact.DisputeClosed(**WHICH, dispute_id=DISPUTE, outcome=outcome)


evidence_submitted = fact.DisputeEvidenceSubmitted(**WHICH, dispute_id=DISPUTE)


capture = ask.RequestCapture(payment_id=PAYMENT)
capture_requested = fact.CaptureRequested(**WHICH, gateway_ref="a", amount=euro(100))
fail_capture = ask.RecordCaptureFailure(payment_id=PAYMENT, reason="Bank closed")
capture_failed = fact.CaptureFailed(**WHICH, reason="Bank closed")
void = ask.RequestVoid(payment_id=PAYMENT, reason="Expired")

held = given(requested(), authorised())
taken = held.given(capture_requested, captured())
