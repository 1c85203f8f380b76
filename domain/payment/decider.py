"""Never take money without a hold, never give back more than was taken, never keep a hold that is not needed."""

from collections.abc import Sequence
from typing import assert_never

from domain.payment import disputing, taking
from domain.payment.commands import (
    PaymentCommand,
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
    RequestCapture,
    RequestPayment,
    RequestRefund,
    RequestVoid,
)
from domain.payment.errors import (
    AmountDiffers,
    AttemptDiffers,
    AttemptNotFound,
    MoneyAlreadyTaken,
    NothingHeld,
    PaymentClosed,
    PaymentNotFound,
    PaymentUnderWay,
)
from domain.payment.events import (
    CaptureFailed,
    HoldExpired,
    PaymentActionRequired,
    PaymentAuthorised,
    PaymentEvent,
    PaymentFailed,
    PaymentRequested,
    PaymentVoided,
    VoidRequested,
)
from domain.payment.state import Payment, PaymentPhase, evolve
from domain.shared import require
from domain.shared.decider import Decider
from domain.shared.money import Money

__all__ = ["Payment", "payment_decider"]

UNANSWERED = (PaymentPhase.PENDING, PaymentPhase.ACTION_REQUIRED)
UNHELD = (PaymentPhase.NEW, *UNANSWERED, PaymentPhase.FAILED)
GIVEN_BACK = (PaymentPhase.VOIDING, PaymentPhase.VOIDED)


def decide(payment: Payment, command: PaymentCommand) -> Sequence[PaymentEvent]:
    """Answer a command with the facts that follow from it."""
    match command:
        case RequestPayment():
            return _request(payment, command)
        case _ if payment.phase is PaymentPhase.NEW:
            raise PaymentNotFound("Nothing was asked for yet. Request the payment first.")
        case RecordAuthorisation() | RecordActionRequired() | RecordFailure() if command.attempt > payment.attempt:
            raise AttemptNotFound(f"The payment has had {payment.attempt} attempts.", "attempt")
        case RecordAuthorisation() | RecordActionRequired() | RecordFailure() if command.attempt < 1:
            raise AttemptDiffers(f"Attempts count from 1; {command.attempt} is none.", "attempt")
        case RecordAuthorisation():
            return _authorisation(payment, command)
        case RecordActionRequired():
            return _action_required(payment, command)
        case RecordFailure(attempt=attempt, reason=reason):
            if attempt < payment.attempt or payment.phase not in UNANSWERED:
                return []
            return [_failed(payment, reason)]
        case RequestCapture(amount=amount):
            return taking.request_capture(payment, amount)
        case RecordCapture():
            return taking.capture(payment, command)
        case RecordCaptureFailure(reason=reason):
            if payment.phase is not PaymentPhase.CAPTURING:
                return []
            return [CaptureFailed(payment_id=payment.payment_id, order_id=payment.order_id, reason=reason)]
        case RecordHoldExpired(gateway_ref=ref):
            return _hold_expired(payment, ref)
        case RequestVoid(reason=reason):
            return _request_void(payment, reason)
        case RecordVoid(gateway_ref=ref):
            return _void(payment, ref)
        case RequestRefund():
            return taking.request_refund(payment, command)
        case RecordRefund():
            return taking.refund(payment, command)
        case RecordRefundFailure():
            return taking.refund_failure(payment, command)
        case RecordOutsideRefund():
            return taking.outside_refund(payment, command)
        case RecordDispute():
            return disputing.dispute(payment, command)
        case _:
            assert_never(command)


def _request(payment: Payment, command: RequestPayment) -> Sequence[PaymentEvent]:
    if command.amount.amount <= 0:
        raise AmountDiffers("Only a positive amount can be paid.", "amount")
    if payment.stopped or payment.phase in GIVEN_BACK:
        raise PaymentClosed("The checkout is over. Check the cart out again.")
    if payment.phase in UNANSWERED and (payment.asked, payment.method) == (command.amount, command.method):
        return []
    given_up = _given_up(payment)
    if not given_up and payment.phase not in (PaymentPhase.NEW, PaymentPhase.FAILED, PaymentPhase.HOLD_EXPIRED):
        raise PaymentUnderWay(_UNDER_WAY.get(payment.phase, f"The payment is {payment.phase}; nothing is left to pay."))
    if payment.attempt:
        _same_amount(payment, command.amount)
    return [
        *given_up,
        PaymentRequested(
            payment_id=command.payment_id,
            order_id=command.order_id,
            customer_id=command.customer_id,
            attempt=payment.attempt + 1,
            amount=command.amount,
            method=command.method,
        ),
    ]


