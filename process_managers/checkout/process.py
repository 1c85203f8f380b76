"""From the shopper's word to an order: reserve, authorise, commit and place; or give everything back.

    state            hears                        asks for
    ---------------  ---------------------------  ------------------------------------------------------------------
    Started, Priced  CartCheckedOut               ReserveStock of each line at the best warehouse; timer "reserve" 10 s
    Reserving        all held                     RequestPayment; timer "pay" a minute before the reservations end
                     all held, nothing to pay     as Authorised
                     declined                     ReserveStock of the line at the next warehouse, or the end: Rejected
                     timer "reserve"              the end: Rejected
    Reserved         PaymentRequested             nothing: now AwaitingPayment
    AwaitingPayment  PaymentActionRequired        ExtendReservation by 15 minutes, once; timer "pay" is moved
                     PaymentFailed                nothing: the shopper may try again until the timer
                     timer "pay"                  the end: Expired
                     a reservation is gone        the end: Expired
    Authorised       PaymentAuthorised            CommitReservation of each line
                     a reservation is gone        the end: Rejected
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

from domain.cart.commands import ReopenCart
from domain.cart.events import CancellationRequested, CartCheckedOut
from domain.order.commands import CancelOrder, OrderLine, PlaceOrder
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
from domain.shared.ids import OrderId, RefundId, Sku, Warehouse, order_of, payment_of
from domain.shared.messages import stored_name
from domain.stock.commands import CommitReservation, ExtendReservation, ReleaseReservation, ReserveStock
from domain.stock.events import ReservationCommitted, ReservationDeclined, ReservationReleased, StockReserved
from process_managers.checkout.state import (
    ANSWER,
    ENDED,
    PAY,
    RESERVATION,
    RESERVE,
    Checkout,
    CheckoutPhase,
    Hold,
    evolve,
)
from process_managers.process import CancelTimer, CommandRefused, Process, Request, SetTimer, TimerFired

RESERVE_WITHIN = timedelta(seconds=10)
PAY_BEFORE_END = timedelta(minutes=1)
ANSWER_WITHIN = timedelta(minutes=15)


def react(checkout: Checkout | None, heard: Any, at: datetime) -> Sequence[Request]:
    """What an input asks for, seen from the state after it."""
    if checkout is None:
        return []
    if checkout.phase in ENDED:
        return [*_give_back(checkout, heard), *_cart(checkout, heard, at)]
    return _go_on(checkout, heard, at)


def _go_on(checkout: Checkout, heard: Any, at: datetime) -> Sequence[Request]:
    match checkout.phase, heard:
        case CheckoutPhase.RESERVING, ReservationDeclined(sku=sku):
            return [request for request in _reserve(checkout, at) if request.sku == sku]
        case CheckoutPhase.RESERVING, CartCheckedOut() | PaymentAuthorised() | VoidRequested() | ReservationReleased():
            return [CancelTimer(name=ANSWER), SetTimer(name=RESERVE, due=at + RESERVE_WITHIN), *_reserve(checkout, at)]
        case CheckoutPhase.RESERVED, StockReserved():
            return [CancelTimer(name=RESERVE), _pay_timer(checkout), _request_payment(checkout)]
        case CheckoutPhase.RESERVED | CheckoutPhase.AWAITING_PAYMENT, PaymentActionRequired():
            return [_pay_timer(checkout), *_extend(checkout)]
        case CheckoutPhase.AUTHORISED, StockReserved() | PaymentAuthorised():
            return [CancelTimer(name=RESERVE), CancelTimer(name=PAY), *_commit(checkout)]
        case CheckoutPhase.CONFIRMING, ReservationCommitted():
            return [_place(checkout)]
        case CheckoutPhase.PLACED, OrderPlaced() | CancellationRequested() if checkout.cancel_wished:
            return [CancelOrder(order_id=_order(checkout), reason="The shopper cancelled.")]
        case _:
            return []


def _give_back(checkout: Checkout, heard: Any) -> Sequence[Request]:
    """All that is held when the checkout ends, and later whatever turns out to be held."""
    if heard == checkout.ended_by:
        held = [sku for sku, line in checkout.lines.items() if line.hold in (Hold.HELD, Hold.COMMITTED)]
        void = [_void(checkout)] if checkout.payment_asked else []
        return [CancelTimer(name=RESERVE), CancelTimer(name=PAY), *void, *(_release(checkout, sku) for sku in held)]
    match heard:
        case StockReserved() | ReservationCommitted():
            return [_release(checkout, heard.sku, heard.warehouse)]
        case PaymentRequested():
            return [_void(checkout)]
        case PaymentAuthorised() if checkout.cart_open:
            return [_void(checkout)]
        case TimerFired() if checkout.authorised is not None:
            return [_void(checkout)]
        case CommandRefused(error="MoneyAlreadyTaken", command=command) if command == stored_name(RequestVoid):
            return [_refund(checkout)]
        case _:
            return []


def _cart(checkout: Checkout, heard: Any, at: datetime) -> Sequence[Request]:
    """The cart opens at the end, or when the gateway's last word is known."""
    if heard == checkout.opened_by:
        reopen = ReopenCart(
            cart_id=checkout.bought.cart_id, checkout_id=checkout.bought.checkout_id, reason=_why(checkout)
        )
        return [CancelTimer(name=ANSWER), reopen]
    return [SetTimer(name=ANSWER, due=at + ANSWER_WITHIN)] if heard == checkout.ended_by else []


