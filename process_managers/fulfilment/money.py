"""What follows from an input for the money: taken once, before the first parcel leaves; else given back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import assert_never

from domain.order.events import (
    OrderCancelled,
    OrderCompleted,
    OrderDelivered,
    OrderDispatched,
    OrderLineCancelled,
    OrderPlaced,
)
from domain.payment.commands import RequestCapture, RequestRefund, RequestVoid
from domain.payment.events import (
    CaptureFailed,
    CaptureRequested,
    HoldExpired,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentRefunded,
    PaymentRefundedOutside,
    PaymentVoided,
    RefundFailed,
)
from domain.shared.ids import PaymentId, RefundId
from domain.shared.money import Money
from domain.shipment.events import (
    ShipmentCancelled,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentLost,
    ShipmentPacked,
    ShipmentPlanned,
    ShipmentReduced,
    ShipmentReturnedToSender,
    ShipmentShortPicked,
)
from process_managers.engine.process import CancelTimer, CommandRefused, Request, SetTimer, TimerFired
from process_managers.fulfilment.inputs import DisputeFact, FulfilmentInput
from process_managers.fulfilment.state import CAPTURE, CAPTURE_TRIES, Fulfilment, Funds, Step

BEFORE_HOLD_ENDS = timedelta(hours=24)
RETRY = timedelta(hours=1)


def money(so_far: Fulfilment, payment: PaymentId, message: FulfilmentInput, at: datetime) -> Sequence[Request]:
    """Requests about the money, by the state after the input."""
    if isinstance(message, DisputeFact):
        return []
    match message:
        case OrderPlaced() | PaymentAuthorised() if not so_far.cancelled:
            return [*_capture_timer(so_far), *_capture_if_packed(so_far, payment)]
        case ShipmentPacked() if not so_far.cancelled:
            return _capture_if_packed(so_far, payment)
        case TimerFired() if so_far.funds is Funds.HELD and not so_far.cancelled:
            return _capture(so_far, payment)
        case CaptureFailed() if so_far.captures_failed < CAPTURE_TRIES and not so_far.cancelled:
            return [SetTimer(name=CAPTURE, due=at + RETRY)]
        case PaymentCaptured():
            unshipped = _refund(payment, "unshipped", so_far.over)
            return [CancelTimer(name=CAPTURE), *unshipped, *_give_back(so_far, payment)]
        case OrderLineCancelled(sku=sku, value=value) if so_far.funds is Funds.TAKEN and not so_far.cancelled:
            more = so_far.over - so_far.over_if(so_far.due + value)
            return _refund(payment, f"{sku}.{so_far.cancelled_units[sku]}", more)
        case OrderLineCancelled() if not so_far.cancelled:
            return _capture_if_packed(so_far, payment)
        case OrderCancelled():
            return [CancelTimer(name=CAPTURE), *_give_back(so_far, payment)]
        case HoldExpired():
            return [CancelTimer(name=CAPTURE), *_give_back(so_far, payment)]
        case ShipmentCancelled() | PaymentAuthorised() | CaptureFailed():
            return _give_back(so_far, payment)
        case OrderPlaced() | OrderLineCancelled() | OrderCompleted() | TimerFired() | CommandRefused():
            return []
        case CaptureRequested() | PaymentVoided() | RefundFailed():
            return []
        case PaymentRefunded() | PaymentRefundedOutside():
            return []
        case ShipmentPlanned() | ShipmentShortPicked() | ShipmentReduced() | ShipmentPacked() | ShipmentDispatched():
            return []
        case ShipmentDelivered() | ShipmentLost() | ShipmentReturnedToSender() | OrderDispatched() | OrderDelivered():
            return []
        case _:
            assert_never(message)


def _capture_timer(so_far: Fulfilment) -> Sequence[Request]:
    if so_far.authorised is None or so_far.funds is not Funds.HELD:
        return []
    return [SetTimer(name=CAPTURE, due=so_far.authorised.capture_before - BEFORE_HOLD_ENDS)]


def _capture_if_packed(so_far: Fulfilment, payment: PaymentId) -> Sequence[Request]:
    """After a failure the timer triggers the next try, not the next parcel."""
    packed = any(parcel.step is Step.PACKED for parcel in so_far.parcels.values())
    due = packed and so_far.funds is Funds.HELD and so_far.captures_failed == 0 and so_far.in_limbo <= 0
    return _capture(so_far, payment) if due else []


def _capture(so_far: Fulfilment, payment: PaymentId) -> Sequence[Request]:
    """All that is held, or what is due if that is less. A hold for which nothing is due goes back."""
    if so_far.due.amount <= 0:
        return [RequestVoid(payment_id=payment, reason="Nothing is left to pay.")]
    less = so_far.authorised is not None and so_far.due < so_far.authorised.amount
    return [RequestCapture(payment_id=payment, amount=so_far.due if less else None)]


def _give_back(so_far: Fulfilment, payment: PaymentId) -> Sequence[Request]:
    """All that is left of the money of a cancelled order, once nothing can leave any more."""
    if not so_far.cancelled or not so_far.stopped:
        return []
    if so_far.funds in (Funds.HELD, Funds.EXPIRED):
        return [RequestVoid(payment_id=payment, reason="The order was cancelled.")]
    if so_far.captured is None:
        return []
    return _refund(payment, "cancelled", so_far.captured - so_far.over - so_far.refunded_by_people)


def _refund(payment: PaymentId, of: str, amount: Money) -> Sequence[Request]:
    if amount.amount <= 0:
        return []
    refund = RefundId(f"{payment}.{of}")
    return [RequestRefund(payment_id=payment, refund_id=refund, amount=amount, reason="Cancelled, and not sent.")]
