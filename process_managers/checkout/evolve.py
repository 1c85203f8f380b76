"""What a fact changes in where a checkout stands."""

from typing import Any

from immutables import Map

from domain.cart.events import CancellationRequested, CartCheckedOut
from domain.order.commands import PlaceOrder
from domain.order.events import OrderPlaced
from domain.payment.commands import RequestPayment, RequestRefund, RequestVoid
from domain.payment.errors import MoneyAlreadyTaken, PaymentNotFound
from domain.payment.events import (
    PaymentActionRequired,
    PaymentAuthorised,
    PaymentFailed,
    PaymentRequested,
    PaymentVoided,
    VoidRequested,
)
from domain.shared.frozen import replace
from domain.shared.ids import Sku
from domain.shared.messages import stored_name
from domain.stock.commands import CommitReservation, ExtendReservation, ReserveStock
from domain.stock.events import ReservationCommitted, ReservationDeclined, ReservationReleased, StockReserved
from domain.stock.reserving import TAKEN_OVER
from process_managers.checkout.lines import Hold, Line, Part, begun, declined, with_part
from process_managers.checkout.state import ANSWER, PAY, RESERVE, STOPPABLE, UNPAID, Checkout, CheckoutPhase
from process_managers.engine.process import CommandRefused, TimerFired

StockFact = StockReserved | ReservationDeclined | ReservationCommitted | ReservationReleased

FATAL = {
    (stored_name(ReserveStock), CheckoutPhase.RESERVING),
    (stored_name(RequestPayment), CheckoutPhase.RESERVED),
    (stored_name(CommitReservation), CheckoutPhase.AUTHORISED),
    (stored_name(PlaceOrder), CheckoutPhase.CONFIRMING),
    ("order.place.v1", CheckoutPhase.CONFIRMING),
}
"""Refusals after which the checkout cannot go on; journals hold them under the name of their day."""

MONEY_BACK = (stored_name(RequestVoid), stored_name(RequestRefund))
NO_PAYMENT = (stored_name(RequestVoid), PaymentNotFound.__name__)
TAKEN = (stored_name(RequestVoid), MoneyAlreadyTaken.__name__)


def evolve(checkout: Checkout | None, heard: Any) -> Checkout | None:
    """Take an input into the state."""
    if checkout is None:
        return _begun(heard, heard) if isinstance(heard, CartCheckedOut) else None
    after = _heard(checkout, heard)
    if after.may_start_again:
        return replace(
            _begun(after.bought, heard),
            payment_asked=True,
            authorised=after.authorised,
            given_back=after.given_back,
        )
    return after


def _begun(bought: CartCheckedOut, by: object) -> Checkout:
    """Each line is asked for at the best warehouse."""
    lines = Map({line.sku: begun(line.quantity, bought.delivery.warehouses, by) for line in bought.lines})
    return Checkout(bought, CheckoutPhase.RESERVING, lines, by)


def _heard(checkout: Checkout, heard: Any) -> Checkout:
    match heard:
        case StockReserved() | ReservationDeclined() | ReservationCommitted() | ReservationReleased():
            line = checkout.lines[heard.sku]
            return _stock(checkout, line, heard) if heard.warehouse in line.parts else checkout
        case TimerFired(name=name):
            return _time_is_over(checkout, name, heard)
        case CancellationRequested():
            return _cancelled(checkout, heard)
        case CommandRefused(command=command):
            return _refused(checkout, command, heard)
        case OrderPlaced():
            return replace(checkout, phase=CheckoutPhase.PLACED)
        case _:
            return _payment(checkout, heard)


def _stock(checkout: Checkout, line: Line, heard: StockFact) -> Checkout:
    phase, part = checkout.phase, line.parts[heard.warehouse]
    match heard:
        case StockReserved(quantity=units, expires_at=expires_at, scarce=scarce) if _answers(part, units):
            after = _with(checkout, heard.sku, with_part(line, heard.warehouse, Hold.HELD))
            after = replace(after, held_until=min(expires_at, after.held_until), scarce=after.scarce or scarce)
            return _answered(after, heard) if phase is CheckoutPhase.RESERVING else after
        case ReservationDeclined(quantity=units) if _answers(part, units):
            if phase is not CheckoutPhase.RESERVING:
                return _with(checkout, heard.sku, replace(line, parts=line.parts.delete(heard.warehouse)))
            warehouses = checkout.bought.delivery.warehouses
            return _answered(_with(checkout, heard.sku, declined(line, warehouses, heard)), heard)
        case ReservationCommitted() if part.hold is Hold.HELD:
            after = _with(checkout, heard.sku, with_part(line, heard.warehouse, Hold.COMMITTED))
            confirmed = phase is CheckoutPhase.AUTHORISED and after.all_lines(Hold.COMMITTED)
            return replace(after, phase=CheckoutPhase.CONFIRMING) if confirmed else after
        case ReservationReleased(reason=reason) if part.hold in (Hold.HELD, Hold.COMMITTED):
            after = _with(checkout, heard.sku, with_part(line, heard.warehouse, Hold.GONE))
            if reason == TAKEN_OVER and phase in STOPPABLE:
                return _ended(after, CheckoutPhase.CANCELLED, heard)
            if phase in UNPAID:
                return _ended(after, CheckoutPhase.EXPIRED, heard)
            return _ended(after, CheckoutPhase.REJECTED, heard) if phase in STOPPABLE else after
        case _:
            return checkout


