"""How an input changes the state of a checkout."""

from typing import assert_never

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
from process_managers.checkout.inputs import CheckoutInput, PaymentFact, StockFact
from process_managers.checkout.lines import Hold, Line, Part, begun, declined, with_part
from process_managers.checkout.payment_progress import Seen
from process_managers.checkout.state import ANSWER, PAY, RESERVE, STOPPABLE, UNPAID, Checkout, CheckoutPhase
from process_managers.engine.process import CommandRefused, TimerFired

FATAL = {
    (stored_name(ReserveStock), CheckoutPhase.RESERVING),
    (stored_name(RequestPayment), CheckoutPhase.RESERVED),
    (stored_name(CommitReservation), CheckoutPhase.AUTHORISED),
    (stored_name(PlaceOrder), CheckoutPhase.CONFIRMING),
    ("order.place.v1", CheckoutPhase.CONFIRMING),
    ("order.place.v2", CheckoutPhase.CONFIRMING),
}
"""Refusals after which the checkout cannot go on; journals hold them under the name of their day."""

MONEY_BACK = (stored_name(RequestVoid), stored_name(RequestRefund))
NO_PAYMENT = (stored_name(RequestVoid), PaymentNotFound.__name__)
TAKEN = (stored_name(RequestVoid), MoneyAlreadyTaken.__name__)


def evolve(checkout: Checkout | None, message: CheckoutInput) -> Checkout | None:
    """Take an input into the state."""
    if checkout is None:
        return _begun(message) if isinstance(message, CartCheckedOut) else None
    after = _after(checkout, message)
    return replace(_begun(after.bought), payment=after.payment.once_more()) if after.may_start_again else after


def _begun(bought: CartCheckedOut) -> Checkout:
    """Each line is to be held at the best warehouse."""
    lines = Map({line.sku: begun(line.quantity, bought.delivery.warehouses) for line in bought.lines})
    return Checkout(bought, CheckoutPhase.RESERVING, lines)


def _after(checkout: Checkout, message: CheckoutInput) -> Checkout:
    match message:
        case CartCheckedOut():
            return checkout
        case CancellationRequested():
            return _cancelled(checkout, message)
        case StockReserved() | ReservationDeclined() | ReservationCommitted() | ReservationReleased():
            line = checkout.lines[message.sku]
            return _stock(checkout, line, message) if message.warehouse in line.parts else checkout
        case (
            PaymentRequested()
            | PaymentActionRequired()
            | PaymentAuthorised()
            | PaymentFailed()
            | VoidRequested()
            | PaymentVoided()
        ):
            return _payment(checkout, message)
        case OrderPlaced():
            return replace(checkout, phase=CheckoutPhase.PLACED)
        case TimerFired():
            return _time_is_over(checkout, message)
        case CommandRefused():
            return _refused(checkout, message)
        case _:
            assert_never(message)


def _stock(checkout: Checkout, line: Line, fact: StockFact) -> Checkout:
    phase, part = checkout.phase, line.parts[fact.warehouse]
    match fact:
        case StockReserved(quantity=units, expires_at=expires_at, scarce=scarce) if _answers(part, units):
            after = _with(checkout, fact.sku, with_part(line, fact.warehouse, Hold.HELD))
            after = replace(after, held_until=min(expires_at, after.held_until), scarce=after.scarce or scarce)
            return _answered(after, fact) if phase is CheckoutPhase.RESERVING else after
        case ReservationDeclined(quantity=units) if _answers(part, units):
            if phase is not CheckoutPhase.RESERVING:
                return _with(checkout, fact.sku, replace(line, parts=line.parts.delete(fact.warehouse)))
            warehouses = checkout.bought.delivery.warehouses
            return _answered(_with(checkout, fact.sku, declined(line, warehouses, fact)), fact)
        case ReservationCommitted() if part.hold is Hold.HELD:
            after = _with(checkout, fact.sku, with_part(line, fact.warehouse, Hold.COMMITTED))
            confirmed = phase is CheckoutPhase.AUTHORISED and after.all_lines(Hold.COMMITTED)
            return replace(after, phase=CheckoutPhase.CONFIRMING) if confirmed else after
        case ReservationReleased(reason=reason) if part.hold in (Hold.HELD, Hold.COMMITTED):
            after = _with(checkout, fact.sku, with_part(line, fact.warehouse, Hold.GONE))
            if reason == TAKEN_OVER and phase in STOPPABLE:
                return _ended(after, CheckoutPhase.CANCELLED, fact)
            if phase in UNPAID:
                return _ended(after, CheckoutPhase.EXPIRED, fact)
            return _ended(after, CheckoutPhase.REJECTED, fact) if phase in STOPPABLE else after
        case StockReserved() | ReservationDeclined() | ReservationCommitted() | ReservationReleased():
            return checkout
        case _:
            assert_never(fact)


