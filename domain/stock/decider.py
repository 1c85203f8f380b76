"""Never promise the same unit twice."""

from collections.abc import Sequence
from typing import assert_never

from domain.shared import require
from domain.shared.decider import Decider
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
    StockIsPromised,
    TooManyUnits,
)
from domain.stock.events import (
    BackorderLimitSet,
    ReservationCommitted,
    ReservationExtended,
    ReservationReleased,
    StockAdjusted,
    StockDispatched,
    StockEvent,
    StockReceived,
    StockReturned,
)
from domain.stock.reserving import MOST_UNITS, reserve
from domain.stock.state import Reservation, Stock, evolve

__all__ = ["Stock", "stock_decider"]

LONGEST_REASON = 200


def decide(stock: Stock, command: StockCommand) -> Sequence[StockEvent]:
    """What follows from a command; raises the errors of this folder."""
    require.code(command.sku, "sku")
    require.code(command.warehouse, "warehouse")
    match command:
        case ReceiveStock(sku=sku, warehouse=warehouse, quantity=units):
            _countable(stock, units, "quantity")
            return [StockReceived(sku=sku, warehouse=warehouse, quantity=units)]
        case AdjustStock():
            return _adjust(stock, command)
        case SetBackorderLimit():
            return _set_backorder_limit(stock, command)
        case ReserveStock():
            return reserve(stock, command)
        case ExtendReservation():
            return _extend(stock, command)
        case CommitReservation():
            return _commit(stock, command)
        case ReleaseReservation(order_id=order, reason=reason):
            require.reason(reason, LONGEST_REASON)
            return _release(command, stock.reservations.get(order), reason)
        case ExpireReservation(order_id=order, at=at):
            held = stock.reservations.get(order)
            over = held is not None and not held.committed and held.expires_at <= at
            return _release(command, held, "expired") if over else []
        case DispatchStock():
            return _dispatch(stock, command)
        case ReturnToStock(sku=sku, warehouse=warehouse, order_id=order, quantity=units, reason=reason):
            require.reason(reason, LONGEST_REASON)
            _countable(stock, units, "quantity")
            return [StockReturned(sku=sku, warehouse=warehouse, order_id=order, quantity=units, reason=reason)]
        case _:
            assert_never(command)


def _adjust(stock: Stock, command: AdjustStock) -> Sequence[StockEvent]:
    delta, reason = command.delta, command.reason
    require.reason(reason, LONGEST_REASON)
    if delta == 0:
        return []
    if delta > 0:
        _countable(stock, delta, "delta")
    elif stock.on_hand + delta < 0:
        raise NotOnHand(f"{stock.on_hand} units are on hand; take off no more.", "delta")
    elif stock.available + delta < 0:
        raise StockIsPromised(
            f"Of {stock.on_hand} units {stock.reserved} are promised to orders; take off at most {stock.available}. "
            "For more, cancel orders that wait for them, or raise the backorder limit.",
            "delta",
        )
    return [StockAdjusted(sku=command.sku, warehouse=command.warehouse, delta=delta, reason=reason)]


def _set_backorder_limit(stock: Stock, command: SetBackorderLimit) -> Sequence[StockEvent]:
    limit, promised = command.limit, stock.reserved - stock.on_hand
    require.whole(limit, "limit", 0, MOST_UNITS)
    if limit == stock.backorder_limit:
        return []
    if limit < promised:
        raise StockIsPromised(f"{promised} units are promised beyond those on hand; allow at least that.", "limit")
    return [BackorderLimitSet(sku=command.sku, warehouse=command.warehouse, limit=limit)]


def _extend(stock: Stock, command: ExtendReservation) -> Sequence[StockEvent]:
    sku, warehouse, order, until = command.sku, command.warehouse, command.order_id, command.expires_at
    held = _held(stock, command)
    if held.committed or until <= held.expires_at:
        return []
    return [ReservationExtended(sku=sku, warehouse=warehouse, order_id=order, expires_at=until)]


def _commit(stock: Stock, command: CommitReservation) -> Sequence[StockEvent]:
    sku, warehouse, order = command.sku, command.warehouse, command.order_id
    held = _held(stock, command)
    if held.committed:
        return []
    return [ReservationCommitted(sku=sku, warehouse=warehouse, order_id=order, quantity=held.quantity)]


def _release(
    command: ReleaseReservation | ExpireReservation, held: Reservation | None, reason: str
) -> Sequence[StockEvent]:
    if held is None:
        return []
    sku, warehouse, order = command.sku, command.warehouse, command.order_id
    return [ReservationReleased(sku=sku, warehouse=warehouse, order_id=order, quantity=held.quantity, reason=reason)]


def _dispatch(stock: Stock, command: DispatchStock) -> Sequence[StockEvent]:
    sku, warehouse, order = command.sku, command.warehouse, command.order_id
    held = _held(stock, command)
    units = held.quantity if command.quantity is None else command.quantity
    require.whole(units, "quantity", 1, MOST_UNITS)
    if not held.committed:
        raise NotCommitted(f"Order {order} holds {sku} for a while only. Commit the reservation first.")
    if units > held.quantity:
        raise MoreThanReserved(f"Order {order} holds {held.quantity} of {sku}. Dispatch no more.", "quantity")
    return [StockDispatched(sku=sku, warehouse=warehouse, order_id=order, quantity=units)]


def _held(stock: Stock, command: ExtendReservation | CommitReservation | DispatchStock) -> Reservation:
    if (held := stock.reservations.get(command.order_id)) is None:
        raise NothingReserved(f"Order {command.order_id} holds no {command.sku} here. Reserve first.")
    return held


def _countable(stock: Stock, units: int, field: str) -> None:
    require.whole(units, field, 1, MOST_UNITS)
    if stock.on_hand + units > MOST_UNITS:
        raise TooManyUnits(f"A warehouse holds {MOST_UNITS} of a SKU; add at most {MOST_UNITS - stock.on_hand}.", field)


stock_decider = Decider(initial=Stock(), decide=decide, evolve=evolve)