def _answers(part: Part, units: int) -> bool:
    """Whether a fact over so many units is the answer that the part waits for: an older one was over more."""
    return part.hold is Hold.NOTHING_YET and part.quantity == units


def _answered(checkout: Checkout, heard: StockFact) -> Checkout:
    """Go on when every warehouse has answered, so that a rejection can name every line that is short."""
    if any(line.waits() for line in checkout.lines.values()):
        return checkout
    if any(line.short for line in checkout.lines.values()):
        return _ended(checkout, CheckoutPhase.REJECTED, heard)
    if checkout.free or checkout.authorised is not None:
        return replace(checkout, phase=CheckoutPhase.AUTHORISED)
    return replace(checkout, phase=CheckoutPhase.RESERVED, payment_asked=True)


def _payment(checkout: Checkout, heard: Any) -> Checkout:
    phase = checkout.phase
    match heard:
        case PaymentRequested():
            asked = CheckoutPhase.AWAITING_PAYMENT if phase is CheckoutPhase.RESERVED else phase
            return replace(checkout, phase=asked, payment_made=True, payment_failed=False)
        case PaymentActionRequired() if phase in UNPAID and not checkout.extended:
            return replace(checkout, extended=True, held_until=checkout.held_until + checkout.holds_for)
        case PaymentFailed():
            return _last_word(replace(checkout, payment_failed=True), heard)
        case PaymentAuthorised(gateway_ref=ref):
            paid = CheckoutPhase.AUTHORISED if phase in UNPAID else phase
            return replace(checkout, phase=paid, authorised=ref)
        case VoidRequested(gateway_ref=None):
            return replace(checkout, stopped=True)
        case VoidRequested(gateway_ref=str(ref)) | PaymentVoided(gateway_ref=str(ref)):
            after = replace(checkout, given_back=checkout.given_back | {ref})
            if after.authorised == ref and phase in (CheckoutPhase.RESERVING, CheckoutPhase.AUTHORISED):
                return _ended(after, CheckoutPhase.REJECTED, heard)
            return _last_word(after, heard)
        case _:
            return checkout


def _time_is_over(checkout: Checkout, timer: str, heard: TimerFired) -> Checkout:
    if timer == RESERVE and checkout.phase is CheckoutPhase.RESERVING:
        return _ended(checkout, CheckoutPhase.REJECTED, heard)
    if timer == PAY and checkout.phase in UNPAID:
        return _ended(checkout, CheckoutPhase.EXPIRED, heard)
    return _last_word(checkout, heard) if timer == ANSWER else checkout


def _cancelled(checkout: Checkout, heard: CancellationRequested) -> Checkout:
    waiting = checkout.phase is CheckoutPhase.EXPIRED and not checkout.cart_open
    if waiting or checkout.phase in STOPPABLE:
        return _ended(checkout, CheckoutPhase.CANCELLED, heard)
    return replace(checkout, cancel_wished=True)


def _refused(checkout: Checkout, command: str, heard: CommandRefused) -> Checkout:
    phase = checkout.phase
    if (command, phase) in FATAL:
        return _ended(checkout, CheckoutPhase.REJECTED, heard)
    if command == stored_name(ExtendReservation) and phase in UNPAID:
        return _ended(checkout, CheckoutPhase.EXPIRED, heard)
    if (command, heard.error) == NO_PAYMENT:
        return replace(checkout, void_refused=True)
    if command in MONEY_BACK and (command, heard.error) != TAKEN:
        return replace(checkout, attention=f"The money could not be given back. {heard.detail}")
    return checkout


def _ended(checkout: Checkout, phase: CheckoutPhase, by: object) -> Checkout:
    """The shopper gets the cart back, unless the gateway may still say that the money is there."""
    may_be_paid = phase is CheckoutPhase.EXPIRED and not checkout.payment_failed
    return replace(checkout, phase=phase, ended_by=by, opened_by=None if may_be_paid else by)


def _last_word(checkout: Checkout, heard: object) -> Checkout:
    """No more is to be expected from the gateway: the shopper gets the cart back."""
    if checkout.phase is CheckoutPhase.EXPIRED and not checkout.cart_open:
        return replace(checkout, opened_by=heard)
    return checkout


def _with(checkout: Checkout, sku: Sku, line: Line) -> Checkout:
    return replace(checkout, lines=checkout.lines.set(sku, line))