def _reserve(checkout: Checkout, at: datetime) -> list[ReserveStock]:
    return [
        ReserveStock(
            sku=sku,
            warehouse=line.warehouse,
            order_id=_order(checkout),
            quantity=line.quantity,
            expires_at=at + RESERVATION,
        )
        for sku, line in checkout.lines.items()
        if line.hold is Hold.NOTHING_YET
    ]


def _pay_timer(checkout: Checkout) -> SetTimer:
    return SetTimer(name=PAY, due=checkout.held_until - PAY_BEFORE_END)


def _request_payment(checkout: Checkout) -> RequestPayment:
    bought = checkout.bought
    return RequestPayment(
        payment_id=payment_of(bought.checkout_id),
        order_id=_order(checkout),
        customer_id=bought.owner,
        amount=bought.total,
        method=bought.payment_method,
    )


def _extend(checkout: Checkout) -> list[ExtendReservation]:
    return [
        ExtendReservation(sku=sku, warehouse=line.warehouse, order_id=_order(checkout), expires_at=checkout.held_until)
        for sku, line in checkout.lines.items()
    ]


def _commit(checkout: Checkout) -> list[CommitReservation]:
    return [
        CommitReservation(sku=sku, warehouse=line.warehouse, order_id=_order(checkout))
        for sku, line in checkout.lines.items()
    ]


def _place(checkout: Checkout) -> PlaceOrder:
    bought = checkout.bought
    return PlaceOrder(
        order_id=_order(checkout),
        checkout_id=bought.checkout_id,
        cart_id=bought.cart_id,
        customer_id=bought.owner,
        lines=tuple(OrderLine(priced=line, warehouse=checkout.lines[line.sku].warehouse) for line in bought.lines),
        delivery_method=bought.delivery.method,
        delivery_price=bought.delivery.price,
        address=bought.delivery.address,
        total=bought.total,
        payment_id=None if checkout.free else payment_of(bought.checkout_id),
        at=bought.at,
    )


def _void(checkout: Checkout) -> RequestVoid:
    return RequestVoid(payment_id=payment_of(checkout.bought.checkout_id), reason=_why(checkout))


def _refund(checkout: Checkout) -> RequestRefund:
    return RequestRefund(
        payment_id=payment_of(checkout.bought.checkout_id),
        refund_id=RefundId(f"{checkout.bought.checkout_id}.checkout"),
        amount=checkout.bought.total,
        reason=_why(checkout),
    )


def _release(checkout: Checkout, sku: Sku, warehouse: Warehouse | None = None) -> ReleaseReservation:
    return ReleaseReservation(
        sku=sku,
        warehouse=warehouse or checkout.lines[sku].warehouse,
        order_id=_order(checkout),
        reason=f"checkout {checkout.phase}",
    )


def _order(checkout: Checkout) -> OrderId:
    return order_of(checkout.bought.checkout_id)


def _why(checkout: Checkout) -> str:
    match checkout.ended_by:
        case ReservationDeclined(sku=sku, quantity=quantity, available=available):
            return f"{quantity} of {sku} were wanted, {available} are left."
        case ReservationReleased(sku=sku):
            return f"{sku} could not be held any longer."
        case CancellationRequested():
            return "The shopper cancelled."
        case CommandRefused(detail=detail):
            return detail
        case _:
            return "Time was over."


def instance_of(heard: Any) -> str:
    """Order, payment and reservations carry the checkout's id."""
    match heard:
        case CartCheckedOut(checkout_id=checkout) | CancellationRequested(checkout_id=checkout):
            return checkout
        case _:
            order: str = heard.order_id
            return order


CHECKOUT = Process[Checkout | None](
    name="checkout",
    hears=(
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
)
