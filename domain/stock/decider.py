"""Never promise the same unit twice."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from immutables import Map

from domain.shared import require
from domain.shared.decider import Decider
from domain.shared.ids import OrderId
from domain.stock.commands import (
    AdjustStock,
    CommitReservation,
    DispatchStock,
    ExpireReservation,
    ExtendReservation,
    ReceiveStock,
    ReleaseReservation,
    ReserveStock,
    ReturnToStock,
    SetBackorderLimit,
    StockCommand,
)
from domain.stock.errors import (
    MoreThanReserved,
    NotCommitted,
    NothingReserved,
    NotOnHand,
    ReservedOtherwise,
    StockIsPromised,
    TooManyUnits,
)
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

MOST_UNITS = 10**9
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Reservation:
    """Units that wait for an order: until `expires_at`, or without limit once committed."""

    quantity: int
    expires_at: datetime
    committed: bool = False


@dataclass(frozen=True, slots=True)
class Stock:
    """How many units we hold, and how many of them wait for which order.

    A settled order leaves no trace here, or a hot SKU would grow without end. So a second ReserveStock of an order
    whose units have left would reserve again, if it were a new command; a redelivered one has the id, and makes the
    event id, of the first, and the store takes an event id once.
    """

    on_hand: int = 0
    backorder_limit: int = 0
    reserved: int = 0
    reservations: Map[OrderId, Reservation] = field(default_factory=Map)

    @property
    def available(self) -> int:
        """How many units can still be promised."""
        return self.on_hand + self.backorder_limit - self.reserved


def decide(stock: Stock, command: StockCommand) -> Sequence[StockEvent]:
    """What follows from a command; raises the errors of this folder."""
    match command:
        case ReceiveStock():
            return _receive(stock, command)
        case AdjustStock():
            return _adjust(stock, command)
        case SetBackorderLimit():
            return _set_backorder_limit(stock, command)
        case ReserveStock():
            return _reserve(stock, command)
        case ExtendReservation():
            return _extend(stock, command)
        case CommitReservation():
            return _commit(stock, command)
        case ReleaseReservation(order_id=order, reason=reason):
            require.text(reason, "reason", LONGEST_REASON)
            return _release(stock, command, reason) if order in stock.reservations else []
        case ExpireReservation(order_id=order, at=at):
            held = stock.reservations.get(order)
            over = held is not None and not held.committed and held.expires_at <= at
            return _release(stock, command, "expired") if over else []
        case DispatchStock():
            return _dispatch(stock, command)
        case ReturnToStock():
            return _return(stock, command)
        case _:
            assert_never(command)


def _receive(stock: Stock, command: ReceiveStock) -> Sequence[StockEvent]:
    require.code(command.sku, "sku")
    require.code(command.warehouse, "warehouse")
    _countable(stock, command.quantity)
    return [StockReceived(sku=command.sku, warehouse=command.warehouse, quantity=command.quantity)]


def _adjust(stock: Stock, command: AdjustStock) -> Sequence[StockEvent]:
    require.text(command.reason, "reason", LONGEST_REASON)
    if command.delta > 0:
        _countable(stock, command.delta, "delta")
    if command.delta < 0 and stock.on_hand + command.delta < 0:
        raise NotOnHand(f"There are {stock.on_hand} units; take off no more than that.", "delta")
    if stock.available + command.delta < 0 and command.delta < 0:
        raise StockIsPromised(
            f"{stock.reserved} units are promised, so at most {stock.available} can be taken off. "
            "Release reservations or raise the backorder limit first.",
            "delta",
        )
    if command.delta == 0:
        return []
    return [StockAdjusted(sku=command.sku, warehouse=command.warehouse, delta=command.delta, reason=command.reason)]


def _set_backorder_limit(stock: Stock, command: SetBackorderLimit) -> Sequence[StockEvent]:
    require.whole(command.limit, "limit", 0, MOST_UNITS)
    if stock.reserved > stock.on_hand + command.limit:
        raise StockIsPromised(
            f"{stock.reserved} units are promised and {stock.on_hand} on hand, so the limit must be at least "
            f"{stock.reserved - stock.on_hand}.",
            "limit",
        )
    if command.limit == stock.backorder_limit:
        return []
    return [BackorderLimitSet(sku=command.sku, warehouse=command.warehouse, limit=command.limit)]


def _reserve(stock: Stock, command: ReserveStock) -> Sequence[StockEvent]:
    sku, warehouse, order, quantity = command.sku, command.warehouse, command.order_id, command.quantity
    require.whole(quantity, "quantity", 1, MOST_UNITS)
    if (held := stock.reservations.get(order)) is not None:
        if held.committed or held.quantity == quantity:
            return []
        raise ReservedOtherwise(f"Order {order} holds {held.quantity} of {sku}. Release them first.", "quantity")
    if quantity > stock.available:
        return [
            ReservationDeclined(
                sku=sku, warehouse=warehouse, order_id=order, quantity=quantity, available=max(0, stock.available)
            )
        ]
    return [
        StockReserved(sku=sku, warehouse=warehouse, order_id=order, quantity=quantity, expires_at=command.expires_at)
    ]


def _extend(stock: Stock, command: ExtendReservation) -> Sequence[StockEvent]:
    held = _held(stock, command)
    if held.committed or command.expires_at <= held.expires_at:
        return []
    return [
        ReservationExtended(
            sku=command.sku, warehouse=command.warehouse, order_id=command.order_id, expires_at=command.expires_at
        )
    ]


def _commit(stock: Stock, command: CommitReservation) -> Sequence[StockEvent]:
    held = _held(stock, command)
    if held.committed:
        return []
    return [
        ReservationCommitted(
            sku=command.sku, warehouse=command.warehouse, order_id=command.order_id, quantity=held.quantity
        )
    ]


def _release(stock: Stock, command: ReleaseReservation | ExpireReservation, reason: str) -> Sequence[StockEvent]:
    return [
        ReservationReleased(
            sku=command.sku,
            warehouse=command.warehouse,
            order_id=command.order_id,
            quantity=stock.reservations[command.order_id].quantity,
            reason=reason,
        )
    ]


def _dispatch(stock: Stock, command: DispatchStock) -> Sequence[StockEvent]:
    held = _held(stock, command)
    quantity = held.quantity if command.quantity is None else command.quantity
    require.whole(quantity, "quantity", 1, MOST_UNITS)
    if not held.committed:
        raise NotCommitted(f"Order {command.order_id} is not placed yet. Commit its reservation first.")
    if quantity > held.quantity:
        raise MoreThanReserved(f"Order {command.order_id} holds {held.quantity} units; dispatch no more.", "quantity")
    return [StockDispatched(sku=command.sku, warehouse=command.warehouse, order_id=command.order_id, quantity=quantity)]


def _return(stock: Stock, command: ReturnToStock) -> Sequence[StockEvent]:
    require.text(command.reason, "reason", LONGEST_REASON)
    _countable(stock, command.quantity)
    return [
        StockReturned(
            sku=command.sku,
            warehouse=command.warehouse,
            order_id=command.order_id,
            quantity=command.quantity,
            reason=command.reason,
        )
    ]


def _held(stock: Stock, command: ExtendReservation | CommitReservation | DispatchStock) -> Reservation:
    if (held := stock.reservations.get(command.order_id)) is None:
        raise NothingReserved(f"Order {command.order_id} holds no {command.sku}. Reserve first.")
    return held


def _countable(stock: Stock, quantity: int, field: str = "quantity") -> None:
    require.whole(quantity, field, 1, MOST_UNITS)
    if stock.on_hand + quantity > MOST_UNITS:
        raise TooManyUnits(f"At most {MOST_UNITS - stock.on_hand} units can be added.", field)


def evolve(stock: Stock, event: StockEvent) -> Stock:
    """The stock after the fact."""
    match event:
        case StockReceived(quantity=quantity) | StockReturned(quantity=quantity) | StockAdjusted(delta=quantity):
            return replace(stock, on_hand=stock.on_hand + quantity)
        case BackorderLimitSet(limit=limit):
            return replace(stock, backorder_limit=limit)
        case ReservationDeclined():
            return stock
        case StockReserved(order_id=order, quantity=quantity, expires_at=expires_at):
            held = stock.reservations.set(order, Reservation(quantity, expires_at))
            return replace(stock, reserved=stock.reserved + quantity, reservations=held)
        case ReservationExtended(order_id=order, expires_at=expires_at):
            longer = replace(stock.reservations[order], expires_at=expires_at)
            return replace(stock, reservations=stock.reservations.set(order, longer))
        case ReservationCommitted(order_id=order):
            committed = replace(stock.reservations[order], committed=True)
            return replace(stock, reservations=stock.reservations.set(order, committed))
        case ReservationReleased(order_id=order, quantity=quantity):
            return _lowered(stock, order, quantity)
        case StockDispatched(order_id=order, quantity=quantity):
            return replace(_lowered(stock, order, quantity), on_hand=stock.on_hand - quantity)
        case _:
            assert_never(event)


def _lowered(stock: Stock, order: OrderId, quantity: int) -> Stock:
    held = stock.reservations[order]
    if held.quantity == quantity:
        rest = stock.reservations.delete(order)
    else:
        rest = stock.reservations.set(order, replace(held, quantity=held.quantity - quantity))
    return replace(stock, reserved=stock.reserved - quantity, reservations=rest)


stock_decider = Decider(initial=Stock(), decide=decide, evolve=evolve)
