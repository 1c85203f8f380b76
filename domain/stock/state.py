"""What is known of the units of one SKU in one warehouse."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from immutables import Map

from domain.shared.frozen import replace
from domain.shared.holding import Holder
from domain.shared.ids import CustomerId, OrderId
from domain.stock.events import (
    BackorderLimitSet,
    ReservationCommitted,
    ReservationDeclined,
    ReservationExtended,
    ReservationReleased,
    Shortage,
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
    holder: Holder | None = None


@dataclass(frozen=True, slots=True)
class Stock:
    """How many units we hold, and how many of them wait for which order.

    `on_hand` falls below zero when a parcel leaves before its goods were booked in; the receipt puts it right.

    A settled order leaves no trace, or the state of a hot SKU would grow without end. So a new ReserveStock for an
    order whose units have all left would reserve again, and no part sends one. The old one, redelivered, is harmless:
    it makes the event id that it made before, and the store takes an event id once.

    `committed` is the part of `reserved` that waits without a time limit; the rest is unpaid, and `unpaid` tells the
    orders that hold it by their holder. `turned_away`: since units came in last, an order could not have what it wanted
    because others held it unpaid.
    """

    on_hand: int = 0
    backorder_limit: int = 0
    reserved: int = 0
    reservations: Map[OrderId, Reservation] = field(default_factory=Map)
    committed: int = 0
    unpaid: Map[str, tuple[OrderId, ...]] = field(default_factory=Map)
    turned_away: bool = False

    @property
    def available(self) -> int:
        """How many units can still be promised; never below zero."""
        return self.on_hand + self.backorder_limit - self.reserved

    @property
    def promisable(self) -> int:
        """Units that are available or held unpaid."""
        return self.on_hand + self.backorder_limit - self.committed

    def unpaid_orders(self, shopper: CustomerId) -> tuple[OrderId, ...]:
        """The orders of a shopper that hold units unpaid."""
        return self.unpaid.get(_of_shopper(shopper), ())

    def unpaid_orders_from(self, client: str) -> tuple[OrderId, ...]:
        """The orders from a client that hold units unpaid."""
        return self.unpaid.get(_of_client(client), ())

    def unpaid_units(self, orders: tuple[OrderId, ...]) -> int:
        """The units that these orders hold."""
        return sum(self.reservations[order].quantity for order in orders)


def evolve(stock: Stock, event: StockEvent) -> Stock:
    """The stock after the fact."""
    match event:
        case StockReceived(quantity=units) | StockReturned(quantity=units) | StockAdjusted(delta=units):
            return replace(stock, on_hand=stock.on_hand + units, turned_away=stock.turned_away and units <= 0)
        case BackorderLimitSet(limit=limit):
            return replace(stock, backorder_limit=limit, turned_away=False)
        case StockReserved(order_id=order, quantity=units, expires_at=expires_at, holder=holder):
            return _held(stock, order, Reservation(units, expires_at, holder=holder))
        case ReservationDeclined(quantity=units, cause=cause):
            by_holds = cause is Shortage.STOCK and units <= stock.promisable
            return replace(stock, turned_away=True) if by_holds else stock
        case ReservationExtended(order_id=order, expires_at=expires_at):
            return _held(stock, order, replace(stock.reservations[order], expires_at=expires_at))
        case ReservationCommitted(order_id=order):
            return _held(stock, order, replace(stock.reservations[order], committed=True))
        case ReservationReleased(order_id=order, quantity=units):
            return _less(stock, order, units)
        case StockDispatched(order_id=order, quantity=units):
            return replace(_less(stock, order, units), on_hand=stock.on_hand - units)
        case _:
            assert_never(event)


def _less(stock: Stock, order: OrderId, units: int) -> Stock:
    held = stock.reservations[order]
    return _held(stock, order, replace(held, quantity=held.quantity - units) if units < held.quantity else None)


def _held(stock: Stock, order: OrderId, held: Reservation | None) -> Stock:
    """The order holds this from now on (None: nothing)."""
    before = stock.reservations.get(order)
    reservations = stock.reservations
    if held is not None:
        reservations = reservations.set(order, held)
    elif before is not None:
        reservations = reservations.delete(order)
    return replace(
        stock,
        reserved=stock.reserved + _units(held) - _units(before),
        committed=stock.committed + _committed(held) - _committed(before),
        reservations=reservations,
        unpaid=_listed(stock.unpaid, order, before, held),
    )


def _units(held: Reservation | None) -> int:
    return 0 if held is None else held.quantity


def _committed(held: Reservation | None) -> int:
    return 0 if held is None or not held.committed else held.quantity


def _listed(
    unpaid: Map[str, tuple[OrderId, ...]], order: OrderId, before: Reservation | None, held: Reservation | None
) -> Map[str, tuple[OrderId, ...]]:
    for key in _keys(before):
        left = tuple(other for other in unpaid[key] if other != order)
        unpaid = unpaid.set(key, left) if left else unpaid.delete(key)
    for key in _keys(held):
        unpaid = unpaid.set(key, (*unpaid.get(key, ()), order))
    return unpaid


def _keys(held: Reservation | None) -> list[str]:
    """The holders under which a reservation is listed: none once it is committed."""
    if held is None or held.committed or held.holder is None:
        return []
    client = held.holder.client
    return [_of_shopper(held.holder.shopper), *([] if client is None else [_of_client(client)])]


def _of_shopper(shopper: CustomerId) -> str:
    return f"shopper {shopper}"


def _of_client(client: str) -> str:
    return f"client {client}"
