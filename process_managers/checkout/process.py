"""From the checked-out cart to an order: reserve, authorise, commit and place; or give everything back.

    state            input                        requests
    ---------------  ---------------------------  ------------------------------------------------------------------
    Started, Priced  CartCheckedOut               ReserveStock of each line at the best warehouse; timer "reserve" 10 s
    Reserving        all held                     RequestPayment; timer "pay" a minute before the reservations end
                     all held, nothing to pay     as Authorised
                     declined                     ReserveStock of the line at the next warehouse; when none has all of
                                                  it, of a part at each that has some
                     all answered, a line short   the end: Rejected, naming each line that is short
                     timer "reserve"              the end: Rejected
    Reserved         PaymentRequested             nothing: now AwaitingPayment
    AwaitingPayment  PaymentActionRequired        ExtendReservation by 15 minutes (5 if scarce), once; timer "pay" moves
                     PaymentFailed                nothing: the shopper may try again until the timer
                     timer "pay"                  the end: Expired
                     a reservation is gone        the end: Expired
    any of these     taken over by the shopper    the end: Cancelled; a newer checkout needs the units
    Authorised       PaymentAuthorised            CommitReservation of each line
                     a reservation is gone,       the end: Rejected
                     or the money
    Confirming       all committed                PlaceOrder
                     OrderPlaced                  nothing: now Placed
                     refused                      the end: Rejected

The end, whichever it is: ReleaseReservation of what is held, RequestVoid, ReopenCart. What is reserved or authorised
after the end goes back as soon as the checkout learns of it, with two exceptions:

* Expired while the gateway still owed an answer: the cart stays closed until that answer, or timer "answer" after
  15 minutes. Money that is held by then buys what the shopper wanted: everything is reserved again, and the order is
  placed if all of it can still be had. Once the cart is open again, a late authorisation is voided, or the shopper
  might buy twice.
* The shopper cancels (CancellationRequested): until Confirming that is the end, Cancelled. Later the order is
  cancelled instead, if it has not left the house.

A refusal where money should go back NeedsAttention; one because it was taken meanwhile leads to a refund. Technical
failures are no refusals: the runner tries again, and the timers bound every wait.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import assert_never, get_args

from domain.cart.events import CancellationRequested, CartCheckedOut
from domain.order.events import OrderPlaced
from domain.payment.events import (
    PaymentActionRequired,
    PaymentAuthorised,
    PaymentFailed,
    PaymentRequested,
    PaymentVoided,
    VoidRequested,
)
from domain.stock.events import ReservationCommitted, ReservationDeclined, ReservationReleased, StockReserved
from process_managers.checkout.evolve import NO_PAYMENT, TAKEN, evolve
from process_managers.checkout.inputs import CheckoutFact, CheckoutInput, instance_of
from process_managers.checkout.lines import Hold
from process_managers.checkout.requests import (
    cancel_order,
    commit,
    extend,
    parts,
    pay_timer,
    place,
    refund,
    release,
    reopen,
    request_payment,
    reserve,
    void,
)
from process_managers.checkout.state import ANSWER, ENDED, PAY, RESERVE, UNPAID, Checkout, CheckoutPhase
from process_managers.engine.process import CancelTimer, CommandRefused, Process, Request, SetTimer, TimerFired

RESERVE_WITHIN = timedelta(seconds=10)
ANSWER_WITHIN = timedelta(minutes=15)
ONCE_HELD = (Hold.HELD, Hold.COMMITTED, Hold.GONE)


def react(before: Checkout | None, after: Checkout | None, message: CheckoutInput, at: datetime) -> Sequence[Request]:
    """What follows from an input that led from one state to the other."""
    if after is None:
        return []
    entered = before is None or before.phase is not after.phase
    if after.phase in ENDED:
        back = _end(after) if entered else _give_back(after, message)
        return [*back, *_cart(before, after, at)]
    if entered and after.phase is CheckoutPhase.RESERVING:
        return _begin(before, after, at)
    return _go_on(before, after, message, at)


def _begin(before: Checkout | None, after: Checkout, at: datetime) -> Sequence[Request]:
    return [CancelTimer(name=ANSWER), SetTimer(name=RESERVE, due=at + RESERVE_WITHIN), *reserve(before, after, at)]


def _go_on(before: Checkout | None, after: Checkout, message: CheckoutInput, at: datetime) -> Sequence[Request]:
    phase = after.phase
    match message:
        case StockReserved(sku=sku, warehouse=warehouse) if warehouse not in after.lines[sku].parts:
            return [release(after, sku, warehouse)]
        case StockReserved() if phase is CheckoutPhase.RESERVED:
            return [CancelTimer(name=RESERVE), pay_timer(after), request_payment(after)]
        case StockReserved() | PaymentAuthorised() if phase is CheckoutPhase.AUTHORISED:
            return [CancelTimer(name=RESERVE), CancelTimer(name=PAY), *commit(after)]
        case ReservationDeclined() if phase is CheckoutPhase.RESERVING:
            return reserve(before, after, at)
        case PaymentActionRequired() if phase in UNPAID:
            return [pay_timer(after), *extend(after)]
        case ReservationCommitted() if phase is CheckoutPhase.CONFIRMING:
            return [place(after)]
        case OrderPlaced() | CancellationRequested() if phase is CheckoutPhase.PLACED and after.cancel_wished:
            return [cancel_order(after)]
        case CartCheckedOut() | CancellationRequested() | OrderPlaced() | TimerFired() | CommandRefused():
            return []
        case StockReserved() | ReservationDeclined() | ReservationCommitted() | ReservationReleased():
            return []
        case PaymentRequested() | PaymentActionRequired() | PaymentAuthorised() | PaymentFailed():
            return []
        case VoidRequested() | PaymentVoided():
            return []
        case _:
            assert_never(message)


def _end(after: Checkout) -> Sequence[Request]:
    """Give back all that is held when the checkout ends."""
    # Also what is said to be gone: to release nothing changes nothing, and a stale fact must not leave units held.
    touched = [(sku, warehouse) for sku, warehouse, part in parts(after) if part.hold in ONCE_HELD]
    money = [void(after)] if after.payment.asked else []
    return [
        CancelTimer(name=RESERVE),
        CancelTimer(name=PAY),
        *money,
        *(release(after, *part) for part in touched),
    ]


def _give_back(after: Checkout, message: CheckoutInput) -> Sequence[Request]:
    """Give back what turns out to be held after the end."""
    match message:
        case StockReserved() | ReservationCommitted():
            return [release(after, message.sku, message.warehouse)]
        case PaymentRequested():
            return [void(after)] if after.payment.void_came_first else []
        case PaymentAuthorised():
            return [void(after)] if after.cart_open else []
        case TimerFired():
            return [void(after)] if after.payment.authorised else []
        case CommandRefused(command=command, error=error) if (command, error) == NO_PAYMENT:
            return [void(after)] if after.payment.void_came_first else []
        case CommandRefused(command=command, error=error):
            return [refund(after)] if (command, error) == TAKEN else []
        case CartCheckedOut() | CancellationRequested() | OrderPlaced():
            return []
        case ReservationDeclined() | ReservationReleased():
            return []
        case PaymentActionRequired() | PaymentFailed() | VoidRequested() | PaymentVoided():
            return []
        case _:
            assert_never(message)


def _cart(before: Checkout | None, after: Checkout, at: datetime) -> Sequence[Request]:
    """The cart opens at the end, or when the gateway has given its last answer."""
    if after.cart_open:
        opened = before is None or not before.cart_open
        return [CancelTimer(name=ANSWER), reopen(after)] if opened else []
    ended = before is None or before.phase is not after.phase
    return [SetTimer(name=ANSWER, due=at + ANSWER_WITHIN)] if ended else []


CHECKOUT: Process[Checkout | None] = Process(
    name="checkout",
    handles=get_args(CheckoutFact),
    instance_of=instance_of,
    initial=None,
    evolve=evolve,
    react=react,
    phase_of=lambda checkout: str(CheckoutPhase.STARTED if checkout is None else checkout.shown_phase),
    attention_of=lambda checkout: None if checkout is None else checkout.attention,
    begins=(CartCheckedOut,),
)
