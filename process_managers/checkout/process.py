"""From the shopper's word to an order: reserve, authorise, commit and place; or give everything back.

    state            hears                        asks for
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
after the end goes back as soon as it is heard of, with two exceptions:

* Expired while the gateway still owed an answer: the cart stays closed until that answer, or timer "answer" after
  15 minutes. Money that is held by then buys what the shopper wanted: everything is reserved again, and the order is
  placed if all of it can still be had. Once the cart is open again, a late authorisation is voided, or the shopper
  might buy twice.
* The shopper cancels (CancellationRequested): until Confirming that is the end, Cancelled. Later the order is
  cancelled instead, if it has not left the house.

A refusal where money should go back NeedsAttention; one because it was taken meanwhile leads to a refund. Technical
failures are no refusals: the runner tries again, and the timers see to it that nobody waits for ever.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

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
from process_managers.checkout.state import ANSWER, ENDED, PAY, RESERVE, Checkout, CheckoutPhase
from process_managers.engine.process import CancelTimer, CommandRefused, Process, Request, SetTimer, TimerFired

RESERVE_WITHIN = timedelta(seconds=10)
ANSWER_WITHIN = timedelta(minutes=15)
ONCE_HELD = (Hold.HELD, Hold.COMMITTED, Hold.GONE)


def react(checkout: Checkout | None, heard: Any, at: datetime) -> Sequence[Request]:
    """What an input asks for, seen from the state after it."""
    if checkout is None:
        return []
    if checkout.phase in ENDED:
        return [*_give_back(checkout, heard), *_cart(checkout, heard, at)]
    return _go_on(checkout, heard, at)


def _go_on(checkout: Checkout, heard: Any, at: datetime) -> Sequence[Request]:
    if heard == checkout.begun_by:
        return [
            CancelTimer(name=ANSWER),
            SetTimer(name=RESERVE, due=at + RESERVE_WITHIN),
            *reserve(checkout, heard, at),
        ]
    match checkout.phase, heard:
        case _, StockReserved(sku=sku, warehouse=warehouse) if warehouse not in checkout.lines[sku].parts:
            return [release(checkout, sku, warehouse)]
        case CheckoutPhase.RESERVING, ReservationDeclined():
            return reserve(checkout, heard, at)
        case CheckoutPhase.RESERVED, StockReserved():
            return [CancelTimer(name=RESERVE), pay_timer(checkout), request_payment(checkout)]
        case CheckoutPhase.RESERVED | CheckoutPhase.AWAITING_PAYMENT, PaymentActionRequired():
            return [pay_timer(checkout), *extend(checkout)]
        case CheckoutPhase.AUTHORISED, StockReserved() | PaymentAuthorised():
            return [CancelTimer(name=RESERVE), CancelTimer(name=PAY), *commit(checkout)]
        case CheckoutPhase.CONFIRMING, ReservationCommitted():
            return [place(checkout)]
        case CheckoutPhase.PLACED, OrderPlaced() | CancellationRequested() if checkout.cancel_wished:
            return [cancel_order(checkout)]
        case _:
            return []


def _give_back(checkout: Checkout, heard: Any) -> Sequence[Request]:
    """All that is held when the checkout ends, and later whatever turns out to be held."""
    if heard == checkout.ended_by:
        # Also what is said to be gone: to release nothing changes nothing, and a stale fact must not leave units held.
        touched = [(sku, warehouse) for sku, warehouse, part in parts(checkout) if part.hold in ONCE_HELD]
        money = [void(checkout)] if checkout.payment_asked else []
        return [
            CancelTimer(name=RESERVE),
            CancelTimer(name=PAY),
            *money,
            *(release(checkout, *part) for part in touched),
        ]
    match heard:
        case StockReserved() | ReservationCommitted():
            return [release(checkout, heard.sku, heard.warehouse)]
        case PaymentRequested() if checkout.void_came_first:
            return [void(checkout)]
        case CommandRefused(command=command, error=error) if (command, error) == NO_PAYMENT:
            return [void(checkout)] if checkout.void_came_first else []
        case PaymentAuthorised() if checkout.cart_open:
            return [void(checkout)]
        case TimerFired() if checkout.authorised is not None:
            return [void(checkout)]
        case CommandRefused(command=command, error=error) if (command, error) == TAKEN:
            return [refund(checkout)]
        case _:
            return []


def _cart(checkout: Checkout, heard: Any, at: datetime) -> Sequence[Request]:
    """The cart opens at the end, or when the gateway's last word is known."""
    if heard == checkout.opened_by:
        return [CancelTimer(name=ANSWER), reopen(checkout)]
    return [SetTimer(name=ANSWER, due=at + ANSWER_WITHIN)] if heard == checkout.ended_by else []


def instance_of(heard: Any) -> str:
    """Order, payment and reservations carry the checkout's id."""
    match heard:
        case CartCheckedOut(checkout_id=checkout) | CancellationRequested(checkout_id=checkout):
            return checkout
        case _:
            order: str = heard.order_id
            return order


CHECKOUT: Process[Checkout | None] = Process(
    name="checkout",
    handles=(
        CartCheckedOut,
        CancellationRequested,
        StockReserved,
        ReservationDeclined,
        ReservationCommitted,
        ReservationReleased,
        PaymentRequested,
        PaymentActionRequired,
        PaymentAuthorised,
        PaymentFailed,
        VoidRequested,
        PaymentVoided,
        OrderPlaced,
    ),
    instance_of=instance_of,
    initial=None,
    evolve=evolve,
    react=react,
    phase_of=lambda checkout: str(CheckoutPhase.STARTED if checkout is None else checkout.shown_phase),
    attention_of=lambda checkout: None if checkout is None else checkout.attention,
    begins=(CartCheckedOut,),
)