def _answers(part: Part, units: int) -> bool:
    """Whether a fact over so many units is the answer that the part waits for: an older one was over more."""
    return part.hold is Hold.NOTHING_YET and part.quantity == units


def _answered(checkout: Checkout, fact: StockFact) -> Checkout:
    """Go on when every warehouse has answered, so that a rejection can name every line that is short."""
    if any(line.waits() for line in checkout.lines.values()):
        return checkout
    if any(line.short for line in checkout.lines.values()):
        return _ended(checkout, CheckoutPhase.REJECTED, fact)
    if checkout.free or checkout.payment.authorised:
        return replace(checkout, phase=CheckoutPhase.AUTHORISED)
    return replace(checkout, phase=CheckoutPhase.RESERVED, payment=checkout.payment.with_(Seen.ASKED))


def _payment(checkout: Checkout, fact: PaymentFact) -> Checkout:
    phase, payment = checkout.phase, checkout.payment
    match fact:
        case PaymentRequested():
            phase = CheckoutPhase.AWAITING_PAYMENT if phase is CheckoutPhase.RESERVED else phase
            return replace(checkout, phase=phase, payment=payment.with_attempt())
        case PaymentActionRequired():
            if phase not in UNPAID or checkout.extended:
                return checkout
            return replace(checkout, extended=True, held_until=checkout.held_until + checkout.holds_for)
        case PaymentFailed():
            return _last_word(replace(checkout, payment=payment.with_(Seen.FAILED)))
        case PaymentAuthorised(gateway_ref=ref):
            phase = CheckoutPhase.AUTHORISED if phase in UNPAID else phase
            return replace(checkout, phase=phase, payment=payment.with_hold(ref))
        case VoidRequested(gateway_ref=ref) | PaymentVoided(gateway_ref=ref):
            return _voided(checkout, ref, fact)
        case _:
            assert_never(fact)


def _voided(checkout: Checkout, ref: str | None, fact: VoidRequested | PaymentVoided) -> Checkout:
    if ref is None:
        stopped = isinstance(fact, VoidRequested)
        return replace(checkout, payment=checkout.payment.with_(Seen.STOPPED)) if stopped else checkout
    after = replace(checkout, payment=checkout.payment.with_returned(ref))
    if after.payment.hold == ref and after.phase in (CheckoutPhase.RESERVING, CheckoutPhase.AUTHORISED):
        return _ended(after, CheckoutPhase.REJECTED, fact)
    return _last_word(after)


def _time_is_over(checkout: Checkout, fired: TimerFired) -> Checkout:
    if fired.name == RESERVE and checkout.phase is CheckoutPhase.RESERVING:
        return _ended(checkout, CheckoutPhase.REJECTED, fired)
    if fired.name == PAY and checkout.phase in UNPAID:
        return _ended(checkout, CheckoutPhase.EXPIRED, fired)
    return _last_word(checkout) if fired.name == ANSWER else checkout


def _cancelled(checkout: Checkout, fact: CancellationRequested) -> Checkout:
    waiting = checkout.phase is CheckoutPhase.EXPIRED and not checkout.cart_open
    if waiting or checkout.phase in STOPPABLE:
        return _ended(checkout, CheckoutPhase.CANCELLED, fact)
    return replace(checkout, cancel_wished=True)


def _refused(checkout: Checkout, refused: CommandRefused) -> Checkout:
    command, phase = refused.command, checkout.phase
    if (command, phase) in FATAL:
        return _ended(checkout, CheckoutPhase.REJECTED, refused)
    if command == stored_name(ExtendReservation) and phase in UNPAID:
        return _ended(checkout, CheckoutPhase.EXPIRED, refused)
    if (command, refused.error) == NO_PAYMENT:
        return replace(checkout, payment=checkout.payment.with_(Seen.VOID_REFUSED))
    if command in MONEY_BACK and (command, refused.error) != TAKEN:
        return replace(checkout, attention=f"The money could not be given back. {refused.detail}")
    return checkout


def _ended(checkout: Checkout, phase: CheckoutPhase, by: CheckoutInput) -> Checkout:
    """The shopper gets the cart back, unless the gateway may still answer that the money is there."""
    may_be_paid = phase is CheckoutPhase.EXPIRED and not checkout.payment.failed
    return replace(checkout, phase=phase, ended_by=by, cart_open=not may_be_paid)


def _last_word(checkout: Checkout) -> Checkout:
    """No more is to be expected from the gateway: the shopper gets the cart back."""
    return replace(checkout, cart_open=True) if checkout.phase is CheckoutPhase.EXPIRED else checkout


def _with(checkout: Checkout, sku: Sku, line: Line) -> Checkout:
    return replace(checkout, lines=checkout.lines.set(sku, line))
