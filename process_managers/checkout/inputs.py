"""What a checkout takes in."""

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
from process_managers.engine.process import CommandRefused, TimerFired

StockFact = StockReserved | ReservationDeclined | ReservationCommitted | ReservationReleased
PaymentFact = (
    PaymentRequested | PaymentActionRequired | PaymentAuthorised | PaymentFailed | VoidRequested | PaymentVoided
)
CheckoutFact = CartCheckedOut | CancellationRequested | StockFact | PaymentFact | OrderPlaced
CheckoutInput = CheckoutFact | TimerFired | CommandRefused


def instance_of(fact: CheckoutFact) -> str:
    """Order, payment and reservations carry the checkout's id."""
    if isinstance(fact, CartCheckedOut | CancellationRequested):
        return fact.checkout_id
    return fact.order_id