def _same_amount(payment: Payment, amount: Money) -> None:
    """Since a hold that expired, lines may have been cancelled."""
    require.same_currency(amount, payment.asked.currency, "amount")
    less = payment.phase is PaymentPhase.HOLD_EXPIRED and amount < payment.asked
    if amount != payment.asked and not less:
        raise AmountDiffers(f"{payment.asked} are due, not {amount}.", "amount")


_UNDER_WAY = {
    PaymentPhase.PENDING: "The gateway has not answered yet. Wait for its answer before you try another method.",
}


def _given_up(payment: Payment) -> Sequence[PaymentEvent]:
    """An attempt that waits for the shopper ends when they choose another method, and is voided before the next."""
    if payment.phase is not PaymentPhase.ACTION_REQUIRED or payment.gateway_ref is None:
        return []
    reason = "Another payment method was chosen."
    return [_failed(payment, reason), _void_of(payment, payment.gateway_ref, reason)]


def _authorisation(payment: Payment, command: RecordAuthorisation) -> Sequence[PaymentEvent]:
    ref = command.gateway_ref
    if ref in payment.strays:
        return []
    if payment.phase not in UNHELD:
        return [] if ref == payment.gateway_ref else [_void_of(payment, ref, "Money is held once only.")]
    if command.attempt < payment.attempt and ref == payment.gateway_ref:
        raise AttemptDiffers(
            f"The hold {ref} belongs to attempt {payment.attempt}, not to {command.attempt}.", "attempt"
        )
    if command.attempt < payment.attempt:
        return [_void_of(payment, ref, "A newer attempt took this one's place.")]
    if command.amount != payment.asked:
        reason = f"The gateway holds {command.amount}, asked were {payment.asked}."
        failed = [_failed(payment, reason)] if payment.phase in UNANSWERED else []
        return [*failed, _void_of(payment, ref, reason)]
    return [
        PaymentAuthorised(
            payment_id=payment.payment_id,
            order_id=payment.order_id,
            attempt=command.attempt,
            gateway_ref=ref,
            amount=command.amount,
            capture_before=command.capture_before,
        )
    ]


def _action_required(payment: Payment, command: RecordActionRequired) -> Sequence[PaymentEvent]:
    if command.attempt < payment.attempt or payment.phase is not PaymentPhase.PENDING:
        return []
    required = PaymentActionRequired(
        payment_id=payment.payment_id,
        order_id=payment.order_id,
        attempt=command.attempt,
        gateway_ref=command.gateway_ref,
        action_url=command.action_url,
    )
    if payment.stopped:
        return [required, _void_of(payment, command.gateway_ref, "The payment was stopped before the shopper acted.")]
    return [required]


def _request_void(payment: Payment, reason: str) -> Sequence[PaymentEvent]:
    if payment.stopped or payment.phase in GIVEN_BACK:
        return []
    if payment.phase in taking.TAKEN:
        raise MoneyAlreadyTaken(f"The payment is {payment.phase}. Refund it once it is captured.")
    return [_void_of(payment, payment.gateway_ref, reason)]


def _void(payment: Payment, ref: str | None) -> Sequence[PaymentEvent]:
    voided = PaymentVoided(
        payment_id=payment.payment_id, order_id=payment.order_id, gateway_ref=ref or payment.gateway_ref
    )
    if ref is not None and ref != payment.gateway_ref:
        if ref not in payment.strays:
            raise NothingHeld(f"The payment knows of no hold {ref}.")
        return [] if payment.strays[ref] else [voided]
    if payment.phase is PaymentPhase.VOIDED:
        return []
    if payment.phase is PaymentPhase.ACTION_REQUIRED:
        return [_failed(payment, "The gateway did not wait for the shopper any longer.")]
    if payment.gateway_ref is None or payment.phase is PaymentPhase.CAPTURED:
        raise NothingHeld(f"The payment is {payment.phase}; no money is held that could have gone back.")
    return [voided]


def _hold_expired(payment: Payment, ref: str) -> Sequence[PaymentEvent]:
    """A hold that was wanted has expired; one that was to go back has gone back."""
    if ref == payment.gateway_ref and payment.phase in (PaymentPhase.AUTHORISED, PaymentPhase.CAPTURING):
        return [HoldExpired(payment_id=payment.payment_id, order_id=payment.order_id, gateway_ref=ref)]
    if ref == payment.gateway_ref and payment.phase is PaymentPhase.CAPTURED:
        return []
    return _void(payment, ref)


def _failed(payment: Payment, reason: str) -> PaymentFailed:
    return PaymentFailed(
        payment_id=payment.payment_id, order_id=payment.order_id, attempt=payment.attempt, reason=reason
    )


def _void_of(payment: Payment, ref: str | None, reason: str) -> VoidRequested:
    return VoidRequested(payment_id=payment.payment_id, order_id=payment.order_id, gateway_ref=ref, reason=reason)


payment_decider = Decider(initial=Payment(), decide=decide, evolve=evolve)
