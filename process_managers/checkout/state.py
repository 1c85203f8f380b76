"""Where a checkout stands. Everything here is a fact it heard; what it asked for is not."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from immutables import Map

from domain.cart.events import CancellationRequested, CartCheckedOut
from domain.order.commands import PlaceOrder
from domain.order.events import OrderPlaced
from domain.payment.commands import RequestPayment, RequestRefund, RequestVoid
from domain.payment.events import (
    PaymentActionRequired,
    PaymentAuthorised,
    PaymentFailed,
    PaymentRequested,
    PaymentVoided,
    VoidRequested,
)
from domain.shared.ids import Sku, Warehouse
from domain.shared.messages import stored_name
from domain.stock.commands import CommitReservation, ExtendReservation, ReserveStock
from domain.stock.events import ReservationCommitted, ReservationDeclined, ReservationReleased, StockReserved
from process_managers.process import CommandRefused, TimerFired

RESERVATION = timedelta(minutes=15)
FOREVER = datetime.max.replace(tzinfo=UTC)
RESERVE, PAY, ANSWER = "reserve", "pay", "answer"

StockFact = StockReserved | ReservationDeclined | ReservationCommitted | ReservationReleased


class CheckoutPhase(StrEnum):
    """Started and Priced pass at once, for the cart has decided on lines and prices."""

    STARTED = "started"
    RESERVING = "reserving"
    RESERVED = "reserved"
    AWAITING_PAYMENT = "awaiting payment"
    AUTHORISED = "authorised"
    CONFIRMING = "confirming"
    PLACED = "placed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    NEEDS_ATTENTION = "needs attention"


UNPAID = (CheckoutPhase.RESERVED, CheckoutPhase.AWAITING_PAYMENT)
STOPPABLE = (CheckoutPhase.RESERVING, *UNPAID, CheckoutPhase.AUTHORISED)
ENDED = (CheckoutPhase.REJECTED, CheckoutPhase.EXPIRED, CheckoutPhase.CANCELLED)

FATAL = {
    (stored_name(ReserveStock), CheckoutPhase.RESERVING),
    (stored_name(RequestPayment), CheckoutPhase.RESERVED),
    (stored_name(CommitReservation), CheckoutPhase.AUTHORISED),
    (stored_name(PlaceOrder), CheckoutPhase.CONFIRMING),
}
"""Refusals after which the checkout cannot go on."""

MONEY_BACK = (stored_name(RequestVoid), stored_name(RequestRefund))
HARMLESS = ("PaymentNotFound", "MoneyAlreadyTaken")
"""No money was ever asked for; or it is taken, and then a refund is asked for."""


class Hold(StrEnum):
    """What the stock has said about a line."""

    NOTHING_YET = "nothing yet"
    HELD = "held"
    COMMITTED = "committed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Line:
    """So many units, and the warehouse that is to hold all of them."""

    quantity: int
    warehouse: Warehouse
    hold: Hold = Hold.NOTHING_YET


@dataclass(frozen=True, slots=True)
class Checkout:
    """What is bought, what is held of it, and whether the money is there.

    `authorised` is the hold on the money, `given_back` are holds that go back. `stopped`: the payment was given up
    before the gateway had answered, so an authorisation heard now is a late one. `ended_by` is the input that ended the
    checkout, `opened_by` the one with which the shopper got the cart back.
    """

    bought: CartCheckedOut
    phase: CheckoutPhase
    lines: Map[Sku, Line]
    held_until: datetime = FOREVER
    extended: bool = False
    payment_asked: bool = False
    payment_failed: bool = False
    authorised: str | None = None
    stopped: bool = False
    given_back: frozenset[str] = frozenset()
    cancel_wished: bool = False
    ended_by: Any = None
    opened_by: Any = None
    attention: str | None = None

    @property
    def free(self) -> bool:
        return self.bought.total.amount == 0

    @property
    def cart_open(self) -> bool:
        return self.opened_by is not None

    @property
    def shown_phase(self) -> CheckoutPhase:
        return self.phase if self.attention is None else CheckoutPhase.NEEDS_ATTENTION

    @property
    def may_start_again(self) -> bool:
        """Time was over, but the money came after all, and neither cart nor stock has been touched since."""
        return (
            self.phase is CheckoutPhase.EXPIRED
            and not self.cart_open
            and self.stopped
            and self.authorised is not None
            and self.authorised not in self.given_back
            and self.all_lines(Hold.GONE)
        )

    def all_lines(self, hold: Hold) -> bool:
        """Whether every line is in that state."""
        return all(line.hold is hold for line in self.lines.values())


def evolve(checkout: Checkout | None, heard: Any) -> Checkout | None:
    """Take an input into the state."""
    if checkout is None:
        return _begun(heard) if isinstance(heard, CartCheckedOut) else None
    after = _heard(checkout, heard)
    if after.may_start_again:
        return replace(
            _begun(after.bought),
            payment_asked=True,
            authorised=after.authorised,
            given_back=after.given_back,
        )
    return after


def _begun(bought: CartCheckedOut) -> Checkout:
    """Each line is asked for at the best warehouse."""
    best = bought.delivery.warehouses[0]
    lines = Map({line.sku: Line(line.quantity, best) for line in bought.lines})
    return Checkout(bought, CheckoutPhase.RESERVING, lines)


def _heard(checkout: Checkout, heard: Any) -> Checkout:
    match heard:
        case StockReserved() | ReservationDeclined() | ReservationCommitted() | ReservationReleased():
            line = checkout.lines[heard.sku]
            return _stock(checkout, line, heard) if line.warehouse == heard.warehouse else checkout
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
    phase = checkout.phase
    match heard:
        case StockReserved(expires_at=expires_at) if line.hold is Hold.NOTHING_YET:
            after = _with(checkout, heard.sku, replace(line, hold=Hold.HELD))
            after = replace(after, held_until=min(expires_at, after.held_until))
            if phase is not CheckoutPhase.RESERVING or not after.all_lines(Hold.HELD):
                return after
            if after.free or after.authorised is not None:
                return replace(after, phase=CheckoutPhase.AUTHORISED)
            return replace(after, phase=CheckoutPhase.RESERVED, payment_asked=True)
        case ReservationDeclined() if line.hold is Hold.NOTHING_YET:
            rest = checkout.bought.delivery.warehouses
            rest = rest[rest.index(line.warehouse) + 1 :]
            if rest and phase is CheckoutPhase.RESERVING:
                return _with(checkout, heard.sku, replace(line, warehouse=rest[0]))
            after = _with(checkout, heard.sku, replace(line, hold=Hold.GONE))
            return _ended(after, CheckoutPhase.REJECTED, heard) if phase is CheckoutPhase.RESERVING else after
        case ReservationCommitted() if line.hold is Hold.HELD:
            after = _with(checkout, heard.sku, replace(line, hold=Hold.COMMITTED))
            confirmed = phase is CheckoutPhase.AUTHORISED and after.all_lines(Hold.COMMITTED)
            return replace(after, phase=CheckoutPhase.CONFIRMING) if confirmed else after
        case ReservationReleased() if line.hold in (Hold.HELD, Hold.COMMITTED):
            after = _with(checkout, heard.sku, replace(line, hold=Hold.GONE))
            if phase in UNPAID:
                return _ended(after, CheckoutPhase.EXPIRED, heard)
            return _ended(after, CheckoutPhase.REJECTED, heard) if phase in STOPPABLE else after
        case _:
            return checkout


def _payment(checkout: Checkout, heard: Any) -> Checkout:
    phase = checkout.phase
    match heard:
        case PaymentRequested():
            asked = CheckoutPhase.AWAITING_PAYMENT if phase is CheckoutPhase.RESERVED else phase
            return replace(checkout, phase=asked, payment_failed=False)
        case PaymentActionRequired() if phase in UNPAID and not checkout.extended:
            return replace(checkout, extended=True, held_until=checkout.held_until + RESERVATION)
        case PaymentFailed():
            return _last_word(replace(checkout, payment_failed=True), heard)
        case PaymentAuthorised(gateway_ref=ref):
            paid = CheckoutPhase.AUTHORISED if phase in UNPAID else phase
            return replace(checkout, phase=paid, authorised=ref)
        case VoidRequested(gateway_ref=None):
            return replace(checkout, stopped=True)
        case VoidRequested(gateway_ref=str(ref)):
            return _last_word(replace(checkout, given_back=checkout.given_back | {ref}), heard)
        case PaymentVoided():
            return _last_word(checkout, heard)
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
    if command in MONEY_BACK and heard.error not in HARMLESS:
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
