"""What is known of the units of one SKU in one warehouse."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from immutables import Map

from domain.shared.frozen import replace
from domain.shared.ids import OrderId
from domain.stock.events import (
    BackorderLimitSet,
    ReservationCommitted,
    ReservationDeclined,
    ReservationExtended,
    ReservationReleased,
    StockAdjusted,
    StockDispatched,
    StockEvent,
    StockReceived,
    StockReserved,
    StockReturned,
)


@dataclass(frozen=True, slots=True)
class Reservation:
    """Units that wait for an order: until `expires_at`, or without limit once committed."""

    quantity: int
    expires_at: datetime
    committed: bool = False


@dataclass(frozen=True, slots=True)
class Stock:
    """How many units we hold, and how many of them wait for which order.

    `on_hand` falls below zero when a parcel leaves before its goods were booked in; the receipt puts it right.

    A settled order leaves no trace, or the state of a hot SKU would grow without end. So a new ReserveStock for an
    order whose units have all left would reserve again, and nobody sends one. The old one, redelivered, is harmless:
    it makes the event id that it made before, and the store takes an event id once.
    """

    on_hand: int = 0
    backorder_limit: int = 0
    reserved: int = 0
    reservations: Map[OrderId, Reservation] = field(default_factory=Map)

    @property
    def available(self) -> int:
        """How many units can still be promised; never below zero."""
        return self.on_hand + self.backorder_limit - self.reserved


def evolve(stock: Stock, event: StockEvent) -> Stock:
    """The stock after the fact."""
    match event:
        case StockReceived(quantity=units) | StockReturned(quantity=units) | StockAdjusted(delta=units):
            return replace(stock, on_hand=stock.on_hand + units)
        case BackorderLimitSet(limit=limit):
            return replace(stock, backorder_limit=limit)
        case StockReserved(order_id=order, quantity=units, expires_at=expires_at):
            return _hold(stock, order, Reservation(units, expires_at))
        case ReservationDeclined():
            return stock
        case ReservationExtended(order_id=order, expires_at=expires_at):
            return _hold(stock, order, replace(stock.reservations[order], expires_at=expires_at))
        case ReservationCommitted(order_id=order):
            return _hold(stock, order, replace(stock.reservations[order], committed=True))
        case ReservationReleased(order_id=order, quantity=units):
            return _let_go(stock, order, units)
        case StockDispatched(order_id=order, quantity=units):
            return replace(_let_go(stock, order, units), on_hand=stock.on_hand - units)
        case _:
            assert_never(event)


def _hold(stock: Stock, order: OrderId, held: Reservation) -> Stock:
    before = stock.reservations.get(order)
    reserved = stock.reserved + held.quantity - (before.quantity if before else 0)
    return replace(stock, reserved=reserved, reservations=stock.reservations.set(order, held))


def _let_go(stock: Stock, order: OrderId, units: int) -> Stock:
    held = stock.reservations[order]
    if units < held.quantity:
        return _hold(stock, order, replace(held, quantity=held.quantity - units))
    return replace(stock, reserved=stock.reserved - units, reservations=stock.reservations.delete(order))
